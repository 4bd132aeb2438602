"""What is promised for any photo file: a mask, or one line that names it; bounded memory; no hang.

The quick tests hold a part of the corpus to it, ``make torture`` all of it.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from seglab.commands.arguments import printable
from seglab.config import Experiment
from seglab.data.cache import open_pairs
from seglab.data.sample import SPLITS
from seglab.data.sources import drawn_home, open_dataset
from seglab.decoding import IMAGE_SUFFIXES, image_size_of
from seglab.errors import DataError, ImageError
from seglab.preprocessing import Preprocessing
from tests.helpers import PROJECT, disk_pair, tiny_experiment, write_png

MOST_MEBIBYTES = 2048
SECONDS = 500
"""A hang is longer, whatever else the machine does."""

STARTER = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Linux counts a new process's size from its parent's on: the parent is a small one therefore."""


def refusal(function: Callable[[Any], Any], given: Any) -> str | None:
    """The line that refuses what was given, ``None`` where it was taken."""
    try:
        function(given)
    except ImageError as error:
        return str(error)
    return None


def check_predict(photos: list[Path], run: Path, results: Path) -> float:
    """``predict.py`` on all of them at once: each by a mask or by a line. Gives its MiB."""
    named = [str(path) for path in photos if not path.is_dir()]
    command = [
        sys.executable,
        "-c",
        STARTER,
        sys.executable,
        "predict.py",
        "-o",
        str(results),
        "--model",
        str(run),
        "--",
    ]
    with (
        results.with_suffix(".out").open("w+b") as output,
        results.with_suffix(".err").open("w+b") as errors,
    ):
        process = subprocess.Popen(
            [*command, *named], cwd=PROJECT, stdout=output, stderr=errors, start_new_session=True
        )
        code = _wait(process)
        output.seek(0)
        mebibytes = float(output.read().split()[-1]) / 1024
    lines = results.with_suffix(".err").read_text(errors="replace").splitlines()
    said = [line for line in lines if line.startswith("error: ")]
    assert said == lines, [line for line in lines if line not in said][:5]
    masks = {path.name for path in results.rglob("*_mask.png")}
    for path in map(Path, named):
        failed = [line for line in said if line.startswith(f"error: {printable(str(path))}")]
        # The second of two photos with one stem has its suffix behind it.
        stems = (path.stem, f"{path.stem}-{path.suffix[1:].lower()}")
        masked = any(f"{stem}_mask.png" in masks for stem in stems)
        assert masked or failed, path
        assert len(failed) <= 1, path
    assert len(masks) + len(said) == len(named)
    assert code == (1 if said else 0)
    assert mebibytes < MOST_MEBIBYTES, mebibytes
    assert not list(results.rglob("*.partial*"))
    return mebibytes


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """The process's exit code; it and what it started are ended when it hangs."""
    timer = threading.Timer(SECONDS, lambda: os.killpg(process.pid, signal.SIGKILL))
    timer.start()
    try:
        code = process.wait()
    finally:
        timer.cancel()
    assert code != -9, "it hung, and was ended"
    return code


def check_sources(photos: list[Path], root: Path) -> int:
    """Each photo as an image and as a mask of all three sources. Gives how many were refused."""
    refused = 0
    usable = [path for path in photos if path.suffix.lower() in IMAGE_SUFFIXES]
    for source in ("folder", "oxford_pet", "synthetic"):
        for part in ("image", "mask"):
            refused += _check_source(usable, root / f"{source}-{part}", source, part)
    return refused


def _check_source(photos: list[Path], root: Path, source: str, part: str) -> int:
    experiment = tiny_experiment(
        data={"source": source, "root": str(root), "image_size": 16}, network={"depth": 1}
    )
    numbered = {f"case_{number}": path for number, path in enumerate(photos)}
    good = {f"good_{number}" for number in range(9)}
    images, masks = _layout(root, source, experiment)
    for name in (*numbered, *good):
        image, inside = disk_pair(0)
        if name in numbered:  # a good partner of the photo's own size, where it has one
            image, inside = _partner(numbered[name], image, inside)
        values = (1, 2) if source != "folder" else (255, 0)
        write_png(images / f"{name}.jpg", image)
        write_png(masks / f"{name}.png", np.where(inside, *values).astype(np.uint8))
    for name, path in numbered.items():
        replaced = (images / f"{name}.jpg") if part == "image" else (masks / f"{name}.png")
        replaced.unlink()
        os.symlink(path, replaced)
    if source != "folder":
        names = [*numbered, *good]
        for number, list_name in enumerate(("trainval", "test")):
            chosen = names[number::2]
            text = "".join(f"{name} 1 1 1\n" for name in chosen)
            (masks.parent / f"{list_name}.txt").write_text(text)
    told = _problems(experiment)
    assert not any(f"good_{number}." in line for line in told for number in range(9))
    for name in numbered:
        assert sum(f"{name}." in line for line in told) <= 2  # its pair is named with both files
    assert all("\n" not in line for line in told)
    return len(told)


def _layout(root: Path, source: str, experiment: Experiment) -> tuple[Path, Path]:
    if source == "folder":
        home, annotations = root, root / "masks"
    else:
        home = drawn_home(experiment) if source == "synthetic" else root
        annotations = home / "annotations" / "trimaps"
    for folder in (home / "images", annotations):
        folder.mkdir(parents=True)
    return home / "images", annotations


def _partner(path: Path, image: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    try:
        height, width = image_size_of(path)
    except ImageError:
        return image, inside
    if height * width > 100_000:
        return image, inside
    inside = np.zeros((height, width), bool)
    return np.zeros((height, width, 3), np.uint8), inside


def _problems(experiment: Experiment) -> list[str]:
    """What opening all splits of the dataset says, a line a pair that cannot be used."""
    try:
        dataset = open_dataset(experiment)
    except DataError as error:
        return [str(error), *error.details]
    told: list[str] = []
    for split in SPLITS:
        try:
            open_pairs(dataset, split, Preprocessing(16))
        except DataError as error:
            told += error.details
    return told
