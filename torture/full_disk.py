"""Trainings and predictions on a disk that is full, then has room: ``python -m torture.full_disk``.

Mounts a small file system in memory: Linux, root.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from seglab.commands import predict, train
from seglab.commands.script import run_script
from seglab.run_list import list_runs
from seglab.runs import Run
from tests.helpers import PROJECT, as_flags, tiny_experiment, write_disks
from tests.training_runs import untimed
from torture.forked import in_child

KILOBYTES = (0, 4, 12, 20, 30, 45, 60, 2000)
"""Room that is left for a training: nothing, to more than it takes."""


def main() -> None:
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        print("skipped: needs Linux and root, to mount a small disk")
        return
    torch.set_num_threads(1)  # threads do not live through a fork
    with tempfile.TemporaryDirectory() as folder, _small_disk(Path(folder) / "disk") as disk:
        root = Path(folder)
        os.environ["SEGLAB_CACHE"] = str(root / "cache")
        data = {"source": "folder", "root": str(write_disks(root / "disks"))}
        experiment = tiny_experiment(data=data, trainer={"max_epochs": 4, "deterministic": True})
        flags = as_flags(experiment)
        whole = root / "whole"
        assert _script(root, train.main, *flags, "--run_dir", str(whole))[0] == 0
        full = [_is_full(root, disk, free, flags, whole) for free in KILOBYTES]
        masks = _predict(root, disk, whole)
        _cache(root, disk, flags)
    print(
        f"{sum(full)} of {len(full)} trainings met the full disk, ended in one line and went on to "
        f"the same rows; predict.py on one left nothing half-written and then did the rest of "
        f"{masks} photos; a cache on one is refused in one line and leaves nothing"
    )
    assert 0 < sum(full) < len(full)


def _is_full(root: Path, disk: Path, free: int, flags: list[str], whole: Path) -> bool:
    """Whether ``free`` kilobytes were too few for a training. Asserts all that is promised."""
    models = disk / "models"
    shutil.rmtree(models, ignore_errors=True)
    with _filled(disk, free):
        code, said = _script(root, train.main, *flags, "--run_dir", str(models / "run"))
    assert "Traceback" not in said, said
    if code == 0:
        return False
    assert said.count("error:") == 1, said
    assert not [path for path in models.rglob("*") if ".partial" in path.name]
    assert not list_runs(models)[1]
    if (models / "run" / "config.json").exists():
        assert _script(root, train.main, "--resume", str(models / "run"))[0] == 0
        assert untimed(Run.open(models / "run")) == untimed(Run.open(whole))
    return True


def _predict(root: Path, disk: Path, model: Path) -> int:
    """How many photos there were, all done in the end. Asserts all that is promised."""
    results = disk / "results"
    photos = [str(path) for path in sorted((root / "disks" / "images").iterdir())]
    words = [*photos, "-o", str(results), "--model", str(model)]
    with _filled(disk, 40):
        code, said = _script(root, predict.main, *words)
    assert code == 1, said
    assert "Traceback" not in said, said
    assert not list(results.rglob("*.partial*"))
    assert _script(root, predict.main, *words, "--skip-existing")[0] == 0
    assert len(list(results.rglob("*_mask.png"))) == len(photos)
    return len(photos)


def _cache(root: Path, disk: Path, flags: list[str]) -> None:
    """The cache of a training lies on the full disk. Asserts all that is promised."""
    words = [*flags, "--data.image_size=128", "--run_dir", str(root / "uncached")]
    os.environ["SEGLAB_CACHE"] = str(disk / "cache")
    with _filled(disk, 100):
        code, said = _script(root, train.main, *words)
    assert code == 1, said
    assert said.splitlines()[-1].startswith(f"error: {disk / 'cache'}: cannot be written"), said
    assert not list((disk / "cache").iterdir())
    assert _script(root, train.main, *words)[0] == 0


def _script(root: Path, main: Callable[[list[str], Path], int], *words: str) -> tuple[int, str]:
    """The exit code of a script's command, and what it said."""
    output = root / "said"
    sys.argv[1:] = words
    code = in_child(lambda: run_script(lambda argv: main(argv, PROJECT)), output=output)
    return code, output.read_text()


@contextmanager
def _small_disk(path: Path) -> Iterator[Path]:
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


@contextmanager
def _filled(disk: Path, free: int) -> Iterator[None]:
    """All but ``free`` kilobytes taken by a file, which goes at the end."""
    weight = disk / "weight"
    weight.write_bytes(bytes(max(shutil.disk_usage(disk).free - free * 1024, 0)))
    try:
        yield
    finally:
        weight.unlink()


if __name__ == "__main__":
    main()
