"""Trainings as processes: one at a time, stopped with what they learned kept, watched by others."""

import fcntl
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from seglab.errors import TrainingError
from seglab.runs import Run
from seglab.trainings import Trainings
from tests.helpers import PROJECT, as_flags, tiny_experiment, write_disks

SLEEPER = """
import signal, sys, time
def stop(number, frame):
    print("stopped by", number, flush=True)
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
print("started", *sys.argv[1:], flush=True)
while True:
    time.sleep(0.01)
"""


def until(condition: Callable[[], object]) -> None:
    """Wait for something that must happen."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def sleepers(tmp_path: Path) -> Trainings:
    """Trainings of a project whose ``train.py`` only sleeps until it is stopped."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "train.py").write_text(SLEEPER)
    return Trainings(tmp_path / "models", tmp_path / "project")


def test_start_watch_and_stop(sleepers: Trainings, tmp_path: Path) -> None:
    assert sleepers.latest is None
    assert not sleepers.running
    assert sleepers.output() == []
    sleepers.stop()  # nothing to stop
    started = sleepers.start(["--trainer.seed", "3"], tmp_path / "models" / "one")
    try:
        assert sleepers.running
        assert sleepers.latest == started
        assert started.command == ("python", "train.py", "--trainer.seed", "3")
        until(lambda: sleepers.output() == ["started --trainer.seed 3"])
    finally:
        sleepers.stop()
    until(lambda: not sleepers.running)
    assert sleepers.output()[-1] == "stopped by 15"
    assert sleepers.latest == started


def test_one_at_a_time(sleepers: Trainings, tmp_path: Path) -> None:
    sleepers.start([], tmp_path / "models" / "one")
    try:
        with pytest.raises(TrainingError, match="runs already"):
            sleepers.start([], tmp_path / "models" / "two")
        other = Trainings(tmp_path / "models", tmp_path / "project")
        assert other.running
    finally:
        until(lambda: sleepers.output())
        sleepers.stop()
    until(lambda: not sleepers.running)
    sleepers.start([], tmp_path / "models" / "two")
    until(lambda: sleepers.output())
    sleepers.stop()
    until(lambda: not sleepers.running)


def test_it_outlives_the_process_that_started_it(sleepers: Trainings, tmp_path: Path) -> None:
    starter = (
        "from pathlib import Path; from seglab.trainings import Trainings; import sys\n"
        "models, project = map(Path, sys.argv[1:])\n"
        "Trainings(models, project).start([], models / 'one')\n"
    )
    subprocess.run(
        [sys.executable, "-c", starter, str(tmp_path / "models"), str(tmp_path / "project")],
        check=True,
    )
    assert sleepers.running
    until(lambda: sleepers.output())
    sleepers.stop()
    until(lambda: not sleepers.running)
    assert sleepers.output()[-1] == "stopped by 15"


def test_a_damaged_memory_is_no_training(sleepers: Trainings, tmp_path: Path) -> None:
    home = tmp_path / "models" / ".trainings"
    home.mkdir(parents=True)
    for content in ("{", "[]", "{}", json.dumps({"process": 1, "more": 2})):
        (home / "latest.json").write_text(content)
        assert sleepers.latest is None
        sleepers.stop()


@pytest.mark.long
def test_a_real_training_is_stopped_and_gone_on_with(tmp_path: Path) -> None:
    data = {"source": "folder", "root": str(write_disks(tmp_path / "disks"))}
    experiment = tiny_experiment(
        data=data, optimizer={"schedule": "constant"}, trainer={"max_epochs": 2000}
    )
    trainings = Trainings(tmp_path / "models", PROJECT)
    run = Run(tmp_path / "models" / "disks")
    trainings.start([*as_flags(experiment), "--run_dir", str(run.folder)], run.folder)
    try:
        until(lambda: len(run.rows()) >= 2 and run.last_path.exists())
    finally:
        trainings.stop()
    until(lambda: not trainings.running)
    done = len(run.rows())
    assert done < 2000
    assert trainings.output()[-1].startswith("interrupted: go on with")
    arguments = ["--resume", str(run.folder), "--trainer.max_epochs", str(done + 1)]
    trainings.start(arguments, run.folder)
    until(lambda: not trainings.running)
    assert Run.open(run.folder).finished
    assert [row["epoch"] for row in run.rows()] == list(range(1, done + 2))


def test_one_who_looks_is_not_taken_for_a_training(sleepers: Trainings, tmp_path: Path) -> None:
    sleepers.start([], tmp_path / "models" / "one")
    until(lambda: sleepers.output())
    sleepers.stop()
    until(lambda: not sleepers.running)
    with (tmp_path / "models" / ".trainings" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as another dashboard does for a moment
        assert not sleepers.running
        threading.Timer(0.1, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
        sleepers.start([], tmp_path / "models" / "two")
        assert sleepers.running
    until(lambda: sleepers.output())
    sleepers.stop()
    until(lambda: not sleepers.running)
