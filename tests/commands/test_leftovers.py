"""No command leaves a process, a thread, an open file or a temporary file behind."""

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from seglab.commands import predict
from seglab.runs import Run
from tests.helpers import PROJECT, as_flags, disk_pair, tiny_experiment, write_disks

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(12):
        Image.fromarray(disk_pair(number)[0]).save(folder / f"disk-{number}.png")
    (folder / "broken.jpg").write_bytes(b"no photo")
    return folder


def processes_of(session: int) -> list[str]:
    """Command lines of what still runs in a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append((stat.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # ended meanwhile
    return found


def commands(tmp_path: Path, trained: Run, photos: Path) -> Iterator[tuple[str, list[str], int]]:
    """Each script's name, its command line and the exit code to expect."""
    data = {"source": "folder", "root": str(write_disks(tmp_path / "disks"))}
    experiment = tiny_experiment(data=data, trainer={"max_epochs": 1, "workers": 1})
    out = str(tmp_path / "out")
    yield "predict", [str(photos), "--model", str(trained.folder), "-o", out], 1
    yield "train", [*as_flags(experiment), "--run_dir", str(tmp_path / "new")], 0
    yield "evaluate", [str(tmp_path / "new")], 0
    yield "compare", [str(tmp_path / "new")], 0
    sheet = ["--data.source", "folder", "--data.root", data["root"]]
    yield "data_visualization", [*sheet, "-o", str(tmp_path / "sheet.png")], 0


def test_scripts_leave_nothing_behind(trained: Run, photos: Path, tmp_path: Path) -> None:
    # A short name: pytest's own is too long for the sockets of loader processes.
    temporary = Path(tempfile.mkdtemp(prefix="t"))
    places = os.environ | {"TMPDIR": str(temporary), "MPLCONFIGDIR": str(tmp_path / "matplotlib")}
    for name, words, code in commands(tmp_path, trained, photos):
        process = subprocess.Popen(
            [sys.executable, f"{name}.py", *words],
            cwd=PROJECT,
            env=places,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output, _ = process.communicate(timeout=300)
        assert process.returncode == code, output
        assert processes_of(process.pid) == [], name
        assert [path.name for path in temporary.iterdir()] == [], name
        half_written = list(tmp_path.rglob("*.partial*"))
        half_written += list(tmp_path.rglob(".building-*"))
        assert half_written == [], name
    temporary.rmdir()


def open_files() -> list[str]:
    gc.collect()
    return sorted(os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.exists())


def test_predicting_a_folder_ends_with_the_threads_and_files_it_began_with(
    trained: Run, photos: Path, tmp_path: Path
) -> None:
    def call() -> None:
        words = [str(photos), "--model", str(trained.folder), "-o", str(tmp_path / "out")]
        assert predict.main([*words, "--cutout"], PROJECT) == 1

    call()  # what is imported may keep something for good
    threads, files = threading.enumerate(), open_files()
    for _ in range(3):
        call()
    assert threading.enumerate() == threads
    assert open_files() == files
