"""Which figure of a column is marked as the best, and times that are added to a comparison."""

import json
from pathlib import Path

import numpy as np
import pytest

from seglab.comparison import compare
from seglab.runs import Run
from tests.run_folders import write_evaluated_run

IOUS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def test_the_best_of_each_column_is_marked(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / "a", IOUS + 0.1, boundary_iou=0.3),
        write_evaluated_run(tmp_path / "b", IOUS, boundary_iou=0.5, loss={"name": "bce"}),
    ]
    first, second = compare(runs).tables[0].rows
    assert first.best == {"dataset_iou", "mean_image_iou"}
    assert second.best == {"mean_image_boundary_iou"}


def test_what_is_shown_as_equal_is_marked_alike(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / "a", IOUS + 0.100001),
        write_evaluated_run(tmp_path / "b", IOUS + 0.1, loss={"name": "bce"}),
        write_evaluated_run(tmp_path / "c", IOUS, loss={"name": "dice"}),
    ]
    best = [row.best for row in compare(runs).tables[0].rows]
    assert best == [{"dataset_iou", "mean_image_iou"}] * 2 + [frozenset()]


def test_of_costs_the_lowest_is_marked_and_of_epochs_none(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / "a", IOUS, result={"seconds": 30.0, "epochs": 5}),
        write_evaluated_run(tmp_path / "b", IOUS, optimizer={"learning_rate": 0.5}),
    ]
    lighter = json.loads(json.dumps(runs[1].config))
    lighter["network"]["multiply_adds"] -= 1
    runs[1].write_config(lighter)
    comparison = compare([Run.open(run.folder) for run in runs])
    first, second = comparison.tables[0].rows
    assert first.best == {"seconds"}
    assert second.best == {"multiply_adds"}
    timed = comparison.with_cpu_milliseconds(
        {runs[0].folder: 3.0, runs[1].folder: 2.0}, "Measured."
    )
    assert timed.tables[0].rows[1].best == {"multiply_adds", "cpu_milliseconds"}


@pytest.mark.parametrize(
    ("scatter", "marked"), [(0.0, ["c"]), (0.2, ["b", "c"]), (0.5, ["a", "b", "c"]), (0.7, [])]
)
def test_networks_within_the_scatter_of_the_rounds_are_equally_fast(
    tmp_path: Path, scatter: float, marked: list[str]
) -> None:
    milliseconds = {"a": 18.0, "b": 12.0, "c": 10.0, "d": 30.0}
    runs = [
        write_evaluated_run(tmp_path / name, IOUS, optimizer={"learning_rate": value / 100})
        for name, value in milliseconds.items()
    ]
    measured = {run.folder: milliseconds[run.name] for run in runs}
    rows = compare(runs).with_cpu_milliseconds(measured, "Measured.", scatter).tables[0].rows
    assert sorted(row.name for row in rows if "cpu_milliseconds" in row.best) == marked


def test_the_time_of_a_run_that_went_on_from_another_is_never_marked(tmp_path: Path) -> None:
    times = {"a": 60.0, "b": 90.0, "tuned": 5.0}
    runs = [
        write_evaluated_run(tmp_path / name, IOUS, result={"seconds": seconds}, seed=seed)
        for seed, (name, seconds) in enumerate(times.items())
    ]
    for run, loss in zip(runs, ("bce", "dice", "bce"), strict=True):
        config = json.loads(json.dumps(run.config))
        config["experiment"]["loss"]["name"] = loss
        run.write_config(config)
    runs[2].write_config(runs[2].config | {"init_from": "a"})
    best = {row.name: row.best for row in compare(runs).tables[0].rows}
    assert best == {"a": {"seconds"}, "b": frozenset(), "tuned": frozenset()}


@pytest.mark.parametrize("loss", ["bce", "dice"])
def test_a_validation_loss_is_marked_among_runs_of_one_loss(tmp_path: Path, loss: str) -> None:
    best = {"val_loss": 0.2, "val_dataset_iou": 0.8}
    runs = [
        write_evaluated_run(tmp_path / "a", IOUS, loss={"name": "bce"}, result={"best": best}),
        write_evaluated_run(
            tmp_path / "b", IOUS, loss={"name": loss}, optimizer={"learning_rate": 0.5}
        ),
    ]
    first, second = compare(runs).tables[0].rows
    assert first.best == ({"val_loss"} if loss == "bce" else frozenset())
    assert not second.best


def test_milliseconds_are_added_by_folder(tmp_path: Path) -> None:
    seeds = [write_evaluated_run(tmp_path / f"a-{n}", IOUS, seed=n) for n in range(2)]
    other = write_evaluated_run(tmp_path / "b", IOUS, loss={"name": "bce"})
    timed = compare([*seeds, other]).with_cpu_milliseconds(
        {seeds[0].folder: 4.0, seeds[1].folder: 6.0}, "measured here"
    )
    group, single = timed.tables[0].rows
    found = group.figures["cpu_milliseconds"]
    assert found is not None
    assert (found.value, found.sd) == pytest.approx((5.0, 2**0.5))
    assert single.figures["cpu_milliseconds"] is None
    assert timed.tables[0].pairs[0].first is group
