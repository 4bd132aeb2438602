"""What takes long to make, made by one of the test processes for all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from xdist import get_xdist_worker_id


def made_once(
    request: pytest.FixtureRequest,
    factory: pytest.TempPathFactory,
    name: str,
    make: Callable[[Path], object],
) -> Path:
    """The folder ``name`` that ``make`` fills, in the first process that asks. Read only."""
    own = factory.getbasetemp()
    home = own if get_xdist_worker_id(request) == "master" else own.parent
    folder, done = home / "made-once" / name, home / "made-once" / f"{name}.done"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "made-once" / f"{name}.lock"):
        if not done.exists():
            make(folder)
            done.touch()
    return folder
