"""Weights and descriptions from a stranger take no memory and build nothing they do not hold."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from seglab import training
from seglab.console import Console
from seglab.networks.encoder_weights import load_encoder_weights
from seglab.run_list import list_runs
from seglab.runs import Run
from tests.hostile_runs import predict, refuse
from tests.training_runs import copy, unfinished


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A run to forge files in."""
    return copy(trained, tmp_path / "run")


def test_packed_weights_are_refused_unread(run: Run) -> None:
    """A few kilobytes that unpack to a gigabyte."""
    with zipfile.ZipFile(run.checkpoint_path) as archive:
        names = archive.namelist()
        content = {name: archive.read(name) for name in names}
    with zipfile.ZipFile(run.checkpoint_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content[name] if "/data/" not in name else bytes(10_000_000))
    assert "it is packed" in refuse(lambda: predict(run))


@pytest.mark.parametrize("path", ["checkpoint.pth", "encoder.pth"])
def test_tensors_that_repeat_one_number_are_refused(run: Run, path: str) -> None:
    """A few bytes that any copy would make to 4 TB."""
    file, huge = run.folder / path, torch.zeros(1).expand(10**12)
    torch.save({"weights": {"a": [huge]}, "state_dict": {"a": huge}}, file)
    if path == "checkpoint.pth":
        assert "a tensor larger than its numbers" in refuse(lambda: predict(run))
    else:
        refuse(lambda: load_encoder_weights(None, "resnet18", str(file)))  # type: ignore[arg-type]


def change_config(run: Run, section: str, **values: Any) -> Run:
    config = json.loads(run.config_path.read_text())
    config[section] |= values
    run.config_path.write_text(json.dumps(config))
    return Run.open(run.folder)


@pytest.mark.parametrize("call", [predict, lambda run: training.resume(unfinished(run), Console())])
def test_no_network_is_built_that_the_weights_cannot_fill(
    run: Run, call: Callable[[Run], Any]
) -> None:
    experiment = json.loads(run.config_path.read_text())["experiment"]
    network = experiment["network"] | {"base_channels": 1024, "depth": 8}  # 10¹² bytes and more
    data = experiment["data"] | {"image_size": 256}
    forged_run = change_config(run, "experiment", network=network, data=data)
    assert "do not fit the network" in refuse(lambda: call(forged_run))


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        ("tu-convnext_xxlarge", "do not fit the network"),  # 3.4 GB
        ("mit_b5", "do not fit the network"),
        ("tu-hf-hub:somebody/something", "there is no encoder"),
    ],
)
def test_neither_is_a_library_s(run: Run, encoder: str, reason: str) -> None:
    experiment = json.loads(run.config_path.read_text())["experiment"]
    network = {"name": "fpn", "encoder": encoder, "output": experiment["network"]["output"]}
    forged_run = change_config(run, "experiment", network=network)
    assert reason in refuse(lambda: predict(forged_run))


@pytest.mark.parametrize(
    "values",
    [
        {"image_size": 10**6},
        {"image_size": 0},
        {"resize": "elsewhere"},
        {"mean": [0, 0]},
        {"std": [1, 0, 1]},
        {"std": "abc"},
        {"mean": [float("nan")] * 3},
    ],
)
def test_a_forged_treatment_of_pixels_is_refused(run: Run, values: dict[str, Any]) -> None:
    forged_run = change_config(run, "preprocessing", **values)
    assert "preprocessing is broken" in refuse(lambda: predict(forged_run))


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '{"a": ' * 50_000, "9" * 10_000, "[]", "\0", '{"experiment": 1}']
)
def test_a_forged_description_is_refused(run: Run, text: str) -> None:
    run.config_path.write_text(text)
    assert "config.json" in refuse(lambda: Run.open(run.folder))
    runs, broken = list_runs(run.folder.parent)
    assert [one.folder.name for one in broken if one.folder.name == "run"] == ["run"]
    assert not runs


def test_a_description_that_is_too_long_is_refused_unread(run: Run) -> None:
    os.truncate(run.config_path, 10**11)
    assert "holds 100000 MB" in refuse(lambda: Run.open(run.folder))


@pytest.mark.parametrize("text", ["", "epoch\nx\n", "\0\n", "a,b\n1\n", '"', "epoch\n1e999\n"])
def test_forged_rows_leave_the_list_of_runs_standing(run: Run, text: str) -> None:
    run.metrics_path.write_text(text)
    runs, broken = list_runs(run.folder.parent)
    assert len(runs) + len([one for one in broken if one.folder.name == "run"]) == 1


@pytest.mark.parametrize("lacks", ["state_dict", "optimizer_states", "callbacks", "loops"])
def test_a_state_that_lacks_a_part_is_refused(run: Run, lacks: str) -> None:
    going_on = unfinished(run)
    state = torch.load(going_on.last_path, weights_only=True)
    state[lacks] = {"a": 1} if lacks != "optimizer_states" else [1]
    torch.save(state, going_on.last_path)
    rows = going_on.rows()
    assert "last.ckpt" in refuse(lambda: training.resume(going_on, Console()))
    assert going_on.rows() == rows
