"""How the images of an evaluation are spread, as plotly figures. Pure: values in, a figure out."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from seglab.labels import CLASS_COLOURS
from seglab.run_marks import hex_colour

FIRST, SECOND = (hex_colour(colour) for colour in CLASS_COLOURS[:2])
NEUTRAL = "#808080"
BINS = 50
MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def score_histogram(
    values: np.ndarray, low: float, high: float, label: str, height: int = 200
) -> go.Figure:
    """How many images have which score 0–1; the bars between ``low`` and ``high`` stand out."""
    counted, edges = np.histogram(values[np.isfinite(values)], BINS, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    inside = (middles >= low) & (middles <= high)
    figure = go.Figure(
        go.Bar(
            x=middles,
            y=counted,
            width=1 / BINS,
            marker={
                "color": [FIRST if chosen else NEUTRAL for chosen in inside],
                "opacity": [1.0 if chosen else 0.45 for chosen in inside],
                "line": {"width": 0},
            },
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate="%{customdata[0]:.2f}–%{customdata[1]:.2f}: %{y} photos<extra></extra>",
        )
    )
    figure.update_xaxes(title=label, range=[0, 1], fixedrange=True)
    figure.update_yaxes(title="Photos", automargin=True, fixedrange=True, nticks=4)
    # A drag across the bars chooses them.
    return figure.update_layout(
        height=height, margin=MARGIN, showlegend=False, dragmode="select", selectdirection="h"
    )


def kinds_figure(counts: Mapping[str, int], chosen: str | None, height: int = 200) -> go.Figure:
    """How many images are wrong in which way, a bar a kind; ``chosen`` stands out."""
    names = [name for name, count in counts.items() if count][::-1]
    figure = go.Figure(
        go.Bar(
            x=[counts[name] for name in names],
            # The counts stand in the names: a click on a bar with a text of its own is lost in an
            # error of Plotly's.
            y=[f"{name.capitalize()} ({counts[name]})" for name in names],
            orientation="h",
            customdata=names,
            marker={
                "color": FIRST,
                "opacity": [1.0 if chosen in (None, name) else 0.35 for name in names],
            },
            hovertemplate="%{x} photos<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(automargin=True, fixedrange=True)
    return figure.update_layout(height=height, margin=MARGIN, showlegend=False)


def paired_figure(
    first: np.ndarray,
    second: np.ndarray,
    names: Sequence[str],
    labels: tuple[str, str],
    opened: str | None,
    height: int = 460,
) -> go.Figure:
    """A dot an image: its score 0–1 by one run over its score by another, equal on the diagonal.

    ``names`` of the images are the dots' ``customdata``; the one that is ``opened`` has a ring.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        hoverinfo="skip",
    )
    figure.add_scattergl(
        x=first,
        y=second,
        mode="markers",
        marker={"color": FIRST, "size": 6, "opacity": 0.55},
        customdata=list(names),
        hovertemplate="%{customdata}: %{x:.3f}, %{y:.3f}<extra></extra>",
    )
    if opened is not None and opened in names:
        place = list(names).index(opened)
        figure.add_scatter(
            x=[first[place]],
            y=[second[place]],
            mode="markers",
            marker={"symbol": "circle-open", "size": 16, "color": SECOND, "line": {"width": 3}},
            hoverinfo="skip",
        )
    figure.update_xaxes(title=labels[0], range=[-0.02, 1.02])
    figure.update_yaxes(title=labels[1], range=[-0.02, 1.02], automargin=True)
    return figure.update_layout(
        height=height, margin=MARGIN, showlegend=False, hovermode="closest", dragmode="pan"
    )
