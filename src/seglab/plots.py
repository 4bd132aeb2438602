"""Figures for the screen, as plotly figures. Pure functions: a table in, a figure out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy
import pandas
import plotly.graph_objects as go

PARTS = ("val", "train")
DASHES = {"val": "solid", "train": "dot"}
PART_NAMES = {"val": "validation", "train": "training"}

METRIC_NAMES = {
    "dataset_iou": "Dataset IoU",
    "mean_image_iou": "Mean image IoU",
    "loss": "Loss",
    "dice": "Dice",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "learning_rate": "Learning rate",
    "seconds": "Seconds an epoch",
    "images_per_second_training": "Images a second, training",
}
"""What can be drawn over the epochs, in the order it is offered."""


@dataclass(frozen=True)
class Curve:
    """One run's rows and how it is drawn; ``best_epoch`` 0 where there is none."""

    name: str
    rows: pandas.DataFrame
    colour: str
    symbol: str
    best_epoch: int


def metrics_of(tables: Sequence[pandas.DataFrame]) -> list[str]:
    """Which of ``METRIC_NAMES`` any of the tables holds."""
    columns = {column for table in tables for column in table.columns}
    return [
        metric
        for metric in METRIC_NAMES
        if metric in columns or any(f"{part}_{metric}" in columns for part in PARTS)
    ]


def best_epoch(rows: pandas.DataFrame, monitor: str) -> int:
    """The epoch whose ``monitor`` is best, counted from 1; 0 where no epoch tells."""
    if rows.empty or monitor not in rows or rows[monitor].isna().all():
        return 0
    values = rows[monitor].to_numpy()
    position = numpy.nanargmin(values) if monitor.endswith("loss") else numpy.nanargmax(values)
    return int(rows["epoch"].iloc[int(position)])


def curve_figure(
    curves: Sequence[Curve],
    metric: str,
    parts: Sequence[str] = PARTS,
    height: int = 440,
    legend: bool = True,
) -> go.Figure:
    """One metric over the epochs: a colour a run, solid validation, dotted training.

    A ring marks the epoch whose weights were kept.
    """
    figure = go.Figure()
    for curve in curves:
        columns = columns_of(curve.rows, metric, parts)
        for position, (part, column) in enumerate(columns.items()):
            figure.add_trace(_line(curve, part, column, legend, legend and position == 0))
        if columns and curve.best_epoch:
            figure.add_trace(_ring(curve, next(iter(columns.values())), 14 if legend else 9))
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8 if legend else 34, "b": 8},
        hovermode="x unified" if legend else "closest",
        showlegend=legend,
        legend={"orientation": "h", "y": -0.16, "x": 0, "title": ""},
        title={"text": "" if legend else METRIC_NAMES.get(metric, metric), "font": {"size": 14}},
    )
    figure.update_xaxes(title="Epoch" if legend else "", rangemode="tozero", tickformat="d")
    figure.update_yaxes(
        title=METRIC_NAMES.get(metric, metric) if legend else "",
        tickformat=".1e" if metric == "learning_rate" else "",
        automargin=True,
    )
    return figure


def columns_of(
    rows: pandas.DataFrame, metric: str, parts: Sequence[str] = PARTS
) -> Mapping[str, str]:
    """Part (``val``, ``train``, or nothing for figures of the whole epoch) to its column."""
    if metric in rows:
        return {"": metric}
    found = {part: f"{part}_{metric}" for part in PARTS if part in parts}
    return {part: column for part, column in found.items() if column in rows}


def _line(curve: Curve, part: str, column: str, large: bool, in_legend: bool) -> go.Scatter:
    label = f"{curve.name}, {PART_NAMES[part]}" if part else curve.name
    few = len(curve.rows) <= 60
    return go.Scatter(
        x=curve.rows["epoch"],
        y=curve.rows[column],
        name=curve.name,
        legendgroup=curve.name,
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


def _ring(curve: Curve, column: str, size: int) -> go.Scatter:
    best = curve.rows[curve.rows["epoch"] == curve.best_epoch]
    return go.Scatter(
        x=best["epoch"],
        y=best[column],
        legendgroup=curve.name,
        showlegend=False,
        mode="markers",
        marker={
            "symbol": "circle-open",
            "size": size,
            "color": curve.colour,
            "line": {"width": 2.5},
        },
        hoverinfo="skip",
    )
