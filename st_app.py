"""The dashboard: ``streamlit run st_app.py``, or ``make app``."""

import sys
from pathlib import Path

try:
    import streamlit as st
except ModuleNotFoundError:
    sys.exit("streamlit is not installed: run 'make setup', then 'make app'")
try:
    from seglab.app import browser_ahead, chosen_runs, downloads, serving, state
    from seglab.app.back import one_step_a_page
    from seglab.app.style import style
    from seglab.app.table_names import name_tables
except ModuleNotFoundError as missing:
    REMEDY = f"{missing.name} is not installed: run 'make setup', then 'make app'"
    if not st.runtime.exists():
        sys.exit(REMEDY)
    st.error(REMEDY)
    st.stop()

PAGES = Path(state.__file__).parent / "pages"
SIDEBAR = 260
"""Width in pixels: the names of pages and chosen runs need no more."""


def main() -> None:
    """The frame of every page: title, icon, navigation."""
    # An icon from a file of ours: the default ones are fetched from outside.
    st.set_page_config(
        "seglab", page_icon=state.icon(), layout="wide", initial_sidebar_state=SIDEBAR
    )
    state.set_project(Path(__file__).resolve().parent)
    pages = [
        st.Page(PAGES / "runs.py", title="Runs", default=True),
        st.Page(PAGES / "train.py", title="Train", url_path="train"),
        st.Page(PAGES / "dataset.py", title="Dataset", url_path="dataset"),
        st.Page(PAGES / "curves.py", title="Training curves", url_path="curves"),
        st.Page(PAGES / "segment.py", title="Segment", url_path="segment"),
        st.Page(PAGES / "errors.py", title="Errors", url_path="errors"),
    ]
    style()
    downloads.keep_for_a_while()
    chosen_runs.sidebar(state.runs()[0])
    one_step_a_page()
    name_tables()
    st.navigation(pages).run()
    browser_ahead.read_ahead()
    serving.page_drawn.set()


if st.runtime.exists():
    main()
elif __name__ == "__main__":
    sys.exit("the dashboard runs under Streamlit: streamlit run st_app.py, or make app")
else:
    # Streamlit finds it and serves it: this file once more for each visitor, then with a runtime.
    app = st.App(__file__, lifespan=serving.serving)
