"""A lock between processes, gone with the last process that held it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
