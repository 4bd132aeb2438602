"""Stopping a training and going on with it."""

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from seglab import fitting, training
from seglab.commands import train as command
from seglab.console import Console
from seglab.errors import DataError, Interrupted, RunError, UsageError
from seglab.runs import Run
from tests.helpers import PROJECT, as_flags, tiny_experiment
from tests.training_runs import copy, equal, fit, unfinished, untimed, weights


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


@pytest.mark.usefixtures("no_export")
def test_starting_over_begins_with_the_same_first_weights(
    trained: Run, tmp_path: Path, disks: dict[str, Any], stop_at: Any
) -> None:
    """Though the runs that they came from are gone meanwhile."""
    experiment = tiny_experiment(data=disks, optimizer={"learning_rate": 1e-4})
    first = copy(trained, tmp_path / "first")
    stop_at(1)
    with pytest.raises(Interrupted):
        fit(tmp_path / "stopped", experiment, first)
    shutil.rmtree(first.folder)
    stop_at(10**9)
    run = training.resume(Run.open(tmp_path / "stopped"), Console())
    whole = fit(tmp_path / "whole", experiment, trained)
    assert untimed(run) == untimed(whole)
    assert equal(weights(run), weights(whole))
    assert not run.first_path.exists()


def test_first_weights_that_are_gone_are_not_replaced_by_random_ones(
    trained: Run, tmp_path: Path, disks: dict[str, Any], stop_at: Any
) -> None:
    stop_at(1)
    with pytest.raises(Interrupted):
        fit(tmp_path / "stopped", tiny_experiment(data=disks), trained)
    run = Run.open(tmp_path / "stopped")
    whole = run.first_path.read_bytes()
    run.first_path.write_bytes(whole[:100])
    with pytest.raises(RunError, match=r"first\.ckpt: is not a checkpoint"):
        training.resume(run, Console())
    run.first_path.unlink()
    told = (
        "has no whole epoch, and the weights it began with, of run, are gone; delete it and begin"
    )
    with pytest.raises(RunError, match=told):
        training.resume(run, Console())


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


def test_a_signal_while_exporting_says_how_to_go_on(
    tmp_path: Path,
    disks: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "run"
    flags = as_flags(tiny_experiment(data=disks, trainer={"max_epochs": 1}))
    monkeypatch.setattr(fitting, "export_onnx", lambda *_: signal.raise_signal(signal.SIGTERM))
    assert command.main([*flags, "--run_dir", str(folder)], PROJECT) == 130
    told = f"interrupted: go on with  python train.py --resume {folder}"
    assert capsys.readouterr().out.splitlines()[-1] == told
    assert not Run.open(folder).finished


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


def test_a_run_folder_is_never_overwritten(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trained.config_path.read_bytes()
    # Refused before the data is drawn, downloaded or read.
    monkeypatch.setattr(training, "open_data", lambda *_: pytest.fail("opened the data"))
    with pytest.raises(UsageError, match=r"--run_dir .* is there already"):
        command.main([*as_flags(trained.experiment), "--run_dir", str(trained.folder)], PROJECT)
    assert trained.config_path.read_bytes() == before
