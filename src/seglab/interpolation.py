"""Bilinear enlargement by rows: what is large is never whole."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np


class Span(NamedTuple):
    """The rows ``first`` to ``end`` of an enlarged picture, between two known rows C×1×W:
    ``upper`` + ``weights`` × ``change``, the weights float32 rows×1 and ascending."""

    first: int
    end: int
    upper: np.ndarray
    change: np.ndarray
    weights: np.ndarray


def bilinear_bands(planes: np.ndarray, height: int, width: int) -> Iterator[tuple[int, np.ndarray]]:
    """Planes float32 C×h×w at height×width, in bands of rows from the top: first row, float32
    C×rows×width. The same as ``cv2.resize``'s but for rounding, which cannot make a part of the
    rows.

    A band is what lies between two rows of ``planes``: it stays in the processor's cache while it
    is used. The next one overwrites it.
    """
    spans = _spans(planes, height, width)
    highest = max(span.end - span.first for span in spans)
    buffer = np.empty((len(planes), highest, width), np.float32)
    for span in spans:
        rows = buffer[:, : span.end - span.first]
        band = np.multiply(span.weights, span.change, out=rows)
        band += span.upper
        yield span.first, band


def bilinear_reached(
    plane: np.ndarray, height: int, width: int, threshold: float
) -> tuple[np.ndarray, float, float]:
    """Where a plane float32 h×w reaches a threshold when it is enlarged: uint8 height×width, 1
    where it does; and the lowest and highest value it has there.

    Exactly what the values of ``bilinear_bands`` would say. Between two known rows they only rise
    or only fall: where both ends of a span agree, what lies between is not computed.
    """
    reached = np.empty((height, width), np.uint8)
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for first, end, upper, change, weights in _spans(plane[None], height, width):
        ends = weights[[0, -1]] * change[0] + upper[0]
        low, high = np.minimum(low, ends.min()), np.maximum(high, ends.max())
        at_top, at_bottom = ends >= threshold
        rows = reached[first:end]
        rows[:] = at_top
        mixed = np.flatnonzero(at_top != at_bottom)
        if len(mixed):
            rows[:, mixed] = weights * change[0][:, mixed] + upper[0][:, mixed] >= threshold
    return reached, float(low), float(high)


def _spans(planes: np.ndarray, height: int, width: int) -> list[Span]:
    """All rows of the enlarged picture, from the top."""
    known = planes.shape[1]
    wide = np.stack([cv2.resize(np.ascontiguousarray(one), (width, known)) for one in planes])
    places = np.clip((np.arange(height) + 0.5) * (known / height) - 0.5, 0, known - 1)
    above = np.minimum(places.astype(int), max(known - 2, 0))
    weights = (places - above).astype(np.float32)[:, None]
    spans = []
    for first, end in pairwise([0, *(np.flatnonzero(np.diff(above)) + 1), height]):
        row = int(above[first])
        upper = wide[:, row, None]
        change = wide[:, min(row + 1, known - 1), None] - upper
        spans.append(Span(int(first), int(end), upper, change, weights[first:end]))
    return spans
