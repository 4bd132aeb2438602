"""Runs of a cross-validation in a comparison, and as a suite."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.comparison import compare
from seglab.comparison_text import render
from seglab.console import Console
from seglab.factors import effects
from seglab.runs import Run
from seglab.suite_runner import run_suite
from tests.run_folders import write_evaluated_run
from tests.suite_runs import Scripts, planned_suite, write_experiments

GENERATOR = np.random.default_rng(0)
COUNTS = GENERATOR.integers(50, 200, (10, 4))
"""tp, fp, fn, tn of the foreground of ten images."""


def write_fold(folder: Path, fold: int, shift: int = 0, **sections: Any) -> Run:
    """Fold ``fold`` of five: images ``fold − 1`` and ``fold + 4`` are tested."""
    places = [fold - 1, fold + 4]
    counts = COUNTS[places].copy()
    counts[:, 0] += shift
    counts[:, 2] -= shift  # the truth stays the same
    tp, fp, fn, _ = counts.T
    data = {"folds": 5, "fold": fold} | sections.pop("data", {})
    names = [f"pet_{place}" for place in places]
    run = write_evaluated_run(folder, tp / (tp + fp + fn), names=names, data=data, **sections)
    lines = ["name,breed,species,tp_background,fp_background,fn_background,tn_background,"]
    lines[0] += "tp_pet,fp_pet,fn_pet,tn_pet,iou,boundary_iou"
    for name, (tp, fp, fn, tn) in zip(names, counts.tolist(), strict=True):
        cells = [name, "", "", tn, fn, fp, tp, tp, fp, fn, tn, tp / (tp + fp + fn), 0.5]
        lines.append(",".join(map(str, cells)))
    run.evaluation_path("test", suffix=".csv").write_text("\n".join(lines) + "\n")
    return run


def five(folder: Path, name: str, **kwargs: Any) -> list[Run]:
    return [write_fold(folder / f"{name}-seed-0-fold-{n}", n, **kwargs) for n in range(1, 6)]


def test_folds_are_one_row_whose_figures_pool_every_image(tmp_path: Path) -> None:
    comparison = compare(five(tmp_path, "unet"))
    (table,) = comparison.tables
    (row,) = table.rows
    assert (row.name, row.folds, row.seeds, row.members_in_words) == (
        "unet-seed-0",
        5,
        (0,),
        "5 folds",
    )
    assert len(row.members) == len(row.runs) == 5
    assert sorted(table.conditions.images) == sorted(f"pet_{place}" for place in range(10))
    tp, fp, fn, _ = COUNTS.sum(axis=0)
    figures = {name: figure for name, figure in row.figures.items() if figure}
    assert figures["dataset_iou"].value == pytest.approx(tp / (tp + fp + fn))
    assert figures["dataset_precision"].value == pytest.approx(tp / (tp + fp))
    assert figures["dataset_recall"].value == pytest.approx(tp / (tp + fn))
    assert figures["dataset_dice"].value == pytest.approx(2 * tp / (2 * tp + fp + fn))
    each = COUNTS[:, 0] / COUNTS[:, :3].sum(axis=1)
    assert figures["mean_image_iou"].value == pytest.approx(each.mean())
    low, high = figures["mean_image_iou"].low, figures["mean_image_iou"].high
    assert low is not None
    assert high is not None
    assert low < each.mean() < high
    assert figures["seconds"].value == 61
    assert figures["seconds"].sd is None


def test_two_cross_validations_are_paired_over_folds(tmp_path: Path) -> None:
    better = five(tmp_path, "gate", shift=20, network={"up": "bilinear"})
    comparison = compare([*five(tmp_path, "plain"), *better])
    (pair,) = comparison.tables[0].pairs
    assert pair.covers == "folds"
    assert (pair.verdict, pair.wins) == ("worse", 0)
    assert "test split of each of 5 folds, 10 images" in render(comparison, "markdown").lower()
    assert "jackknife interval over folds" in render(comparison, "table")
    content = json.loads(render(comparison, "json"))["tables"][0]["rows"]
    assert [row["folds"] for row in content] == [5, 5]
    (effect,) = effects(comparison)
    change = effect.changes["iou"]
    assert (change.value, change.low) == pytest.approx(
        (-pair.difference.value, -(pair.difference.high or 0))
    )


def test_seeds_of_cross_validations(tmp_path: Path) -> None:
    runs = [
        write_fold(tmp_path / f"unet-seed-{seed}-fold-{fold}", fold, shift=5 * seed, seed=seed)
        for seed in (0, 1)
        for fold in range(1, 6)
    ]
    (row,) = compare(runs).tables[0].rows
    assert (row.name, row.members_in_words) == ("unet", "2 seeds × 5 folds")
    assert [member.folds for member in row.members] == [5, 5]
    assert len(row.runs) == 10


def test_what_is_not_whole_is_not_pooled_and_says_so(tmp_path: Path) -> None:
    comparison = compare(five(tmp_path, "unet")[:4])
    assert len(comparison.tables) == 4
    assert not any(row.folds for table in comparison.tables for row in table.rows)
    assert "single folds of a cross-validation that is not whole here" in render(
        comparison, "table"
    )


def test_a_broken_table_sets_the_folds_apart(tmp_path: Path) -> None:
    runs = five(tmp_path, "unet")
    table = runs[2].evaluation_path("test", suffix=".csv")
    table.write_text(table.read_text().replace("boundary_iou", "other"))
    comparison = compare(runs)
    assert not comparison.tables
    assert len(comparison.apart) == 5
    assert "is not a number for every image" in comparison.apart[0].reason


def test_a_cross_validation_is_not_ranked_with_a_plain_run(tmp_path: Path) -> None:
    plain = write_evaluated_run(tmp_path / "plain", [0.5, 0.6])
    first, second = compare([*five(tmp_path, "unet"), plain]).tables
    assert second.differs[0] == (
        "measured on the test split, not the test split of each of 5 folds"
    )
    assert not first.differs


def test_a_suite_runs_every_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = write_experiments(tmp_path / "losses")
    suite = planned_suite(named, [0, 1], "--data.folds", "2")
    assert [run.name for run in suite.runs] == [
        f"{loss}-seed-{seed}-fold-{fold}"
        for seed in (0, 1)
        for fold in (1, 2)
        for loss in ("bce", "dice")
    ]
    assert [run.experiment.data.fold for run in suite.runs] == [1, 1, 2, 2] * 2
    scripts = Scripts(monkeypatch)
    assert suite.comparison_path.name == "comparison-2-folds.md"
    assert run_suite(suite, tmp_path, Console()) == {}
    assert "--data.folds 2 --trainer.seed 1 --data.fold 2 --run_dir" in " ".join(scripts.calls)
    assert {Run.open(run.folder).experiment.data.fold for run in suite.runs} == {1, 2}
