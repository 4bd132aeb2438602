"""Which runs are ranked together, what a row says, and what stands apart."""

import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.comparison import Comparison, compare
from seglab.runs import Run
from tests.run_folders import edit_json, write_evaluated_run, write_evaluation

IOUS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def row_names(comparison: Comparison) -> list[list[str]]:
    return [[row.name for row in table.rows] for table in comparison.tables]


def test_figures_of_a_single_run(tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "a", IOUS)
    (row,) = compare([run]).tables[0].rows
    values = {name: figure.value for name, figure in row.figures.items() if figure}
    assert values == pytest.approx(
        {
            "dataset_iou": 0.71,
            "mean_image_iou": 0.7,
            "mean_image_boundary_iou": 0.4,
            "dataset_accuracy": 0.9,
            "dataset_precision": 0.8,
            "dataset_recall": 0.85,
            "dataset_dice": 0.82,
            "val_loss": 0.25,
            "parameters": 1942577,
            "multiply_adds": 758120448,
            "seconds": 61,
            "epochs": 2,
        }
    )
    iou = row.figures["mean_image_iou"]
    assert iou is not None
    assert (iou.low, iou.high) == pytest.approx((0.68, 0.72))
    assert row.seeds == (0,)
    assert not row.best  # nothing to be better than


def test_seeds_of_one_experiment_are_mean_and_sample_deviation(tmp_path: Path) -> None:
    shifts = {1: 0.02, 0: 0.0, 2: 0.07}
    runs = [
        write_evaluated_run(
            tmp_path / f"unet-seed-{seed}",
            IOUS + shift,
            seed=seed,
            data={"root": f"elsewhere-{seed}"},
            trainer={"workers": seed},
            result={"seconds": 60.0 + seed},
        )
        for seed, shift in shifts.items()
    ]
    (row,) = compare(runs).tables[0].rows
    assert row.name == "unet"
    assert row.seeds == (0, 1, 2)
    assert [member.name for member in row.members] == [f"unet-seed-{n}" for n in range(3)]
    means = [0.7 + shift for shift in shifts.values()]
    iou, seconds = row.figures["mean_image_iou"], row.figures["seconds"]
    assert iou is not None
    assert iou.value == pytest.approx(np.mean(means))
    assert iou.sd == pytest.approx(np.std(means, ddof=1))
    assert iou.low is None
    assert seconds is not None
    assert seconds.sd == pytest.approx(statistics.stdev([60, 61, 62]))
    parameters = row.figures["parameters"]
    assert parameters is not None
    assert (parameters.value, parameters.sd) == (1942577, None)


def test_what_is_measured_separates_experiments(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / "a-0", IOUS),
        write_evaluated_run(tmp_path / "b-0", IOUS, loss={"name": "bce"}),
        write_evaluated_run(tmp_path / "a-1", IOUS, seed=1),
        write_evaluated_run(tmp_path / "c-1", IOUS, seed=1, trainer={"batch_size": 5}),
    ]
    assert row_names(compare(runs)) == [["a", "b-0", "c-1"]]


def test_a_second_run_of_a_seed_is_an_experiment_of_its_own(tmp_path: Path) -> None:
    old = [write_evaluated_run(tmp_path / "old" / f"s{n}", IOUS, seed=n) for n in range(2)]
    new = [write_evaluated_run(tmp_path / "new" / f"s{n}", IOUS, seed=n) for n in range(2)]
    (table,) = compare(old + new).tables
    assert [row.name for row in table.rows] == ["old", "new"]
    assert [row.seeds for row in table.rows] == [(0, 1), (0, 1)]
    assert len(table.pairs) == 1


def test_other_first_weights_are_another_experiment(tmp_path: Path) -> None:
    scratch = write_evaluated_run(tmp_path / "a-0", IOUS)
    tuned = write_evaluated_run(tmp_path / "a-1", IOUS, seed=1)
    tuned.write_config(tuned.config | {"init_from": "unet-16"})
    assert row_names(compare([scratch, tuned])) == [["a-0", "a-1"]]


OTHERWISE: list[tuple[dict[str, Any], str]] = [
    ({"data": {"image_size": 32}}, "measured at 32 pixels, not 16 pixels"),
    ({"data": {"resize": "letterbox"}}, "photos resized by letterbox, not stretch"),
    ({"truth": 91}, "other masks under the same names"),
    ({"names": list("vwxyz")}, "other images (5, not 5; 0 common)"),
    ({"data": {"border": "ignore"}}, "mask value 3 is ignored, not pet"),
    (
        {"data": {"target": "trimap"}, "loss": {"name": "cross_entropy"}},
        "classes background, pet, border, not background, pet",
    ),
]


@pytest.mark.parametrize(("changes", "reason"), OTHERWISE)
def test_incomparable_runs_are_never_ranked(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    runs = [
        write_evaluated_run(tmp_path / "a", IOUS),
        write_evaluated_run(tmp_path / "b", IOUS + 0.1, **changes),
    ]
    comparison = compare(runs)
    assert row_names(comparison) == [["a"], ["b"]]
    assert [table.differs for table in comparison.tables] == [(), (reason,)]
    for table in comparison.tables:
        assert not table.pairs
        assert not any(row.best for row in table.rows)


def test_other_training_samples_do_not_set_runs_apart(tmp_path: Path) -> None:
    whole = write_evaluated_run(tmp_path / "whole", IOUS)
    tagged = write_evaluated_run(
        tmp_path / "tagged", IOUS + 0.1, fingerprint="fedc", data={"exclude": "tags.csv"}
    )
    (table,) = compare([whole, tagged]).tables
    assert [row.name for row in table.rows] == ["whole", "tagged"]
    assert [pair.losses for pair in table.pairs] == [5]


def test_pairs_are_left_out_on_request(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / name, IOUS, loss={"name": name}) for name in ("bce", "dice")
    ]
    (table,) = compare(runs, paired=False).tables
    assert (len(table.rows), table.pairs) == (2, ())


def test_at_original_size_the_networks_size_does_not_matter(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / "a", IOUS, size="original"),
        write_evaluated_run(tmp_path / "b", IOUS, size="original", data={"image_size": 32}),
    ]
    assert row_names(compare(runs, size="original")) == [["a", "b"]]
    assert not compare(runs).tables


def test_images_are_matched_by_name(tmp_path: Path) -> None:
    names = [f"pet_{n}" for n in range(5)]
    first = write_evaluated_run(tmp_path / "a", IOUS, names=names)
    second = write_evaluated_run(
        tmp_path / "b", IOUS[::-1], names=names[::-1], loss={"name": "bce"}
    )
    (pair,) = compare([first, second]).tables[0].pairs
    assert (pair.wins, pair.ties, pair.losses) == (0, 5, 0)
    assert (pair.difference.low, pair.difference.high) == (0, 0)
    assert pair.verdict == "undecided"


def test_verdicts_and_what_the_interval_covers(tmp_path: Path) -> None:
    good = [write_evaluated_run(tmp_path / f"good-{n}", IOUS + 0.1, seed=n) for n in range(2)]
    poor = write_evaluated_run(tmp_path / "poor", IOUS, loss={"name": "bce"})
    (better,) = compare([*good, poor]).tables[0].pairs
    (worse,) = compare([poor, *good]).tables[0].pairs
    (single,) = compare([good[0], poor]).tables[0].pairs
    assert (better.verdict, worse.verdict) == ("better", "worse")
    assert better.difference.value == pytest.approx(0.1)
    assert better.covers == "images and a's seeds"
    assert single.covers == "images"


def test_runs_that_stand_apart_say_why(tmp_path: Path) -> None:
    whole = write_evaluated_run(tmp_path / "whole", IOUS)
    unfinished = write_evaluated_run(tmp_path / "unfinished", IOUS)
    unfinished.write_config({k: v for k, v in unfinished.config.items() if k != "result"})
    elsewhere = write_evaluated_run(tmp_path / "elsewhere", IOUS, split="val")
    older = write_evaluated_run(tmp_path / "older", IOUS)
    edit_json(older.folder / "evaluation-test.json", format=1)
    apart = compare([whole, unfinished, elsewhere, older]).apart
    assert [(one.run.name, one.broken) for one in apart] == [
        ("unfinished", False),
        ("elsewhere", False),
        ("older", False),
    ]
    assert f"train.py --resume {unfinished.folder}" in apart[0].reason
    assert f"evaluate.py {elsewhere.folder} --split test" in apart[1].reason
    assert "another version" in apart[2].reason


def test_names_are_told_apart_by_their_parents(tmp_path: Path) -> None:
    first = write_evaluated_run(tmp_path / "bce" / "seed-0", IOUS)
    second = write_evaluated_run(tmp_path / "dice" / "seed-0", IOUS, loss={"name": "dice"})
    assert row_names(compare([first, second])) == [["bce/seed-0", "dice/seed-0"]]


def test_a_second_split_is_read_from_its_own_file(tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "a", IOUS)
    write_evaluation(run, IOUS - 0.2, split="val")
    (row,) = compare([Run.open(run.folder)], split="val").tables[0].rows
    figure = row.figures["mean_image_iou"]
    assert figure is not None
    assert figure.value == pytest.approx(0.5)
