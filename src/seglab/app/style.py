"""The faults of Streamlit's look that are mended: everything else is its own."""

import streamlit as st

NAMES = """
[data-testid=stMultiSelectTagsContainer] span:has(> span[title])
  { height: auto; background: #0072B2; color: white; }
[data-testid=stMultiSelectTagsContainer] span[title]
  { white-space: normal; overflow-wrap: anywhere; color: inherit; }
"""
"""A chosen name is cut at a dozen letters, and white on pale blue where all is dark."""

SMALL = """
[data-testid=stMultiSelectTagsContainer] input { min-width: 24px; }
"""
"""What remains of the field beside the names: 12 pixels to hit."""

BUTTONS = """
[data-testid^=stBaseButton-primary]:not(:disabled)
  { background: #0072B2; border-color: #0072B2; color: white; }
[data-testid^=stBaseButton-primary]:not(:disabled):hover { filter: brightness(0.85); }
"""
"""White on pale blue where all is dark, too: 2.3 to 1."""

CHOICES = """
[role=radiogroup] [role=radio][aria-checked=true][data-selected]:is([data-hovered],
  [data-focus-visible])
  { background: transparent; }
"""
"""The chosen one under the pointer: blue on blue, 3.9 to 1."""

PLOTS = """
.js-plotly-plot [class$=tick] text,
.js-plotly-plot :is([class$=title], .legendtext, .annotation-text)
  { fill: currentColor !important; }
"""
"""Axes are written in a grey of 3.7 to 1 against white."""


def style() -> None:
    """Small rules on every page."""
    st.html(f"<style>{NAMES}{SMALL}{BUTTONS}{CHOICES}{PLOTS}</style>")
