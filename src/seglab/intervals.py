"""Bootstrap intervals over images (Efron 1979), percentile method."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import numpy as np

LEVEL = 0.95
RESAMPLES = 2000
AT_ONCE = 100
SEED = 0
FEW = 50
"""With fewer images percentiles of a bootstrap are too narrow: of 4 they hold the truth in 78 of
100 cases (``benchmarks/interval_coverage.py``; Hesterberg 2015, The American Statistician 69).
Student's t takes their place."""

Key = TypeVar("Key", bound=Hashable)

Figure = dict[str, float]
"""``{"value", "low", "high"}``."""
Reduction = Callable[[np.ndarray], dict[Key, np.ndarray]]
"""Mean rows …×columns to figures of shape …."""


def method(images: int) -> str:
    """How an interval over so many images is made, in words before "interval"."""
    return "bootstrap" if images >= FEW else "jackknife (Student's t)"


def bootstrap(
    rows: np.ndarray,
    reduce: Reduction[Key],
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> dict[Key, Figure]:
    """95 % intervals of figures that depend on the mean row alone, from ``rows`` images×columns.

    ``reduce`` turns mean rows …×columns into figures of shape …. A pooled figure is a ratio of
    means as well as of sums, so counts and per-image figures can stand in the same row.
    """
    images = len(rows)
    generator = np.random.default_rng(seed)
    values = rows.astype(np.float64)
    drawn: dict[Key, list[np.ndarray]] = {}
    for start in range(0, resamples, AT_ONCE):
        # How often each image was drawn: a resample's mean row is then one matrix product.
        times = generator.multinomial(
            images, np.full(images, 1 / images), min(AT_ONCE, resamples - start)
        )
        for key, figures in reduce(times @ values / images).items():
            drawn.setdefault(key, []).append(figures)
    found = reduce(values.mean(axis=0))
    edges = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]
    return {
        key: _figure(found[key], *np.percentile(np.concatenate(parts), edges))
        for key, parts in drawn.items()
    }


def _figure(value: np.ndarray, low: float, high: float) -> Figure:
    return {"value": float(value), "low": float(low), "high": float(high)}
