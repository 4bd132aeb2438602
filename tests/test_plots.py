"""Plots of curves, as plotly's figures and as pictures."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas
import pytest
from PIL import Image

from seglab.curves import Curve, over_seeds
from seglab.plot_png import curves_png
from seglab.plots import curve_figure, small_figures


def curve(name: str, shift: float = 0.0, colour: str = "#0072B2") -> Curve:
    rows = pandas.DataFrame(
        {
            "epoch": [1, 2, 3],
            "train_loss": [0.9, 0.5, 0.4 + shift],
            "val_loss": [0.8, 0.6 + shift, 0.7],
            "learning_rate": [0.1, 0.2, 0.1],
            "seconds": [60.0, 60.0, 60.0],
        }
    )
    return Curve(name, rows, colour, "square", 2)


def test_a_line_a_part_and_a_ring_on_the_kept_epoch():
    figure = curve_figure([curve("a")], "loss")
    validation, training, ring = figure.data
    assert (validation.line.dash, training.line.dash) == ("solid", "dot")
    assert (list(ring.x), list(ring.y)) == ([2], [0.6])
    assert [trace.showlegend for trace in figure.data] == [True, False, False]


def test_over_time_the_ring_moves_along():
    figure = curve_figure([curve("a")], "loss", ["val"], by="time")
    assert [list(trace.x) for trace in figure.data] == [[1.0, 2.0, 3.0], [2.0]]


@pytest.mark.parametrize("draw", [curve_figure, lambda curves, name: small_figures(curves, [name])])
def test_of_few_epochs_each_has_its_number_once(draw: Callable[..., Any]):
    assert draw([curve("a")], "loss").layout.xaxis.dtick == 1
    long = replace(curve("a"), rows=pandas.DataFrame({"epoch": range(1, 40), "val_loss": 0.5}))
    assert draw([curve("a"), long], "loss").layout.xaxis.dtick is None
    assert curve_figure([curve("a")], "loss", by="time").layout.xaxis.dtick is None


def test_the_ring_stays_on_what_was_measured():
    raw, line, ring = curve_figure([curve("a")], "loss", ["val"], smoothing=0.5).data
    assert list(raw.y) == [0.8, 0.6, 0.7]
    assert raw.opacity < 1
    assert line.y[1] > 0.6
    assert list(ring.y) == [0.6]


def test_seeds_have_a_band_and_a_ring_each():
    seeds = over_seeds([curve("a"), curve("b", 0.1)], "two seeds")
    band, line, *rings = curve_figure([seeds], "loss", ["val"]).data
    np.testing.assert_allclose(band.y, [0.8, 0.7, 0.7, 0.7, 0.6, 0.8])
    assert line.name == "two seeds"
    np.testing.assert_allclose([ring.y[0] for ring in rings], [0.6, 0.7])


@pytest.mark.parametrize("smoothing", [0.0, 0.6])
def test_the_picture_shows_each_colour(smoothing: float):
    seeds = over_seeds([curve("&lt;a&gt;"), curve("b", 0.1)], "two")
    other = curve("_other", 0.3, "#E69F00")
    content = curves_png(curve_figure([seeds, other], "loss", smoothing=smoothing))
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).reshape(-1, 3)
    assert len(pixels) > 500_000
    for colour in ((0x00, 0x72, 0xB2), (0xE6, 0x9F, 0x00)):
        assert (pixels == colour).all(axis=1).sum() > 100


def test_small_plots_draw_what_the_large_one_does_each_on_its_axes():
    figure = small_figures([curve("a")], ["loss", "learning_rate"])
    assert [title.text for title in figure.layout.annotations] == ["Loss", "Learning rate"]
    assert [trace.yaxis for trace in figure.data] == ["y", "y", "y", "y2", "y2"]
    assert [list(trace.y) for trace in figure.data[:3]] == [
        list(trace.y) for trace in curve_figure([curve("a")], "loss").data
    ]
    assert figure.layout.yaxis2.tickformat == ".1e"


def test_rings_of_several_runs_keep_their_colours_in_a_small_plot():
    runs = [curve("a"), curve("b", 0.1, "#E69F00")]
    ring = small_figures(runs, ["loss"]).data[-1]
    assert list(ring.y) == [0.6, 0.7]
    assert list(ring.marker.color) == ["#0072B2", "#E69F00"]


def test_a_class_s_name_is_text_whatever_it_holds():
    rows = curve("a").rows.assign(val_iou_x=0.5, **{"val_iou_<b>$x$ & y": 0.25})
    odd = Curve("a", rows, "#0072B2", "square", 2)
    metric = "iou_<b>$x$ & y"
    figure = curve_figure([odd], metric)
    assert figure.layout.yaxis.title.text == "IoU of &lt;b&gt;$x$ &amp; y"
    assert len(curves_png(figure)) > 10_000
    small = small_figures([odd, curve("earlier")], ["iou_x", metric])
    assert small.layout.annotations[1].text == "IoU of &lt;b&gt;$x$ &amp; y"
    assert {trace.legendgroup for trace in small.data} == {"a"}
