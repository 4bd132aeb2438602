"""The pictures in ``sample_images/``, as the command draws them."""

import shutil
from pathlib import Path

import cv2

from seglab import figures
from seglab.runs import Run


def drawn(folder: Path, run: Run, *more: str) -> dict[str, bytes]:
    folder.mkdir()
    assert figures.main(["--run", str(run.folder), "-o", str(folder), *more]) == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_three_pictures_of_the_configuration_and_the_run(trained: Run, tmp_path: Path) -> None:
    pictures = drawn(tmp_path / "one", trained)
    assert sorted(pictures) == ["architecture.png", "metrics.png", "result.png"]
    assert all(cv2.imread(str(tmp_path / "one" / name)) is not None for name in pictures)
    wider = drawn(tmp_path / "two", trained, "--network.base_channels", "32")
    assert [name for name in pictures if wider[name] != pictures[name]] == ["architecture.png"]


def test_the_curves_may_be_another_run_s(trained: Run, tmp_path: Path) -> None:
    """One without weights too: what stays in git of a run that others went on from."""
    first = Run(tmp_path / "first")
    first.folder.mkdir()
    for path in (trained.config_path, trained.folder / "metrics.csv"):
        shutil.copy(path, first.folder)
    own = drawn(tmp_path / "own", trained)
    other = drawn(tmp_path / "other", trained, "--curves", str(first.folder))
    assert [name for name in own if other[name] != own[name]] == ["metrics.png"]
