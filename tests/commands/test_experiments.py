"""``experiments.py``: a whole suite from the shell, its list, its end, its interruption."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seglab.commands import experiments
from seglab.errors import UsageError
from seglab.runs import Run
from tests.helpers import PROJECT, run_python
from tests.suite_runs import Scripts, begin, make_done, planned_suite, write_experiments

# A training that tells each signal it gets and takes its time to save.
SLOW_TRAINING = """
import signal, sys, time
def save(number, frame):
    print("signal", number, flush=True)
    time.sleep(0.3)
    sys.exit(130)
signal.signal(signal.SIGINT, save)
signal.signal(signal.SIGTERM, save)
print("trains", flush=True)
time.sleep(60)
"""


@pytest.fixture
def losses(tmp_path: Path) -> Path:
    return write_experiments(tmp_path / "losses")


def main(losses: Path, *argv: str) -> int:
    """``experiments.py`` in a project beside the experiments, without a ``config.yaml``."""
    return experiments.main([str(losses), *argv], losses.parent)


def test_the_comparison_is_shown_and_written_with_its_command(
    losses: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Scripts(monkeypatch)
    assert main(losses, "--seeds", "0", "1", "--network.depth=2", "--data.root", "my pets") == 0
    shown = capsys.readouterr()
    path = losses.parent / "runs" / "losses" / "comparison.md"
    assert shown.out.splitlines()[-1] == f"4 of 4 runs done → {path}"
    assert shown.err == ""
    command, empty, *written = path.read_text().splitlines()
    flags = "--seeds 0 1 --network.depth=2 --data.root 'my pets'"
    assert command == f"    python experiments.py {losses} {flags}"
    assert empty == ""
    for name in ("bce-seed-0", "bce-seed-1", "dice-seed-0", "dice-seed-1"):
        assert name in shown.out
        assert any(name in line and line.startswith("|") for line in written)


def test_a_failure_is_listed_at_the_end(
    losses: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Scripts(monkeypatch).failing["dice.yaml"] = 1
    assert main(losses) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("failed: dice-seed-0: train.py ended with exit code 1")
    assert len(shown.err.splitlines()) == 1
    written = (losses.parent / "runs" / "losses" / "comparison.md").read_text()
    assert "bce-seed-0" in written
    assert written.endswith("\nNot done yet: dice-seed-0 (missing).\n")


def test_without_a_done_run_nothing_is_compared(
    losses: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Scripts(monkeypatch).failing["train.py"] = 2
    assert main(losses) == 1
    assert "no run is done" in capsys.readouterr().out
    assert not (losses.parent / "runs" / "losses" / "comparison.md").exists()


def test_the_list_shows_each_state_and_does_nothing(
    losses: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts = Scripts(monkeypatch)
    done, interrupted, other, _ = planned_suite(losses, [0, 1]).runs
    make_done(done)
    begin(interrupted.folder, interrupted.experiment)
    changed = other.experiment.network.model_copy(update={"depth": 2})
    begin(other.folder, other.experiment.model_copy(update={"network": changed}))
    assert main(losses, "--seeds", "0", "1", "--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("bce-seed-0   done         dataset IoU 0.6100 [0.5900, 0.6300], ")
    assert lines[1] == "dice-seed-0  interrupted  after 1 of 2 epochs"
    assert "other" in lines[2]
    assert "network.depth is 2 there, 1 here" in lines[2]
    assert lines[3] == "dice-seed-1  missing"
    counts = "1 done, 1 interrupted, 1 missing, 1 other"
    assert lines[4] == f"{counts} in {done.folder.parent}"
    assert scripts.calls == []


def test_another_parent_for_the_runs(
    losses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Scripts(monkeypatch)
    assert main(losses, "--runs", str(tmp_path / "other")) == 0
    assert Run.open(tmp_path / "other" / "losses" / "dice-seed-0").finished
    assert not (losses.parent / "runs").exists()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--trainer.seed", "3", "--seeds", "0"], "trainer.seed: the seeds of a suite are named"),
        (["--trainer.seed=3"], "trainer.seed: the seeds of a suite are named"),
        (["--data.fold=2"], "data.fold: a suite runs every one of data.folds"),
        (["--network.dept", "3"], "network.dept: no such key, did you mean network.depth"),
        (["--network.depth"], "network.depth: needs a value"),
        (["--network.depth", "30"], "bce.yaml: network.depth: 30 is not allowed"),
        (["--seeds", "one"], "invalid int value"),
        (["--config", "more.yaml"], "unrecognized arguments"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_trained(
    losses: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], told: str
) -> None:
    scripts = Scripts(monkeypatch)
    with pytest.raises(UsageError, match=told):
        main(losses, *argv)
    assert scripts.calls == []


def test_a_broken_file_stops_all_before_the_first_training(
    losses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = Scripts(monkeypatch)
    (losses / "zzz.yaml").write_text("loss: {name: bce, weight: 3}\n")
    with pytest.raises(UsageError, match=r"zzz\.yaml: loss\.weight: no such key"):
        main(losses)
    assert scripts.calls == []


def test_the_list_imports_no_torch(losses: Path) -> None:
    command = [sys.executable, "-X", "importtime", "experiments.py", str(losses), "--list"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.split("\n")
    }
    assert "seglab" in imported
    assert not imported & {"torch", "lightning", "albumentations", "streamlit"}


@pytest.mark.parametrize("whole_group", [True, False], ids=["Ctrl-C", "kill"])
def test_an_interruption_reaches_the_training_once(losses: Path, whole_group: bool) -> None:
    project = losses.parent
    shutil.copy(PROJECT / "experiments.py", project)
    (project / "train.py").write_text(SLOW_TRAINING)
    with subprocess.Popen(
        [sys.executable, "experiments.py", "losses", "--seeds", "0", "1"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "[1/4] bce-seed-0: training\n"
        assert process.stdout.readline() == "trains\n"
        if whole_group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGTERM)
        told = process.stdout.read().splitlines()
    number = signal.SIGINT if whole_group else signal.SIGTERM
    assert process.returncode == 130
    assert told == [
        f"signal {number.value}",
        "interrupted: go on with the same command  python experiments.py losses --seeds 0 1",
    ]
    assert list((project / "runs" / "losses").iterdir()) == []


@pytest.mark.long
def test_a_suite_from_nothing_to_its_comparison(
    tmp_path: Path, folder_dataset: Path, cache_folder: Path
) -> None:
    data = {"source": "folder", "root": str(folder_dataset), "image_size": 16}
    losses = write_experiments(tmp_path / "losses", data=data)
    command = ["experiments.py", str(losses), "--seeds", "3", "--runs", str(tmp_path / "runs")]
    done = run_python(*command, "--trainer.max_epochs", "1", cache=cache_folder)
    assert done.returncode == 0, done.stdout + done.stderr
    suite = tmp_path / "runs" / "losses"
    runs = [Run.open(suite / f"{loss}-seed-3") for loss in ("bce", "dice")]
    for run in runs:
        assert run.finished
        assert len(run.rows()) == 1
        assert run.evaluation("val")
        assert run.evaluation("test")
        assert run.threshold_curve()
    written = (suite / "comparison.md").read_text()
    assert "--trainer.max_epochs 1" in written.splitlines()[0]
    assert {path.name for path in suite.iterdir()} == {
        "bce-seed-3",
        "dice-seed-3",
        "comparison.md",
    }
    # Committed small, it counts as done.
    for run in runs:
        for path in (run.checkpoint_path, run.onnx_path, run.last_path):
            path.unlink()
    again = run_python(*command, "--trainer.max_epochs", "1", cache=cache_folder)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("done before") == 2
    assert (suite / "comparison.md").read_text() == written
