"""Trainings that are killed and gone on with."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from seglab.commands import train as command
from seglab.runs import Run
from seglab.training_record import weights_only_state
from tests.helpers import PROJECT, as_flags, tiny_experiment
from tests.training_runs import equal, untimed, weights


@pytest.mark.long
def test_killed_three_times_and_resumed_equals_uninterrupted(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = tiny_experiment(
        data=disks | {"image_size": 24},
        augmentation={"strength": 1.0},
        network={"base_channels": 4, "depth": 2, "dropout": 0.3},
        optimizer={"schedule": "onecycle"},
        trainer={
            "max_epochs": 40,
            "deterministic": True,
            "checkpoint_every": 20,
            "ema_decay": 0.9,
        },
    )
    flags = as_flags(experiment)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    whole, killed = Run(tmp_path / "whole"), Run(tmp_path / "killed")
    assert command.main([*flags, "--run_dir", str(whole.folder)], PROJECT) == 0

    start = [*flags, "--run_dir", str(killed.folder)]
    resume = ["--resume", str(killed.folder)]
    # Between a row and its checkpoint or just after it; between two epochs; somewhere later.
    kill_when(start, lambda: len(killed.rows()) >= 1)
    kill_when(resume, lambda: newer(killed.last_path, killed.metrics_path, rows=6))
    kill_when(resume, lambda: len(killed.rows()) >= 15)
    assert 15 <= len(killed.rows()) < 40
    assert not Run.open(killed.folder).finished

    assert command.main(resume, PROJECT) == 0
    assert untimed(killed) == untimed(whole)
    assert [row["epoch"] for row in killed.rows()] == list(range(1, 41))
    for path in ("checkpoint.pth", "checkpoint-epoch-0020.pth"):
        assert equal(weights(killed, killed.folder / path), weights(whole, whole.folder / path))
    last, expected = (weights_only_state(run.last_path) for run in (killed, whole))
    averaged = ("current_model_state", "averaging_state")
    for part in ("state_dict", *averaged, "optimizer_states", "lr_schedulers"):
        assert equal(last[part], expected[part]), part
    assert Run.open(killed.folder).finished


def kill_when(argv: list[str], condition: Any) -> None:
    """Start ``train.py`` and kill it as soon as the condition holds."""
    process = subprocess.Popen(
        [sys.executable, "train.py", *argv],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        limit = time.monotonic() + 120
        while not condition():
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < limit
            time.sleep(0.002)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def newer(path: Path, other: Path, rows: int) -> bool:
    return (
        path.exists()
        and path.stat().st_mtime_ns > other.stat().st_mtime_ns
        and len(Run(path.parent).rows()) >= rows
    )
