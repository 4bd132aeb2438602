"""Seconds from ``python train.py`` to the first step against importing its libraries.

python benchmarks/first_step.py [--rounds 5] [--section.key VALUE ...]

The dataset's cache is filled before. Both are processes of their own, in turn; the clock is the
system's, which all processes share. The training is ended after its first step, which computes for
the first time and, where the way to compute was tried out so, compiles.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.hardware import PACKAGES, environment
from seglab.reproduction import differences, flags

PROJECT = Path(__file__).resolve().parents[1]
LIBRARIES = "import torch, lightning, albumentations, cv2, jsonargparse, pydantic"
TRAIN = """
import os, sys, time
from pathlib import Path
from seglab.commands import train
from seglab import training_module

def begins(self, batch, batch_idx):
    print("begins", time.monotonic(), flush=True)

def ends(self, outputs, batch, batch_idx):
    print("ends", time.monotonic(), flush=True)
    os._exit(0)

training_module.TrainingModule.on_train_batch_start = begins
training_module.TrainingModule.on_train_batch_end = ends
train.main(sys.argv[1:], Path.cwd())
"""
"""``train.py`` but for this hook."""


def seconds_of_importing() -> float:
    """Of a process that imports what a training imports from others."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True, cwd=PROJECT)
    return time.monotonic() - start


def seconds_to_first_step(arguments: list[str]) -> tuple[float, float]:
    """From the start of the process until its first step begins, and until that has ended."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", TRAIN, *arguments, "--run_dir", f"{folder}/run"]
        start = time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT)
        told = dict(
            line.split() for line in done.stdout.splitlines() if line[:4] in ("begi", "ends")
        )
        return float(told["begins"]) - start, float(told["ends"]) - start


def main() -> None:
    """Print medians and their ratio."""
    parser = experiment_parser(__doc__ or "", PROJECT / "config.yaml")
    parser.add_argument("--rounds", type=int, default=5)
    experiment, options = parse_experiment(parser, sys.argv[1:])
    arguments = flags(differences(experiment, machine=True))
    seconds_to_first_step(arguments)  # fills the caches: not counted
    importing, starting = [], []
    for _ in range(options["rounds"]):  # alternating: a busy moment hits both
        importing.append(seconds_of_importing())
        starting.append(seconds_to_first_step(arguments))
    made_with = environment(PROJECT, "cpu", "")
    print(f"{made_with['device']}, {made_with['system']}, Python {made_with['python']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    print(f"{LIBRARIES}: median {statistics.median(importing):.2f} s")
    for place, what in enumerate(("begins", "has ended")):
        seconds = [found[place] for found in starting]
        ratios = sorted(a / b for a, b in zip(seconds, importing, strict=True))
        print(
            f"until its first step {what}: median {statistics.median(seconds):.2f} s, ratio "
            f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} in "
            f"{len(ratios)} rounds)"
        )


if __name__ == "__main__":
    main()
