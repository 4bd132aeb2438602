"""The demo's training: gone on with where it was interrupted."""

from pathlib import Path
from typing import Any

import pytest

from seglab.commands import demo
from seglab.console import Console
from seglab.errors import Interrupted
from tests.helpers import tiny_experiment

GOING_ON = "going on after epoch 2"


@pytest.mark.usefixtures("no_export")
def test_an_interrupted_demo_goes_on_and_a_finished_one_is_replaced(
    tmp_path: Path, disks: dict[str, Any], stop_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tiny_experiment(data=disks, trainer={"max_epochs": 3}).as_dict()
    monkeypatch.setattr(demo, "SETTINGS", settings)
    folder = tmp_path / "demo"
    stop_at(7)  # three steps an epoch: in the third
    with pytest.raises(Interrupted):
        demo.trained(folder, Console())
    stop_at(10**9)
    run = demo.trained(folder, Console())
    assert run.finished
    assert GOING_ON in run.log_path.read_text()
    assert GOING_ON not in demo.trained(folder, Console()).log_path.read_text()


def test_what_lies_there_broken_is_replaced(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tiny_experiment(data=disks, trainer={"max_epochs": 1}).as_dict()
    monkeypatch.setattr(demo, "SETTINGS", settings)
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "config.json").write_text("{oops")
    assert demo.trained(folder, Console()).finished
