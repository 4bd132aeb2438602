"""Segmentation metrics: counted per image first, then reduced under a name that says how.

``dataset_…`` pools the pixels of all images; ``mean_image_…`` is the mean of each image's figure.
With two classes a figure is the foreground's; with more it is the mean over all classes.
Where a fraction is 0/0 (a class neither present nor predicted) it counts as 1: nothing to find,
nothing wrongly found. Precision without a prediction, and recall without truth, are 1 as well.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

TP, FP, FN, TN = range(4)

FIGURES = ("dataset_iou", "mean_image_iou", "dice", "accuracy", "precision", "recall")
"""What ``reduce`` gives, in the order in which it is shown."""

CLASS_IOU = "iou_"
"""Begins the name of a class's dataset IoU in a training's rows; the class's name follows."""


def count_pixels(predicted: "Tensor", targets: "Tensor", classes: int) -> np.ndarray:
    """True and false positives and negatives, int64 N×classes×4, in the order tp, fp, fn, tn.

    ``predicted`` and ``targets``: class ids N×H×W; pixels whose target is ``IGNORE`` are left out.
    """
    import torch

    images = predicted.shape[0]
    # One confusion matrix an image by a single histogram: (image, truth, prediction) as a number.
    # What is ignored is a truth of its own: picking out the others takes longer than counting all.
    image = torch.arange(images, device=targets.device)[:, None, None]
    place = (image * (classes + 1) + targets.clamp(max=classes)) * classes + predicted
    cells = torch.bincount(place.flatten(), minlength=images * (classes + 1) * classes)
    confusion = cells.reshape(images, classes + 1, classes)[:, :classes]
    return counts_from_confusion(confusion.cpu().numpy())


def counts_from_confusion(confusion: np.ndarray) -> np.ndarray:
    """From confusion matrices …×classes×classes (truth, prediction) to tp, fp, fn, tn."""
    tp = np.diagonal(confusion, axis1=-2, axis2=-1)
    fp = confusion.sum(-2) - tp
    fn = confusion.sum(-1) - tp
    tn = confusion.sum((-2, -1))[..., None] - tp - fp - fn
    return np.stack([tp, fp, fn, tn], axis=-1)


def figures_per_class(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Each metric of each row of counts …×4: arrays of shape …, float64 in 0–1."""
    tp, fp, fn, tn = (counts[..., place].astype(np.float64) for place in range(4))
    return {
        "iou": ratio(tp, tp + fp + fn),
        "dice": ratio(2 * tp, 2 * tp + fp + fn),
        "accuracy": ratio(tp + tn, tp + fp + fn + tn),
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
    }


def headline(figures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Reduce the last axis, the classes: the foreground of two, the mean of more.

    Accuracy of more than two classes is that of the pixels: see ``pixel_accuracy``.
    """
    return {
        name: values[..., 1] if values.shape[-1] == 2 else values.mean(-1)
        for name, values in figures.items()
    }


def pixel_accuracy(counts: np.ndarray) -> np.ndarray:
    """Share of counted pixels whose class is right, from counts …×classes×4."""
    return ratio(
        counts[..., TP].sum(-1).astype(np.float64),
        (counts[..., TP] + counts[..., FN]).sum(-1).astype(np.float64),
    )


def per_image(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Headline figures of each image, from counts N×classes×4: float64 arrays of length N."""
    figures = headline(figures_per_class(counts))
    return figures | {"accuracy": pixel_accuracy(counts)}


def pooled(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Headline figures of counts …×classes×4 that were summed over images: arrays of shape …."""
    figures = headline(figures_per_class(counts))
    return {
        "dataset_iou": figures["iou"],
        "dice": figures["dice"],
        "accuracy": pixel_accuracy(counts),
        "precision": figures["precision"],
        "recall": figures["recall"],
    }


def reduce(counts: np.ndarray) -> dict[str, float]:
    """Headline figures of a split, from counts N×classes×4.

    ``dataset_iou``, ``mean_image_iou``, and pooled ``dice``, ``accuracy``, ``precision``,
    ``recall``. NaN for all when there is no image.
    """
    if not len(counts):
        return dict.fromkeys(FIGURES, float("nan"))
    values = pooled(counts.sum(axis=0)) | {"mean_image_iou": per_image(counts)["iou"].mean()}
    return {name: float(values[name]) for name in FIGURES}


def class_ious(counts: np.ndarray, class_names: Sequence[str]) -> dict[str, float]:
    """Dataset IoU of each class, ``iou_<name>`` each, from counts N×classes×4.

    NaN for all when there is no image.
    """
    if not len(counts):
        return {CLASS_IOU + name: float("nan") for name in class_names}
    ious = figures_per_class(counts.sum(axis=0))["iou"]
    return {CLASS_IOU + name: float(iou) for name, iou in zip(class_names, ious, strict=True)}


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole`` of float64 arrays of one shape, 1 where ``whole`` is 0."""
    found: np.ndarray = np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)
    return found
