"""Plotly figures on the page: their values as JSON, drawn by the one script at its end."""

from collections.abc import Sequence

import plotly.graph_objects as go

from seglab.report.markup import Markup, element


def chart(figure: go.Figure, description: str, caption: str | Sequence[str]) -> Markup:
    """A chart with its caption; ``description`` is what a screen reader says of it.

    Text in ``figure`` that a person chose has to be escaped there already: plotly reads tags.
    """
    # Its colours follow the page's, light or dark: no theme of plotly's own.
    figure.update_layout(template="none", font={"size": 12}, autosize=True)
    values = element("script", Markup(figure.to_json()), type="application/json")
    height = f"height:{figure.layout.height}px"
    drawing = element("div", class_="chart", role="img", aria_label=description, style=height)
    words = [caption] if isinstance(caption, str) else caption
    return element("figure", values, drawing, element("figcaption", *words))
