"""Comparing evaluations that were averaged over several looks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.comparison import compare
from seglab.comparison_text import render
from seglab.factors import effects
from seglab.runs import Run
from seglab.views import Views
from tests.run_folders import write_evaluated_run, write_evaluation

IOUS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
AVERAGED = Views(flip=True, scales=(1.0, 1.25))


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    """Two, measured with a single look."""
    return [
        write_evaluated_run(tmp_path / name, IOUS, loss={"name": name}) for name in ("bce", "dice")
    ]


def measure_averaged(run: Run, ious: np.ndarray) -> None:
    """Once more, averaged, as ``evaluate.py`` leaves it."""
    write_evaluation(run, ious, split="val")
    for suffix in (".json", ".csv"):
        made = run.evaluation_path("val", suffix=suffix)
        made.rename(run.evaluation_path("test", "network", AVERAGED, suffix))
    edit(run.evaluation_path("test", "network", AVERAGED), split="test", **AVERAGED.as_dict())
    table = run.evaluation_path("test", "network", AVERAGED, ".csv")
    first, *rows = table.read_text().splitlines()
    table.write_text("\n".join([f"{first},boundary_iou", *(f"{row},0.4" for row in rows)]) + "\n")


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def mean_ious(found: Any) -> list[float]:
    return [row.figures["mean_image_iou"].value for row in found.rows]


def test_they_are_compared_with_each_other(runs: list[Run]) -> None:
    measure_averaged(runs[0], IOUS + 0.05)
    measure_averaged(runs[1], IOUS)
    (single,), (table,) = compare(runs).tables, compare(runs, views=AVERAGED).tables
    assert mean_ious(single) == pytest.approx([0.7, 0.7])
    assert mean_ious(table) == pytest.approx([0.75, 0.7])
    assert table.pairs[0].difference.value == pytest.approx(0.05)
    (effect,) = effects(compare(runs, views=AVERAGED))
    assert effect.changes["iou"].value == pytest.approx(-0.05)


def test_the_text_says_what_was_averaged(runs: list[Run]) -> None:
    measure_averaged(runs[0], IOUS)
    found = compare(runs, views=AVERAGED)
    assert "16 pixels (stretch), flip averaging, sizes × 1, 1.25; classes" in render(found, "table")
    content = json.loads(render(found, "json"))
    assert (content["flip"], content["scales"]) == (True, [1.0, 1.25])
    assert "averaging" not in render(compare(runs), "table")


def test_a_run_with_a_single_look_stands_apart_with_the_command(runs: list[Run]) -> None:
    measure_averaged(runs[0], IOUS)
    found = compare(runs, views=AVERAGED)
    assert [row.name for row in found.tables[0].rows] == ["bce"]
    (apart,) = found.apart
    assert "with flip averaging, sizes × 1, 1.25; measure it" in apart.reason
    assert apart.reason.endswith("--split test --flip --scales 1 1.25")


def test_under_a_single_look_s_name_it_is_not_ranked_with_one(runs: list[Run]) -> None:
    edit(runs[1].evaluation_path("test"), flip=True)
    _, second = compare(runs).tables
    assert second.differs == ("measured with flip averaging, not a single look",)
