"""How well outlines agree: boundary IoU and boundary F1, counted per image and class first.

Both look at the outline alone, which plain IoU hardly sees on large objects. Distances are shares
of the image's diagonal, so that a figure means the same at any size.
"""

import math

import cv2
import numpy as np

from seglab.labels import IGNORE
from seglab.metrics import ratio

IOU_DISTANCE = 0.02
"""Boundary IoU: width of the band inside an outline, as in Cheng et al."""

F1_TOLERANCE = 0.008
"""Boundary F1: how far apart two outlines still match, as in the DAVIS benchmark."""

BAND_TP, BAND_FP, BAND_FN, MATCHED_PREDICTED, PREDICTED, MATCHED_TRUE, TRUE = range(7)


def iou_distance_pixels(height: int, width: int) -> int:
    """Boundary IoU's distance in pixels of an image H×W, at least 1."""
    return max(1, round(IOU_DISTANCE * math.hypot(height, width)))


def f1_tolerance_pixels(height: int, width: int) -> int:
    """Boundary F1's tolerance in pixels of an image H×W, rounded up."""
    return math.ceil(F1_TOLERANCE * math.hypot(height, width))


def count_boundary(predicted: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """Boundary counts of one image: int64 classes×7, from class ids uint8 H×W.

    In the order of this module's constants: pixels of the bands in both, in the prediction's
    alone, in the truth's alone; outline pixels of the prediction within the tolerance of the
    truth's, all of the prediction's, and the same the other way round.

    Pixels whose truth is ``IGNORE`` are not counted, and their edge is no outline: there the truth
    is taken to be what was predicted.
    """
    counted = truth != IGNORE
    filled = np.where(counted, truth, predicted)
    counts = np.zeros((classes, 7), np.int64)
    for class_id in range(classes):
        said = (predicted == class_id).astype(np.uint8)
        true = (filled == class_id).astype(np.uint8)
        counts[class_id, :3] = _band_counts(said, true, counted)
        counts[class_id, 3:] = _outline_counts(said, true, counted)
    return counts


def boundary_figures(counts: np.ndarray) -> dict[str, np.ndarray]:
    """``boundary_iou`` and ``boundary_f1`` of counts …×7: arrays of shape …, float64 in 0–1.

    Boundary IoU: Cheng, Girshick, Dollár, Berg and Kirillov 2021 (arXiv:2103.16562): IoU of the
    bands inside both outlines. Boundary F1: Csurka, Larlus and Perronnin 2013, with the tolerance
    of Perazzi et al. 2016 (DAVIS): harmonic mean of the shares of each outline that the other
    meets. 0/0 counts as 1: no outline on either side is agreement, on one side it gives 0.
    """
    values = counts.astype(np.float64)
    band = values[..., :3].sum(-1)
    precision = ratio(values[..., MATCHED_PREDICTED], values[..., PREDICTED])
    recall = ratio(values[..., MATCHED_TRUE], values[..., TRUE])
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
    return {"boundary_iou": ratio(values[..., BAND_TP], band), "boundary_f1": f1}


def _band_counts(said: np.ndarray, true: np.ndarray, counted: np.ndarray) -> tuple[int, int, int]:
    distance = iou_distance_pixels(*said.shape)
    predicted_band, true_band = _band(said, distance), _band(true, distance)
    both = _pixels(predicted_band & true_band & counted)
    predicted, real = _pixels(predicted_band & counted), _pixels(true_band & counted)
    return both, predicted - both, real - both


def _band(mask: np.ndarray, distance: int) -> np.ndarray:
    """The mask's pixels within ``distance`` of its outline; the image's edge is outline too."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=distance)[1:-1, 1:-1]
    band: np.ndarray = mask > inner
    return band


def _outline_counts(
    said: np.ndarray, true: np.ndarray, counted: np.ndarray
) -> tuple[int, int, int, int]:
    tolerance = f1_tolerance_pixels(*said.shape)
    predicted, real = _outline(said), _outline(true)
    counted_predicted, counted_real = predicted & counted, real & counted
    return (
        _pixels(counted_predicted & _near(real, tolerance)),
        _pixels(counted_predicted),
        _pixels(counted_real & _near(predicted, tolerance)),
        _pixels(counted_real),
    )


def _outline(mask: np.ndarray) -> np.ndarray:
    """The mask's pixels beside a pixel outside it; where the image cuts it there is no outline."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    outline: np.ndarray = mask > cv2.erode(mask, cross)
    return outline


def _near(outline: np.ndarray, tolerance: int) -> np.ndarray:
    if not outline.any():
        return np.zeros_like(outline)
    distance = cv2.distanceTransform(
        (~outline).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    # The transform is exact up to rounding in float32.
    near: np.ndarray = distance <= tolerance + 1e-3
    return near


def _pixels(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))
