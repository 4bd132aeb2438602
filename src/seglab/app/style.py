"""The faults of Streamlit's look that are mended: everything else is its own."""

import streamlit as st

NAMES = """
[data-testid=stMultiSelectTagsContainer] span:has(> span[title])
  { height: auto; background: #0072B2; color: white; }
[data-testid=stMultiSelectTagsContainer] span[title]
  { white-space: normal; overflow-wrap: anywhere; color: inherit; }
"""
"""A chosen name is cut at a dozen letters, and white on pale blue where all is dark."""

PLOTS = """
.js-plotly-plot [class$=tick] text,
.js-plotly-plot :is([class$=title], .legendtext, .annotation-text)
  { fill: currentColor !important; }
"""
"""Axes are written in a grey of 3.7 to 1 against white."""


def style() -> None:
    """Small rules on every page."""
    st.html(f"<style>{NAMES}{PLOTS}</style>")
