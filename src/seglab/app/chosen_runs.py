"""The chosen runs: picked in the sidebar or in a table, the same on every page."""

from collections.abc import Sequence

import streamlit as st

from seglab.runs import Run

KEY = "runs"


def sidebar(runs: Sequence[Run]) -> None:
    """The choice under the navigation; also in the address, as ``?runs=…``."""
    if not runs:
        return
    names = [run.name for run in runs]
    remembered = st.session_state.get(KEY, [])
    if not set(remembered) <= set(names):
        st.session_state[KEY] = [name for name in remembered if name in names]
    st.sidebar.multiselect(
        "Chosen runs",
        names,
        key=KEY,
        bind="query-params",
        placeholder="None yet",
        help="They stay chosen on every page; the list of runs chooses them too.",
    )


def chosen(runs: Sequence[Run]) -> list[Run]:
    """Those of ``runs`` that are chosen, in the order they were.

    Names come from the address too: they are only ever looked up among ``runs``, never opened.
    """
    by_name = {run.name: run for run in runs}
    return [by_name[name] for name in st.session_state.get(KEY, []) if name in by_name]


def choose(names: Sequence[str]) -> None:
    """Choose these runs. Only in a callback: the sidebar is drawn before any page."""
    st.session_state[KEY] = list(dict.fromkeys(names))
