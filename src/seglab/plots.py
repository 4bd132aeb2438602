"""Figures for the screen, as plotly figures. Pure functions: curves in, a figure out."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import pandas
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from seglab.curve_names import PART_NAMES, metric_name
from seglab.curves import PARTS, Curve, columns_of, minutes, smoothed

DASHES = {"val": "solid", "train": "dot"}
AXES = {"epoch": "Epoch", "time": "Minutes of training"}
ABREAST, SMALL_HEIGHT, GAP = 3, 200, 0.36
"""Small plots in a row, the height of one in pixels, and the share of it between two rows."""
FEW_EPOCHS = 60
"""Up to so many, each epoch has a symbol of its own."""
EVERY_EPOCH = {True: 12, False: 5}
"""Up to so many, each epoch has its number, in a large plot and in a small one: plotly would write
some of them twice, rounded from the halves between."""
BESIDE, BESIDE_TITLE, BELOW = 46, 64, 28
"""Margins for the numbers, and at the side for them and a title, pixels: where plotly finds out how
much they need (Streamlit's template asks for it), the browser draws everything twice."""
BAND, BEHIND = 0.16, 0.3
"""Opacity of the band over seeds, and of the raw trace behind a smoothed one."""
Trace = dict[str, Any]
"""A line of plotly's as a plain dictionary with lists: its own classes, one by one and filled from
tables, take five times as long."""


def curve_figure(
    curves: Sequence[Curve],
    metric: str,
    parts: Sequence[str] = PARTS,
    height: int = 440,
    smoothing: float = 0.0,
    by: str = "epoch",
) -> go.Figure:
    """One metric over the epochs: a colour a run, solid validation, dotted training.

    A ring marks the epoch whose weights were kept, at the value that was measured. Seeds of one
    experiment are their mean in a band from the lowest to the highest. ``smoothing`` (0 below 1,
    see ``curves.smoothed``) leaves the measured trace faintly behind. ``by``: a key of ``AXES``.
    """
    figure = _figure([*_traces(curves, metric, parts, smoothing, by, large=True)])
    figure.update_xaxes(
        title=AXES[by],
        rangemode="tozero",
        tickformat="d" if by == "epoch" else "",
        dtick=_step(curves, by, large=True),
        automargin=False,
    )
    figure.update_yaxes(title=_title(metric), tickformat=_tick_format(metric), automargin=False)
    return figure.update_layout(
        height=height,
        margin={"l": BESIDE_TITLE, "r": 8, "t": 8, "b": 8},
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "y": -0.16, "x": 0, "title": ""},
    )


def small_figures(
    curves: Sequence[Curve],
    metrics: Sequence[str],
    parts: Sequence[str] = PARTS,
    smoothing: float = 0.0,
    by: str = "epoch",
    abreast: int = ABREAST,
) -> go.Figure:
    """Several metrics as small plots, ``abreast`` in a row, as ``curve_figure`` draws one, in one
    figure: a browser takes far longer for as many figures."""
    rows = -(-len(metrics) // abreast)
    empty = make_subplots(
        rows, abreast, subplot_titles=[_title(metric) for metric in metrics],
        horizontal_spacing=0.08, vertical_spacing=GAP / max(rows, 2),
    )  # fmt: skip
    traces: list[Trace] = []
    for place, metric in enumerate(metrics):
        number = "" if place == 0 else str(place + 1)
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        small = [*_traces(curves, metric, parts, smoothing, by, large=False)]
        rings = [trace for trace in small if trace["mode"] == "markers"]
        lines = [trace for trace in small if trace["mode"] != "markers"]
        traces += [trace | axes for trace in [*lines, *_in_one(rings)]]
        empty.layout[f"yaxis{number}"].tickformat = _tick_format(metric)
    figure = _figure(traces, empty.layout)
    figure.update_xaxes(
        rangemode="tozero", nticks=4, dtick=_step(curves, by, large=False), automargin=False
    )
    figure.update_yaxes(nticks=4, automargin=False)
    figure.update_annotations(font={"size": 13})
    return figure.update_layout(
        height=SMALL_HEIGHT * rows,
        margin={"l": BESIDE, "r": 8, "t": 34, "b": BELOW},
        showlegend=False,
    )


def _figure(traces: list[Trace], layout: go.Layout | None = None) -> go.Figure:
    """Unchecked: plotly looks at every property of every line, longer than all else here takes."""
    return go.Figure({"data": traces, "layout": layout}, _validate=False)


def _traces(
    curves: Sequence[Curve],
    metric: str,
    parts: Sequence[str],
    smoothing: float,
    by: str,
    large: bool,
) -> Iterator[Trace]:
    for curve in curves:
        columns = columns_of(curve.rows, metric, parts)
        for position, (part, column) in enumerate(columns.items()):
            yield from _band(curve, column, by)
            if smoothing:
                yield _raw(curve, part, column, by)
            yield _line(curve, part, column, large, position == 0, smoothing, by)
        for column in [*columns.values()][:1]:
            for one in curve.members or (curve,):
                if one.best_epoch and column in one.rows:
                    yield _ring(one, column, 14 if large else 9, by)


def _title(metric: str) -> str:
    """In words; plotly reads tags, and a class may be called like one."""
    return escape(metric_name(metric), quote=False)


def _step(curves: Sequence[Curve], by: str, large: bool) -> int | None:
    """From one number of the axis to the next, ``None`` where plotly chooses."""
    last = max((curve.rows["epoch"].max() for curve in curves), default=0)
    return 1 if by == "epoch" and last <= EVERY_EPOCH[large] else None


def _tick_format(metric: str) -> str:
    return ".1e" if metric == "learning_rate" else ""


def _line(
    curve: Curve,
    part: str,
    column: str,
    large: bool,
    in_legend: bool,
    smoothing: float,
    by: str,
) -> Trace:
    label = f"{curve.name}, {PART_NAMES[part]}" if part else curve.name
    values = smoothed(curve.rows[column], smoothing) if smoothing else curve.rows[column]
    few = len(curve.rows) <= FEW_EPOCHS and not smoothing
    return _trace(
        curve,
        _places(curve.rows, by),
        values,
        name=curve.name,
        showlegend=in_legend,
        mode="lines+markers" if large and few else "lines",
        line={
            "color": curve.colour,
            "dash": DASHES.get(part, "solid"),
            "width": 2 if large else 1.5,
        },
        marker={"symbol": curve.symbol, "size": 6},
        hovertemplate="%{y:.4g}<extra>" + label + "</extra>",
    )


def _raw(curve: Curve, part: str, column: str, by: str) -> Trace:
    return _trace(
        curve,
        _places(curve.rows, by),
        curve.rows[column],
        mode="lines",
        opacity=BEHIND,
        line={"color": curve.colour, "dash": DASHES.get(part, "solid"), "width": 1},
        hoverinfo="skip",
    )


def _band(curve: Curve, column: str, by: str) -> Iterator[Trace]:
    if curve.low is None or curve.high is None:
        return
    places = _places(curve.rows, by)
    yield _trace(
        curve,
        pandas.concat([places, places[::-1]]),
        pandas.concat([curve.high[column], curve.low[column][::-1]]),
        mode="lines",
        line={"width": 0, "color": curve.colour},
        fill="toself",
        fillcolor=_faint(curve.colour),
        hoverinfo="skip",
    )


def _ring(curve: Curve, column: str, size: int, by: str) -> Trace:
    best = curve.rows["epoch"] == curve.best_epoch
    return _trace(
        curve,
        _places(curve.rows, by)[best],
        curve.rows[column][best],
        mode="markers",
        marker={
            "symbol": "circle-open",
            "size": size,
            "color": curve.colour,
            "line": {"width": 2.5},
        },
        hoverinfo="skip",
    )


def _in_one(rings: Sequence[Trace]) -> list[Trace]:
    """The rings of a plot as one trace: a browser takes as long for a ring as for a line."""
    if not rings:
        return []
    colours = [ring["marker"]["color"] for ring in rings for _ in ring["x"]]
    together = {axis: [value for ring in rings for value in ring[axis]] for axis in ("x", "y")}
    return [rings[0] | together | {"marker": rings[0]["marker"] | {"color": colours}}]


def _trace(curve: Curve, x: pandas.Series, y: pandas.Series, **properties: object) -> Trace:
    return {
        "type": "scatter",
        "x": x.tolist(),
        "y": y.tolist(),
        "legendgroup": curve.name,
        "showlegend": False,
    } | properties


def _places(rows: pandas.DataFrame, by: str) -> pandas.Series:
    return minutes(rows) if by == "time" else rows["epoch"]


def _faint(colour: str) -> str:
    """``#RRGGBB`` as a colour of plotly's with the band's opacity."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND})"
