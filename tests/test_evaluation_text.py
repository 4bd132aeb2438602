"""What is said of an evaluation: every class, every group, breeds by rank."""

import json
import re
from typing import Any

import pytest

from seglab.evaluation_text import HEADLINES, OF_A_CLASS, evaluation_lines
from seglab.runs import Run
from tests.helpers import PROJECT


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def figures(value: float) -> dict[str, Any]:
    """All figures of a class or a headline, each another."""
    names = sorted({*HEADLINES, *OF_A_CLASS})
    return {
        f"{reduction}_{name}": figure(value + place / 100)
        for reduction in ("dataset", "mean_image")
        for place, name in enumerate(names)
    }


def content(classes: list[str], breeds: int = 0) -> dict[str, Any]:
    group = {"images": 4, "dataset_iou": figure(0.5), "mean_image_iou": figure(0.6)}
    sized = group | {"foreground_share_low": 0.05, "foreground_share_high": 0.25}
    # The ranks are not the order of the names.
    ranked = {
        f"breed_{n:02d}": group | {"dataset_iou": figure((n * 7) % 10 / 10)} for n in range(breeds)
    }
    return {
        "images": 12,
        "split": "test",
        "size": "network",
        "image_size": 64,
        "threshold": None,
        "flip": False,
        **figures(0.7),
        "classes": {name: figures(0.1 * place) for place, name in enumerate(classes)},
        "confusion": [[10] * len(classes) for _ in classes],
        "calibration": {"expected_calibration_error": figure(0.05)},
        "groups": {"species": {"cat": group}, "object_size": {"small": sized}, "breed": ranked},
    }


def test_classes_species_and_sizes_have_rows_with_both_reductions() -> None:
    text = "\n".join(evaluation_lines("a", content(["soil", "leaf", "stem"])))
    for title in ("class soil", "class leaf", "class stem"):
        assert len(re.findall(rf"^{title} .*\[.*\].*\[.*\]$", text, re.MULTILINE)) == 1
    assert re.search(
        r"^species cat +0\.5000 \[0\.4900, 0\.5100\] +0\.6000 .* 4$", text, re.MULTILINE
    )
    assert "small objects (5% to 25% of the image)" in text
    assert re.search(r"^mean +0\.", text, re.MULTILINE)
    assert "truth ↓" in text


def test_of_many_breeds_the_best_and_the_worst() -> None:
    lines = evaluation_lines("a", content(["background", "pet"], breeds=10))
    found = [line.split("  ")[0] for line in lines if line.startswith("breed ")]
    assert found == [
        "breed breed_07 (1 of 10)",
        "breed breed_04 (2 of 10)",
        "breed breed_01 (3 of 10)",
        "breed breed_06 (8 of 10)",
        "breed breed_03 (9 of 10)",
        "breed breed_00 (10 of 10)",
    ]
    assert "truth ↓" not in "\n".join(lines)


def test_few_breeds_are_all_there() -> None:
    lines = evaluation_lines("a", content(["background", "pet"], breeds=8))
    assert sum(line.startswith("breed ") for line in lines) == 8


def test_a_long_name_is_cut_so_that_one_sees_it() -> None:
    text = "\n".join(evaluation_lines("a", content(["soil", "x" * 60, "stem"])))
    assert "x" * 23 + "…" in text
    assert "x" * 24 not in text


@pytest.mark.parametrize("size", ["network", "original"])
def test_the_shipped_model_s_figures_are_said(size: str) -> None:
    run = Run.open(PROJECT / "models" / "unet-best")
    kept = json.loads(run.evaluation_path("test", size).read_text())
    text = "\n".join(evaluation_lines(run.name, kept))
    worst = min(kept["groups"]["breed"].items(), key=lambda one: one[1]["dataset_iou"]["value"])
    assert f"breed {worst[0]} (37 of 37)" in text
    assert f"{kept['dataset_iou']['value']:.4f}" in text
    assert ("the photos' own size" in text) == (size == "original")
