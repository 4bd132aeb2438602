"""What a network said of one photo, as a plotly figure. Pure: values in, a figure out."""

import numpy as np
import plotly.graph_objects as go

from seglab.labels import CLASS_COLOURS
from seglab.run_marks import hex_colour

FOREGROUND, MARK = (hex_colour(colour) for colour in CLASS_COLOURS[:2])
NEUTRAL = "#808080"


def probability_histogram(
    shares: np.ndarray, edges: np.ndarray, threshold: float | None, height: int = 220
) -> go.Figure:
    """Share of a photo's pixels in each bin of probability, on a logarithmic axis; the
    ``threshold`` as a line, and on which side of it the foreground lies."""
    middles = (edges[:-1] + edges[1:]) / 2
    above = middles >= threshold if threshold is not None else np.zeros(len(middles), bool)
    figure = go.Figure(
        go.Bar(
            x=middles,
            y=np.where(shares > 0, shares, np.nan),
            width=np.diff(edges),
            marker={
                "color": [FOREGROUND if one else NEUTRAL for one in above],
                "line": {"width": 0},
            },
            hovertemplate="around %{x:.2f}: %{y:.2%} of the pixels<extra></extra>",
        )
    )
    if threshold is not None:
        figure.add_vline(
            threshold,
            line={"color": MARK, "width": 2},
            annotation={
                "text": f"threshold {threshold:g}",
                "yanchor": "bottom",
                "y": 1,
                # Towards the middle, where there is room for the words.
                "xanchor": "right" if threshold > 0.5 else "left",
            },
        )
    figure.update_xaxes(title="Probability of the foreground", range=[0, 1])
    figure.update_yaxes(title="Pixels", type="log", tickformat="~%", automargin=True)
    return figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 24, "b": 8}, showlegend=False
    )
