"""The paired bootstrap against SciPy's, and counts done by hand."""

import numpy as np
import pytest
from scipy import stats

from seglab.paired import paired_differences


def correlated_ious(seed: int, gap: float, images: int = 300) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    difficulty = generator.beta(8, 2, images)
    first = np.clip(difficulty + gap + generator.normal(0, 0.03, images), 0, 1)
    return first, np.clip(difficulty + generator.normal(0, 0.03, images), 0, 1)


@pytest.mark.parametrize("gap", [0.0, 0.02])
def test_one_seed_each_agrees_with_scipy(gap: float) -> None:
    first, second = correlated_ious(3, gap)
    (found,) = paired_differences([first[None], second[None]], resamples=8000)
    expected = stats.bootstrap(
        (first, second),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=8000,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    assert found.value == pytest.approx(first.mean() - second.mean())
    # Two bootstraps of 8,000 resamples differ in the ends by about 0.03 standard errors.
    tolerance = 0.15 * float(expected.standard_error)
    assert found.low == pytest.approx(expected.confidence_interval.low, abs=tolerance)
    assert found.high == pytest.approx(expected.confidence_interval.high, abs=tolerance)


def test_images_are_resampled_together() -> None:
    first, second = correlated_ious(4, 0.01)
    (paired,) = paired_differences([first[None], second[None]])
    # Broken pairs: what two independent resamplings would give.
    (shuffled,) = paired_differences([first[None], np.sort(second)[None]])
    assert paired.high - paired.low < 0.5 * (shuffled.high - shuffled.low)


def test_wins_ties_and_losses_by_hand() -> None:
    first = np.array([[0.9, 0.5, 0.8004, 0.3]])
    second = np.array([[0.8, 0.6, 0.8, 0.1]])
    (found,) = paired_differences([first, second])
    assert (found.wins, found.ties, found.losses) == (2, 1, 1)
    assert found.value == pytest.approx(np.mean([0.1, -0.1, 0.0004, 0.2]))


def test_seeds_are_averaged_before_images_are_counted() -> None:
    first = np.array([[0.9, 0.5], [0.5, 0.9]])  # 0.7 and 0.7
    second = np.array([[0.7, 0.6]])
    (found,) = paired_differences([first, second])
    assert (found.wins, found.ties, found.losses) == (1, 1, 0)


def test_seeds_that_differ_widen_the_interval() -> None:
    first, second = correlated_ious(5, 0.02)
    shifts = np.array([-0.04, 0.0, 0.04])[:, None]
    (steady,) = paired_differences([first[None] + 0 * shifts, second[None] + 0 * shifts])
    (spread,) = paired_differences([first[None] + shifts, second[None] + shifts])
    assert spread.value == pytest.approx(steady.value)
    assert spread.high - spread.low > 3 * (steady.high - steady.low)


def test_the_spread_of_seeds_is_not_understated() -> None:
    # Every image the same: only the seeds vary, and the variance of their mean is s²/n.
    seeds = np.array([0.80, 0.82, 0.87, 0.85, 0.81])
    experiment = np.repeat(seeds[:, None], 60, axis=1)
    (found,) = paired_differences([experiment, np.full((1, 60), 0.8)], resamples=40_000)
    half = (found.high - found.low) / 2
    assert half == pytest.approx(1.96 * stats.sem(seeds), rel=0.1)


@pytest.mark.parametrize("images", [2, 4, 18, 49])
def test_few_images_have_scipy_s_paired_t_interval(images: int) -> None:
    first, second = correlated_ious(6, 0.02, images)
    (found,) = paired_differences([first[None], second[None]])
    expected = stats.ttest_rel(first, second).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_intervals_of_four_images_hold_the_truth_as_often_as_they_say() -> None:
    """Percentiles of a bootstrap hold it in 80 of 100 cases here."""
    held = 0
    for seed in range(600):
        first, second = correlated_ious(seed, 0.0, images=4)
        (found,) = paired_differences([first[None], second[None]])
        held += found.low <= 0 <= found.high
    assert 0.93 <= held / 600 <= 0.98


def test_seeds_that_differ_widen_the_interval_of_few_images() -> None:
    first, second = correlated_ious(5, 0.02, images=10)
    shifts = np.array([-0.04, 0.0, 0.04])[:, None]
    (found,) = paired_differences([first[None] + shifts, second[None]])
    variance = stats.sem(first - second) ** 2 + stats.sem(shifts[:, 0]) ** 2
    half = stats.t.ppf(0.975, 9) * np.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))


def test_one_image_decides_nothing() -> None:
    (found,) = paired_differences([np.array([[0.9]]), np.array([[0.2]])])
    assert found.low <= -1
    assert found.high >= 1


def test_every_pair_in_order_and_the_same_again() -> None:
    ious = [np.random.default_rng(n).uniform(0, 1, (2, 40)) for n in range(4)]
    found = paired_differences(ious)
    assert [(one.first, one.second) for one in found] == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)
    ]  # fmt: skip
    assert found == paired_differences(ious)
    assert paired_differences(ious[:1]) == []
