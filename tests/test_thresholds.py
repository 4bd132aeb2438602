"""The sweep against scikit-learn at every threshold."""

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from seglab.labels import IGNORE
from seglab.segmentation import mask_from
from seglab.thresholds import THRESHOLDS, count_thresholds, sweep


def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Foreground probabilities that are too low on the foreground, and the truth."""
    generator = np.random.default_rng(seed)
    truth = np.uint8(generator.random((23, 27)) < 0.4)
    foreground = np.where(
        truth, generator.beta(3, 4, truth.shape), generator.beta(1, 5, truth.shape)
    )
    truth[0, :5] = IGNORE
    # Values that stand exactly on a threshold are the ones that can be put on the wrong side.
    foreground.ravel()[::3] = np.round(foreground.ravel()[::3], 2)
    return foreground.astype(np.float32), truth


def test_every_point_of_the_curve_equals_scikit_learn_s() -> None:
    pairs = [draw(seed) for seed in range(3)]
    found = sweep(np.stack([count_thresholds(*pair) for pair in pairs]))
    assert len(found["curve"]) == 99
    for point in found["curve"]:
        truths, predictions, each = [], [], []
        for foreground, truth in pairs:
            counted = truth != IGNORE
            both = np.stack([1 - foreground, foreground])
            predicted = mask_from(both, point["threshold"])[counted]
            truths.append(truth[counted])
            predictions.append(predicted)
            each.append(jaccard_score(truth[counted], predicted, zero_division=1))
        pooled = jaccard_score(np.concatenate(truths), np.concatenate(predictions))
        assert point["dataset_iou"] == pytest.approx(pooled, abs=1e-6)
        assert point["mean_image_iou"] == pytest.approx(np.mean(each), abs=1e-6)


def test_the_best_is_the_curve_s_highest_point() -> None:
    found = sweep(np.stack([count_thresholds(*draw(seed)) for seed in range(3)]))
    highest = max(found["curve"], key=lambda point: point["dataset_iou"])
    assert found["value"] == highest["threshold"] < 0.5
    assert found["dataset_iou"] == pytest.approx(highest["dataset_iou"], abs=1e-6)
    assert found["dataset_iou_at_half"] < found["dataset_iou"]


def test_of_equally_good_ones_the_middle_is_taken() -> None:
    truth = np.array([[0, 0, 1, 1]], np.uint8)
    counts = count_thresholds(np.array([[0.1, 0.2, 0.9, 0.8]], np.float32), truth)
    assert sweep(counts[None])["value"] == 0.5


def test_thresholds_are_hundredths() -> None:
    assert [round(float(value), 2) for value in THRESHOLDS] == [k / 100 for k in range(1, 100)]
