"""Whether a probability means what it says: reliability of the most likely class."""

from typing import Any

import numpy as np

from seglab.labels import IGNORE

BINS = 20
PIXELS, CONFIDENCE, CORRECT = range(3)


def count_reliability(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Pixels, summed confidence and right answers in each bin of confidence: float64 20×3.

    ``probabilities`` float32 classes×H×W, ``truth`` class ids uint8 H×W (``IGNORE`` is left out).
    The confidence is the largest probability, the answer its class, whatever the threshold.
    """
    counted = truth != IGNORE
    confidence = probabilities.max(axis=0)[counted].astype(np.float64)
    correct = probabilities.argmax(axis=0)[counted] == truth[counted]
    # Upper edges belong to their bin, as in Guo et al. 2017.
    places = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return np.stack(
        [
            np.bincount(places, minlength=BINS),
            np.bincount(places, confidence, BINS),
            np.bincount(places, correct, BINS),
        ],
        axis=1,
    ).astype(np.float64)


def expected_calibration_error(reliability: np.ndarray) -> np.ndarray:
    """Mean difference of confidence and accuracy over pixels, 0–1, from …×20×3 summed over images.

    Guo, Pleiss, Sun and Weinberger 2017 (arXiv:1706.04599); 0 where there is no pixel.
    """
    pixels = reliability[..., PIXELS].sum(-1)
    gap = np.abs(reliability[..., CONFIDENCE] - reliability[..., CORRECT]).sum(-1)
    error: np.ndarray = np.divide(gap, pixels, out=np.zeros_like(gap), where=pixels > 0)
    return error


def reliability_table(reliability: np.ndarray) -> list[dict[str, Any]]:
    """A row for each bin that holds a pixel, from 20×3 summed over images."""
    return [
        {
            "low": round(place / BINS, 4),
            "high": round((place + 1) / BINS, 4),
            "pixels": int(pixels),
            "confidence": float(confidence / pixels),
            "accuracy": float(correct / pixels),
        }
        for place, (pixels, confidence, correct) in enumerate(reliability)
        if pixels
    ]
