"""Numbers as the report writes them: no more digits than their intervals carry."""

from collections.abc import Mapping
from typing import Any

from seglab.comparable import Estimate
from seglab.report.markup import Markup, element, joined

NOTHING = "–"


def share(value: float) -> str:
    """A figure from 0 to 1: ``0.863``."""
    return f"{value:.3f}"


def count(value: float) -> str:
    """A whole number with thin spaces: ``3 662``."""
    return f"{value:,.0f}".replace(",", "\u202f")


def percent(value: float) -> str:
    """A share as a percentage with one digit: ``93.8 %``."""
    return f"{100 * value:.1f}\u202f%"


def with_interval(figure: Mapping[str, Any]) -> Markup:
    """``{"value", "low", "high"}`` of an evaluation, the interval in smaller type."""
    return estimate(Estimate(figure["value"], figure["low"], figure["high"]))


def estimate(figure: Estimate | None) -> Markup:
    """A figure from 0 to 1 with its interval, or with its deviation over seeds."""
    if figure is None:
        return Markup(NOTHING)
    if figure.sd is not None:
        return joined([share(figure.value), " ", element("small", f"± {share(figure.sd)}")])
    if figure.low is None or figure.high is None:
        return joined([share(figure.value)])
    interval = f"[{share(figure.low)}, {share(figure.high)}]"
    return joined([share(figure.value), " ", element("small", interval)])


def signed(figure: Estimate) -> Markup:
    """A difference with its sign and interval, to four digits: ``+0.0213 [+0.0172, +0.0255]``."""
    value = f"{figure.value:+.4f}".replace("-", "−")
    if figure.low is None or figure.high is None:
        return joined([value])
    interval = f"[{figure.low:+.4f}, {figure.high:+.4f}]".replace("-", "−")
    return joined([value, " ", element("small", interval)])
