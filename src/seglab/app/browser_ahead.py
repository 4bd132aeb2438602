"""What other pages are drawn with, read by the browser while the first one is looked at.

Streamlit has the browser fetch a kind of element when a page first shows one: 4.7 MB for plots.
"""

import json
from functools import cache
from pathlib import Path

import streamlit as st

ELEMENTS = (
    "NumberInput",
    "Slider",
    "ButtonGroup",
    "ImageList",
    "Pagination",
    "FileUploader",
    "StreamlitSyntaxHighlighter",
    "PlotlyChart",
)
"""The files of Streamlit's that draw them, without endings; small ones first."""

SCRIPT = """<script>
if (!window.seglabAhead) {
  window.seglabAhead = true;
  const names = %s;
  const beside = document.querySelector("script[type=module][src]");
  const whenIdle = window.requestIdleCallback || ((then) => setTimeout(then, 200));
  const next = () => {
    const name = names.shift();
    if (name) import(new URL(name, beside.src)).catch(() => {}).finally(() => whenIdle(next));
  };
  if (beside) whenIdle(next);
}
</script>"""


def read_ahead() -> None:
    """Once a browser window, however often it is called; after the page, whose turn is first."""
    with st.sidebar:  # at its foot: an element takes a line, though nothing is to be seen
        st.html(SCRIPT % json.dumps(files()), unsafe_allow_javascript=True)


@cache
def files() -> list[str]:
    """Names of the files of ``ELEMENTS`` in the installed Streamlit; what it lacks is left out."""
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    return [path.name for name in ELEMENTS for path in sorted(folder.glob(f"{name}.*.js"))]
