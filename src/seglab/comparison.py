"""Runs against each other, from their folders alone: no weights, nothing measured anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from seglab.comparable import Apart, Estimate, Measurement, read_measurement
from seglab.comparison_results import Comparison, Pair, Row, Table, over_seeds, with_best
from seglab.conditions import Conditions
from seglab.paired import paired_differences
from seglab.pooled_folds import pool_folds
from seglab.run_names import common_name, numbered, unique_names
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views


def compare(
    runs: Sequence[Run],
    split: str = "test",
    size: str = "network",
    paired: bool = True,
    views: Views = ONE_LOOK,
) -> Comparison:
    """Compare runs by what their folders say of ``split``, evaluated at the ``network``'s size or
    the photos' ``original`` one, with a single look or as the mean over ``views``.

    ``paired``: work out every pair too, which takes seconds for a hundred runs: 4,950 pairs.

    Runs that differ in seed alone (or in keys that touch no figure: where the data lies, device,
    workers) are one experiment; a second run of the same seed begins another. The folds of one
    cross-validation are pooled where all of them are there. Runs measured under
    other conditions stand in tables of their own and are never ranked together. What cannot be
    compared stands apart with its reason; nothing is raised.
    """
    read = [read_measurement(run, split, size, paired, views) for run in runs]
    names = unique_names(runs)
    measured = [found for found in read if isinstance(found, Measurement)]
    tables: dict[Conditions, list[Measurement]] = {}
    pooled, broken = pool_folds(measured, split, size, views)
    for found in pooled:
        tables.setdefault(found.conditions, []).append(found)
    first = next(iter(tables), None)
    return Comparison(
        split,
        size,
        tuple(
            _table(conditions, measurements, names, first, paired)
            for conditions, measurements in tables.items()
        ),
        (*(found for found in read if isinstance(found, Apart)), *broken),
        views=views,
    )


def _table(
    conditions: Conditions,
    measurements: Sequence[Measurement],
    names: Mapping[Path, str],
    first: Conditions | None,
    paired: bool,
) -> Table:
    experiments = _experiments(measurements)
    rows = [_row(experiment, names) for experiment in experiments]
    titles = numbered([row.name for row in rows])
    named = with_best([replace(row, name=name) for row, name in zip(rows, titles, strict=True)])
    differs = conditions.differences(first) if first else []
    pairs = _pairs(named, experiments, conditions.folds) if paired else ()
    return Table(conditions, named, pairs, tuple(differs))


def _experiments(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Lists of runs that differ in seed alone, by seed; one seed never twice in a list."""
    experiments: list[list[Measurement]] = []
    for found in measurements:
        for experiment in experiments:
            same = experiment[0].description == found.description
            if same and found.seed not in [other.seed for other in experiment]:
                experiment.append(found)
                break
        else:
            experiments.append([found])
    return [sorted(experiment, key=lambda one: one.seed) for experiment in experiments]


def _row(experiment: Sequence[Measurement], names: Mapping[Path, str]) -> Row:
    members = tuple(_row_of_one(one, names) for one in experiment)
    if len(members) == 1:
        return members[0]
    return Row(
        common_name([member.name for member in members]),
        tuple(run for one in experiment for run in one.runs),
        tuple(one.seed for one in experiment),
        {
            name: over_seeds([member.figures[name] for member in members])
            for name in members[0].figures
        },
        members=members,
        folds=members[0].folds,
    )


def _row_of_one(one: Measurement, names: Mapping[Path, str]) -> Row:
    folds = tuple(_row_of_one(fold, names) for fold in one.folds)
    name = common_name([fold.name for fold in folds]) if folds else names[one.run.folder]
    return Row(name, one.runs, (one.seed,), one.figures, members=folds, folds=len(folds))


def _pairs(
    rows: Sequence[Row], experiments: Sequence[Sequence[Measurement]], folds: Sequence[int]
) -> tuple[Pair, ...]:
    ious = [
        np.stack([one.image_ious for one in experiment if one.image_ious is not None])
        for experiment in experiments
    ]
    return tuple(
        Pair(
            rows[found.first],
            rows[found.second],
            Estimate(found.value, found.low, found.high),
            found.wins,
            found.ties,
            found.losses,
        )
        for found in paired_differences(ious, folds)
    )
