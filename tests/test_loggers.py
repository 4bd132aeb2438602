"""What loggers are told, TensorBoard for real, and loggers that fail."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab import training_loggers
from seglab.console import Console
from seglab.errors import Interrupted
from seglab.runs import Run
from seglab.training import resume, train
from tests.training_runs import logged, untimed

pytestmark = pytest.mark.usefixtures("no_export")


class Stranger:
    """A logger that keeps what it is told, and fails where it is told to."""

    told: dict[str, Any]
    failing = ""
    error: BaseException = OSError("the disk\nis full")

    def __init__(self, run: Run, first_epoch: int) -> None:
        self._fail("begin")
        type(self).told = {"first": first_epoch, "rows": {}, "pictures": {}, "closed": 0}

    def _fail(self, place: str) -> None:
        if self.failing == place:
            raise self.error

    def figures(self, values: dict[str, float], epoch: int) -> None:
        self._fail("figures")
        self.told["rows"][epoch] = dict(values)

    def images(self, pictures: dict[str, np.ndarray], epoch: int) -> None:
        self._fail("images")
        self.told["pictures"][epoch] = dict(pictures)

    def close(self) -> None:
        self.told["closed"] += 1
        self._fail("close")


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> type[Stranger]:
    monkeypatch.setitem(training_loggers.LOGGERS, "wandb", Stranger)
    monkeypatch.setattr(Stranger, "failing", "")
    monkeypatch.setattr(Stranger, "error", OSError("the disk\nis full"))
    return Stranger


def test_a_logger_is_told_every_row_and_the_same_samples(
    tmp_path: Path, disks: dict[str, Any], stranger: type[Stranger]
) -> None:
    run = train(logged(disks, "wandb", ema_decay=0.9), tmp_path / "run", tmp_path, Console())
    told = stranger.told
    assert told["first"] == 1
    assert told["closed"] == 1
    for row in run.rows():
        assert told["rows"][row["epoch"]] == pytest.approx(
            {name: value for name, value in row.items() if name != "epoch"}
        )
    first, second = told["pictures"][1], told["pictures"][2]
    assert first.keys() == second.keys()
    assert len(first) == 4
    assert {picture.shape for picture in first.values()} == {(16, 16, 3)}


def test_loggers_change_nothing_in_the_training(
    tmp_path: Path, disks: dict[str, Any], stranger: type[Stranger]
) -> None:
    plain = train(logged(disks, deterministic=True), tmp_path / "plain", tmp_path, Console())
    told = train(logged(disks, "wandb", deterministic=True), tmp_path / "b", tmp_path, Console())
    assert untimed(plain) == untimed(told)
    weights = [run.load_weights()["weights"] for run in (plain, told)]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


@pytest.mark.parametrize("place", ["begin", "figures", "images", "close"])
def test_a_logger_that_raises_is_one_line_and_no_more(
    tmp_path: Path,
    disks: dict[str, Any],
    stranger: type[Stranger],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
) -> None:
    monkeypatch.setattr(stranger, "failing", place)
    run = train(logged(disks, "wandb"), tmp_path / "run", tmp_path, Console())
    assert run.finished
    assert len(run.rows()) == 2
    lines = [line for line in capsys.readouterr().out.splitlines() if "warning: logger" in line]
    assert lines == ["warning: logger wandb is left out (the disk is full)"]


def test_ctrl_c_in_a_logger_is_ctrl_c(
    tmp_path: Path,
    disks: dict[str, Any],
    stranger: type[Stranger],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stranger, "failing", "images")
    monkeypatch.setattr(stranger, "error", Interrupted())
    with pytest.raises(Interrupted):
        train(logged(disks, "wandb"), tmp_path / "run", tmp_path, Console())
    assert stranger.told["closed"] == 1
    monkeypatch.setattr(stranger, "failing", "")
    run = resume(Run.open(tmp_path / "run"), Console())
    assert stranger.told["first"] == 2
    assert run.finished


def test_pictures_that_cannot_be_drawn_are_one_line(
    tmp_path: Path,
    disks: dict[str, Any],
    stranger: type[Stranger],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delattr(training_loggers, "contours")
    train(logged(disks, "wandb"), tmp_path / "run", tmp_path, Console())
    assert capsys.readouterr().out.count("warning: logger pictures is left out") == 1
    assert len(stranger.told["rows"]) == 2


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_a_package_that_is_not_installed_is_one_line(
    tmp_path: Path,
    disks: dict[str, Any],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in (name, "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, module, None)
    run = train(logged(disks, name, max_epochs=1), tmp_path / "run", tmp_path, Console())
    assert run.finished
    lines = [line for line in capsys.readouterr().out.splitlines() if "warning: logger" in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"warning: logger {name} is left out (")
    assert f"install it: pip install {name}" in lines[0]


def test_tensorboard_holds_every_row_once_after_a_resume(
    tmp_path: Path, disks: dict[str, Any]
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(logged(disks, "tensorboard", max_epochs=1), tmp_path / "run", tmp_path, Console())
    run = resume(Run.open(tmp_path / "run"), Console(), max_epochs=3)
    found = EventAccumulator(str(run.folder / "tensorboard")).Reload()
    for tag, name in (("loss/val", "val_loss"), ("dataset_iou/train", "train_dataset_iou")):
        values = {event.step: event.value for event in found.Scalars(tag)}
        assert values == pytest.approx({row["epoch"]: row[name] for row in run.rows()})
    pictures = found.Tags()["images"]
    assert len(pictures) == 4
    assert {event.step for event in found.Images(pictures[0])} == {1, 2, 3}
