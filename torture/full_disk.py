"""Trainings and predictions on a disk that is full, then has room: ``python -m torture.full_disk``.

Mounts a small file system in memory: Linux, root.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seglab.run_list import list_runs
from seglab.runs import Run
from tests.helpers import PROJECT, as_flags, tiny_experiment, write_disks
from tests.training_runs import untimed


def main() -> None:
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        print("skipped: needs Linux and root, to mount a small disk")
        return
    with tempfile.TemporaryDirectory() as folder, _small_disk(Path(folder) / "disk") as disk:
        root = Path(folder)
        data = {"source": "folder", "root": str(write_disks(root / "disks"))}
        experiment = tiny_experiment(data=data, trainer={"max_epochs": 4, "deterministic": True})
        flags = as_flags(experiment)
        whole = root / "whole"
        assert _script(root, "train.py", *flags, "--run_dir", str(whole))[0] == 0
        full_at = 0
        for free in (0, 4, 12, 30, 60):  # kilobytes
            models = disk / "models"
            shutil.rmtree(models, ignore_errors=True)
            with _filled(disk, free):
                code, said = _script(root, "train.py", *flags, "--run_dir", str(models / "run"))
            assert "Traceback" not in said, said
            if code == 0:
                continue
            full_at += 1
            assert said.count("error:") == 1, said
            assert not [path for path in models.rglob("*") if ".partial" in path.name]
            assert not list_runs(models)[1]
            if (models / "run" / "config.json").exists():
                assert _script(root, "train.py", "--resume", str(models / "run"))[0] == 0
                assert untimed(Run.open(models / "run")) == untimed(Run.open(whole))
        results = disk / "results"
        photos = [str(path) for path in sorted((root / "disks" / "images").iterdir())]
        with _filled(disk, 40):
            command = ["predict.py", *photos, "-o", str(results), "--model", str(whole)]
            code, said = _script(root, *command)
        assert code == 1, said
        assert "Traceback" not in said
        assert not list(results.rglob("*.partial*"))
        assert _script(root, *command, "--skip-existing")[0] == 0
        masks = len(list(results.rglob("*_mask.png")))
        assert masks == len(photos)
    print(
        f"{full_at} trainings on a full disk ended in one line and went on to the same rows; "
        f"predict.py on one left nothing half-written and then did the rest of {masks} photos"
    )


def _script(root: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        env=os.environ | {"SEGLAB_CACHE": str(root / "cache")},
    )
    return done.returncode, done.stdout + done.stderr


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
