"""Bilinear enlargement in bands of rows: what is large is never whole."""

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np


def bilinear_bands(planes: np.ndarray, height: int, width: int) -> Iterator[tuple[int, np.ndarray]]:
    """Planes float32 C×h×w at height×width, in bands of rows from the top: first row, float32
    C×rows×width. The same as ``cv2.resize``'s but for rounding, which cannot make a part of the
    rows.

    A band is what lies between two rows of ``planes``: it stays in the processor's cache while it
    is used. The next one overwrites it.
    """
    known = planes.shape[1]
    wide = np.stack([cv2.resize(np.ascontiguousarray(one), (width, known)) for one in planes])
    places = np.clip((np.arange(height) + 0.5) * (known / height) - 0.5, 0, known - 1)
    above = np.minimum(places.astype(int), max(known - 2, 0))
    weights = (places - above).astype(np.float32)[:, None]
    first = [0, *(np.flatnonzero(np.diff(above)) + 1), height]
    buffer = np.empty((len(planes), int(np.diff(first).max()), width), np.float32)
    for start, end in pairwise(first):
        row = int(above[start])
        upper, lower = wide[:, row, None], wide[:, min(row + 1, known - 1), None]
        band = np.multiply(weights[start:end], lower - upper, out=buffer[:, : end - start])
        band += upper
        yield int(start), band
