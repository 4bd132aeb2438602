"""One factor at a time: what changing a single key of an experiment brings, all else equal.

The cells of a factorial suite are paired so that two of a pair differ in one key alone; the effect
of the key is the mean of their differences, a main effect (Fisher 1935).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from seglab.comparable import Estimate
from seglab.comparison_results import Comparison, Row, Table
from seglab.config import Experiment
from seglab.intervals import FEW, LEVEL
from seglab.jackknife import interval, means_without_each
from seglab.paired import half_width_of_few, resampled_means
from seglab.reproduction import differences
from seglab.runs import Run

MEASURES = {"iou": "image IoU", "boundary_iou": "image boundary IoU"}
"""Columns of the evaluation's table, and how they are called."""

Change = tuple[str, str, str]
"""``section.key``, its value before and after as text."""


@dataclass(frozen=True)
class Effect:
    """Key ``key`` at ``after`` instead of ``before``, over ``cells`` of rows (before, after).

    ``changes``: for each name of ``MEASURES`` the mean difference per image, after minus before,
    with its paired 95 % bootstrap interval over images, and over seeds where a row has several.
    """

    key: str
    before: str
    after: str
    cells: tuple[tuple[Row, Row], ...]
    changes: dict[str, Estimate]

    def verdict(self, measure: str) -> str:
        """``higher``, ``lower``, or ``undecided`` where the interval holds 0."""
        low, high = self.changes[measure].low, self.changes[measure].high
        if low is None or high is None or low <= 0 <= high:
            return "undecided"
        return "higher" if low > 0 else "lower"


def effects(comparison: Comparison) -> list[Effect]:
    """The effect of every key of which a table holds two rows that differ in it alone.

    Raises ``RunError`` when an evaluation cannot be read.
    """
    return [found for table in comparison.tables for found in _effects_of(table, comparison)]


def _effects_of(table: Table, comparison: Comparison) -> list[Effect]:
    pairs = _pairs(table)
    changes: dict[Change, dict[str, Estimate]] = {change: {} for change in pairs}
    for measure in MEASURES if pairs else ():
        values = [_images(row.runs, measure, comparison) for row in table.rows]
        means = np.array([images.mean() for images in values])
        folds = table.conditions.folds
        few = not folds and values[0].shape[1] < FEW
        if not few:
            drawn = _left_out(values, folds) if folds else resampled_means(values)
        for change, places in pairs.items():
            before, after = np.array(places).T
            value = (means[after] - means[before]).mean()
            if few:
                half = _half_width_of_few(values, before, after)
                low, high = value - half, value + half
            else:
                effect = (drawn[:, after] - drawn[:, before]).mean(axis=1)
                low, high = _edges(effect, value) if folds else _percentiles(effect)
            changes[change][measure] = Estimate(float(value), float(low), float(high))
    return [
        Effect(
            *change,
            tuple((table.rows[before], table.rows[after]) for before, after in places),
            changes[change],
        )
        for change, places in pairs.items()
    ]


def _edges(effect: np.ndarray, value: float) -> tuple[float, float]:
    """Of the value, from the effects without each fold in turn."""
    half = interval(effect)
    return value - half, value + half


def _percentiles(effect: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(effect, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return low, high


def _half_width_of_few(
    values: Sequence[np.ndarray], before: np.ndarray, after: np.ndarray
) -> float:
    """As ``paired.half_width_of_few``, of the mean of the cells' differences."""
    cells = [np.bincount(places, minlength=len(values)) for places in (after, before)]
    return half_width_of_few(values, list((cells[0] - cells[1]) / len(before)))


def _pairs(table: Table) -> dict[Change, list[tuple[int, int]]]:
    """Places of rows (before, after) that differ in one key alone; the value that an earlier row
    has stands before."""
    experiments = [row.runs[0].experiment for row in table.rows]
    pairs: dict[Change, list[tuple[int, int]]] = {}
    for one, other in combinations(range(len(experiments)), 2):
        changed = differences(experiments[one], experiments[other]).keys() - {"trainer.seed"}
        if len(changed) != 1:
            continue
        (key,) = changed
        values = [_value(experiment, key) for experiment in experiments]
        if values.index(values[one]) < values.index(values[other]):
            pairs.setdefault((key, values[one], values[other]), []).append((one, other))
        else:
            pairs.setdefault((key, values[other], values[one]), []).append((other, one))
    return pairs


def _value(experiment: Experiment, key: str) -> str:
    section, name = key.split(".")
    return str(experiment.as_dict()[section][name])


def _left_out(values: Sequence[np.ndarray], folds: Sequence[int]) -> np.ndarray:
    """Mean of each experiment without each fold in turn: folds×experiments."""
    return means_without_each(np.stack([seeds.mean(axis=0) for seeds in values], axis=1), folds)


def _images(runs: Sequence[Run], measure: str, comparison: Comparison) -> np.ndarray:
    """A column of the evaluations' tables, float64 seeds×images, images sorted by name.

    Folds of one seed are joined.
    """
    import pandas

    tables: dict[int, list[pandas.DataFrame]] = {}
    for run in runs:
        table = run.evaluation_table(comparison.split, comparison.size, comparison.views)
        assert table is not None, "a run without a table is not in a comparison's table"
        tables.setdefault(run.experiment.trainer.seed, []).append(table)
    joined = [pandas.concat(folds).sort_values("name") for folds in tables.values()]
    return np.stack([table[measure].to_numpy(np.float64) for table in joined])
