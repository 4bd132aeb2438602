"""Settings that change how a training goes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab import training
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import UsageError
from seglab.runs import Run
from tests.helpers import tiny_experiment
from tests.training_runs import copy, equal, fit, unfinished, weights

# First weights.


@pytest.mark.usefixtures("no_export")
def test_init_from_starts_from_those_weights(
    trained: Run, tmp_path: Path, disks: dict[str, Any]
) -> None:
    optimizer = {"name": "sgd", "learning_rate": 1e-30, "weight_decay": 0, "schedule": "constant"}
    experiment = tiny_experiment(data=disks, optimizer=optimizer, trainer={"seed": 9})
    run = fit(tmp_path / "run", experiment, trained)
    assert run.config["init_from"] == "run"
    before, after = weights(trained), weights(run)
    learned = [name for name in before if "running" not in name and "num_batch" not in name]
    assert equal({k: before[k] for k in learned}, {k: after[k] for k in learned})
    fresh = fit(tmp_path / "fresh", experiment)
    assert not equal({k: before[k] for k in learned}, {k: weights(fresh)[k] for k in learned})


@pytest.mark.usefixtures("no_export")
def test_init_from_several_starts_from_their_mean(
    trained: Run, tmp_path: Path, disks: dict[str, Any]
) -> None:
    other = fit(tmp_path / "other", tiny_experiment(data=disks, trainer={"seed": 5}))
    optimizer = {"name": "sgd", "learning_rate": 1e-30, "weight_decay": 0, "schedule": "constant"}
    run = fit(tmp_path / "soup", tiny_experiment(data=disks, optimizer=optimizer), trained, other)
    assert run.config["init_from"] == ["run", "other"]
    assert (
        "weights    at first the mean of the weights of run and other\n" in run.log_path.read_text()
    )
    assert Run.open(run.folder).first_runs == ("run", "other")
    first, second, mean = weights(trained), weights(other), weights(run)
    for name, value in mean.items():
        if "running" not in name and "num_batch" not in name:
            torch.testing.assert_close(value, (first[name] + second[name]) / 2, msg=name)


@pytest.mark.usefixtures("no_export")
def test_init_from_several_refuses_what_has_no_mean(
    trained: Run, tmp_path: Path, disks: dict[str, Any]
) -> None:
    experiment = tiny_experiment(data=disks)
    narrow = tiny_experiment(data=disks, network={"base_channels": 3, "depth": 1})
    other = fit(tmp_path / "narrow", narrow)
    with pytest.raises(UsageError, match=r"--init_from .*narrow: its network is another one than"):
        fit(tmp_path / "soup", experiment, trained, other)
    with pytest.raises(UsageError, match="two runs are called run"):
        fit(tmp_path / "soup", experiment, trained, trained)
    shifted = copy(trained, tmp_path / "shifted")
    preprocessing = shifted.config["preprocessing"] | {"mean": [0.1, 0.2, 0.3]}
    shifted.write_config(shifted.config | {"preprocessing": preprocessing})
    with pytest.raises(UsageError, match=r"network\.encoder_mean"):
        fit(tmp_path / "soup", experiment, trained, Run.open(shifted.folder))
    assert not (tmp_path / "soup").exists()


def test_init_from_refuses_another_network(
    trained: Run, tmp_path: Path, disks: dict[str, Any]
) -> None:
    network = {"base_channels": 3, "depth": 1}
    with pytest.raises(UsageError, match=r"--init_from .*: its network is another one; make netw"):
        fit(tmp_path / "run", tiny_experiment(data=disks, network=network), trained)
    assert not (tmp_path / "run").exists()


# Settings.


@pytest.mark.usefixtures("no_export")
def test_early_stopping(
    tmp_path: Path, disks: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = tiny_experiment(
        data=disks,
        network={"base_channels": 2, "depth": 1, "norm": "group"},
        optimizer={"name": "sgd", "learning_rate": 1e-30, "schedule": "constant"},
        trainer={"max_epochs": 20, "early_stopping": 2},
    )
    run = fit(tmp_path / "run", experiment)
    assert len(run.rows()) == 3
    assert "val_dataset_iou has not improved for 2 epochs" in capsys.readouterr().out
    assert run.config["result"]["best_epoch"] == 1
    assert run.finished
    # Killed after the last epoch and before its end: it is as stopped as before.
    assert len(training.resume(unfinished(run), Console()).rows()) == 3


@pytest.mark.usefixtures("no_export")
def test_a_lower_loss_is_better(tmp_path: Path, disks: dict[str, Any]) -> None:
    trainer = {"max_epochs": 6, "monitor": "val_loss"}
    run = fit(tmp_path / "run", tiny_experiment(data=disks, trainer=trainer))
    losses = [row["val_loss"] for row in run.rows()]
    assert run.config["result"]["best_epoch"] == int(np.argmin(losses)) + 1
    assert run.load_weights()["value"] == min(losses)


@pytest.mark.usefixtures("no_export")
@pytest.mark.parametrize(("named", "factor"), [("auto", None), (2.5, 2.5)])
def test_the_weight_of_the_foreground_is_counted(
    tmp_path: Path, disks: dict[str, Any], named: Any, factor: float | None
) -> None:
    loss = {"name": "weighted_bce", "positive_weight": named}
    run = fit(tmp_path / "run", tiny_experiment(data=disks, loss=loss, trainer={"max_epochs": 1}))
    pairs = open_pairs(open_dataset(run.experiment), "train", run.preprocessing)
    masks = np.stack([pairs[index][1] for index in range(len(pairs))])
    counted = (masks == 0).sum() / (masks == 1).sum()
    assert run.config["data"]["class_weights"] == pytest.approx([1, factor or counted])


@pytest.mark.usefixtures("no_export")
@pytest.mark.parametrize(
    "sections",
    [
        {"loss": {"name": "cross_entropy_dice"}, "optimizer": {"schedule": "cosine"}},
        {"loss": {"name": "dice", "dice_over": "batch"}, "optimizer": {"name": "sgd"}},
        {"loss": {"name": "bce"}, "data": {"resize": "letterbox", "cache": False}},
        {"trainer": {"precision": "bf16", "max_epochs": 2}, "optimizer": {"name": "adam"}},
        {
            "network": {
                "base_channels": 2,
                "depth": 3,
                "max_channels": 4,
                "block": "residual",
                "attention": "gate",
                "deep_supervision": True,
            },
            "augmentation": {"erase": 0.5},
            "trainer": {"precision": "bf16", "ema_decay": 0.99},
        },
    ],
    ids=["cross entropy", "dice", "letterbox", "bf16", "every option"],
)
def test_other_settings_train_as_well(
    tmp_path: Path, disks: dict[str, Any], sections: dict[str, Any]
) -> None:
    sections = sections | {"data": disks | sections.get("data", {})}
    run = fit(tmp_path / "run", tiny_experiment(**sections))
    assert len(run.rows()) == 2
    assert np.isfinite([row["train_loss"] for row in run.rows()]).all()


@pytest.mark.usefixtures("no_export")
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_step_moves_no_further_than_the_clipped_gradient(
    tmp_path: Path, disks: dict[str, Any], precision: str
) -> None:
    clip = 1e-3
    optimizer = {
        "name": "sgd",
        "learning_rate": 1.0,
        "momentum": 0,
        "weight_decay": 0,
        "schedule": "constant",
        "gradient_clip": clip,
    }
    trainer = {"precision": precision, "checkpoint_every": 1}
    run = fit(tmp_path / "run", tiny_experiment(data=disks, optimizer=optimizer, trainer=trainer))
    before, after = (weights(run, run.epoch_path(epoch)) for epoch in (1, 2))
    learned = [name for name in before if "running" not in name and "num_batch" not in name]
    moved = torch.cat([(after[name] - before[name]).flatten() for name in learned]).norm()
    assert 0 < moved <= 3 * clip * 1.001  # three steps an epoch
