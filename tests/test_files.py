"""A file is either the old one or the whole new one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seglab.files import replacing, write_bytes, write_text


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
