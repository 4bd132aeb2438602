"""A plotly figure of curves as a PNG: drawn with matplotlib, since plotly needs a browser."""

import io
import re
from html import unescape
from typing import Any

import plotly.graph_objects as go

INCHES, DOTS_PER_INCH = (9.0, 4.8), 160
DASHES = {"solid": "-", "dot": ":"}
SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "cross": "P",
    "x": "X",
    "star": "*",
    "circle-open": "o",
}
POINTS_A_PIXEL = 0.75


def curves_png(figure: go.Figure) -> bytes:
    """The PNG of what ``plots.curve_figure`` gives: the same lines, bands and rings, on white."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=INCHES, layout="constrained")
    axes = picture.subplots()
    for trace in figure.data:
        if trace.fill == "toself":
            _fill(axes, trace)
        else:
            _draw(axes, trace)
    axes.set_xlabel(_as_written(figure.layout.xaxis.title.text or ""))
    axes.set_ylabel(_as_written(figure.layout.yaxis.title.text or ""))
    axes.set_xlim(left=0)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)
    content = io.BytesIO()
    picture.savefig(content, format="png", dpi=DOTS_PER_INCH, facecolor="white")
    return content.getvalue()


def _draw(axes: Any, trace: go.Scatter) -> None:
    markers, hollow = "markers" in trace.mode, trace.marker.symbol == "circle-open"
    colour = trace.line.color or trace.marker.color
    axes.plot(
        list(trace.x),
        list(trace.y),
        color=colour,
        linestyle=DASHES[trace.line.dash or "solid"] if "lines" in trace.mode else "",
        linewidth=(trace.line.width or 0) * POINTS_A_PIXEL,
        alpha=trace.opacity,
        marker=SYMBOLS[trace.marker.symbol] if markers else "",
        markersize=(trace.marker.size or 0) * POINTS_A_PIXEL,
        markerfacecolor="none" if hollow else colour,
        markeredgewidth=1.5 if hollow else 0,
        # A leading underscore would keep a name out of matplotlib's legend.
        label=f"\u200b{_as_written(trace.name)}" if trace.showlegend else None,
    )


def _as_written(text: str) -> str:
    """Plotly's escapes taken out; what is between dollar signs is no formula."""
    return unescape(text).replace("$", r"\$")


def _fill(axes: Any, trace: go.Scatter) -> None:
    red, green, blue, opacity = map(float, re.findall(r"[\d.]+", trace.fillcolor))
    colour = (red / 255, green / 255, blue / 255, opacity)
    axes.fill(list(trace.x), list(trace.y), facecolor=colour, edgecolor="none")
