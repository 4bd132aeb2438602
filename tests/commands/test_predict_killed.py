"""``predict.py`` on a folder, killed in the middle with -9, and gone on with."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from seglab.commands import predict
from seglab.runs import Run
from tests.helpers import PROJECT, disk_pair

PHOTOS = 60


def finished(folder: Path) -> dict[str, int]:
    """The files under a final name, with the time of writing."""
    found = folder.glob("*") if folder.is_dir() else ()
    return {path.name: path.stat().st_mtime_ns for path in found if not path.name.startswith(".")}


def test_a_killed_call_is_gone_on_with(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, results = tmp_path / "photos", tmp_path / "results"
    photos.mkdir()
    for number in range(PHOTOS):
        Image.fromarray(disk_pair(number, 240, 320)[0]).save(photos / f"disk-{number:02d}.png")
    words = [str(photos), "--model", str(trained.folder), "--skip-existing", "--cutout", "-o"]
    process = subprocess.Popen(
        [sys.executable, "predict.py", *words, str(results)],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while len(finished(results)) < 20 and process.poll() is None:
        assert time.monotonic() < deadline
    process.kill()
    process.wait()
    before = finished(results)
    masks = [name for name in before if name.endswith("_mask.png")]
    assert 0 < len(masks) < PHOTOS
    for name in before:
        Image.open(results / name).load()  # whole, or it raises

    assert predict.main([*words, str(results)], PROJECT) == 0
    done = f"{PHOTOS - len(masks)} done, {len(masks)} skipped, 0 failed"
    assert done in capsys.readouterr().out
    assert predict.main([*words, str(tmp_path / "undisturbed")], PROJECT) == 0
    after, expected = finished(results), finished(tmp_path / "undisturbed")
    assert after.keys() == expected.keys()
    assert len(after) == 4 * PHOTOS
    for name in after:
        assert (results / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()
    for mask in masks:  # where a mask is, all of that photo's files were there
        stem = mask.removesuffix("_mask.png")
        for name in (mask, f"{stem}.png", f"{stem}_overlay.png", f"{stem}_cutout.png"):
            assert after[name] == before[name]


STOPPING = """
import os, sys
from pathlib import Path
from seglab import files
from seglab.commands import predict
def stop(source, target):
    os.write(1, b"half\\n")  # in one piece: several threads may come here at once
    input()
files.os.replace = stop
predict.main(sys.argv[2:], Path(sys.argv[1]))
"""


@contextmanager
def in_the_middle_of_writing(words: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """``predict.py`` at the moment before its first file gets its name."""
    with subprocess.Popen(
        [sys.executable, "-c", STOPPING, str(PROJECT), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        while process.stdout.readline() not in ("half\n", ""):
            pass
        yield process
        process.kill()


def test_the_next_call_removes_what_a_killed_one_left_half_written(
    trained: Run, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    for folder, name in (("a", "first.png"), ("b", "second.png")):
        (tmp_path / "photos" / folder).mkdir(parents=True)
        Image.fromarray(disk_pair(1)[0]).save(tmp_path / "photos" / folder / name)
    photo = tmp_path / "photos" / "a" / "first.png"
    other = tmp_path / "other.png"
    other.write_bytes(photo.read_bytes())
    options = ["--model", str(trained.folder), "-o", str(results)]
    with (
        in_the_middle_of_writing([str(tmp_path / "photos"), *options]) as killed,
        in_the_middle_of_writing([str(other), *options]),
    ):
        killed.kill()
        killed.wait()
        left = {path.name.split(".")[1] for path in results.rglob("*.partial*")}
        assert left in ({"first", "other"}, {"second", "other"}, {"first", "second", "other"})
        assert predict.main([str(tmp_path / "photos"), *options], PROJECT) == 0
        left = {path.name.split(".")[1] for path in results.rglob("*.partial*")}
        assert left == {"other"}  # which the other, living one is writing
