"""Evaluations that cannot be read stand apart and take nothing down."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.comparison import compare
from tests.run_folders import edit_json, write_evaluated_run

IOUS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset_iou": None},
        {"dataset_iou": {"value": 0.5}},
        {"mean_image_iou": {"value": float("nan"), "low": 0, "high": 1}},
        {"images": 4},
        {"data": {}},
        {"data": {"label_map": {"class_names": 3, "values": {}}}},
    ],
)
def test_a_broken_evaluation_takes_nothing_down(changes: dict[str, Any], tmp_path: Path) -> None:
    whole = write_evaluated_run(tmp_path / "whole", IOUS)
    broken = write_evaluated_run(tmp_path / "broken", IOUS)
    edit_json(broken.folder / "evaluation-test.json", **changes)
    comparison = compare([broken, whole])
    assert [row.name for table in comparison.tables for row in table.rows] == ["whole"]
    (apart,) = comparison.apart
    assert apart.broken
    assert "evaluation-test.json" in apart.reason
    assert "\n" not in apart.reason


@pytest.mark.parametrize("table", ["name,iou\npet_0,much\n", "", "\x00", "name,iou\n" * 6])
def test_a_broken_table_takes_nothing_down(table: str, tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "broken", IOUS)
    (run.folder / "evaluation-test.csv").write_text(table)
    (apart,) = compare([run]).apart
    assert apart.broken
    assert "\n" not in apart.reason
