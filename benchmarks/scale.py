"""Time and memory as datasets and runs grow.

python benchmarks/scale.py [--samples 1000 10000 100000] [--runs 10 100 1000] [--size 64]

Each size is a process of its own on a temporary folder. Samples: drawn pairs, as often as needed
under other names (hard links: the same bytes, so the disk is read from its cache); what is timed
is listing the folder, building the cache of decoded images, opening it again, and the first batch
of an epoch. Runs: copies of the default one without its weights; what is timed is what the
dashboard's page Runs does: listing the folder, comparing every run.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seglab.hardware import PACKAGES, environment, processor

PROJECT = Path(__file__).resolve().parents[1]
DRAWN = 200
"""Different pairs among the samples."""


def main() -> None:
    """Print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--runs", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--size", type=int, default=64, help="pixels of the cached images")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        kind, folder = options.one
        measured = _samples(Path(folder), options.size) if kind == "samples" else _runs(folder)
        measured["MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(measured))
        return
    made_with = environment(PROJECT, "cpu", "")
    print(f"{made_with['device']}, {processor()}, {made_with['system']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    for kind, counts, make in (
        ("samples", options.samples, link_samples),
        ("runs", options.runs, copy_runs),
    ):
        for count in counts:
            with tempfile.TemporaryDirectory(prefix="scale-") as folder:
                make(Path(folder) / "made", count)
                _report(kind, count, folder, options.size)


def _report(kind: str, count: int, folder: str, size: int) -> None:
    command = [sys.executable, __file__, "--size", str(size), "--one", kind, f"{folder}/made"]
    cache = os.environ | {"SEGLAB_CACHE": f"{folder}/cache"}
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=cache)
    measured = json.loads(told.stdout.splitlines()[-1])
    shown = ", ".join(
        f"{name} {value:.0f}" if name == "MiB" else f"{name} {value:.2f} s"
        for name, value in measured.items()
    )
    print(f"{count} {kind}: {shown}", flush=True)


def link_samples(home: Path, count: int) -> None:
    """``images/`` and ``masks/`` of ``count`` pairs."""
    import cv2
    import numpy as np

    generator = np.random.default_rng(0)
    for part in ("images", "masks", "drawn"):
        (home / part).mkdir(parents=True)
    for number in range(min(DRAWN, count)):
        image = generator.integers(0, 120, (128, 128, 3), dtype=np.uint8)
        mask = np.zeros((128, 128), np.uint8)
        cv2.circle(mask, tuple(map(int, generator.integers(40, 88, 2))), 30, 255, -1)
        image[mask > 0] += 100
        cv2.imwrite(str(home / "drawn" / f"{number}.jpg"), image)
        cv2.imwrite(str(home / "drawn" / f"{number}.png"), mask)
    for number in range(count):
        for part, suffix in (("images", "jpg"), ("masks", "png")):
            os.link(
                home / "drawn" / f"{number % DRAWN}.{suffix}",
                home / part / f"pair-{number:06d}.{suffix}",
            )


def copy_runs(models: Path, count: int) -> None:
    """``count`` copies of the default run without its weights."""
    from seglab.run_list import default_run

    run = default_run(PROJECT / "models")
    weights = shutil.ignore_patterns(run.checkpoint_path.name, run.onnx_path.name)
    for number in range(count):
        shutil.copytree(run.folder, models / f"run-{number:04d}", ignore=weights)


def _samples(root: Path, size: int) -> dict[str, float]:
    from seglab.config import Experiment
    from seglab.data.augmentations import Augmenter
    from seglab.data.cache import open_pairs
    from seglab.data.loaders import training_loader
    from seglab.data.sharing import Sharing
    from seglab.data.sources import open_dataset
    from seglab.preprocessing import Preprocessing

    experiment = Experiment.model_validate({"data": {"source": "folder", "root": str(root)}})
    seconds: dict[str, float] = {}
    dataset = _timed(seconds, "listing", lambda: open_dataset(experiment))
    _timed(seconds, "cache", lambda: open_pairs(dataset, "train", Preprocessing(size)))
    pairs = _timed(seconds, "opening", lambda: open_pairs(dataset, "train", Preprocessing(size)))
    augmenter = Augmenter(experiment.augmentation, 0)
    loader = training_loader(pairs, augmenter, Sharing(len(pairs), 32), workers=0)
    loader.sampler.set_epoch(0)  # type: ignore[attr-defined]
    _timed(seconds, "first batch", lambda: next(iter(loader)))
    return seconds


def _runs(models: str) -> dict[str, float]:
    from seglab.comparison import compare
    from seglab.run_list import list_runs

    seconds: dict[str, float] = {}
    runs, _ = _timed(seconds, "listing", lambda: list_runs(Path(models)))
    _timed(seconds, "comparing", lambda: compare(runs, "test", "network", False))
    return seconds


def _timed(seconds: dict[str, float], name: str, act: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = act()
    seconds[name] = time.perf_counter() - start
    return found


if __name__ == "__main__":
    main()
