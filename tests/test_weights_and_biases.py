"""Weights & Biases by a stand-in."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seglab.console import Console
from seglab.training import train
from tests.training_runs import logged

pytestmark = pytest.mark.usefixtures("no_export")


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
