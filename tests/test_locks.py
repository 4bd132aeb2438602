"""Locks between processes: held by one, let go however it ends."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seglab import locks
from seglab.errors import RunError
from seglab.locks import exclusive

pytest.importorskip("fcntl")

HOLDER = """
import subprocess, sys
from pathlib import Path
from seglab.locks import exclusive
with exclusive(Path(sys.argv[1])) as inherited:
    child = subprocess.Popen([sys.executable, "-c", "input()"], pass_fds=inherited)
    print(child.pid, flush=True)
    child.wait()
"""


@contextmanager
def holder(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock until its input, and its child's, is closed."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        try:
            yield process
        finally:
            process.stdin.close()


def can_be_held(path: Path) -> bool:
    with exclusive(path) as held:
        return held is not None


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "lock"
    with holder(path) as other:
        assert not can_be_held(path)
        assert path.exists()
        assert other.poll() is None
    assert can_be_held(path)
    assert not path.exists()


def test_in_one_process_too(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive(path) as held:
        assert held is not None
        assert not can_be_held(path)
    assert can_be_held(path)


def test_a_child_keeps_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as other:
        other.kill()
        other.wait()
        assert not can_be_held(path)
    # The child ends now; the file that is left locks nothing from then on.
    assert path.exists()
    limit = time.monotonic() + 30
    while not can_be_held(path):
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_lock_on_a_file_that_was_just_removed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    opened = locks.os.open
    removed = []

    def remove_after_opening(*arguments: object) -> int:
        descriptor: int = opened(*arguments)
        if not removed:  # as the holder's end would, between opening and locking
            removed.append(path.unlink())
        return descriptor

    monkeypatch.setattr(locks.os, "open", remove_after_opening)
    with exclusive(path) as held:
        assert held is not None
        assert not can_be_held(path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(RunError, match=r"lock: cannot be locked \("),
        exclusive(tmp_path / "file" / "lock"),
    ):
        pass


def test_without_such_locks_the_suite_runs_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    with exclusive(tmp_path / "lock") as held:
        assert held == ()
