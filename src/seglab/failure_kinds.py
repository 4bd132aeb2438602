"""In which way a mask is wrong: whole objects missed or invented, or an outline that is off.

Each image gets one kind, the first in ``KINDS`` whose rule holds:

good            IoU of at least 0.9: what is left is a pixel or two along the outline
missed object   more than half of the truth was not found, or parts of the truth that the
                prediction touches nowhere make up at least a quarter of the wrong pixels
false object    there is no object, or parts of the prediction that touch the truth nowhere make
                up at least a quarter of the wrong pixels
wrong class     at least half of the wrong pixels were found, but given another class
too large       at least twice as many false alarms as missed pixels
too small       at least twice as many missed pixels as false alarms
ragged outline  none of these: off in both directions about equally

Parts are 8-connected. The counts of an evaluation alone do not tell parts: without masks a false
object beside the true one counts as too large, a missed one as too small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from seglab.labels import BACKGROUND, IGNORE

KINDS = (
    "good",
    "missed object",
    "false object",
    "wrong class",
    "too large",
    "too small",
    "ragged outline",
)
GOOD_IOU = 0.9
APART = 0.25
HALF = 0.5
TWICE = 2


@dataclass(frozen=True)
class PixelCounts:
    """Pixels of some images, int64 arrays of one shape: object found with its class, object
    missed, background taken for object, object with another object's class; and how many of the
    missed and the false ones lie in parts that meet nothing of the other mask."""

    hits: np.ndarray
    missed: np.ndarray
    false_alarms: np.ndarray
    wrong_class: np.ndarray
    missed_apart: np.ndarray
    false_apart: np.ndarray


def counts_from_table(
    columns: Mapping[str, Sequence[int] | np.ndarray], class_names: Sequence[str]
) -> PixelCounts:
    """The counts of a table that an evaluation wrote; which parts lie apart it does not tell.

    ``columns`` holds ``tp_<class>``, ``fp_…``, ``fn_…``, ``tn_…``. Raises ``KeyError``.
    """

    def column(kind: str, name: str) -> np.ndarray:
        return np.asarray(columns[f"{kind}_{name}"], np.int64)

    background, *objects = class_names
    right = column("tp", background) + sum(column("tp", name) for name in objects)
    total = sum(column(kind, background) for kind in ("tp", "fp", "fn", "tn"))
    # A pixel wrongly called background is a missed one; one of it called an object a false alarm.
    missed, false_alarms = column("fp", background), column("fn", background)
    none = np.zeros_like(missed)
    return PixelCounts(
        right - column("tp", background),
        missed,
        false_alarms,
        np.asarray(total - right - missed - false_alarms, np.int64),
        none,
        none,
    )


def counts_from_masks(truth: np.ndarray, predicted: np.ndarray) -> PixelCounts:
    """The counts of one image from class ids uint8 H×W; ``IGNORE`` in the truth is not counted."""
    counted = truth != IGNORE
    real = (truth != BACKGROUND) & counted
    found = (predicted != BACKGROUND) & counted
    both = real & found
    return PixelCounts(
        *(
            np.array(np.count_nonzero(pixels), np.int64)
            for pixels in (
                both & (truth == predicted),
                real & ~found,
                found & ~real,
                both & (truth != predicted),
                _apart(real, found),
                _apart(found, real),
            )
        )
    )


def kinds(counts: PixelCounts) -> np.ndarray:
    """Place in ``KINDS`` of each image, int64 in the counts' shape."""
    hits, missed, false_alarms = counts.hits, counts.missed, counts.false_alarms
    wrong = missed + false_alarms + counts.wrong_class
    there = hits + missed + counts.wrong_class
    rules = (
        hits >= GOOD_IOU * (hits + wrong),
        (missed > HALF * there) | ((missed > 0) & (counts.missed_apart >= APART * wrong)),
        (there == 0) | ((false_alarms > 0) & (counts.false_apart >= APART * wrong)),
        counts.wrong_class >= HALF * wrong,
        false_alarms >= TWICE * missed,
        missed >= TWICE * false_alarms,
    )
    return np.asarray(np.select(rules, range(len(rules)), len(rules)), np.int64)


def _apart(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Boolean H×W: the connected parts of ``mask`` that share no pixel with ``other``."""
    _, parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    met = np.unique(parts[mask & other])
    apart: np.ndarray = mask & ~np.isin(parts, met)
    return apart
