"""Intervals where a bootstrap over images would be too sure: over folds, and over few images.

The figure is computed with each unit left out in turn, and its spread is put into Student's t with
units − 1 degrees of freedom (delete-a-group jackknife, Kott 2001, Journal of Official Statistics
17). Of a cross-validation the units are the folds: images of one fold share one training, so they
are no independent draws. The folds' training sets overlap, so even this is a little narrow; no
unbiased estimate exists (Bengio and Grandvalet 2004). Of few images each is a unit: resamples of
four hold no more than these four, and their percentiles hold the truth in 78 of 100 cases.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from seglab.intervals import LEVEL, Figure, Key, Reduction


def jackknife(rows: np.ndarray, reduce: Reduction[Key], folds: Sequence[int]) -> dict[Key, Figure]:
    """As ``intervals.bootstrap``, with the fold of each image instead of seed and resamples.

    The figures are shares: an interval ends at 0 and at 1, and of a single fold it is all between.
    """
    values = rows.astype(np.float64)
    edges: dict[Key, float] = {}
    if len(set(folds)) > 1:
        left_out = reduce(means_without_each(values, folds))
        edges = {key: interval(left_out[key]) for key in left_out}
    return {
        key: {
            "value": float(value),
            "low": max(float(value) - edges.get(key, 1.0), 0.0),
            "high": min(float(value) + edges.get(key, 1.0), 1.0),
        }
        for key, value in reduce(values.mean(axis=0)).items()
    }


def means_without_each(rows: np.ndarray, folds: Sequence[int]) -> np.ndarray:
    """Mean row (images×columns) of the images outside each fold in turn: folds×columns."""
    of_image = np.asarray(folds)
    return np.stack([rows[of_image != fold].mean(axis=0) for fold in np.unique(of_image)])


def interval(left_out: np.ndarray) -> float:
    """Half the width of the 95 % interval, from a figure with each fold left out."""
    count = len(left_out)
    error = math.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())
    return error * student_quantile(count - 1)


@lru_cache
def student_quantile(freedom: int) -> float:
    """How many standard errors 95 % of Student's t lie within (by integrating its density)."""
    places = np.linspace(0, 13, 130_001)
    logs = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    logs = logs - np.log(freedom * math.pi) / 2
    density = np.exp(logs - (freedom + 1) / 2 * np.log1p(places**2 / freedom))
    share = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)]) * places[1]
    return float(np.interp(LEVEL / 2, share, places))
