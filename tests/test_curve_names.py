"""What can be drawn over the epochs, and what it is called."""

import pandas

from seglab.curve_names import class_ious, metric_name, metrics_of, monitor_in_words

BINARY = pandas.DataFrame({"epoch": [1], "train_loss": [0.5], "val_loss": [0.4], "seconds": [3.0]})
CLASSES = BINARY.assign(val_iou_leaf=0.5, val_iou_a_b=0.2, train_iou_leaf=0.6)


def test_what_can_be_drawn_is_what_the_rows_hold() -> None:
    assert metrics_of([BINARY]) == ["loss", "seconds"]
    assert metrics_of([BINARY, CLASSES]) == ["loss", "seconds", "iou_leaf", "iou_a_b"]


def test_classes_of_several_runs_come_once_each_in_their_order() -> None:
    other = BINARY.assign(val_iou_stem=0.1, val_iou_leaf=0.1)
    assert class_ious([BINARY]) == []
    assert class_ious([BINARY, CLASSES, other]) == ["iou_leaf", "iou_a_b", "iou_stem"]


def test_names_are_words() -> None:
    assert metric_name("dataset_iou") == "Dataset IoU"
    assert metric_name("iou_a <b>_c") == "IoU of a <b>_c"
    assert monitor_in_words("val_loss") == "Loss, validation"
