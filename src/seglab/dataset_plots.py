"""Figures of a dataset for the screen, by plotly. Pure functions: numbers in, a figure out."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from seglab.data.sample import SPLITS, Split
from seglab.labels import CLASS_COLOURS
from seglab.run_marks import hex_colour

SPLIT_COLOURS: dict[Split, str] = {
    split: hex_colour(colour) for split, colour in zip(SPLITS, CLASS_COLOURS, strict=False)
}
SPLIT_NAMES: dict[Split, str] = {"train": "Training", "val": "Validation", "test": "Test"}
SPLIT_DASHES: dict[Split, str] = {"train": "solid", "val": "dot", "test": "dash"}
"""Beside the colours, for those who do not see them."""

SHARE_BINS = 20
SIZE_BINS = 40
"""Sides of a figure of sizes are gathered into so many steps at most."""
LARGEST_DOT = 34


def share_figure(shares: Mapping[Split, Sequence[float]]) -> go.Figure:
    """Foreground shares 0–1 of each split: a line of the percentage of its images in each bin."""
    figure = go.Figure()
    edges = np.linspace(0, 1, SHARE_BINS + 1)
    for split, values in shares.items():
        if len(values) == 0:
            continue
        counts, _ = np.histogram(values, edges)
        # The last value once more: a step is drawn from its point to the next one.
        heights = [*(100 * counts / len(values)), 100 * counts[-1] / len(values)]
        figure.add_trace(
            go.Scatter(
                x=100 * edges,
                y=heights,
                name=f"{SPLIT_NAMES[split]} ({_count(len(values))})",
                mode="lines",
                line={
                    "shape": "hv",
                    "width": 2,
                    "color": SPLIT_COLOURS[split],
                    "dash": SPLIT_DASHES[split],
                },
                hovertemplate="from %{x:.0f} %: %{y:.1f} % of the images<extra>"
                + f"{SPLIT_NAMES[split]}</extra>",
            )
        )
    figure.update_xaxes(title="Foreground, % of the pixels", range=[0, 100], dtick=20)
    figure.update_yaxes(title="% of the images", rangemode="tozero")
    return _plain(figure, 340)


def size_figure(sizes: Sequence[tuple[int, int]]) -> go.Figure:
    """Widths and heights, pixels, of images: a dot for each size, its area their number."""
    largest = max(max(size) for size in sizes)
    step = max(1, -(-largest // SIZE_BINS))
    counts = Counter((width // step, height // step) for width, height in sizes)
    most = max(counts.values())
    figure = go.Figure(
        go.Scatter(
            x=[(width + 0.5) * step for width, _ in counts],
            y=[(height + 0.5) * step for _, height in counts],
            mode="markers",
            marker={
                "size": [4 + LARGEST_DOT * (count / most) ** 0.5 for count in counts.values()],
                "color": SPLIT_COLOURS["train"],
                "opacity": 0.6,
                "line": {"width": 0},
            },
            text=[
                f"{width * step}–{(width + 1) * step - 1} × {height * step}–"
                f"{(height + 1) * step - 1}: {_count(count)} images"
                for (width, height), count in counts.items()
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Width, pixels", rangemode="tozero")
    figure.update_yaxes(title="Height, pixels", rangemode="tozero")
    return _plain(figure, 340)


def breed_figure(counts: Mapping[Split, Mapping[str, int]]) -> go.Figure:
    """Number of samples of each breed: a bar a breed, stacked by split (split to breed to count).

    The breed with the most samples stands on top.
    """
    totals: Counter[str] = Counter()
    for of_breed in counts.values():
        totals.update(of_breed)
    breeds = [breed for breed, _ in sorted(totals.items(), key=lambda item: (item[1], item[0]))]
    figure = go.Figure(
        [
            go.Bar(
                y=[breed.replace("_", " ") for breed in breeds],
                x=[of_breed.get(breed, 0) for breed in breeds],
                name=SPLIT_NAMES[split],
                orientation="h",
                marker={"color": SPLIT_COLOURS[split]},
                hovertemplate="%{y}: %{x}<extra>" + f"{SPLIT_NAMES[split]}</extra>",
            )
            for split, of_breed in counts.items()
        ]
    )
    figure.update_layout(barmode="stack", bargap=0.25, legend={"traceorder": "normal"})
    figure.update_xaxes(title="Samples")
    figure.update_yaxes(dtick=1, automargin=True)
    return _plain(figure, 110 + 19 * len(breeds))


def _count(number: int) -> str:
    """With thin spaces, as everywhere on the screen."""
    return f"{number:,}".replace(",", "\u202f")


def _plain(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "title": ""},
    )
    return figure
