"""Metrics against scikit-learn and torchmetrics."""

import math

import numpy as np
import pytest
import torch
from sklearn import metrics as reference
from torch import Tensor
from torchmetrics.functional import classification

from seglab import metrics
from seglab.labels import IGNORE

NAMES = {"dataset_iou", "mean_image_iou", "dice", "accuracy", "precision", "recall"}


def draw(classes: int, images: int = 5, ignored: float = 0.2) -> tuple[Tensor, Tensor]:
    """Random predictions and targets N×11×13; every image has another share of each class."""
    generator = np.random.default_rng(classes)
    shares = generator.dirichlet(np.ones(classes), images)
    shape = (11, 13)
    targets = np.stack([generator.choice(classes, shape, p=share) for share in shares])
    wrong = generator.random(targets.shape) < 0.4
    predicted = np.where(wrong, generator.integers(0, classes, targets.shape), targets)
    targets[generator.random(targets.shape) < ignored] = IGNORE
    return torch.from_numpy(predicted), torch.from_numpy(targets)


def figures(predicted: Tensor, targets: Tensor, classes: int) -> dict[str, float]:
    return metrics.reduce(metrics.count_pixels(predicted, targets, classes))


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_figures_equal_scikit_learn_s(classes: int) -> None:
    predicted, targets = draw(classes)
    counted = targets != IGNORE
    truth, guess = targets[counted].numpy(), predicted[counted].numpy()
    how = {"average": "binary"} if classes == 2 else {"average": "macro"}
    found = figures(predicted, targets, classes)
    assert found.keys() == NAMES
    assert found["dataset_iou"] == pytest.approx(reference.jaccard_score(truth, guess, **how))
    assert found["dice"] == pytest.approx(reference.f1_score(truth, guess, **how))
    assert found["precision"] == pytest.approx(reference.precision_score(truth, guess, **how))
    assert found["recall"] == pytest.approx(reference.recall_score(truth, guess, **how))
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(truth, guess))
    # A class that an image neither has nor predicts counts as 1, hence all labels and 0/0 = 1.
    each = [
        reference.jaccard_score(
            t[k], p[k], labels=None if classes == 2 else range(classes), zero_division=1, **how
        )
        for p, t, k in zip(predicted, targets, counted, strict=True)
    ]
    assert found["mean_image_iou"] == pytest.approx(np.mean(each))
    assert found["mean_image_iou"] != pytest.approx(found["dataset_iou"])


def test_each_class_s_iou_is_scikit_learn_s() -> None:
    predicted, targets = draw(3)
    counted = targets != IGNORE
    truth, guess = targets[counted].numpy(), predicted[counted].numpy()
    found = metrics.class_ious(metrics.count_pixels(predicted, targets, 3), ("a", "b", "c"))
    expected = reference.jaccard_score(truth, guess, average=None)
    assert found == pytest.approx(dict(zip(("iou_a", "iou_b", "iou_c"), expected, strict=True)))
    nothing = metrics.class_ious(np.zeros((0, 3, 4), np.int64), ("a", "b", "c"))
    assert all(math.isnan(value) for value in nothing.values())


def test_figures_of_two_classes_equal_torchmetrics() -> None:
    predicted, targets = draw(2)
    found = figures(predicted, targets, 2)
    for name, function in {
        "dataset_iou": classification.binary_jaccard_index,
        "dice": classification.binary_f1_score,
        "accuracy": classification.binary_accuracy,
        "precision": classification.binary_precision,
        "recall": classification.binary_recall,
    }.items():
        expected = function(predicted, targets, ignore_index=IGNORE).item()
        assert found[name] == pytest.approx(expected, abs=1e-6), name


def test_figures_of_three_classes_equal_torchmetrics() -> None:
    predicted, targets = draw(3)
    found = figures(predicted, targets, 3)
    settings = {"num_classes": 3, "ignore_index": IGNORE}
    for name, function, average in [
        ("dataset_iou", classification.multiclass_jaccard_index, "macro"),
        ("dice", classification.multiclass_f1_score, "macro"),
        ("precision", classification.multiclass_precision, "macro"),
        ("recall", classification.multiclass_recall, "macro"),
        ("accuracy", classification.multiclass_accuracy, "micro"),
    ]:
        expected = function(predicted, targets, average=average, **settings).item()
        assert found[name] == pytest.approx(expected, abs=1e-6), name


@pytest.mark.parametrize("classes", [2, 4])
def test_counts_by_hand(classes: int) -> None:
    predicted, targets = draw(classes)
    counts = metrics.count_pixels(predicted, targets, classes)
    assert counts.shape == (5, classes, 4)
    assert counts.dtype == np.int64
    for image in range(5):
        counted = targets[image] != IGNORE
        for number in range(classes):
            said, true = predicted[image] == number, targets[image] == number
            expected = [said & true, said & ~true, ~said & true, ~said & ~true]
            by_hand = [int((cell & counted).sum()) for cell in expected]
            assert counts[image, number].tolist() == by_hand


def test_batch_size_changes_nothing() -> None:
    predicted, targets = draw(3, images=7)
    whole = metrics.count_pixels(predicted, targets, 3)
    for size in (1, 2, 3):
        parts = [
            metrics.count_pixels(p, t, 3)
            for p, t in zip(predicted.split(size), targets.split(size), strict=True)
        ]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_each_image_s_figures() -> None:
    predicted, targets = draw(2)
    counts = metrics.count_pixels(predicted, targets, 2)
    rows = metrics.per_image(counts)
    assert {name: len(values) for name, values in rows.items()} == dict.fromkeys(
        ("iou", "dice", "accuracy", "precision", "recall"), 5
    )
    for image in range(5):
        alone = metrics.reduce(counts[[image]])
        assert rows["iou"][image] == alone["dataset_iou"] == alone["mean_image_iou"]
        for name in ("dice", "accuracy", "precision", "recall"):
            assert rows[name][image] == alone[name]


EMPTY, FULL = torch.zeros(1, 4, 4, dtype=torch.long), torch.ones(1, 4, 4, dtype=torch.long)


@pytest.mark.parametrize(
    ("predicted", "targets", "expected"),
    [
        # 0/0 is 1: nothing to find, nothing wrongly found.
        (EMPTY, EMPTY, {"iou": 1, "dice": 1, "accuracy": 1, "precision": 1, "recall": 1}),
        (EMPTY, FULL, {"iou": 0, "dice": 0, "accuracy": 0, "precision": 1, "recall": 0}),
        (FULL, EMPTY, {"iou": 0, "dice": 0, "accuracy": 0, "precision": 0, "recall": 1}),
        (FULL, FULL, {"iou": 1, "dice": 1, "accuracy": 1, "precision": 1, "recall": 1}),
        (FULL, FULL * IGNORE, {"iou": 1, "dice": 1, "accuracy": 1, "precision": 1, "recall": 1}),
    ],
    ids=["both empty", "empty prediction", "empty truth", "both full", "all ignored"],
)
def test_degenerate_images(predicted: Tensor, targets: Tensor, expected: dict[str, int]) -> None:
    found = figures(predicted, targets, 2)
    assert found == {
        "dataset_iou": expected["iou"],
        "mean_image_iou": expected["iou"],
        **{name: value for name, value in expected.items() if name != "iou"},
    }
    counted = targets != IGNORE
    if counted.any():  # scikit-learn refuses to measure nothing
        truth, guess = targets[counted].numpy(), predicted[counted].numpy()
        for name, function in {
            "iou": reference.jaccard_score,
            "dice": reference.f1_score,
            "precision": reference.precision_score,
            "recall": reference.recall_score,
        }.items():
            assert function(truth, guess, zero_division=1) == expected[name], name


def test_a_class_that_is_absent_and_not_predicted_counts_as_1() -> None:
    found = figures(EMPTY, EMPTY, 3)
    assert found["dataset_iou"] == 1
    found = figures(EMPTY, FULL, 3)
    assert found["dataset_iou"] == pytest.approx(1 / 3)


def test_no_image_gives_no_number() -> None:
    found = metrics.reduce(np.zeros((0, 2, 4), np.int64))
    assert found.keys() == NAMES
    assert all(math.isnan(value) for value in found.values())


def test_many_pixels_do_not_overflow() -> None:
    counts = np.full((3000, 2, 4), 2**40, np.int64)
    assert metrics.reduce(counts)["dataset_iou"] == pytest.approx(1 / 3)
