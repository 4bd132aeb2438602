"""Runs against each other, from their folders alone: no weights, nothing measured anew."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seglab.comparable import Apart, Estimate, Measurement, read_measurement
from seglab.conditions import Conditions
from seglab.paired import paired_differences
from seglab.pooled_folds import pool_folds
from seglab.run_names import common_name, numbered, unique_names
from seglab.runs import Run

RANKED = ("dataset_iou", "mean_image_iou", "mean_image_boundary_iou")
"""Figures whose highest value is marked. Losses are not: they hold for their own loss alone."""


@dataclass(frozen=True)
class Row:
    """A run, or an experiment of several seeds or folds with its runs as ``members``.

    ``folds``: how many folds of a cross-validation are pooled, else 0.

    ``figures``: ``dataset_iou``, ``mean_image_iou``, ``mean_image_boundary_iou``,
    ``dataset_accuracy`` (0–1), ``val_loss`` (best epoch's), ``parameters``, ``multiply_adds``,
    ``seconds`` of training, ``epochs``, and ``cpu_milliseconds`` an image once measured; ``None``
    where a folder lacks one. ``best``: names of the figures that no other row exceeds.
    """

    name: str
    runs: tuple[Run, ...]
    seeds: tuple[int, ...]
    figures: Mapping[str, Estimate | None]
    best: frozenset[str] = frozenset()
    members: tuple["Row", ...] = ()
    folds: int = 0

    @property
    def members_in_words(self) -> str:
        """How many seeds, folds, or both; empty for a single run."""
        seeds = f"{len(self.seeds)} seeds" if len(self.seeds) > 1 else ""
        folds = f"{self.folds} folds" if self.folds else ""
        return " × ".join(word for word in (seeds, folds) if word)


@dataclass(frozen=True)
class Pair:
    """Row ``first`` against row ``second``: ``difference`` is the mean of the images' IoU
    differences, first minus second, with its paired interval; images won, tied and lost."""

    first: Row
    second: Row
    difference: Estimate
    wins: int
    ties: int
    losses: int

    @property
    def verdict(self) -> str:
        """Of the first: ``better``, ``worse``, or ``undecided`` where the interval holds 0."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None or low <= 0 <= high:
            return "undecided"
        return "better" if low > 0 else "worse"

    @property
    def covers(self) -> str:
        """What the interval covers: the choice of ``images``, and of ``seeds`` as well, or of
        those of the one row (``a`` the first, ``b`` the second) that has several; or ``folds``,
        and with them images and trainings."""
        if self.first.folds:
            return "folds"
        first, second = len(self.first.seeds) > 1, len(self.second.seeds) > 1
        if first and second:
            return "images and seeds"
        return "images and a's seeds" if first else "images and b's seeds" if second else "images"


@dataclass(frozen=True)
class Table:
    """Rows measured under one set of conditions. ``differs``: what is otherwise than in the first
    table, in words; empty for the first."""

    conditions: Conditions
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Tables of comparable runs, in the order given, and the runs that stand apart.

    ``timing``: where ``cpu_milliseconds`` come from, a sentence; empty before they are added.
    """

    split: str
    size: str
    tables: tuple[Table, ...]
    apart: tuple[Apart, ...]
    timing: str = ""

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run in a table."""
        return tuple(run for table in self.tables for row in table.rows for run in row.runs)

    def with_cpu_milliseconds(self, measured: Mapping[Path, float], timing: str) -> "Comparison":
        """The same with milliseconds an image, by run folder; ``timing`` says how they were
        measured."""
        tables = []
        for table in self.tables:
            rows = {row.name: _timed(row, measured) for row in table.rows}
            pairs = tuple(
                replace(pair, first=rows[pair.first.name], second=rows[pair.second.name])
                for pair in table.pairs
            )
            tables.append(replace(table, rows=tuple(rows.values()), pairs=pairs))
        return replace(self, tables=tuple(tables), timing=timing)


def compare(
    runs: Sequence[Run], split: str = "test", size: str = "network", paired: bool = True
) -> Comparison:
    """Compare runs by what their folders say of ``split``, evaluated at the ``network``'s size or
    the photos' ``original`` one.

    ``paired``: work out every pair too, which takes seconds for a hundred runs: 4,950 pairs.

    Runs that differ in seed alone (or in keys that touch no figure: where the data lies, device,
    workers) are one experiment; a second run of the same seed begins another. The folds of one
    cross-validation are pooled where all of them are there. Runs measured under
    other conditions stand in tables of their own and are never ranked together. What cannot be
    compared stands apart with its reason; nothing is raised.
    """
    read = [read_measurement(run, split, size, image_ious=paired) for run in runs]
    names = unique_names(runs)
    measured = [found for found in read if isinstance(found, Measurement)]
    tables: dict[Conditions, list[Measurement]] = {}
    pooled, broken = pool_folds(measured, split, size)
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
    rows = _with_best([replace(row, name=name) for row, name in zip(rows, titles, strict=True)])
    differs = conditions.differences(first) if first else []
    pairs = _pairs(rows, experiments, conditions.folds) if paired else ()
    return Table(conditions, tuple(rows), pairs, tuple(differs))


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
            name: _over_seeds([member.figures[name] for member in members])
            for name in members[0].figures
        },
        members=members,
        folds=members[0].folds,
    )


def _row_of_one(one: Measurement, names: Mapping[Path, str]) -> Row:
    folds = tuple(_row_of_one(fold, names) for fold in one.folds)
    name = common_name([fold.name for fold in folds]) if folds else names[one.run.folder]
    return Row(name, one.runs, (one.seed,), one.figures, members=folds, folds=len(folds))


def _over_seeds(figures: Sequence[Estimate | None]) -> Estimate | None:
    values = [figure.value for figure in figures if figure is not None]
    if not values or len(values) < len(figures):
        return None
    if len(set(values)) == 1 and figures[0] is not None and figures[0].low is None:
        return Estimate(values[0])  # a count that seeds do not change
    return Estimate(statistics.fmean(values), sd=statistics.stdev(values), seeds=len(values))


def _with_best(rows: Sequence[Row]) -> list[Row]:
    if len(rows) < 2:
        return list(rows)
    best: dict[int, set[str]] = {place: set() for place in range(len(rows))}
    for name in RANKED:
        values = [figure.value for row in rows if (figure := row.figures[name]) is not None]
        for place, row in enumerate(rows):
            figure = row.figures[name]
            if figure is not None and math.isclose(figure.value, max(values)):
                best[place].add(name)
    return [replace(row, best=frozenset(best[place])) for place, row in enumerate(rows)]


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


def _timed(row: Row, measured: Mapping[Path, float]) -> Row:
    members = tuple(_timed(member, measured) for member in row.members)
    if members:
        figure = _over_seeds([member.figures["cpu_milliseconds"] for member in members])
    else:
        milliseconds = measured.get(row.runs[0].folder)
        figure = None if milliseconds is None else Estimate(milliseconds)
    return replace(row, figures={**row.figures, "cpu_milliseconds": figure}, members=members)
