"""Trainings that cannot go on, or should not begin."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab import fitting, training
from seglab.console import Console
from seglab.data.sources import open_dataset
from seglab.errors import DataError, TrainingError, UsageError
from seglab.runs import Run
from seglab.training_record import weights_only_state
from tests.helpers import tiny_experiment, write_disks, write_png
from tests.training_runs import equal, fit, untimed, weights


def failing_loss(monkeypatch: pytest.MonkeyPatch, good: int) -> None:
    """The loss is not a number after so many good calls."""
    build, calls = fitting.build_loss, iter(range(10**9))

    def build_failing(*arguments: Any) -> Any:
        loss = build(*arguments)

        def failing(*batch: torch.Tensor) -> torch.Tensor:
            factor = 1.0 if next(calls) < good else float("nan")
            return loss(*batch) * factor

        return failing

    monkeypatch.setattr(fitting, "build_loss", build_failing)


# An epoch has three training steps and one of validation.
@pytest.mark.usefixtures("no_export")
@pytest.mark.parametrize(("good", "place"), [(9, "epoch 3, step 7"), (11, "epoch 3, step 9")])
def test_a_loss_that_is_not_a_number_stops_the_run(
    tmp_path: Path,
    disks: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    good: int,
    place: str,
) -> None:
    optimizer = {"schedule": "constant", "learning_rate": 0.0125}
    experiment = tiny_experiment(data=disks, optimizer=optimizer, trainer={"max_epochs": 5})
    expected = fit(
        tmp_path / "short", tiny_experiment(data=disks, optimizer=optimizer)
    )  # two epochs
    with monkeypatch.context() as patch:
        failing_loss(patch, good)
        with pytest.raises(TrainingError) as caught:
            fit(tmp_path / "run", experiment)
    message = str(caught.value)
    assert f"loss is nan in {place}, at learning rate 0.0125" in message
    assert "Lower --optimizer.learning_rate" in message
    assert caught.value.exit_code == 1
    run = Run.open(tmp_path / "run")
    assert untimed(run) == untimed(expected)
    assert equal(weights(run), weights(expected))
    assert weights_only_state(run.last_path)["epoch"] == 1
    assert not run.finished
    assert len(training.resume(run, Console()).rows()) == 5


@pytest.mark.usefixtures("no_export")
def test_a_rate_that_is_too_high_stops_the_run(tmp_path: Path, disks: dict[str, Any]) -> None:
    optimizer = {
        "name": "sgd",
        "learning_rate": 100,
        "schedule": "constant",
        "weight_decay": 10,
        "gradient_clip": 0,
    }
    experiment = tiny_experiment(data=disks, optimizer=optimizer, trainer={"max_epochs": 50})
    with pytest.raises(TrainingError, match=r"loss is (nan|inf) in epoch \d+, step \d+, at"):
        fit(tmp_path / "run", experiment)


@pytest.mark.usefixtures("no_export")
def test_a_last_batch_of_one_image_is_no_crash(tmp_path: Path, disks: dict[str, Any]) -> None:
    """Nine images in fours leave one, and four halvings of 16 pixels leave one pixel."""
    experiment = tiny_experiment(data=disks, network={"base_channels": 2, "depth": 4})
    with pytest.raises(UsageError, match=r"^trainer\.batch_size: .*batch norm"):
        fit(tmp_path / "run", experiment)
    assert not (tmp_path / "run").exists()
    network = {"base_channels": 2, "depth": 4, "norm": "group"}
    assert len(fit(tmp_path / "group", tiny_experiment(data=disks, network=network)).rows()) == 2


def test_without_foreground_there_is_no_weight(tmp_path: Path, disks: dict[str, Any]) -> None:
    for path in (Path(disks["root"]) / "masks").iterdir():
        write_png(path, np.zeros((40, 48), np.uint8))
    with pytest.raises(DataError, match=r"loss\.positive_weight: the training split has no fore"):
        fit(tmp_path / "run", tiny_experiment(data=disks, loss={"name": "weighted_bce"}))


def test_broken_pairs_of_both_splits_are_named_at_once(tmp_path: Path) -> None:
    root = write_disks(tmp_path / "disks")
    experiment = tiny_experiment(data={"source": "folder", "root": str(root)})
    dataset = open_dataset(experiment)
    broken = [dataset.records(split)[0].image for split in ("train", "val")]
    for path in broken:
        path.write_text("no image")
    with pytest.raises(DataError, match="2 pairs cannot be used") as caught:
        training.train(experiment, tmp_path / "run", tmp_path, Console())
    for path in broken:
        assert any(str(path) in detail for detail in caught.value.details)
    assert not (tmp_path / "run").exists()
