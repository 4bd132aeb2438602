"""Where a mask is right and wrong, made visible: hits, missed pixels, false alarms."""

import cv2
import numpy as np

from seglab.labels import BACKGROUND, IGNORE, Colour

HIT, MISSED, FALSE_ALARM, WRONG_CLASS = range(1, 5)

NAMES = {
    HIT: "hit",
    MISSED: "missed",
    FALSE_ALARM: "false alarm",
    WRONG_CLASS: "wrong class",
}
COLOURS: dict[int, Colour] = {
    HIT: (0x56, 0xB4, 0xE9),
    MISSED: (0xD5, 0x5E, 0x00),
    FALSE_ALARM: (0xCC, 0x79, 0xA7),
    WRONG_CLASS: (0xF0, 0xE4, 0x42),
}
"""Okabe and Ito 2008: told apart by colour-blind people."""

DASHES: dict[int, tuple[int, int]] = {
    HIT: (1, 0),
    MISSED: (14, 8),
    FALSE_ALARM: (3, 6),
    WRONG_CLASS: (14, 3),
}
"""Pixels drawn and left out along each outline: solid, dashed, dotted, broken. Colour is never
the only sign."""

LINES = {HIT: "solid", MISSED: "dashed", FALSE_ALARM: "dotted", WRONG_CLASS: "broken"}
SIDE = 384
"""Outlines are drawn on at least so many pixels, whatever the network's size."""

CASING: Colour = (0, 0, 0)


def error_kinds(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """``HIT``, ``MISSED``, … of each pixel, uint8 H×W, from class ids uint8 H×W.

    0 where both say background, and where the truth is ``IGNORE``.
    """
    real, found = truth != BACKGROUND, predicted != BACKGROUND
    result = np.zeros(truth.shape, np.uint8)
    result[real & found & (truth == predicted)] = HIT
    result[real & found & (truth != predicted)] = WRONG_CLASS
    result[real & ~found] = MISSED
    result[found & ~real] = FALSE_ALARM
    result[truth == IGNORE] = 0
    return result


def error_map(
    image: np.ndarray, truth: np.ndarray, predicted: np.ndarray, opacity: float = 0.45
) -> np.ndarray:
    """RGB uint8 of a photo H×W×3, tinted and outlined by where two masks H×W agree and not.

    Enlarged by a whole number to at least ``SIDE`` pixels.
    """
    factor = enlargement(image)
    size = (image.shape[1] * factor, image.shape[0] * factor)
    kinds = cv2.resize(error_kinds(truth, predicted), size, interpolation=cv2.INTER_NEAREST)
    large = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC) if factor > 1 else image
    table = np.zeros((len(COLOURS) + 1, 3), np.float32)
    for kind, colour in COLOURS.items():
        table[kind] = colour
    tint = np.where(kinds > 0, opacity, 0).astype(np.float32)[..., None]
    picture: np.ndarray = np.rint(large * (1 - tint) + table[kinds] * tint).astype(np.uint8)
    for kind in (HIT, WRONG_CLASS, MISSED, FALSE_ALARM):
        _outline(picture, kinds == kind, COLOURS[kind], DASHES[kind])
    return picture


def enlargement(image: np.ndarray) -> int:
    """The whole number that brings a photo H×W×3 to at least ``SIDE`` pixels."""
    return int(max(1, -(-SIDE // max(image.shape[:2]))))


def _outline(
    picture: np.ndarray, inside: np.ndarray, colour: Colour, dash: tuple[int, int]
) -> None:
    """Draw a dashed line with a dark one beneath it, so that it is seen on a light coat too."""
    outlines, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    drawn, left_out = dash
    for outline in outlines:
        pieces = [outline]
        if left_out:
            period = drawn + left_out
            pieces = [outline[start : start + drawn] for start in range(0, len(outline), period)]
        for width, shade in ((4, CASING), (2, colour)):
            cv2.polylines(picture, pieces, not left_out, shade, width, cv2.LINE_AA)
