"""Pages with a choice of runs of their own follow the sidebar's, when that changes."""

from collections.abc import Sequence

import streamlit as st

from seglab.app import chosen_runs
from seglab.runs import Run


def newly_chosen(page: str, runs: Sequence[Run], *own_keys: str) -> list[str] | None:
    """Names of the chosen among ``runs`` where they changed since ``page`` last asked.

    ``None`` where they did not, or where the address itself says one of the page's ``own_keys``.
    Call it before the page draws its own choice.
    """
    key = f"{page}_followed"
    names = [run.name for run in chosen_runs.chosen(runs)]
    before = st.session_state.get(key)
    st.session_state[key] = names
    if before is None and any(own in st.query_params for own in own_keys):
        return None
    return names if names and names != before else None
