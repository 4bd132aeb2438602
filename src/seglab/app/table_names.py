"""A name for every table on a page: Streamlit gives it to the frame around and to its buttons."""

import streamlit as st

SCRIPT = """<script>
if (!window.seglabTables) {
  window.seglabTables = true;
  const frames = "[data-testid=stDataFrameResizable][aria-label]";
  const unnamed = ":is(table[role=grid], canvas[tabindex]):not([aria-label])";
  let asked = false;
  const name = () => {
    asked = false;
    for (const frame of document.querySelectorAll(frames))
      for (const part of frame.querySelectorAll(unnamed))
        part.setAttribute("aria-label", frame.getAttribute("aria-label"));
  };
  new MutationObserver(() => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(name);
  }).observe(document.body, { subtree: true, childList: true });
}
</script>"""


def name_tables() -> None:
    """Once a browser window, however often it is called: the grid that has the keyboard, and what a
    screen reader reads of it, are called as ``alt`` says."""
    with st.sidebar:  # at its foot: an element takes a line, though nothing is to be seen
        st.html(SCRIPT, unsafe_allow_javascript=True)
