"""Trainings of the tests, and how two of them are compared."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from seglab import fitting, training
from seglab.config import Experiment
from seglab.console import Console
from seglab.runs import Row, Run
from tests.helpers import PROJECT, tiny_experiment


def fit(folder: Path, experiment: Experiment, *init_from: Run) -> Run:
    return training.train(experiment, folder, PROJECT, Console(), init_from)


def logged(disks: dict[str, Any], *loggers: str, **trainer: Any) -> Experiment:
    """Two epochs on four validation samples, as the loggers named are to be told of."""
    return tiny_experiment(
        data=disks | {"validation": 0.4},
        optimizer={"schedule": "constant"},
        trainer={"loggers": list(loggers), "max_epochs": 2} | trainer,
    )


@contextmanager
def without_export() -> Iterator[None]:
    """Trainings that write no ``model.onnx``, which takes longer than the training of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "export_onnx", lambda _run, _experiment: 0.0)
        yield


def untimed(run: Run) -> list[Row]:
    """The rows without what a clock decides."""
    return [{k: v for k, v in row.items() if "second" not in k} for row in run.rows()]


def weights(run: Run, path: Path | None = None) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = run.load_weights(path)["weights"]
    return found


def equal(first: Any, second: Any) -> bool:
    """Whether nested values are the same, tensors bit by bit."""
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return bool(first == second)


def unfinished(run: Run) -> Run:
    """As the run was before its last lines: without result and export."""
    run.write_config({key: value for key, value in run.config.items() if key != "result"})
    return Run.open(run.folder)


def copy(run: Run, folder: Path) -> Run:
    shutil.copytree(run.folder, folder)
    return Run.open(folder)
