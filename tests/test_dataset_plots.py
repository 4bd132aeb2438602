"""Figures of a dataset: the numbers in them."""

import numpy as np
import pytest

from seglab.dataset_plots import SIZE_BINS, breed_figure, share_figure, size_figure


def test_shares_are_percentages_of_each_split() -> None:
    generator = np.random.default_rng(0)
    shares = {"train": generator.random(500).tolist(), "val": [], "test": [0.0, 1.0, 1.0]}
    figure = share_figure(shares)
    assert [trace.name for trace in figure.data] == ["Training (500)", "Test (3)"]
    for trace in figure.data:
        assert sum(trace.y[:-1]) == pytest.approx(100)
    test = figure.data[1]
    assert (test.y[0], test.y[-2]) == (pytest.approx(100 / 3), pytest.approx(200 / 3))


def test_every_image_is_in_the_figure_of_sizes() -> None:
    generator = np.random.default_rng(0)
    sizes = [(int(width), int(height)) for width, height in generator.integers(20, 4000, (900, 2))]
    (dots,) = size_figure(sizes).data
    assert sum(int(text.split(": ")[1].split()[0]) for text in dots.text) == 900
    assert len(dots.x) <= (SIZE_BINS + 1) ** 2
    (few,) = size_figure([(30, 20), (30, 20), (10, 20)]).data
    assert sorted(few.text) == ["10–10 × 20–20: 1 images", "30–30 × 20–20: 2 images"]


def test_breeds_are_stacked_by_split() -> None:
    figure = breed_figure({"train": {"beagle": 3, "great_pyrenees": 1}, "test": {"beagle": 2}})
    bars = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in figure.data}
    assert bars == {
        "Training": {"great pyrenees": 1, "beagle": 3},
        "Test": {"great pyrenees": 0, "beagle": 2},
    }
    assert figure.layout.barmode == "stack"
