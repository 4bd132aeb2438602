"""Effects of single keys against a calculation by hand."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from seglab.comparison import compare
from seglab.errors import UsageError
from seglab.factors import effects
from seglab.factors_text import render_effects
from seglab.runs import Run
from tests.run_folders import write_evaluated_run

IMAGES = 300
GAIN = {"dice": 0.02, "strided": -0.03}


def cell(folder: Path, down: str, loss: str, seed: int = 0, images: int = IMAGES) -> Run:
    """A run of a 2×2 suite whose IoUs are made of known effects and noise of their own."""
    shared = np.random.default_rng(1).uniform(0.6, 0.9, images)
    own = np.random.default_rng([*map(ord, down + loss), seed]).normal(0, 0.02, images)
    ious = shared + own + GAIN.get(down, 0) + GAIN.get(loss, 0)
    run = write_evaluated_run(
        folder / f"{down}-{loss}-{seed}",
        ious.clip(0, 1),
        seed=seed,
        network={"down": down},
        loss={"name": loss},
    )
    table = run.evaluation_path("test", suffix=".csv")
    rows = table.read_text().splitlines()
    with_boundary = [f"{rows[0]},boundary_iou", *(f"{row},0.5" for row in rows[1:])]
    table.write_text("\n".join(with_boundary) + "\n")
    return run


def suite(folder: Path, seeds: tuple[int, ...] = (0,), images: int = IMAGES) -> list[Run]:
    return [
        cell(folder, down, loss, seed, images)
        for down in ("maxpool", "strided")
        for loss in ("bce", "dice")
        for seed in seeds
    ]


def test_an_effect_is_the_mean_difference_of_the_cells_that_differ_in_its_key(
    tmp_path: Path,
) -> None:
    runs = suite(tmp_path)
    found = {effect.key: effect for effect in effects(compare(runs))}
    assert found.keys() == {"network.down", "loss.name"}
    tables = [run.evaluation_table("test") for run in runs]
    pooled, strided_bce, dice, strided_dice = (
        table["iou"].mean() for table in (tables[0], tables[2], tables[1], tables[3])
    )
    down, loss = found["network.down"], found["loss.name"]
    assert (down.before, down.after, len(down.cells)) == ("maxpool", "strided", 2)
    assert (loss.before, loss.after, len(loss.cells)) == ("bce", "dice", 2)
    by_hand = ((strided_bce - pooled) + (strided_dice - dice)) / 2
    assert down.changes["iou"].value == pytest.approx(by_hand)
    by_hand = ((dice - pooled) + (strided_dice - strided_bce)) / 2
    assert loss.changes["iou"].value == pytest.approx(by_hand)
    assert down.verdict("iou") == "lower"
    assert loss.verdict("iou") == "higher"
    assert loss.verdict("boundary_iou") == "undecided"


def test_the_interval_is_as_wide_as_the_noise_says(tmp_path: Path) -> None:
    loss = next(e for e in effects(compare(suite(tmp_path))) if e.key == "loss.name")
    change = loss.changes["iou"]
    assert change.low is not None
    assert change.high is not None
    # The mean of two differences of independent noise: SD 0.02 an image.
    expected = 2 * 1.96 * 0.02 / np.sqrt(IMAGES)
    assert change.high - change.low == pytest.approx(expected, rel=0.15)


def test_of_few_images_it_is_the_t_interval_of_their_mean_changes(tmp_path: Path) -> None:
    runs = suite(tmp_path, images=12)
    loss = next(effect for effect in effects(compare(runs)) if effect.key == "loss.name")
    tables = [run.evaluation_table("test") for run in runs]
    pooled, dice, strided_bce, strided_dice = (table["iou"] for table in tables)
    images = ((dice - pooled) + (strided_dice - strided_bce)) / 2
    low, high = stats.t.interval(0.95, 11, images.mean(), stats.sem(images))
    assert (loss.changes["iou"].low, loss.changes["iou"].high) == pytest.approx((low, high))


def test_seeds_widen_the_interval_and_are_no_factor(tmp_path: Path) -> None:
    found = effects(compare(suite(tmp_path, seeds=(0, 1, 2))))
    assert {effect.key for effect in found} == {"network.down", "loss.name"}
    assert all(len(row.runs) == 3 for row in found[0].cells[0])
    assert "over seeds" in render_effects(found, "table")


def test_rows_that_differ_in_two_keys_are_not_paired(tmp_path: Path) -> None:
    runs = [cell(tmp_path, "maxpool", "bce"), cell(tmp_path, "strided", "dice")]
    assert effects(compare(runs)) == []
    assert "differ in one key alone" in render_effects([], "markdown")


def test_as_text(tmp_path: Path) -> None:
    found = effects(compare(suite(tmp_path)))
    lines = render_effects(found, "markdown").splitlines()
    assert lines[0].startswith("| key | from → to | cells | image IoU | so it is |")
    assert any("| network.down | maxpool → strided | 2 | -0.0" in line for line in lines)
    with pytest.raises(UsageError, match="table or markdown, not as csv"):
        render_effects(found, "csv")
