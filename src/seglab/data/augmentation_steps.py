"""What an augmentation drew for one sample, in words and numbers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

COLOUR_ORDER = ("brightness", "contrast", "saturation", "hue")
"""What the numbers in ColorJitter's ``order`` stand for."""


@dataclass(frozen=True)
class Step:
    """One step that was applied: its ``name``, and ``values`` by what they are, in the order in
    which they were applied where that was drawn too.

    Degrees counter-clockwise, pixels of the network's input, x to the right and y down; factors
    are times the value before.
    """

    name: str
    values: dict[str, float | str]


def step_in_words(name: str, drawn: dict[str, Any]) -> Step:
    """A step from what ``Augmenter.drawn`` says of it."""
    describe = {
        "HorizontalFlip": _flip,
        "CropAndPad": _close_up,
        "Affine": _affine,
        "BackgroundBlur": _background_blur,
        "ColorJitter": _colour,
        "GaussianBlur": _blur,
        "GaussNoise": _noise,
        "CoarseDropout": _erased,
    }[name]
    return describe(drawn)


def _flip(_drawn: dict[str, Any]) -> Step:
    return Step("Flip", {"left and right": "swapped"})


def _close_up(drawn: dict[str, Any]) -> Step:
    return Step("Close-up", _rectangle(drawn["crop_params"]))


def _affine(drawn: dict[str, Any]) -> Step:
    matrix = np.asarray(drawn["matrix"], float)
    height, width = drawn["shape"][:2]
    # Rotation and zoom are about the centre: where it goes is the shift.
    centre = np.array([(width - 1) / 2, (height - 1) / 2, 1.0])
    shift = (matrix @ centre - centre)[:2]
    return Step(
        "Rotation, zoom, shift",
        {
            "rotation, degrees": float(drawn["rotate"]),
            "zoom x": float(drawn["scale"]["x"]),
            "zoom y": float(drawn["scale"]["y"]),
            "shift x, pixels": float(shift[0]),
            "shift y, pixels": float(shift[1]),
        },
    )


def _background_blur(drawn: dict[str, Any]) -> Step:
    return Step("Background out of focus", {"sigma, pixels": float(drawn["sigma"])})


def _colour(drawn: dict[str, Any]) -> Step:
    """The four changes in the order in which they were made."""
    values: dict[str, float | str] = {}
    for place in drawn["order"]:
        what = COLOUR_ORDER[place]
        if what == "hue":  # drawn as a share of the colour circle
            values["hue, degrees"] = 360 * float(drawn["hue"])
        else:
            values[f"{what}, factor"] = float(drawn[what])
    return Step("Colour", values)


def _blur(drawn: dict[str, Any]) -> Step:
    kernel = np.asarray(drawn["kernel"], float)
    middle = len(kernel) // 2
    # A Gaussian: the logarithm of the ratio of neighbours gives its width back.
    sigma = math.sqrt(0.5 / math.log(kernel[middle] / kernel[middle + 1]))
    return Step("Blur", {"kernel, pixels": float(len(kernel)), "sigma, pixels": sigma})


def _noise(drawn: dict[str, Any]) -> Step:
    deviation = float(np.std(drawn["noise_map"]))
    return Step("Noise", {"standard deviation, of 255": deviation})


def _erased(drawn: dict[str, Any]) -> Step:
    return Step("Erased rectangle", _rectangle(np.asarray(drawn["holes"])[0]))


def _rectangle(sides: Iterable[float]) -> dict[str, float | str]:
    left, top, right, bottom = (float(side) for side in sides)
    return {
        "left, pixels": left,
        "top, pixels": top,
        "width, pixels": right - left,
        "height, pixels": bottom - top,
    }
