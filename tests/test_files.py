"""A file is either the old one or the whole new one."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from seglab import locks
from seglab.files import remove_leftovers, replacing, write_bytes, write_text


def test_a_new_file_stands_at_the_end_of_the_block_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "model.onnx"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == path.parent
        assert temporary.suffix == ".onnx"
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_the_old_file_stays_when_the_block_raises(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("ha")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_is_whole_while_the_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    write_text(path, "old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_text_is_utf8_and_bytes_are_bytes(tmp_path: Path) -> None:
    write_text(tmp_path / "text", "3 × 5 µm\n")
    assert (tmp_path / "text").read_bytes() == "3 × 5 µm\n".encode()
    write_bytes(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"


def test_long_names_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 100 + ".png")
    write_bytes(path, b"x")
    assert path.read_bytes() == b"x"


def test_threads_write_files_whose_long_names_begin_alike(tmp_path: Path) -> None:
    names = [f"{'photo ' * 20}{number}.txt" for number in range(2)]
    both_open = threading.Barrier(2)

    def write(name: str) -> None:
        with replacing(tmp_path / name) as temporary:
            temporary.write_text(name)
            both_open.wait(timeout=30)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, names))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: name for name in names
    }


WRITER = """
import sys
from pathlib import Path
from seglab.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("ha")
    print(temporary, flush=True)
    input()
"""


@contextmanager
def writer(path: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """Another process in the middle of writing, and its temporary file."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        yield process, Path(process.stdout.readline().rstrip("\n"))
        process.kill()


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    with (
        writer(tmp_path / "dead.png") as (dead, left),
        writer(tmp_path / "dead") as (dead_too, left_too),
        writer(tmp_path / "living.png") as (living, written),
    ):
        for process in (dead, dead_too):
            process.kill()
            process.wait()
        assert {path.name for path in tmp_path.iterdir()} == {
            path.name for path in (left, left_too, written)
        }
        remove_leftovers(tmp_path)
        assert list(tmp_path.iterdir()) == [written]
        living.communicate("\n")
    assert [path.name for path in tmp_path.iterdir()] == ["living.png"]


def test_other_files_are_no_leftovers(tmp_path: Path) -> None:
    names = [".run.training.partial.lock", "a.partial.png", ".mine.partial.png", ".1-2.partial"]
    for name in names:
        (tmp_path / name).write_text("")
    (tmp_path / ".folder.1-2.partial").mkdir()
    (tmp_path / ".link.1-2.partial").symlink_to("a.partial.png")
    remove_leftovers(tmp_path)
    remove_leftovers(tmp_path / "absent")
    assert {path.name for path in tmp_path.iterdir()} == {
        *names,
        ".folder.1-2.partial",
        ".link.1-2.partial",
    }


def test_an_abandoned_file_of_the_same_name_is_written_anew(tmp_path: Path) -> None:
    """A process may get the number of one that was killed."""
    left = tmp_path / f".a.{os.getpid()}-{threading.get_native_id()}.partial.txt"
    left.write_text("what a killed process left")
    write_text(tmp_path / "a.txt", "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]


def test_without_locks_files_are_replaced_and_leftovers_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    (tmp_path / ".a.1-2.partial.txt").write_text("")
    write_text(tmp_path / "a.txt", "new")
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".a.1-2.partial.txt", "a.txt"}
