"""Two processes that train together on a CPU, against one with the doubled batch."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab import training
from seglab.commands import train as command
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import UsageError
from seglab.metrics import count_pixels, reduce
from seglab.networks.catalogue import probability_network
from seglab.runs import Run
from tests.helpers import PROJECT, as_flags, tiny_experiment, write_disks
from tests.training_runs import fit, untimed, weights

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc"),
    pytest.mark.usefixtures("no_export"),
]


@pytest.fixture
def disks(tmp_path: Path) -> Path:
    """To be split into 13 for training, 5 for validation and 3 for the test: with 6 a step the
    last one has a single image, and validation does not go even either."""
    return write_disks(tmp_path / "disks", 21)


def experiment(root: Path, devices: int, batch_size: int, **trainer: Any) -> Experiment:
    return tiny_experiment(
        data={"source": "folder", "root": str(root), "validation": 5 / 18, "image_size": 32},
        network={"base_channels": 4, "depth": 2, "norm": "group"},
        augmentation={"rotate": 0, "translate": 0, "scale": 0},  # no pixel without a photo
        # Not Adam: what differs in the last digit would grow with its first steps.
        optimizer={"name": "sgd", "learning_rate": 0.1},
        trainer={"devices": devices, "batch_size": batch_size} | trainer,
    )


@contextmanager
def started(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """``train.py`` with these arguments, killed at the end where it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.train_without_export", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finish(*arguments: str) -> str:
    with started(*arguments) as process:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0, output
    return output


def rank_of(process: int) -> int | None:
    """A process's rank, by the environment it was started with."""
    found = re.search(rb"\0RANK=(\d+)\0", Path(f"/proc/{process}/environ").read_bytes())
    return int(found[1]) if found else None


def child_with_rank(process: int, rank: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return next(int(child) for child in children if rank_of(int(child)) == rank)


def assert_close(run: Run, other: Run, losses: float = 1e-3) -> None:
    """Losses that near; in the figures a few pixels at the threshold may fall to the other side."""
    for own, expected in zip(untimed(run), untimed(other), strict=True):
        for name, value in expected.items():
            assert own[name] == pytest.approx(
                value, abs=losses if "loss" in name else 5 * losses
            ), name


def test_two_are_one_with_the_doubled_batch(
    tmp_path: Path, disks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    settings = {"ema_decay": 0.9, "max_epochs": 4, "early_stopping": 3, "checkpoint_every": 2}
    two = experiment(disks, devices=2, batch_size=3, **settings)
    output = finish(*as_flags(two), "--run_dir", str(tmp_path / "two"))
    run = Run.open(tmp_path / "two")
    one = fit(tmp_path / "one", experiment(disks, devices=1, batch_size=6, **settings))
    assert run.config["data"]["counts"] == {"train": 13, "val": 5, "test": 3}

    assert_close(run, one)
    # Only one of the two writes and speaks.
    assert {path.name for path in run.folder.iterdir()} == {
        path.name for path in one.folder.iterdir()
    }
    assert [line.split("  ")[0] for line in output.splitlines() if line[:5] == "epoch"] == [
        f"epoch {row['epoch']:.0f}/4" for row in one.rows()
    ]
    assert run.log_path.read_text().count("finished") == 1
    assert not list(temporary.iterdir())
    # Each validation image was counted once: a single process finds the row's very figures.
    row = run.rows()[run.config["result"]["best_epoch"] - 1]
    for name, value in validation_figures(run).items():
        assert row[f"val_{name}"] == value, name


def validation_figures(run: Run) -> dict[str, float]:
    pairs = open_pairs(open_dataset(run.experiment), "val", run.preprocessing)
    network = probability_network(run.experiment, run.preprocessing).eval()
    network.photo_network.network.load_state_dict(weights(run))
    images, masks = zip(*[pairs[index] for index in range(len(pairs))], strict=True)
    with torch.no_grad():
        found = network(torch.from_numpy(np.stack(images)))[:, 1] > 0.5
    return reduce(count_pixels(found.long(), torch.from_numpy(np.stack(masks)).long(), 2))


@pytest.mark.long
def test_a_killed_process_ends_the_other_and_any_number_goes_on(
    tmp_path: Path, disks: Path
) -> None:
    settings = {"max_epochs": 40, "checkpoint_every": 39}
    two = experiment(disks, devices=2, batch_size=3, **settings)
    run = Run(tmp_path / "two")
    with started(*as_flags(two), "--run_dir", str(run.folder)) as process:
        limit = time.monotonic() + 120
        while len(run.rows()) < 2:
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < limit
            time.sleep(0.01)
        os.kill(child_with_rank(process.pid, 1), signal.SIGKILL)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "error: process 1 of 2 was killed by signal 9" in output
    assert f"go on with --resume {run.folder}" in output
    assert "Traceback" not in output
    assert 2 <= len(run.rows()) < 40

    training.resume(Run.open(run.folder), Console())  # alone, with all 6 images a step
    # Forty epochs let the last bit of a sum grow.
    whole = fit(tmp_path / "one", experiment(disks, 1, 6, **settings))
    assert_close(Run.open(run.folder), whole, losses=1e-2)


@pytest.mark.long
def test_a_run_of_one_process_goes_on_with_two(tmp_path: Path, disks: Path) -> None:
    constant = {"schedule": "constant"}

    def alone(name: str, epochs: int) -> Run:
        settings = experiment(disks, 1, 6, max_epochs=epochs).as_dict()
        settings["optimizer"] |= constant
        return fit(tmp_path / name, Experiment.model_validate(settings))

    short, whole = alone("short", 2), alone("whole", 4)
    longer = ["--trainer.max_epochs", "4", "--trainer.devices", "2"]
    finish("--resume", str(short.folder), *longer)
    run = Run.open(short.folder)
    assert run.finished
    assert run.experiment.trainer.devices == 1  # what a step is has not changed
    assert_close(run, whole)


def test_two_machines_are_not_started_from_one(tmp_path: Path, disks: Path) -> None:
    two = as_flags(experiment(disks, 1, 6, nodes=2))
    with pytest.raises(UsageError, match=r"^trainer\.nodes: 2 machines start together by torchrun"):
        command.main([*two, "--run_dir", str(tmp_path / "run")], PROJECT)
    assert not (tmp_path / "run").exists()
