"""Locks between processes, gone with the last process that held them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seglab.errors import RunError

try:
    import fcntl
except ImportError:  # Windows: there two suites on one folder are not kept apart
    fcntl = None  # type: ignore[assignment]


@contextmanager
def exclusive(path: Path) -> Iterator[tuple[int, ...] | None]:
    """Hold the lock file ``path`` for the block, without waiting for it.

    Gives the file descriptors that a child must inherit (``pass_fds``) to keep the lock even when
    this process is killed; ``None`` where another process holds the lock. The file is removed at
    the end; one that a killed process leaves behind locks nothing. Raises ``RunError`` when it
    cannot be made.
    """
    if fcntl is None:
        yield ()
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be locked ({error.strerror})") from error
    if descriptor is None:
        yield None
        return
    try:
        yield (descriptor,)
    finally:
        path.unlink(missing_ok=True)  # before it is let go: see _locked
        os.close(descriptor)


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """Make the file ``path``; for the block ``remove_unless_in_use`` leaves it alone.

    Raises ``OSError`` when it cannot be made.
    """
    if fcntl is None:
        yield
        return
    descriptor = _opened(path)
    try:
        yield
    finally:
        os.close(descriptor)


def remove_unless_in_use(path: Path) -> None:
    """Remove the file where no living process holds it; where that cannot be told it stays."""
    if fcntl is None:
        return
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, descriptor):
                path.unlink()
        finally:
            os.close(descriptor)


def _opened(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        with suppress(OSError):  # a disk without locks: there nobody removes it either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_still(path, descriptor):
            return descriptor
        os.close(descriptor)  # an abandoned one of this name was removed after it was opened


def _locked(path: Path) -> int | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_still(path, descriptor):
            return descriptor
        # Whoever held it removed the file after it was opened here: a third process could lock
        # a new file of this name.
        os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
