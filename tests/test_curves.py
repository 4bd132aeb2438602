"""Curves as values: smoothing, seeds together, time."""

import numpy as np
import pandas
import pytest

from seglab.curves import Curve, best_epoch, minutes, over_seeds, smoothed


def curve(values: list[float], first: int = 1) -> Curve:
    epochs = range(first, first + len(values))
    rows = pandas.DataFrame({"epoch": epochs, "val_dataset_iou": values, "seconds": 30.0})
    return Curve("seed", rows, "#0072B2", "circle", best_epoch(rows, "val_dataset_iou"))


@pytest.mark.parametrize("weight", [0.0, 0.5, 0.95])
def test_smoothing_is_adams_bias_corrected_average(weight: float):
    values = np.random.default_rng(0).normal(size=40)
    moment, expected = 0.0, []
    for step, value in enumerate(values, start=1):
        moment = weight * moment + (1 - weight) * value
        expected.append(moment / (1 - weight**step))
    np.testing.assert_allclose(smoothed(pandas.Series(values), weight), expected)


def test_a_gap_stays_a_gap_and_moves_nothing():
    found = smoothed(pandas.Series([1.0, np.nan, 2.0]), 0.5).to_numpy()
    whole = smoothed(pandas.Series([1.0, 2.0]), 0.5).to_numpy()
    assert np.isnan(found[1])
    np.testing.assert_allclose(found[[0, 2]], whole)


def test_seeds_are_their_mean_between_the_extremes():
    values = np.random.default_rng(1).uniform(size=(3, 5))
    found = over_seeds([curve(list(one)) for one in values], "three")
    assert found.low is not None
    assert found.high is not None
    np.testing.assert_allclose(found.rows["val_dataset_iou"], values.mean(axis=0))
    np.testing.assert_allclose(found.low["val_dataset_iou"], values.min(axis=0))
    np.testing.assert_allclose(found.high["val_dataset_iou"], values.max(axis=0))
    assert len(found.members) == 3


def test_only_epochs_that_every_seed_reached_are_averaged():
    found = over_seeds([curve([0.1, 0.2, 0.3]), curve([0.5, 0.6])], "two")
    assert found.rows["epoch"].tolist() == [1, 2]


def test_the_best_epoch_of_a_loss_is_its_lowest():
    rows = pandas.DataFrame({"epoch": [1, 2, 3], "val_loss": [0.5, np.nan, 0.4], "val_iou": 0.1})
    assert best_epoch(rows, "val_loss") == 3
    assert best_epoch(rows, "val_iou") == 1
    assert best_epoch(rows, "val_other") == 0


def test_time_adds_up():
    assert minutes(curve([0.1, 0.2, 0.3]).rows).tolist() == [0.5, 1.0, 1.5]
