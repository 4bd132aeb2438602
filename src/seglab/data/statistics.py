"""How bright and how contrasted the photos of a split are, as the network sees them."""

import cv2
import numpy as np

from seglab.data.pairs import Pairs

ImageStatistics = dict[str, dict[str, list[float]]]
"""``mean`` and ``sd`` of a photo's pixels, each with its ``mean`` and ``sd`` over photos: a number
for red, green and blue, all in 0–1."""


def photo_statistics(image: np.ndarray) -> dict[str, np.ndarray]:
    """``mean`` and ``sd`` over the pixels of an image uint8 H×W×3: float64 3 each, in 0–1."""
    mean, deviation = cv2.meanStdDev(image)
    return {"mean": mean.ravel() / 255, "sd": deviation.ravel() / 255}


def image_statistics(pairs: Pairs) -> ImageStatistics:
    """Mean and standard deviation of ``photo_statistics`` over a split at the network's size.

    The padding of a letterbox is part of what the network sees, and of the figures.
    """
    found: ImageStatistics = pairs.remembered("image-statistics", lambda: _statistics(pairs))
    return found


def _statistics(pairs: Pairs) -> ImageStatistics:
    each = [photo_statistics(pairs[index][0]) for index in range(len(pairs))]
    columns = {name: np.stack([photo[name] for photo in each]) for name in ("mean", "sd")}
    return {
        name: {"mean": _rounded(values.mean(axis=0)), "sd": _rounded(values.std(axis=0))}
        for name, values in columns.items()
    }


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values]
