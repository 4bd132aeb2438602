"""TensorBoard for real, Weights & Biases by a stand-in, and loggers that fail."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from seglab import training_loggers
from seglab.config import Experiment
from seglab.console import Console
from seglab.errors import Interrupted
from seglab.runs import Run
from seglab.training import resume, train
from tests.helpers import tiny_experiment

pytestmark = pytest.mark.usefixtures("no_export")


@pytest.fixture
def disks(folder_dataset: Path) -> dict[str, Any]:
    return {"source": "folder", "root": str(folder_dataset), "validation": 0.4}


def logged(disks: dict[str, Any], *loggers: str, **trainer: Any) -> Experiment:
    return tiny_experiment(
        data=disks,
        optimizer={"schedule": "constant"},
        trainer={"loggers": list(loggers), "max_epochs": 2} | trainer,
    )


def untimed(run: Run) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if "second" not in k} for row in run.rows()]


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


class StandIn(SimpleNamespace):
    """What of the package ``wandb`` is used, keeping how it was called."""

    def __init__(self, account: bool, reachable: bool) -> None:
        self.begun: list[dict[str, Any]] = []
        self.logs: list[tuple[int, dict[str, Any]]] = []
        self.finished = 0
        super().__init__(Settings=dict, Image=lambda picture, caption: (caption, picture.shape))
        self._account, self._reachable = account, reachable

    def login(self, prompt: bool) -> bool:
        return self._account

    def init(self, **options: Any) -> "StandIn":
        self.begun.append(options)
        if options.get("mode") == "online" and not self._reachable:
            raise OSError("no route to host")
        return self

    def log(self, values: dict[str, Any], step: int) -> None:
        self.logs.append((step, values))

    def finish(self) -> None:
        self.finished += 1


@pytest.mark.parametrize(
    ("account", "reachable", "modes"),
    [
        (False, False, ["offline"]),
        (True, True, ["online"]),
        (True, False, ["online", "offline"]),
    ],
)
def test_weights_and_biases_is_offline_where_there_is_no_account_or_no_way(
    tmp_path: Path,
    disks: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    account: bool,
    reachable: bool,
    modes: list[str],
) -> None:
    package = StandIn(account, reachable)
    monkeypatch.setitem(sys.modules, "wandb", package)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    run = train(logged(disks, "wandb"), tmp_path / "run", tmp_path, Console())
    assert [options["mode"] for options in package.begun] == modes
    assert package.begun[-1]["dir"] == str(run.folder)
    assert package.begun[-1]["config"] == run.experiment.as_dict()
    assert len({options["id"] for options in package.begun}) == 1
    losses = {step: values["loss/val"] for step, values in package.logs if "loss/val" in values}
    assert losses == {row["epoch"]: row["val_loss"] for row in run.rows()}
    assert [
        len(values["predictions"]) for _, values in package.logs if "predictions" in values
    ] == [
        4,
        4,
    ]
    assert package.finished == 1


def test_the_mode_of_the_environment_is_respected(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = StandIn(account=True, reachable=True)
    monkeypatch.setitem(sys.modules, "wandb", package)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    train(logged(disks, "wandb", max_epochs=1), tmp_path / "run", tmp_path, Console())
    assert ["mode" in options for options in package.begun] == [False]
