"""What the figures of an evaluation hold: every value, in the right order, at the right place."""

from typing import Any

import pytest

from seglab.evaluation_plots import groups_figure, reliability_figure, threshold_figure

CURVE = [
    {"threshold": at / 10, "dataset_iou": 0.5 + at / 100, "mean_image_iou": 0.4} for at in range(10)
]


def group(value: float, images: int = 3) -> dict[str, Any]:
    return {"images": images, "dataset_iou": {"value": value, "low": value - 0.1, "high": 0.95}}


def test_groups_are_sorted_with_their_intervals() -> None:
    figure = groups_figure({"b": group(0.7), "<a>": group(0.9, 5), "c": group(0.5)}, 0.8)
    (trace,) = figure.data
    assert trace.y == ("c (3)", "b (3)", "&lt;a&gt; (5)")  # plotly draws the first at the bottom
    assert trace.x == (0.5, 0.7, 0.9)
    assert trace.error_x.array == pytest.approx((0.45, 0.25, 0.05))
    assert trace.error_x.arrayminus == pytest.approx((0.1, 0.1, 0.1))
    assert figure.layout.shapes[0].x0 == 0.8
    assert figure.layout.annotations[0].text == "all images: 0.800"


def test_a_figure_of_many_groups_grows() -> None:
    few, many = ({str(n): group(0.5) for n in range(count)} for count in (2, 40))
    assert groups_figure(many, 0.5).layout.height > 700 > groups_figure(few, 0.5).layout.height


@pytest.mark.parametrize(
    ("used", "marked"), [(0.4, ["chosen: 0.4"]), (0.5, ["chosen: 0.4", "used here: 0.5"])]
)
def test_the_chosen_threshold_is_marked(used: float, marked: list[str]) -> None:
    figure = threshold_figure({"value": 0.4, "curve": CURVE}, used)
    assert [note.text for note in figure.layout.annotations] == marked
    assert [trace.name for trace in figure.data] == ["dataset IoU", "mean image IoU"]
    assert figure.data[0].y == tuple(point["dataset_iou"] for point in CURVE)


def test_reliability_leaves_out_what_is_empty() -> None:
    bins = [
        {"low": 0.5, "high": 0.55, "pixels": 25, "confidence": 0.53, "accuracy": 0.4},
        {"low": 0.55, "high": 0.6, "pixels": 0, "confidence": 0.0, "accuracy": 0.0},
        {"low": 0.95, "high": 1.0, "pixels": 75, "confidence": 0.99, "accuracy": 0.9},
    ]
    diagonal, measured, shares = reliability_figure(bins).data
    assert (diagonal.x, diagonal.y) == ((0.5, 1), (0.5, 1))
    assert (measured.x, measured.y) == ((0.53, 0.99), (0.4, 0.9))
    assert shares.y == (0.25, 0.75)
