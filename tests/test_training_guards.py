"""Two trainings in one folder, a full disk, a folder that vanishes, data that changes."""

import errno
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from seglab import files, fitting, training
from seglab.config import Experiment
from seglab.console import Console
from seglab.errors import DataError, SeglabError, TrainingError, UsageError
from seglab.run_list import list_runs
from seglab.runs import Run
from seglab.training_guards import explained, only_training
from seglab.training_module import TrainingModule
from tests.helpers import tiny_experiment, write_disks
from tests.training_runs import copy, fit, unfinished, untimed

pytestmark = pytest.mark.usefixtures("no_export")


def test_a_folder_is_trained_by_one_at_a_time(trained: Run, tmp_path: Path) -> None:
    run = unfinished(copy(trained, tmp_path / "run"))
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    with only_training(run.folder):
        with pytest.raises(TrainingError, match="run: is being trained by another process"):
            training.resume(run, Console())
        with pytest.raises(TrainingError, match="is being trained by another process"):
            fit(run.folder, trained.experiment)
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before
    assert training.resume(run, Console()).finished
    assert not list(tmp_path.glob(".*lock"))


def begin(folder: Path, experiment: Experiment, barrier: Any, answers: Any) -> None:
    """One of two trainings, in a process of its own."""
    fitting.export_onnx = lambda _run, _experiment: 0.0
    barrier.wait()
    try:
        fit(folder, experiment)
        answers.put("trained")
    except (TrainingError, UsageError) as error:
        answers.put(str(error))


@pytest.mark.long
def test_two_that_begin_at_once_leave_one_whole_run(tmp_path: Path, disks: dict[str, Any]) -> None:
    folder = tmp_path / "run"
    # Not forked: a process that has trained already has threads, which a fork leaves behind.
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(2), spawn.Queue()
    given = (folder, tiny_experiment(data=disks), barrier, answers)
    processes = [spawn.Process(target=begin, args=given) for _ in range(2)]
    for process in processes:
        process.start()
    said = sorted(answers.get(timeout=240) for _ in processes)
    for process in processes:
        process.join()
    assert said.count("trained") == 1
    refused = next(line for line in said if line != "trained")
    assert "is being trained by another process" in refused or "is there already" in refused
    assert len(Run.open(folder).rows()) == 2
    assert Run.open(folder).finished


# What the disk does.


@contextmanager
def disk(monkeypatch: pytest.MonkeyPatch, number: int, name: str, after: int) -> Iterator[None]:
    """From the write ``after`` on, files called like ``name`` end with the error ``number``."""
    replace, seen = os.replace, iter(range(1000))

    def failing(source: Any, target: Any) -> None:
        if Path(target).name == name and next(seen) >= after:
            raise OSError(number, os.strerror(number), str(target))
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", failing)
        yield


@pytest.mark.parametrize("name", ["metrics.csv", "checkpoint.pth", "last.ckpt"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_full_or_read_only_disk_keeps_what_was_done(
    tmp_path: Path,
    disks: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
) -> None:
    experiment = tiny_experiment(data=disks, trainer={"max_epochs": 3, "monitor": "val_accuracy"})
    whole = fit(tmp_path / "whole", experiment)
    folder = tmp_path / "models" / "run"
    after = 0 if name == "checkpoint.pth" else 1
    with (
        disk(monkeypatch, number, name, after),
        pytest.raises(TrainingError, match=r"cannot be written \(.*\); free space") as caught,
    ):
        fit(folder, experiment)
    assert os.strerror(number) in str(caught.value)
    assert not list(folder.glob("*.partial*")) + list(folder.glob(".*.partial*"))
    runs, broken = list_runs(folder.parent)
    assert ([run.name for run in runs], broken) == (["run"], [])
    assert untimed(training.resume(Run.open(folder), Console())) == untimed(whole)


def test_the_first_write_fails_in_one_line(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        disk(monkeypatch, errno.ENOSPC, "config.json", 0),
        pytest.raises(SeglabError, match="cannot be written"),
    ):
        fit(tmp_path / "run", tiny_experiment(data=disks))
    assert not (tmp_path / "run").exists()


def test_a_folder_that_vanishes_ends_the_training(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, step = tmp_path / "run", TrainingModule.training_step

    def vanishing(module: TrainingModule, *arguments: Any) -> Any:
        if module.global_step == 4:  # in the second epoch
            shutil.rmtree(folder)
        return step(module, *arguments)

    monkeypatch.setattr(TrainingModule, "training_step", vanishing)
    with pytest.raises(TrainingError, match="run: is gone"):
        fit(folder, tiny_experiment(data=disks))
    assert not folder.exists()  # nor half of it written again


@pytest.mark.parametrize("workers", [0, 2])
def test_data_that_vanishes_while_training_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    root, epoch_start = write_disks(tmp_path / "disks"), TrainingModule.on_train_epoch_start

    def vanishing(module: TrainingModule) -> None:
        if module.current_epoch == 1:
            shutil.rmtree(root / "images")
        epoch_start(module)

    monkeypatch.setattr(TrainingModule, "on_train_epoch_start", vanishing)
    data = {"source": "folder", "root": str(root), "cache": False}
    experiment = tiny_experiment(data=data, trainer={"workers": workers, "max_epochs": 4})
    with pytest.raises(DataError, match=r"images/disk-\d+\.png") as caught:
        fit(tmp_path / "run", experiment)
    assert "\n" not in str(caught.value)
    assert len(Run.open(tmp_path / "run").rows()) >= 1


def test_a_cached_training_does_not_miss_vanished_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_disks(tmp_path / "disks")
    monkeypatch.setattr(
        TrainingModule, "on_train_epoch_start", lambda _: shutil.rmtree(root, ignore_errors=True)
    )
    experiment = tiny_experiment(data={"source": "folder", "root": str(root)})
    assert fit(tmp_path / "run", experiment).finished


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (MemoryError(), "out of memory with --trainer.batch_size 8; try --trainer.batch_size 4"),
        (RuntimeError("CUDA out of memory. Tried"), "out of memory with --trainer.batch_size 8"),
        (RuntimeError("[enforce fail] PytorchStreamWriter failed"), "cannot be written"),
        (RuntimeError("basic_ios::clear: iostream error"), "cannot be written"),
    ],
)
def test_failures_of_the_machine_are_one_line(raised: Exception, said: str) -> None:
    with pytest.raises(TrainingError, match=said), explained(Path("run"), 8):
        raise raised


def test_other_failures_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), explained(Path("run"), 8):
        raise RuntimeError("shapes do not fit")


@pytest.mark.parametrize(("workers", "length"), [(1, 75), (0, 76), ("auto", 76)])
def test_loader_processes_find_room_for_their_sockets(
    tmp_path: Path,
    disks: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    workers: int | str,
    length: int,
) -> None:
    short = Path(tempfile.mkdtemp(prefix="t"))
    folder = short / ("x" * (length - len(f"{short}/")))
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    remembered = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    monkeypatch.delitem(remembered, "tempdir", raising=False)
    experiment = tiny_experiment(data=disks, trainer={"max_epochs": 1, "workers": workers})
    run = training.train(experiment, tmp_path / "run", tmp_path, Console())
    shutil.rmtree(short)
    assert run.finished


def test_a_temporary_folder_that_is_too_long_for_them_is_told(
    tmp_path: Path, disks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/" + "x" * 75)
    experiment = tiny_experiment(data=disks, trainer={"workers": 1})
    with pytest.raises(UsageError, match="is too long for loader processes"):
        training.train(experiment, tmp_path / "run", tmp_path, Console())
    assert not (tmp_path / "run").exists()
