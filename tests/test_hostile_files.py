"""Files from a stranger run no code and read nothing outside their folder."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab import run_keeping, training
from seglab.console import Console
from seglab.data import fact_cache
from seglab.data.cache import cache_root, open_pairs
from seglab.data.sources import open_dataset
from seglab.networks.encoder_weights import load_encoder_weights
from seglab.preprocessing import Preprocessing
from seglab.run_list import list_runs
from seglab.runs import Run
from tests.helpers import tiny_experiment
from tests.hostile_runs import predict, refuse
from tests.training_runs import copy, unfinished


class Malice:
    """Pickled so that reading it without care makes the file ``marker``."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Is made by malicious code alone."""
    return tmp_path / "owned"


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A run to forge files in."""
    return copy(trained, tmp_path / "run")


# Code.


def forged(path: Path, marker: Path, kind: str) -> None:
    """A file that runs code where it is read without care."""
    if kind == "torch":
        torch.save({"weights": {"a": Malice(marker)}, "state_dict": {}, "epoch": 1}, path)
    elif kind == "legacy":
        torch.save({"weights": Malice(marker)}, path, _use_new_zipfile_serialization=False)
    else:
        path.write_bytes(pickle.dumps({"weights": Malice(marker)}))


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_weights_run_no_code(run: Run, marker: Path, kind: str) -> None:
    forged(run.checkpoint_path, marker, kind)
    assert str(run.checkpoint_path) in refuse(lambda: predict(run))
    assert not marker.exists()
    pickle.loads(pickle.dumps(Malice(marker)))  # it would have
    assert marker.exists()


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_a_state_to_go_on_from_runs_no_code(run: Run, marker: Path, kind: str) -> None:
    going_on = unfinished(run)
    forged(going_on.last_path, marker, kind)
    assert "last.ckpt" in refuse(lambda: training.resume(going_on, Console()))
    assert not marker.exists()


def starting_over(run: Run) -> Run:
    """As a run that went on from another one was in its first epoch."""
    run.last_path.unlink(missing_ok=True)
    run.write_config(run.config | {"init_from": "another"})
    return unfinished(run)


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_first_weights_run_no_code(run: Run, marker: Path, kind: str) -> None:
    begun = starting_over(run)
    forged(begun.first_path, marker, kind)
    assert "first.ckpt" in refuse(lambda: training.resume(begun, Console()))
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_an_encoder_s_weights_run_no_code(marker: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "encoder.pth"
    forged(path, marker, kind)
    refuse(lambda: load_encoder_weights(None, "resnet18", str(path)))  # type: ignore[arg-type]
    assert not marker.exists()


def test_a_cache_runs_no_code(folder_dataset: Path, marker: Path) -> None:
    dataset = open_dataset(tiny_experiment(data={"source": "folder", "root": str(folder_dataset)}))
    pairs = [open_pairs(dataset, "train", Preprocessing(16))]
    home = next(path for path in cache_root().iterdir() if path.is_dir())
    for name in ("images", "masks"):
        good = (home / f"{name}.npy").read_bytes()
        np.save(home / f"{name}.npy", np.array([Malice(marker)], object), allow_pickle=True)
        assert "is a broken cache" in refuse(
            lambda: open_pairs(dataset, "train", Preprocessing(16))
        )
        (home / f"{name}.npy").write_bytes(good)
    assert not marker.exists()
    for forgery in ("", "[" * 100_000, '{"a": 1}', "[1]"):
        (home / "problems.json").write_text(forgery)
        refuse(lambda: open_pairs(dataset, "train", Preprocessing(16)))
    assert len(pairs[0]) > 0


@pytest.mark.parametrize("forgery", ["[" * 100_000, "[1]", '{"%s": [1]}', '{"%s": null}', "no"])
def test_forged_facts_are_read_again(folder_dataset: Path, forgery: str) -> None:
    dataset = open_dataset(tiny_experiment(data={"source": "folder", "root": str(folder_dataset)}))
    expected = fact_cache.gather(dataset)
    path = fact_cache.facts_file(dataset)
    stamp = next(iter(json.loads(path.read_text())))
    path.write_text(forgery.replace("%s", stamp))
    assert fact_cache.gather(dataset) == expected


# What lies outside the folder.


FILES: dict[str, Callable[[Run], Any]] = {
    "config.json": lambda run: Run.open(run.folder),
    "metrics.csv": lambda run: run.rows(),
    "training-samples.csv": lambda run: run.training_samples(),
    "checkpoint.pth": predict,
    "model.onnx": lambda run: predict(run, "onnx"),
    "last.ckpt": lambda run: training.resume(unfinished(run), Console()),
    "first.ckpt": lambda run: training.resume(starting_over(run), Console()),
    "threshold.json": lambda run: run.threshold_curve(),
    "evaluation-test.json": lambda run: run.evaluation("test"),
    "evaluation-test.csv": lambda run: run.evaluation_table("test"),
    "notes.md": run_keeping.notes,
}


@pytest.mark.parametrize("name", FILES)
def test_no_link_leads_out_of_a_run(run: Run, tmp_path: Path, name: str) -> None:
    path, elsewhere = run.folder / name, tmp_path / f"elsewhere-{name}"
    if path.exists():
        path.rename(elsewhere)  # what it leads to is sound: it is the link that is refused
    else:
        elsewhere.write_text("name\n" if name.endswith("csv") else '{"value": 0.5}')
    path.symlink_to(elsewhere)
    said = refuse(lambda: FILES[name](run))
    assert name in said


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_is_not_waited_for(run: Run, name: str) -> None:
    (run.folder / name).unlink(missing_ok=True)
    os.mkfifo(run.folder / name)
    assert name in refuse(lambda: FILES[name](run))


def test_a_run_folder_may_be_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "linked").symlink_to(run.folder)
    runs, broken = list_runs(tmp_path / "models")
    assert ([run.name for run in runs], broken) == (["run"], [])
