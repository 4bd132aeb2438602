"""Uploaded photos: they stay while other pages are looked at, and go from the server when removed.

Streamlit's uploader forgets its files when another page is drawn, and the server then keeps them,
out of anybody's reach, until the window is closed.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

from seglab.app import widgets

WIDGET, KEPT = "uploads", "kept_uploads"
MOST_NAMES = 3


def uploader(types: Sequence[str], most_megabytes: int, explanation: str) -> list[UploadedFile]:
    """The control, and the photos that were dropped on it last, now or on an earlier visit."""
    shown = st.file_uploader(
        "Your photos",
        types,
        accept_multiple_files=True,
        max_upload_size=most_megabytes,
        key=WIDGET,
        width=440,
        help=explanation,
        on_change=_changed,
    )
    kept: list[UploadedFile] = st.session_state.get(KEPT, [])
    if kept and not shown:
        _from_before(kept)
    return kept


def _from_before(kept: Sequence[UploadedFile]) -> None:
    names = ", ".join(widgets.plain(file.name) for file in kept[:MOST_NAMES])
    more = f" and {len(kept) - MOST_NAMES} more" if len(kept) > MOST_NAMES else ""
    with st.container(width="content"):
        st.caption(f"From before: {names}{more}. Others take their place.")
        st.button("Remove them", key="remove_kept", icon=":material/close:", on_click=_hold)


def _changed() -> None:
    st.session_state.pop("sample", None)
    _hold(st.session_state[WIDGET])


def _hold(files: Sequence[UploadedFile] = ()) -> None:
    """These photos and no others: what is left out goes from the server too."""
    context = get_script_run_ctx()
    held = {file.file_id for file in files}
    gone = [file for file in st.session_state.get(KEPT, []) if file.file_id not in held]
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in gone:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    st.session_state[KEPT] = [*files]
