"""What goes on beside the pages as long as the server lives."""

import asyncio
import ctypes
import importlib
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from threading import Event, Thread

import streamlit as st

from seglab.app.browser_requests import answer_all

FIRST = (
    "pandas.io.formats.style",
    "seglab.app.tables_view",
    "seglab.app.speed",
    "seglab.app.keeping_view",
)
"""What the page that is shown first imports."""

THEN = ("plotly.graph_objects", "plotly.subplots", "onnxruntime", "seglab.app.error_photos")
"""What the others do. Never torch or albumentations: seconds, and hundreds of megabytes."""

page_drawn = Event()
"""Set once the first visitor's page stands: until then nothing else may take its time."""

GIVE_BACK = 10
"""Seconds between two times that freed memory goes back to the system."""


@asynccontextmanager
async def serving(_app: st.App) -> AsyncIterator[None]:
    """Around the life of the server. Opens the browser as ``streamlit run`` does, which leaves
    that to whoever has something of its own here."""
    answer_all()
    Thread(target=_read_ahead, daemon=True).start()
    giving_back = asyncio.create_task(_give_back_memory())
    if not st.get_option("server.headless"):
        Thread(target=webbrowser.open, args=(_address(),), daemon=True).start()
    yield
    giving_back.cancel()


def import_all(names: Sequence[str]) -> None:
    """Import modules. One that is not installed is left to the page that needs it, which says
    so."""
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


def _read_ahead() -> None:
    """While the first visitor's browser is getting ready: Streamlit runs nothing of a page before
    it is."""
    import_all(FIRST)
    page_drawn.wait()
    import_all(THEN)


async def _give_back_memory() -> None:
    """glibc keeps what is freed, in a pool for each of many threads, and Streamlit draws every
    page in a thread of its own: after a few hundred photos a hundred megabytes lie idle."""
    try:
        trim = ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return  # another C library
    while True:
        await asyncio.sleep(GIVE_BACK)
        await asyncio.to_thread(trim, 0)


def _address() -> str:
    named = st.get_option("server.address") or "localhost"
    host = "localhost" if named in ("0.0.0.0", "::") else named
    path = st.get_option("server.baseUrlPath").strip("/")
    return f"http://{host}:{st.get_option('server.port')}/{path}"
