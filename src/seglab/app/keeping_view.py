"""Notes, another name, deletion: what a person does to a run from the page."""

from collections.abc import Sequence

import streamlit as st

from seglab import run_keeping
from seglab.app import chosen_runs, state, widgets
from seglab.errors import RunError, SeglabError
from seglab.runs import Run

LAST_ERROR, LAST_DONE, DELETING = "keeping_error", "keeping_done", "deleting"


def messages() -> None:
    """What came of the last click here, said once."""
    error, done = st.session_state.pop(LAST_ERROR, None), st.session_state.pop(LAST_DONE, None)
    if error:
        widgets.show_error(error)
    elif done:
        st.success(widgets.plain(done))


def keeping(chosen: Sequence[Run]) -> None:
    """The controls for one of the chosen runs."""
    with st.expander("Notes, rename, delete", key="keeping"):
        names = [run.name for run in chosen]
        widgets.forget_unknown("kept_run", names)
        name = st.selectbox("Run", names, key="kept_run") if len(names) > 1 else names[0]
        run = next(run for run in chosen if run.name == name)
        with widgets.sentences():
            _notes(run)
        _name(run)
        _deletion(run)


def _notes(run: Run) -> None:
    key = f"notes_of_{run.name}"
    st.text_area(
        "Notes",
        run_keeping.notes(run),
        key=key,
        placeholder="What was tried, and what came of it. Markdown; kept in the run's folder.",
    )
    st.button("Save the notes", key="save_notes", on_click=_save_notes, args=(run.name, key))


def _name(run: Run) -> None:
    key = f"name_of_{run.name}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name", run.name, key=key, width=280, help="The folder is renamed.")
        st.button("Rename", key="rename", on_click=_rename, args=(run.name, key))


def _deletion(run: Run) -> None:
    """Asked once; of a run that others rely on, twice."""
    name, asked = st.session_state.get(DELETING, ("", 0))
    if name != run.name:
        st.button(
            "Delete the run …",
            key="delete",
            icon=":material/delete:",
            on_click=_ask,
            args=(run.name, 1),
        )
        return
    reason = run_keeping.shipped_because(run)
    folder = widgets.plain(state.shown(run.folder))
    if asked == 1:
        st.warning(f"Delete {folder} and everything in it? It cannot be brought back.")
    else:
        st.warning(f"{folder} is a shipped run: {widgets.plain(reason)}. Delete it all the same?")
    with st.container(horizontal=True):
        if reason and asked == 1:
            st.button("Delete", key="delete_once", on_click=_ask, args=(run.name, 2))
        else:
            label = "Delete the shipped run" if reason else "Delete"
            st.button(label, key="delete_now", type="primary", on_click=_delete, args=(run.name,))
        st.button("Keep it", key="keep", on_click=_ask, args=("", 0))


def _save_notes(name: str, key: str) -> None:
    try:
        run_keeping.write_notes(_named(name), st.session_state[key])
    except SeglabError as error:
        st.session_state[LAST_ERROR] = error
    else:
        st.session_state[LAST_DONE] = f"Saved the notes of {name}."


def _rename(name: str, key: str) -> None:
    try:
        renamed = run_keeping.rename(_named(name), st.session_state[key])
    except SeglabError as error:
        st.session_state[LAST_ERROR] = error
        return
    st.session_state[LAST_DONE] = f"{name} is now called {renamed.name}."
    before = st.session_state.get(chosen_runs.KEY, [])
    chosen_runs.choose([renamed.name if one == name else one for one in before])


def _ask(name: str, times: int) -> None:
    st.session_state[DELETING] = (name, times)


def _delete(name: str) -> None:
    _ask("", 0)
    try:
        run_keeping.delete(_named(name))
    except SeglabError as error:
        st.session_state[LAST_ERROR] = error
        return
    st.session_state[LAST_DONE] = f"{name} is deleted."
    before = st.session_state.get(chosen_runs.KEY, [])
    chosen_runs.choose([one for one in before if one != name])


def _named(name: str) -> Run:
    """The run of this name as it is now; names are looked up, never made into a path."""
    for run in state.runs()[0]:
        if run.name == name:
            return run
    raise RunError(f"{name}: there is no such run any longer")
