"""A training is seen from its files, and its end as well."""

import os
from pathlib import Path

from seglab.run_activity import INTERRUPTED, QUIET, in_training
from seglab.runs import Run
from tests.run_folders import write_evaluated_run

MOMENT = 1_000_000.0


def unfinished(folder: Path, seconds: float = 1.0) -> Run:
    run = write_evaluated_run(folder, [0.5], trainer={"max_epochs": 30})
    run.write_config({key: value for key, value in run.config.items() if key != "result"})
    values = (0.3, 0.8, 0.7)
    run.write_rows(
        [
            {"epoch": epoch, "val_dataset_iou": iou, "seconds": seconds}
            for epoch, iou in enumerate(values, start=1)
        ]
    )
    touch(run, MOMENT)
    return run


def touch(run: Run, moment: float) -> None:
    for path in (run.config_path, run.metrics_path):
        os.utime(path, (moment, moment))


def test_epochs_and_the_best_so_far(tmp_path: Path):
    run = unfinished(tmp_path / "a")
    (found,) = in_training([run], MOMENT + QUIET / 2)
    assert (found.run, found.epochs, found.planned, found.best) == (run, 3, 30, 0.8)


def test_silence_and_a_result_end_it(tmp_path: Path):
    run = unfinished(tmp_path / "a")
    assert in_training([run], MOMENT + QUIET + 1) == []
    run.write_config(run.config | {"result": {"epochs": 3}})
    touch(run, MOMENT)
    assert in_training([Run.open(run.folder)], MOMENT) == []


def test_a_log_counts_as_a_sign_of_life(tmp_path: Path):
    run = unfinished(tmp_path / "a")
    later = MOMENT + 10 * QUIET
    run.log_path.write_text("epoch 4\n")
    os.utime(run.log_path, (later, later))
    assert len(in_training([run], later + 1)) == 1


def test_one_that_was_stopped_is_over_at_once_until_it_goes_on(tmp_path: Path):
    run = unfinished(tmp_path / "a")
    run.log_path.write_text(f"epoch 3/30\n{INTERRUPTED}go on with  python train.py --resume a\n")
    os.utime(run.log_path, (MOMENT, MOMENT))
    assert in_training([run], MOMENT + 1) == []
    with run.log_path.open("a") as log:
        log.write("going on after epoch 3\n")
    os.utime(run.log_path, (MOMENT, MOMENT))
    assert len(in_training([run], MOMENT + 1)) == 1


def test_long_epochs_are_waited_for(tmp_path: Path):
    run = unfinished(tmp_path / "a", seconds=10 * QUIET)
    assert len(in_training([run], MOMENT + 15 * QUIET)) == 1
    assert in_training([run], MOMENT + 21 * QUIET) == []


def test_the_latest_comes_first_and_a_broken_one_is_left_out(tmp_path: Path):
    first, second, broken = (unfinished(tmp_path / name) for name in "abc")
    touch(second, MOMENT + 5)
    broken.metrics_path.write_text("epoch\nmany\n")
    found = in_training([first, broken, second], MOMENT + 6)
    assert [one.run for one in found] == [second, first]
