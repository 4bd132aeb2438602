"""What a comparison holds: tables of rows that were measured alike, the best of each column
marked, and the pairs of rows against each other."""

import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seglab.comparable import EVALUATED, Apart, Estimate, is_iou_of_a_class
from seglab.conditions import Conditions
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views

RANKED = ("dataset_iou", "mean_image_iou", "mean_image_boundary_iou")
"""Figures by which runs are ranked; the others have no interval in a table."""

COSTS = ("parameters", "multiply_adds", "cpu_milliseconds", "seconds")


@dataclass(frozen=True)
class Row:
    """A run, or an experiment of several seeds or folds with its runs as ``members``.

    ``folds``: how many folds of a cross-validation are pooled, else 0.

    ``figures``: ``dataset_iou``, ``mean_image_iou``, ``mean_image_boundary_iou``,
    ``dataset_accuracy`` (0–1), ``val_loss`` (best epoch's), ``parameters``, ``multiply_adds``,
    ``seconds`` of training, ``epochs``, and ``cpu_milliseconds`` an image once measured; ``None``
    where a folder lacks one. ``best``: names of the figures in which no other row is better.
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
    views: Views = ONE_LOOK

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run in a table."""
        return tuple(run for table in self.tables for row in table.rows for run in row.runs)

    def with_cpu_milliseconds(
        self, measured: Mapping[Path, float], timing: str, scatter: float = 0.0
    ) -> "Comparison":
        """The same with milliseconds an image, by run folder; ``timing`` says how they were
        measured, ``scatter`` which share of the slower one is no difference."""
        tables = []
        for table in self.tables:
            timed = with_best([_timed(row, measured) for row in table.rows], scatter)
            rows = {row.name: row for row in timed}
            pairs = tuple(
                replace(pair, first=rows[pair.first.name], second=rows[pair.second.name])
                for pair in table.pairs
            )
            tables.append(replace(table, rows=timed, pairs=pairs))
        return replace(self, tables=tuple(tables), timing=timing)


def over_seeds(figures: Sequence[Estimate | None]) -> Estimate | None:
    """Mean and deviation of one figure over the seeds of an experiment; ``None`` where one of
    them lacks it."""
    values = [figure.value for figure in figures if figure is not None]
    if not values or len(values) < len(figures):
        return None
    if len(set(values)) == 1 and figures[0] is not None and figures[0].low is None:
        return Estimate(values[0])  # a count that seeds do not change
    return Estimate(statistics.fmean(values), sd=statistics.stdev(values), seeds=len(values))


def with_best(rows: Sequence[Row], scatter: float = 0.0) -> tuple[Row, ...]:
    """The rows, each with the names of the figures in which none is better; where all are equal
    none is marked, nor a validation loss where the losses are of different kinds, nor the training
    time of a run that went on from another's weights. ``scatter``: the share of the slower one up
    to which milliseconds are equal."""
    best: list[set[str]] = [set() for _ in rows]
    for name in dict.fromkeys(name for row in rows for name in row.figures):
        choose = _better(name)
        tolerance = scatter if name == "cpu_milliseconds" else 0.0
        known = [
            (row.figures.get(name), marked)
            for row, marked in zip(rows, best, strict=True)
            if name != "seconds" or not row.runs[0].first_runs
        ]
        values = [figure.value for figure, _ in known if figure is not None]
        if choose is None or not values or _same(name, min(values), max(values), tolerance):
            continue
        if name == "val_loss" and not of_one_loss(rows):
            continue
        for figure, marked in known:
            if figure is not None and _same(name, figure.value, choose(values), tolerance):
                marked.add(name)
    return tuple(
        replace(row, best=frozenset(marked)) for row, marked in zip(rows, best, strict=True)
    )


def of_one_loss(rows: Sequence[Row]) -> bool:
    """Whether all were trained with the same loss, so that its values can be compared."""
    losses = [row.runs[0].experiment.as_dict()["loss"] for row in rows]
    return len({json.dumps(loss, sort_keys=True) for loss in losses}) <= 1


def _same(name: str, first: float, second: float, tolerance: float) -> bool:
    """Whether two values are the same: of shares and losses the four digits that are shown."""
    if name in COSTS:
        return math.isclose(first, second, rel_tol=max(tolerance, 1e-9))
    return round(first, 4) == round(second, 4)


def _better(name: str) -> Callable[[Sequence[float]], float] | None:
    """Of a figure's values the best; ``None`` for one without a better direction, as epochs."""
    if name in COSTS or name == "val_loss":
        return min
    return max if name in EVALUATED or is_iou_of_a_class(name) else None


def _timed(row: Row, measured: Mapping[Path, float]) -> Row:
    members = tuple(_timed(member, measured) for member in row.members)
    if members:
        figure = over_seeds([member.figures["cpu_milliseconds"] for member in members])
    else:
        milliseconds = measured.get(row.runs[0].folder)
        figure = None if milliseconds is None else Estimate(milliseconds)
    return replace(row, figures={**row.figures, "cpu_milliseconds": figure}, members=members)
