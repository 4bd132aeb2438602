"""Writing so that a file, or a folder, is either the old one or the whole new one."""

import os
import re
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seglab.errors import RunError
from seglab.locks import exclusive, in_use, remove_unless_in_use

TEMPORARY = re.compile(r"\..*\.\d+-\d+\.partial(\.[^.]*)?", re.DOTALL)
"""Names of the files that ``replacing`` writes."""
DRAFT_LOCK = re.compile(r"\.building-[0-9a-f]{32}\.lock")
"""Names of the files that ``draft_folder`` locks; without the ending its folders'."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path`` (same suffix), renamed to ``path`` at the end.

    When the block raises, the temporary file is removed and ``path`` stays as it was. What a
    process leaves that is killed meanwhile, ``remove_leftovers`` finds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Threads of one process may write files whose long names begin alike.
    writer = f"{os.getpid()}-{threading.get_native_id()}"
    # The name's limit is 255 bytes; a cat's face takes four.
    stem = path.stem.encode("utf-8", "replace")[:80].decode("utf-8", "ignore")
    temporary = path.with_name(f".{stem}.{writer}.partial{path.suffix}")
    try:
        with in_use(temporary):
            yield temporary
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replace the file by ``text`` in UTF-8, in one step."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the file by ``content``, in one step."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed left half-written in ``folder`` (not below).

    What a living process is writing stays. Where the system has no locks, all stays.
    """
    for path in folder.glob(".*.partial*"):
        if TEMPORARY.fullmatch(path.name):
            remove_unless_in_use(path)
    for lock in folder.glob(".building-*.lock"):
        if DRAFT_LOCK.fullmatch(lock.name):
            _remove_draft(lock)


@contextmanager
def draft_folder(parent: Path) -> Iterator[Path]:
    """A new folder in ``parent``, hidden, to be filled and then renamed; it goes at the end of the
    block where it is still there.

    What killed processes left in ``parent`` goes now. Raises ``OSError``.
    """
    remove_leftovers(parent)
    draft = parent / f".building-{uuid.uuid4().hex}"
    lock = draft.with_suffix(".lock")
    with in_use(lock):
        try:
            draft.mkdir()
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            lock.unlink(missing_ok=True)


def _remove_draft(lock: Path) -> None:
    with suppress(RunError), exclusive(lock) as held:
        if held:
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
