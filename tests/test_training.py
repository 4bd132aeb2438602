"""Training into a run folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab.config import Experiment
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.metrics import count_pixels, reduce
from seglab.networks.catalogue import probability_network
from seglab.optimization import build_schedule
from seglab.runs import Run
from seglab.tally import Tally
from seglab.training_record import Recorder, weights_only_state
from tests.helpers import tiny_experiment, write_disks
from tests.training_runs import equal, fit, untimed, weights

COLUMNS = [
    "epoch",
    *(
        f"{part}_{name}"
        for part in ("train", "val")
        for name in (
            "loss",
            "dataset_iou",
            "mean_image_iou",
            "dice",
            "accuracy",
            "precision",
            "recall",
        )
    ),
    "learning_rate",
    "seconds",
    "seconds_training",
    "seconds_validation",
    "images_per_second_training",
]


# What a run folder holds.


def test_a_run_folder_holds_the_contract_s_files(trained: Run) -> None:
    assert {path.name for path in trained.folder.iterdir()} == {
        "config.json",
        "checkpoint.pth",
        "checkpoint-epoch-0002.pth",
        "model.onnx",
        "metrics.csv",
        "training-samples.csv",
        "train.log",
        "last.ckpt",
    }
    assert Run.open(trained.folder).finished


def test_the_config_describes_the_run(trained: Run) -> None:
    config = json.loads(trained.config_path.read_text())
    assert Experiment.model_validate(config["experiment"]) == trained.experiment
    data = config["data"]
    dataset = open_dataset(trained.experiment)
    assert data["fingerprint"] == dataset.fingerprint()
    assert data["counts"] == {"train": 9, "val": 1, "test": 2}
    assert data["label_map"] == dataset.labels.as_dict()
    assert sum(data["class_balance"].values()) == pytest.approx(1, abs=1e-5)
    assert config["preprocessing"]["image_size"] == 16
    assert config["network"]["output"] == "sigmoid"
    assert config["network"]["parameters"] == sum(
        tensor.numel()
        for name, tensor in weights(trained).items()
        if "running" not in name and "num_batches" not in name
    )
    assert config["environment"]["packages"]["torch"] == torch.__version__.partition("+")[0]
    assert config["environment"]["precision"] == "fp32"
    assert config["result"]["epochs"] == 3
    assert config["result"]["onnx_difference"] < 1e-4


def test_the_table_has_a_row_an_epoch(trained: Run) -> None:
    rows = trained.rows()
    assert list(rows[0]) == COLUMNS
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert all(np.isfinite(list(row.values())).all() for row in rows)
    assert all(0 <= row["val_dataset_iou"] <= 1 for row in rows)
    assert all(row["seconds"] >= row["seconds_training"] > 0 for row in rows)


def test_the_log_says_what_happened(trained: Run) -> None:
    log = trained.log_path.read_text()
    assert "9 training and 1 validation pairs at 16 px" in log
    assert [f"epoch {epoch}/3  loss" in log for epoch in (1, 2, 3)] == [True] * 3
    assert "finished" in log


def test_the_checkpoint_is_the_best_epoch_s(trained: Run) -> None:
    values = [row["val_dataset_iou"] for row in trained.rows()]
    best = int(np.argmax(values)) + 1
    content = trained.load_weights()
    assert content["epoch"] == trained.config["result"]["best_epoch"] == best
    assert content["value"] == max(values)
    assert trained.load_weights(trained.epoch_path(2))["epoch"] == 2


def test_the_checkpoint_s_weights_have_the_row_s_figures(trained: Run) -> None:
    experiment = trained.experiment
    pairs = open_pairs(open_dataset(experiment), "val", trained.preprocessing)
    network = probability_network(experiment, trained.preprocessing).eval()
    network.photo_network.network.load_state_dict(weights(trained))
    images, masks = zip(*[pairs[index] for index in range(len(pairs))], strict=True)
    with torch.no_grad():
        found = network(torch.from_numpy(np.stack(images)))[:, 1] > 0.5
    truth = torch.from_numpy(np.stack(masks)).long()
    figures = reduce(count_pixels(found.long(), truth, 2))
    best = trained.rows()[trained.config["result"]["best_epoch"] - 1]
    assert {f"val_{name}": value for name, value in figures.items()} == pytest.approx(
        {key: value for key, value in best.items() if key[:4] == "val_" and key != "val_loss"}
    )


def test_everything_saved_is_tensors_and_plain_values(trained: Run) -> None:
    state = weights_only_state(trained.last_path)
    assert state["epoch"] == 2
    assert {"state_dict", "optimizer_states", "lr_schedulers", "callbacks"} <= state.keys()


# Repeating.


@pytest.mark.usefixtures("no_export")
def test_the_seed_decides_everything(tmp_path: Path, disks: dict[str, Any]) -> None:
    def run(name: str, seed: int) -> Run:
        network = {"dropout": 0.3, "base_channels": 2, "depth": 1}
        trainer = {"seed": seed}
        return fit(tmp_path / name, tiny_experiment(data=disks, network=network, trainer=trainer))

    first, again, other = run("first", 5), run("again", 5), run("other", 6)
    assert untimed(first) == untimed(again)
    assert equal(weights(first), weights(again))
    assert not equal(weights(first), weights(other))
    for key in ("train_loss", "val_loss"):
        assert [row[key] for row in untimed(first)] != [row[key] for row in untimed(other)]


@pytest.mark.usefixtures("no_export")
def test_the_number_of_workers_changes_nothing(tmp_path: Path, disks: dict[str, Any]) -> None:
    first, second = (
        fit(tmp_path / str(count), tiny_experiment(data=disks, trainer={"workers": count}))
        for count in (0, 2)
    )
    assert untimed(first) == untimed(second)


@pytest.mark.usefixtures("no_export")
def test_training_learns(tmp_path: Path) -> None:
    root = write_disks(tmp_path / "many", 40)
    experiment = tiny_experiment(
        data={"source": "folder", "root": str(root), "image_size": 24},
        network={"base_channels": 8, "depth": 2},
        optimizer={"learning_rate": 0.02},
        trainer={"max_epochs": 8, "batch_size": 8},
    )
    run = fit(tmp_path / "run", experiment)
    assert max(row["val_dataset_iou"] for row in run.rows()) > 0.8


# Pieces.


def test_figures_do_not_depend_on_the_batch_size() -> None:
    generator = torch.Generator().manual_seed(0)
    predicted = torch.randint(0, 2, (7, 5, 5), generator=generator)
    truth = torch.randint(0, 2, (7, 5, 5), generator=generator)
    each = torch.rand(7, generator=generator, dtype=torch.float64)  # a loss for each image
    found = []
    for size in (1, 3, 7):
        tally = Tally()
        for losses, guess, true in zip(
            each.split(size), predicted.split(size), truth.split(size), strict=True
        ):
            tally.add(losses.mean(), count_pixels(guess, true, 2))
        found.append(tally.figures("val", ("background", "disk")))
        assert tally.images == 7
    assert found[0] == pytest.approx(found[1])
    assert found[0] == pytest.approx(found[2])
    assert found[0]["val_loss"] == pytest.approx(each.mean().item())


def test_of_equal_values_the_first_is_the_best() -> None:
    recorder = Recorder(Run(Path()), Experiment(), Console())
    assert recorder._is_better(0.5)
    recorder.best_value = 0.5
    assert [recorder._is_better(value) for value in (0.5, 0.4, 0.6)] == [False, False, True]


def test_no_schedule_for_a_constant_rate() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    settings = tiny_experiment(optimizer={"schedule": "constant"}).optimizer
    assert build_schedule(settings, optimizer, 10) is None
