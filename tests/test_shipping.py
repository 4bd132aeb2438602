"""Shipping a run: half the size, the same figures, a card that says what was measured."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

import seglab
from seglab import shipping
from seglab.commands import evaluate
from seglab.config import Experiment
from seglab.errors import RunError, UsageError
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.model_card import model_card
from seglab.reproduction import differences, train_command
from seglab.runs import Run
from tests.helpers import PROJECT, tiny_experiment


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    run = Run.open(shutil.copytree(trained.folder, tmp_path / "run"))
    assert evaluate.main([str(run.folder)], PROJECT) == 0
    return run


def test_a_shipped_run_has_what_prediction_and_comparison_need(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "models" / "shipped"
    assert shipping.main([str(run.folder), str(target)]) == 0
    assert {path.name for path in target.iterdir()} == {
        "README.md",
        "config.json",
        "checkpoint.pth",
        "model.onnx",
        "metrics.csv",
        "train.log",
        "training-samples.csv",
        "threshold.json",
        "evaluation-test.json",
        "evaluation-test.csv",
    }
    shipped = Run.open(target)
    for name in ("dataset_iou", "mean_image_boundary_iou"):
        before, after = run.evaluation("test"), shipped.evaluation("test")
        assert before is not None
        assert after is not None
        assert after[name]["value"] == pytest.approx(before[name]["value"], abs=5e-4)


def test_a_shipped_network_tells_nothing_of_the_machine(run: Run, tmp_path: Path) -> None:
    model = onnx.load(str(run.onnx_path))
    model.graph.node[0].metadata_props.add(key="trace", value='File "/home/me/unet.py", line 9')
    model.graph.node[-1].doc_string = "/home/me/blocks.py"
    onnx.save(model, str(run.onnx_path))
    assert shipping.main([str(run.folder), str(tmp_path / "shipped")]) == 0
    assert b"/home/me" not in (tmp_path / "shipped" / "model.onnx").read_bytes()


@pytest.mark.parametrize("network", sorted((PROJECT / "models").glob("*/model.onnx")), ids=str)
def test_no_network_of_the_project_does(network: Path) -> None:
    assert not re.search(rb'\.py", line|site-packages', network.read_bytes())


def test_both_backends_of_a_shipped_run_agree_with_the_original(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "shipped"
    assert shipping.main([str(run.folder), str(target)]) == 0
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    original = seglab.load(str(run.folder), "torch").network_probabilities(images)
    for backend in ("torch", "onnx"):
        halved = seglab.load(str(target), backend).network_probabilities(images)
        assert np.abs(halved - original).max() < 2e-3


def test_a_figure_that_moves_is_not_shipped(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "LARGEST_CHANGE", -1.0)
    with pytest.raises(RunError, match="half precision moves a test figure"):
        shipping.ship(run, tmp_path / "shipped")
    assert not (tmp_path / "shipped").exists()
    assert not list(tmp_path.glob(".building-*"))


KILLED = """
import os, signal, sys
from seglab import shipping
shipping._measured_again = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
shipping.main(sys.argv[1:])
"""


@pytest.mark.skipif(os.name == "nt", reason="needs locks")
def test_a_killed_one_leaves_nothing_under_the_final_name(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "models" / "shipped"
    command = [sys.executable, "-c", KILLED, str(run.folder), str(target)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not target.exists()
    assert shipping.main([str(run.folder), str(target)]) == 0
    assert list(target.parent.iterdir()) == [target]


def test_what_cannot_be_shipped(run: Run, trained: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        shipping.ship(run, tmp_path)
    with pytest.raises(RunError, match="evaluate it first"):
        shipping.ship(trained, tmp_path / "shipped")


def test_the_card_states_data_figures_limits_and_commands(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "shipped"
    shipping.ship(run, target)
    card = (target / "README.md").read_text()
    evaluation = Run.open(target).evaluation("test")
    assert evaluation is not None
    for figure in ("dataset_iou", "mean_image_boundary_f1"):
        assert f"{evaluation[figure]['value']:.4f} [{evaluation[figure]['low']:.4f}" in card
    for heading in ("Data", "Protocol", "Figures", "Limits", "How to reproduce"):
        assert f"\n## {heading}\n" in card
    assert train_command(run.experiment) in card
    assert "trained from scratch" in card
    assert f"the threshold {run.threshold:g}" in card


def test_the_card_has_the_figures_at_the_photos_own_size(run: Run) -> None:
    assert "--at original" not in model_card(run)
    content = run.evaluation("test")
    assert content is not None
    figure = {"value": 0.71234, "low": 0.61, "high": 0.81}
    run.evaluation_path("test", "original").write_text(
        json.dumps(content | {"dataset_iou": figure})
    )
    assert "--at original`): dataset IoU 0.7123 [0.6100, 0.8100]" in model_card(
        Run.open(run.folder)
    )


def test_the_card_names_the_run_whose_weights_it_began_with(run: Run) -> None:
    run.write_config(run.config | {"init_from": "first try"})
    card = model_card(run)
    assert "trained from the weights of `first try`" in card
    assert "with seed 0, on top of those whose weights it began with; the best epoch" in card
    assert f"{train_command(run.experiment)} --init_from 'first try'\n" in card
    assert "`first try` is a run of its own, which has to be trained first." in card
    assert "from scratch" not in card


def test_the_card_names_all_runs_whose_mean_it_began_with(run: Run) -> None:
    run.write_config(run.config | {"init_from": ["first try", "b", "c"]})
    card = model_card(run)
    assert "trained from the mean of the weights of `first try`, `b` and `c` (a model soup" in card
    assert f"{train_command(run.experiment)} --init_from 'first try' b c\n" in card
    assert "`first try`, `b` and `c` are runs of their own, which have to be trained first." in card


def test_the_command_describes_the_same_experiment() -> None:
    experiment = tiny_experiment(
        data={"source": "folder", "root": "my photos", "classes": {"sky": [0], "it's": [1, 2]}},
        loss={"name": "dice"},
        optimizer={"learning_rate": 1e-7},
        trainer={"deterministic": True, "workers": "auto", "device": "auto", "tune": "auto"},
    )
    words = shlex.split(train_command(experiment))
    assert words[:2] == ["python", "train.py"]
    parser = experiment_parser("", PROJECT / "config.yaml")
    again, _ = parse_experiment(parser, [*words[2:], "--data.root", "my photos"])
    assert again == experiment


def test_only_what_differs_and_matters_is_named() -> None:
    experiment = Experiment.model_validate(
        {"trainer": {"seed": 3, "device": "cpu"}, "data": {"root": "elsewhere"}}
    )
    assert differences(experiment) == {"trainer.seed": 3}
    assert differences(experiment, experiment) == {}


def test_a_card_says_when_the_epoch_was_chosen_on_the_test_part(run: Run) -> None:
    assert "Nothing was chosen on the test part" in model_card(run)
    values = run.experiment.as_dict()
    values["data"]["validation"] = "test"
    run.write_config(run.config | {"experiment": values})
    card = model_card(Run.open(run.folder))
    assert "Nothing was chosen" not in card
    assert "Validation was the test part itself" in card
