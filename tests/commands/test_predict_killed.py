"""``predict.py`` on a folder, killed in the middle with -9, and gone on with."""

import subprocess
import sys
import time
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
