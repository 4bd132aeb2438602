"""Calibration against torchmetrics."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

from seglab import calibration
from seglab.labels import IGNORE


def draw(classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities float32 classes×31×29 and a truth that they half know, some of it ignored."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(classes) / 2, (31, 29)).astype(np.float32)
    truth = np.uint8(probabilities.argmax(-1))
    wrong = generator.random(truth.shape) < 0.4
    truth[wrong] = generator.integers(0, classes, wrong.sum())
    truth[generator.random(truth.shape) < 0.1] = IGNORE
    return probabilities.transpose(2, 0, 1), truth


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_error_equals_torchmetrics(classes: int) -> None:
    pairs = [draw(classes, seed) for seed in range(4)]
    counted = sum(calibration.count_reliability(*pair) for pair in pairs)
    expected = multiclass_calibration_error(
        torch.from_numpy(np.stack([probabilities for probabilities, _ in pairs])),
        torch.from_numpy(np.stack([truth for _, truth in pairs])).long(),
        num_classes=classes,
        n_bins=calibration.BINS,
        ignore_index=IGNORE,
    )
    found = calibration.expected_calibration_error(np.asarray(counted))
    assert found == pytest.approx(float(expected), abs=1e-5)


def test_the_table_tells_confidence_and_accuracy_of_each_bin() -> None:
    probabilities = np.zeros((2, 1, 10), np.float32)
    probabilities[1] = 0.8
    probabilities[0] = 0.2
    truth = np.array([[1] * 6 + [0] * 4], np.uint8)
    rows = calibration.reliability_table(calibration.count_reliability(probabilities, truth))
    assert len(rows) == 1
    assert rows[0]["low"] <= 0.8 <= rows[0]["high"]
    assert rows[0]["pixels"] == 10
    assert rows[0]["confidence"] == pytest.approx(0.8)
    assert rows[0]["accuracy"] == pytest.approx(0.6)


def test_without_a_pixel_there_is_no_error_and_no_row() -> None:
    probabilities, truth = draw(2)
    empty = calibration.count_reliability(probabilities, np.full_like(truth, IGNORE))
    assert calibration.expected_calibration_error(empty) == 0
    assert calibration.reliability_table(empty) == []
