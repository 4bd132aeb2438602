"""What an evaluation found, as plotly figures. Pure functions: plain values in, a figure out."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from seglab.labels import CLASS_COLOURS
from seglab.run_marks import hex_colour

FIRST, SECOND = (hex_colour(colour) for colour in CLASS_COLOURS[:2])
NEUTRAL = "#808080"
"""Lines that lead the eye: seen on white and on black."""

ROW_HEIGHT = 21
MARGIN = {"l": 8, "r": 12, "t": 26, "b": 8}


def threshold_figure(sweep: Mapping[str, Any], used: float | None, height: int = 320) -> go.Figure:
    """IoU over the threshold, the sweep's choice marked; ``used`` where another one was used.

    ``sweep`` is what ``Run.threshold_curve`` gives. Raises ``KeyError``.
    """
    figure = go.Figure()
    thresholds = [point["threshold"] for point in sweep["curve"]]
    drawn = (("dataset_iou", "dataset IoU", FIRST), ("mean_image_iou", "mean image IoU", SECOND))
    for name, title, colour in drawn:
        ious = [point[name] for point in sweep["curve"]]
        figure.add_scatter(
            x=thresholds, y=ious, name=title, mode="lines", line={"color": colour, "width": 2}
        )
    chosen = sweep["value"]
    _mark_place(figure, chosen, f"chosen: {chosen:g}", "solid")
    if used is not None and used != chosen:
        _mark_place(figure, used, f"used here: {used:g}", "dot")
    figure.update_xaxes(title="Threshold")
    figure.update_xaxes(range=[0, 1], automargin=True)
    figure.update_yaxes(title="IoU", automargin=True)
    return figure.update_layout(
        height=height,
        margin=MARGIN,
        hovermode="x unified",
        legend={"x": 0.5, "y": 0.05, "xanchor": "center", "yanchor": "bottom"},
    )


def reliability_figure(bins: Sequence[Mapping[str, Any]], height: int = 320) -> go.Figure:
    """How often the most likely class is right, over how likely it was said to be; below, how
    many pixels were said so.

    ``bins`` are those of an evaluation's ``calibration``. Raises ``KeyError``.
    """
    figure = make_subplots(
        rows=2, shared_xaxes=True, row_heights=[0.74, 0.26], vertical_spacing=0.06
    )
    filled = [one for one in bins if one["pixels"]]
    total = sum(one["pixels"] for one in filled)
    lowest = min([one["low"] for one in filled], default=0.0)
    figure.add_scatter(
        x=[lowest, 1],
        y=[lowest, 1],
        mode="lines",
        line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        name="exactly right",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[one["confidence"] for one in filled],
        y=[one["accuracy"] for one in filled],
        mode="lines+markers",
        line={"color": FIRST, "width": 2},
        marker={"size": 7},
        name="measured",
        hovertemplate="said %{x:.3f}, right %{y:.3f}<extra></extra>",
    )
    figure.add_bar(
        x=[(one["low"] + one["high"]) / 2 for one in filled],
        y=[one["pixels"] / total for one in filled],
        width=[0.9 * (one["high"] - one["low"]) for one in filled],
        marker={"color": FIRST},
        showlegend=False,
        hovertemplate="%{y:.2%} of the pixels<extra></extra>",
        row=2,
        col=1,
    )
    figure.update_xaxes(range=[lowest, 1.005], automargin=True)
    figure.update_xaxes(title="Confidence", row=2)
    figure.update_yaxes(automargin=True)
    figure.update_yaxes(title="Accuracy", row=1)
    figure.update_yaxes(title="Pixels", tickformat=".0%", nticks=3, rangemode="tozero", row=2)
    return figure.update_layout(
        height=height, margin=MARGIN, legend={"x": 0.02, "y": 0.98, "yanchor": "top"}
    )


def groups_figure(
    groups: Mapping[str, Mapping[str, Any]], overall: float, figure_name: str = "dataset_iou"
) -> go.Figure:
    """A row a group with its interval, the best on top; a line where all images together lie.

    ``groups`` is one grouping of an evaluation. Raises ``KeyError``.
    """
    ordered = sorted(groups.items(), key=lambda item: item[1][figure_name]["value"])
    values = [group[figure_name]["value"] for _, group in ordered]
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=[f"{escape(name, quote=False)} ({group['images']})" for name, group in ordered],
            mode="markers",
            marker={"color": FIRST, "size": 7},
            error_x={
                "type": "data",
                "array": [
                    group[figure_name]["high"] - at
                    for at, (_, group) in zip(values, ordered, strict=True)
                ],
                "arrayminus": [
                    at - group[figure_name]["low"]
                    for at, (_, group) in zip(values, ordered, strict=True)
                ],
                "thickness": 1.5,
                "width": 0,
                "color": FIRST,
            },
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )
    _mark_place(figure, overall, f"all images: {overall:.3f}", "dot")
    figure.update_xaxes(title="Dataset IoU", automargin=True)
    # Every name is written, whatever the height.
    figure.update_yaxes(type="category", dtick=1, automargin=True, range=[-0.7, len(ordered) - 0.3])
    return figure.update_layout(
        height=ROW_HEIGHT * len(ordered) + 80, margin=MARGIN, showlegend=False
    )


def _mark_place(figure: go.Figure, place: float, words: str, dash: str) -> None:
    figure.add_vline(
        place,
        line={"color": NEUTRAL, "width": 1.5, "dash": dash},
        annotation={
            "text": words,
            "yref": "paper",
            "y": 1,
            "yanchor": "bottom",
            # At the edges half of the words would be cut off.
            "xanchor": "left" if place < 0.15 else "right" if place > 0.85 else "center",
            "showarrow": False,
        },
    )
