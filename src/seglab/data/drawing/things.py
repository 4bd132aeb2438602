"""Colours and outlines of the things around a drawn pet, in the same colours as its coat."""

import numpy as np

from seglab.data.drawing.looks import COAT_COLOURS
from seglab.data.drawing.texture import FloatArray

_COAT_SHARE = 0.8
_LEAF_COLOURS = ((0.28, 0.38, 0.16), (0.42, 0.48, 0.20), (0.20, 0.28, 0.15))


def scene_colour(generator: np.random.Generator) -> FloatArray:
    """A colour for a thing: mostly one of the coats', at times any muted colour."""
    if generator.random() < _COAT_SHARE:
        colour = np.asarray(COAT_COLOURS[int(generator.integers(len(COAT_COLOURS)))])
        colour = colour * generator.normal(1, 0.1) * generator.normal(1, 0.03, 3)
    else:
        colour = generator.uniform(0.15, 0.85) + generator.normal(0, 0.07, 3)
    return np.clip(colour, 0.04, 0.97).astype(np.float32)


def leaf_colour(generator: np.random.Generator) -> FloatArray:
    """A green, or the colour of dry grass."""
    if generator.random() < 0.35:
        return scene_colour(generator)
    colour = np.asarray(_LEAF_COLOURS[int(generator.integers(len(_LEAF_COLOURS)))])
    return np.clip(colour * generator.normal(1, 0.15), 0.03, 0.9).astype(np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> FloatArray:
    """The four corners (4 x 2)."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def rounded_box(
    left: float, top: float, right: float, bottom: float, squareness: float = 3.0
) -> FloatArray:
    """A superellipse in a box: a cushion for squareness 3, an ellipse for 2."""
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    power = 2 / squareness
    x = (left + right) / 2 + (right - left) / 2 * np.sign(cosine) * np.abs(cosine) ** power
    y = (top + bottom) / 2 + (bottom - top) / 2 * np.sign(sine) * np.abs(sine) ** power
    return np.stack([x, y], axis=1).astype(np.float32)
