"""What can be drawn over the epochs, and what it is called."""

from collections.abc import Sequence

import pandas

from seglab.curves import PARTS
from seglab.metrics import CLASS_IOU

PART_NAMES = {"val": "validation", "train": "training"}

METRIC_NAMES = {
    "dataset_iou": "Dataset IoU",
    "mean_image_iou": "Mean image IoU",
    "loss": "Loss",
    "dice": "Dice",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "learning_rate": "Learning rate",
    "seconds": "Seconds an epoch",
    "images_per_second_training": "Images a second",
}
"""Of every run, in the order it is offered; with several classes each one's IoU comes behind."""


def metric_name(metric: str) -> str:
    """A metric in words: ``iou_pet`` is ``IoU of pet``. A class's name is as it was chosen: what
    reads tags or Markdown has to have it escaped."""
    if metric.startswith(CLASS_IOU):
        return f"IoU of {metric.removeprefix(CLASS_IOU)}"
    return METRIC_NAMES.get(metric, metric)


def monitor_in_words(monitor: str) -> str:
    """``val_loss`` as ``Loss, validation``."""
    part, _, metric = monitor.partition("_")
    return f"{metric_name(metric)}, {PART_NAMES.get(part, part)}"


def metrics_of(tables: Sequence[pandas.DataFrame]) -> list[str]:
    """Which metrics any of the tables holds: those of ``METRIC_NAMES``, then ``class_ious``."""
    columns = {column for table in tables for column in table.columns}
    general = [
        metric
        for metric in METRIC_NAMES
        if metric in columns or any(f"{part}_{metric}" in columns for part in PARTS)
    ]
    return general + class_ious(tables)


def class_ious(tables: Sequence[pandas.DataFrame]) -> list[str]:
    """The metrics ``iou_<class name>`` of the tables, in the order of their columns; runs of two
    classes have none, nor have those of earlier versions."""
    beginning = f"{PARTS[0]}_{CLASS_IOU}"
    found = [
        str(column).removeprefix(f"{PARTS[0]}_")
        for table in tables
        for column in table.columns
        if str(column).startswith(beginning)
    ]
    return list(dict.fromkeys(found))
