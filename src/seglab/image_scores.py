"""How each image of an evaluation fared, by one measure: values, order, which are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas

from seglab.errors import RunError

SIZES = ("small", "medium", "large")


@dataclass(frozen=True)
class Measure:
    """One way to score an image, 0–1: ``columns`` of the table it needs; ``high_is_good``."""

    label: str
    columns: tuple[str, ...]
    high_is_good: bool
    meaning: str


MEASURES = {
    "iou": Measure("IoU", ("iou",), True, "overlap of mask and truth; lowest first"),
    "boundary_iou": Measure(
        "Boundary IoU", ("boundary_iou",), True, "overlap of the bands along outlines; lowest first"
    ),
    "boundary_f1": Measure(
        "Boundary F1", ("boundary_f1",), True, "how much of the outlines meets; lowest first"
    ),
    "false_alarms": Measure(
        "False alarms",
        ("tp_{0}", "fp_{0}", "fn_{0}", "tn_{0}"),
        False,
        "background taken for an object, share of the photo; highest first",
    ),
    "missed": Measure(
        "Missed",
        ("tp_{0}", "fp_{0}", "fn_{0}", "tn_{0}"),
        False,
        "object taken for background, share of the photo; highest first",
    ),
    "confidence": Measure(
        "Confidence",
        ("mean_confidence",),
        True,
        "mean probability of the class that was chosen; lowest first",
    ),
}
"""What a photo can be scored by; in ``columns`` ``{0}`` stands for the background's name."""


def available(table: pandas.DataFrame, class_names: Sequence[str]) -> list[str]:
    """The names in ``MEASURES`` whose columns a table holds."""
    return [
        name
        for name, measure in MEASURES.items()
        if all(column.format(class_names[0]) in table for column in measure.columns)
    ]


def scores(table: pandas.DataFrame, name: str, class_names: Sequence[str]) -> np.ndarray:
    """The measure ``name`` of each row: float64 in 0–1. Raises ``RunError``."""
    measure = MEASURES[name]
    columns = [column.format(class_names[0]) for column in measure.columns]
    absent = [column for column in columns if column not in table]
    if absent:
        raise RunError(f"the evaluation's table has no column {absent[0]}: evaluate the run again")
    values = [np.asarray(table[column], np.float64) for column in columns]
    if len(values) == 1:
        return values[0]
    tp, fp, fn, tn = values
    # Of the background: what was wrongly called so is missed, what it lost is a false alarm.
    part = fn if name == "false_alarms" else fp
    share: np.ndarray = part / np.maximum(tp + fp + fn + tn, 1)
    return share


def worst_first(values: np.ndarray, name: str) -> np.ndarray:
    """Places of the rows, the worst by the measure ``name`` first; equal ones in their order."""
    key = values if MEASURES[name].high_is_good else -values
    return np.argsort(np.where(np.isnan(key), np.inf, key), kind="stable")


def object_sizes(shares: np.ndarray, limits: dict[str, tuple[float, float]]) -> np.ndarray:
    """``small``, ``medium`` or ``large`` of each foreground share, as an evaluation grouped them.

    ``limits``: group to its lowest and highest share. A share of two groups is of the smaller.
    """
    # The table rounds to six digits: half of the last one is let pass.
    rules = [shares <= high + 5e-7 for _, high in limits.values()]
    return np.select(rules, list(limits), "")


def within(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Which values lie in ``low`` to ``high``, both included but for rounding to two digits."""
    inside: np.ndarray = (values >= low - 1e-9) & (values <= high + 1e-9)
    return inside
