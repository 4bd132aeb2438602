"""Intervals over folds: against scipy, the classical t interval, and by their coverage."""

import numpy as np
import pytest
import scipy.stats

from seglab.jackknife import interval, jackknife, means_without_each, student_quantile
from seglab.paired import paired_differences


@pytest.mark.parametrize("freedom", [1, 2, 4, 9, 99])
def test_student_s_t_is_scipy_s(freedom: int) -> None:
    assert student_quantile(freedom) == pytest.approx(scipy.stats.t.ppf(0.975, freedom), abs=1e-6)


def test_of_a_mean_over_equal_folds_it_is_the_t_interval_of_the_folds_means() -> None:
    values = np.random.default_rng(0).uniform(0.4, 0.9, 20)
    folds = np.arange(20) % 5
    means = np.array([values[folds == fold].mean() for fold in range(5)])
    found = jackknife(values[:, None], lambda rows: {"mean": rows[..., 0]}, folds)["mean"]
    low, high = scipy.stats.t.interval(0.95, 4, means.mean(), means.std(ddof=1) / np.sqrt(5))
    assert (found["value"], found["low"], found["high"]) == pytest.approx(
        (values.mean(), low, high)
    )


def test_a_share_stays_within_0_and_1() -> None:
    values = np.array([[0.0], [1.0], [1.0]])
    found = jackknife(values, lambda rows: {"mean": rows[..., 0]}, [1, 2, 3])["mean"]
    assert (found["low"], found["high"]) == (0, 1)


def test_images_of_unequal_folds_weigh_the_same() -> None:
    left_out = means_without_each(np.array([[1.0], [2.0], [6.0]]), [1, 1, 2])
    np.testing.assert_allclose(left_out[:, 0], [6, 1.5])


def test_it_covers_what_a_bootstrap_over_images_misses() -> None:
    """Folds whose trainings differ: 95 % of the intervals must hold the true mean."""
    generator = np.random.default_rng(1)
    folds = np.repeat(np.arange(6), 20)
    held = naive = 0
    for _ in range(400):
        values = 0.7 + generator.normal(0, 0.05, 6)[folds] + generator.normal(0, 0.05, 120)
        half = interval(means_without_each(values[:, None], folds)[:, 0])
        held += abs(values.mean() - 0.7) <= half
        naive += abs(values.mean() - 0.7) <= 1.96 * values.std(ddof=1) / np.sqrt(120)
    assert 0.92 <= held / 400 <= 0.98
    assert naive / 400 < 0.6


def test_pairs_of_cross_validations_are_intervals_over_folds() -> None:
    generator = np.random.default_rng(2)
    folds = tuple(int(fold) for fold in np.arange(15) % 5)
    first = generator.uniform(0.5, 0.9, (1, 15))
    second = first + np.array([0.05, 0.04, 0.06, 0.05, 0.05])[np.array(folds)]
    (found,) = paired_differences([second, first], folds)
    means = [0.05, 0.04, 0.06, 0.05, 0.05]
    low, high = scipy.stats.t.interval(0.95, 4, np.mean(means), np.std(means, ddof=1) / np.sqrt(5))
    assert (found.value, found.low, found.high) == pytest.approx((0.05, low, high))
