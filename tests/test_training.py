"""Training into a run folder, and going on with it."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seglab import fitting, training
from seglab.commands import train as command
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import DataError, Interrupted, RunError, TrainingError, UsageError
from seglab.metrics import count_pixels, reduce
from seglab.networks.catalogue import probability_network
from seglab.optimization import build_schedule
from seglab.runs import Row, Run
from seglab.training_module import Tally, TrainingModule
from seglab.training_record import Recorder, weights_only_state
from tests.helpers import PROJECT, as_flags, tiny_experiment, write_disks, write_png

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


@pytest.fixture
def no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exporting takes longer than the training of these tests; one fixture's run has it."""
    monkeypatch.setattr(fitting, "export_onnx", lambda _run, _experiment: 0.0)


@pytest.fixture
def disks(folder_dataset: Path) -> dict[str, Any]:
    return {"source": "folder", "root": str(folder_dataset)}


def fit(folder: Path, experiment: Experiment, init_from: Run | None = None) -> Run:
    return training.train(experiment, folder, PROJECT, Console(), init_from)


def untimed(run: Run) -> list[Row]:
    """The rows without what a clock decides."""
    return [{k: v for k, v in row.items() if "second" not in k} for row in run.rows()]


def weights(run: Run, path: Path | None = None) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = run.load_weights(path)["weights"]
    return found


def equal(first: Any, second: Any) -> bool:
    """Whether nested values are the same, tensors bit by bit."""
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return bool(first == second)


def unfinished(run: Run) -> Run:
    """As the run was before its last lines: without result and export."""
    run.write_config({key: value for key, value in run.config.items() if key != "result"})
    return Run.open(run.folder)


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


def test_killed_three_times_and_resumed_equals_uninterrupted(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = tiny_experiment(
        data=disks | {"image_size": 24},
        augmentation={"strength": 1.0},
        network={"base_channels": 4, "depth": 2, "dropout": 0.3},
        optimizer={"schedule": "onecycle"},
        trainer={
            "max_epochs": 40,
            "deterministic": True,
            "checkpoint_every": 20,
            "ema_decay": 0.9,
        },
    )
    flags = as_flags(experiment)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    whole, killed = Run(tmp_path / "whole"), Run(tmp_path / "killed")
    assert command.main([*flags, "--run_dir", str(whole.folder)], PROJECT) == 0

    start = [*flags, "--run_dir", str(killed.folder)]
    resume = ["--resume", str(killed.folder)]
    # Between a row and its checkpoint or just after it; between two epochs; somewhere later.
    kill_when(start, lambda: len(killed.rows()) >= 1)
    kill_when(resume, lambda: newer(killed.last_path, killed.metrics_path, rows=6))
    kill_when(resume, lambda: len(killed.rows()) >= 15)
    assert 15 <= len(killed.rows()) < 40
    assert not Run.open(killed.folder).finished

    assert command.main(resume, PROJECT) == 0
    assert untimed(killed) == untimed(whole)
    assert [row["epoch"] for row in killed.rows()] == list(range(1, 41))
    for path in ("checkpoint.pth", "checkpoint-epoch-0020.pth"):
        assert equal(weights(killed, killed.folder / path), weights(whole, whole.folder / path))
    last, expected = (weights_only_state(run.last_path) for run in (killed, whole))
    averaged = ("current_model_state", "averaging_state")
    for part in ("state_dict", *averaged, "optimizer_states", "lr_schedulers"):
        assert equal(last[part], expected[part]), part
    assert Run.open(killed.folder).finished


def kill_when(argv: list[str], condition: Any) -> None:
    """Start ``train.py`` and kill it as soon as the condition holds."""
    process = subprocess.Popen(
        [sys.executable, "train.py", *argv],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        limit = time.monotonic() + 120
        while not condition():
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < limit
            time.sleep(0.002)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def newer(path: Path, other: Path, rows: int) -> bool:
    return (
        path.exists()
        and path.stat().st_mtime_ns > other.stat().st_mtime_ns
        and len(Run(path.parent).rows()) >= rows
    )


# Stopping and going on.


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Raise a signal in training step number so-and-so, counted over all epochs."""
    step = TrainingModule.training_step

    def install(number: int, sent: signal.Signals = signal.SIGINT) -> None:
        def stopping(module: TrainingModule, *arguments: Any) -> Any:
            if module.global_step == number:
                signal.raise_signal(sent)
            return step(module, *arguments)

        monkeypatch.setattr(TrainingModule, "training_step", stopping)

    return install


@pytest.mark.usefixtures("no_export")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(
    tmp_path: Path,
    disks: dict[str, Any],
    stop_at: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sent: signal.Signals,
) -> None:
    flags = as_flags(tiny_experiment(data=disks, trainer={"max_epochs": 4}))
    whole, stopped = Run(tmp_path / "whole"), Run(tmp_path / "stopped")
    command.main([*flags, "--run_dir", str(whole.folder)], PROJECT)
    before = signal.getsignal(sent)
    with monkeypatch.context():
        stop_at(7, sent)  # three steps an epoch: in the third
        assert command.main([*flags, "--run_dir", str(stopped.folder)], PROJECT) == 130
    assert signal.getsignal(sent) == before
    told = f"interrupted: go on with  python train.py --resume {stopped.folder}"
    assert capsys.readouterr().out.splitlines()[-1] == told
    assert told in stopped.log_path.read_text()
    assert len(stopped.rows()) == 2
    stop_at(10**9)
    assert command.main(["--resume", str(stopped.folder)], PROJECT) == 0
    assert "going on after epoch 2" in capsys.readouterr().out
    assert untimed(stopped) == untimed(whole)
    assert equal(weights(stopped), weights(whole))


@pytest.mark.usefixtures("no_export")
def test_stopped_before_the_first_epoch_s_end_starts_over(
    tmp_path: Path, disks: dict[str, Any], stop_at: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = tiny_experiment(data=disks)
    stop_at(1)
    with pytest.raises(Interrupted):
        fit(tmp_path / "stopped", experiment)
    assert not Run(tmp_path / "stopped").last_path.exists()
    stop_at(10**9)
    run = training.resume(Run.open(tmp_path / "stopped"), Console())
    assert "no epoch was finished yet: starting over" in capsys.readouterr().out
    assert untimed(run) == untimed(fit(tmp_path / "whole", experiment))


def test_a_finished_run_is_left_alone(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert command.main(["--resume", str(folder)], PROJECT) == 0
    assert f"{folder} is finished (3 epochs); nothing to do" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("flag", ["--trainer.max_epochs", "--trainer.max_epochs="])
def test_a_schedule_with_an_end_refuses_another_length(trained: Run, flag: str) -> None:
    before = trained.config_path.read_bytes()
    length = [flag + "9"] if flag.endswith("=") else [flag, "9"]
    with pytest.raises(UsageError) as caught:
        command.main(["--resume", str(trained.folder), *length], PROJECT)
    assert caught.value.exit_code == 2
    told = str(caught.value)
    assert told.startswith("trainer.max_epochs: run was planned for 3 epochs and its schedule")
    assert "--init_from" in told
    assert "--optimizer.schedule constant" in told
    assert trained.config_path.read_bytes() == before


@pytest.mark.usefixtures("no_export")
def test_a_constant_rate_may_be_made_longer(tmp_path: Path, disks: dict[str, Any]) -> None:
    def run(name: str, epochs: int) -> Run:
        optimizer = {"schedule": "constant", "learning_rate": 0.01}
        trainer = {"max_epochs": epochs}
        return fit(
            tmp_path / name, tiny_experiment(data=disks, optimizer=optimizer, trainer=trainer)
        )

    whole, short = run("whole", 4), run("short", 2)
    argv = ["--resume", str(short.folder), "--trainer.max_epochs", "4"]
    assert command.main(argv, PROJECT) == 0
    assert untimed(short) == untimed(whole)
    assert equal(weights(short), weights(whole))
    longer = Run.open(short.folder)
    assert longer.finished
    assert longer.experiment.trainer.max_epochs == 4
    assert longer.config["result"]["epochs"] == 4
    with pytest.raises(UsageError, match="has 4 epochs already"):
        training.resume(longer, Console(), 3)


@pytest.mark.usefixtures("no_export")
def test_rows_after_the_checkpoint_are_cut_off(tmp_path: Path, disks: dict[str, Any]) -> None:
    """A run killed between a row and its checkpoint has a row too many."""
    optimizer = {"schedule": "constant", "learning_rate": 0.01}
    experiment = tiny_experiment(data=disks, optimizer=optimizer)
    run = fit(tmp_path / "run", experiment)
    expected = untimed(training.resume(copy(run, tmp_path / "copy"), Console(), 3))
    run.write_rows([*run.rows(), run.rows()[0] | {"epoch": 3, "train_loss": 9.0}])
    assert untimed(training.resume(Run.open(run.folder), Console(), 3)) == expected


def copy(run: Run, folder: Path) -> Run:
    shutil.copytree(run.folder, folder)
    return Run.open(folder)


def test_killed_while_exporting_only_exports(trained: Run, tmp_path: Path) -> None:
    run = unfinished(copy(trained, tmp_path / "run"))
    run.onnx_path.unlink()
    rows, last = run.rows(), run.last_path.read_bytes()
    again = training.resume(run, Console())
    assert again.finished
    assert again.rows() == rows
    assert again.last_path.read_bytes() == last
    assert again.onnx_path.is_file()
    assert again.config["result"] == trained.config["result"]


def test_resume_takes_nothing_else(trained: Run) -> None:
    resume = ["--resume", str(trained.folder)]
    for extra in (["--trainer.seed=3"], ["--run_dir", "x"], ["--init_from=x"]):
        with pytest.raises(UsageError, match=r"--resume takes everything from the run itself"):
            command.main([*resume, *extra], PROJECT)


def test_other_data_is_not_gone_on_with(trained: Run, tmp_path: Path) -> None:
    run = unfinished(copy(trained, tmp_path / "run"))
    config = run.config | {"data": run.config["data"] | {"fingerprint": "other"}}
    run.write_config(config)
    with pytest.raises(DataError, match="is not the data run was trained on"):
        training.resume(run, Console())


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_broken_state_is_told(trained: Run, tmp_path: Path, share: float) -> None:
    run = unfinished(copy(trained, tmp_path / "run"))
    whole = run.last_path.read_bytes()
    run.last_path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(RunError, match=r"last\.ckpt: cannot be read; delete it to start run over"):
        training.resume(run, Console())


def test_a_run_folder_is_never_overwritten(trained: Run) -> None:
    before = trained.config_path.read_bytes()
    with pytest.raises(UsageError, match=r"--run_dir .* is there already"):
        command.main([*as_flags(trained.experiment), "--run_dir", str(trained.folder)], PROJECT)
    assert trained.config_path.read_bytes() == before


# When it cannot go on.


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
    assert run.config["data"]["positive_weight"] == pytest.approx(factor or counted)


def test_without_foreground_there_is_no_weight(tmp_path: Path, disks: dict[str, Any]) -> None:
    for path in (Path(disks["root"]) / "masks").iterdir():
        write_png(path, np.zeros((40, 48), np.uint8))
    with pytest.raises(DataError, match=r"loss\.positive_weight: the training split has no fore"):
        fit(tmp_path / "run", tiny_experiment(data=disks, loss={"name": "weighted_bce"}))


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
        found.append(tally.figures("val"))
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
