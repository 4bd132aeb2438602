"""The threshold between background and foreground, chosen on validation."""

from typing import Any

import numpy as np

from seglab.labels import IGNORE
from seglab.metrics import ratio

THRESHOLDS = np.round(np.arange(1, 100) / 100, 2).astype(np.float32)
"""0.01 to 0.99; float32 as the probabilities, so that both sides of ``>=`` round alike."""


def count_thresholds(foreground: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """tp, fp, fn of the foreground at each threshold for one image: int64 99×3.

    ``foreground`` probabilities float32 H×W, ``truth`` class ids uint8 H×W of two classes
    (``IGNORE`` is left out). A pixel is foreground from the threshold on.
    """
    counted = truth != IGNORE
    reached = np.searchsorted(THRESHOLDS, foreground[counted], side="right")
    real = truth[counted] == 1
    tp, fp = _at_least(reached[real]), _at_least(reached[~real])
    return np.stack([tp, fp, np.count_nonzero(real) - tp], axis=1)


def sweep(counts: np.ndarray) -> dict[str, Any]:
    """The threshold of the best ``dataset_iou``, and the curve, from images×99×3.

    Of several that are equally good the one nearest to 0.5.
    """
    each, pooled = _iou(counts), _iou(counts.sum(axis=0))
    best = max(
        range(len(THRESHOLDS)), key=lambda at: (pooled[at], -abs(float(THRESHOLDS[at]) - 0.5))
    )
    return {
        "value": _plain(best),
        "figure": "dataset_iou",
        "dataset_iou": float(pooled[best]),
        "dataset_iou_at_half": float(pooled[49]),
        "curve": [
            {
                "threshold": _plain(place),
                "dataset_iou": round(float(pooled[place]), 6),
                "mean_image_iou": round(float(each[:, place].mean()), 6),
            }
            for place in range(len(THRESHOLDS))
        ],
    }


def _at_least(reached: np.ndarray) -> np.ndarray:
    """How many pixels reach each threshold, from how many thresholds each pixel reaches."""
    having = np.bincount(reached, minlength=len(THRESHOLDS) + 1)
    pixels: np.ndarray = having[::-1].cumsum()[::-1][1:]
    return pixels


def _iou(counts: np.ndarray) -> np.ndarray:
    tp, whole = counts[..., 0].astype(np.float64), counts.sum(-1).astype(np.float64)
    return ratio(tp, whole)


def _plain(place: int) -> float:
    return round(float(THRESHOLDS[place]), 2)
