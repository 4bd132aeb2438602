"""Where several masks of one photo disagree."""

from collections.abc import Sequence

import cv2
import numpy as np

from seglab.labels import BACKGROUND, Colour

FIRST_ALONE: Colour = (0xE6, 0x9F, 0x00)
SECOND_ALONE: Colour = (0x56, 0xB4, 0xE9)
OTHER_CLASS: Colour = (0xF0, 0xE4, 0x42)
"""Okabe and Ito 2008. Of more than two masks every disagreement has the first colour."""


def alike(masks: Sequence[np.ndarray], class_names: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Masks uint8 H×W that can be compared: class ids where all models have the same classes, else
    background (0) against anything else (1)."""
    if len({tuple(names) for names in class_names}) == 1:
        return list(masks)
    return [(mask != BACKGROUND).astype(np.uint8) for mask in masks]


def disagreement(masks: Sequence[np.ndarray]) -> np.ndarray:
    """Boolean H×W: where not all masks H×W say the same."""
    first, *others = masks
    differs = np.zeros(first.shape, bool)
    for other in others:
        differs |= other != first
    return differs


def pairwise(masks: Sequence[np.ndarray]) -> np.ndarray:
    """Share of the pixels on which two masks differ: float64 masks×masks, 0 on the diagonal."""
    return np.array([[float((one != other).mean()) for other in masks] for one in masks])


def picture(image: np.ndarray, masks: Sequence[np.ndarray]) -> np.ndarray:
    """RGB uint8 H×W×3: the photo in gray, in colour where the masks disagree.

    Of two masks: what only the first calls foreground, what only the second does, and where both
    see another class. Of more: every disagreement in one colour.
    """
    gray = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    parts = [(disagreement(masks), FIRST_ALONE)]
    if len(masks) == 2:
        first, second = masks
        found, other = first != BACKGROUND, second != BACKGROUND
        parts = [
            (found & ~other, FIRST_ALONE),
            (other & ~found, SECOND_ALONE),
            (found & other & (first != second), OTHER_CLASS),
        ]
    for where, colour in parts:
        gray[where] = np.rint(gray[where] * 0.3 + np.array(colour) * 0.7).astype(np.uint8)
    return gray
