"""Bootstrap intervals against scipy's."""

import numpy as np
import pytest
from scipy import stats

from seglab.intervals import bootstrap


def ratio_and_mean(rows: np.ndarray) -> dict[str, np.ndarray]:
    return {"ratio": rows[..., 0] / rows[..., 1], "mean": rows[..., 2]}


def test_intervals_equal_scipy_s() -> None:
    generator = np.random.default_rng(1)
    whole = generator.uniform(5, 20, 300)
    rows = np.column_stack([whole * generator.beta(5, 2, 300), whole, generator.random(300)])
    found = bootstrap(rows, ratio_and_mean)
    for name, statistic, columns in [
        ("mean", lambda values, axis: values.mean(axis), (rows[:, 2],)),
        ("ratio", lambda a, b, axis: a.sum(axis) / b.sum(axis), (rows[:, 0], rows[:, 1])),
    ]:
        expected = stats.bootstrap(
            columns,
            statistic,
            paired=True,
            n_resamples=4000,
            method="percentile",
            random_state=np.random.default_rng(2),
        ).confidence_interval
        width = expected.high - expected.low
        assert found[name]["low"] == pytest.approx(expected.low, abs=0.08 * width)
        assert found[name]["high"] == pytest.approx(expected.high, abs=0.08 * width)
        assert found[name]["value"] == pytest.approx(float(ratio_and_mean(rows.mean(0))[name]))


def test_the_same_seed_gives_the_same_interval() -> None:
    rows = np.random.default_rng(0).random((20, 3))
    assert bootstrap(rows, ratio_and_mean) == bootstrap(rows, ratio_and_mean)
    assert bootstrap(rows, ratio_and_mean) != bootstrap(rows, ratio_and_mean, seed=1)


def test_a_single_image_has_an_interval_of_no_width() -> None:
    found = bootstrap(np.array([[1.0, 2.0, 0.25]]), ratio_and_mean)
    assert found["mean"] == {"value": 0.25, "low": 0.25, "high": 0.25}
