"""The table of runs as values: which rows, in what order, with what in their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from seglab.app import readings
from seglab.app.datasets import SOURCE_NAMES
from seglab.comparable import Estimate
from seglab.comparison_results import RANKED, Comparison, Row
from seglab.run_marks import Mark
from seglab.runs import Run

COLUMNS = {
    "dataset_iou": "Dataset IoU",
    "mean_image_iou": "Mean image IoU",
    "mean_image_boundary_iou": "Boundary IoU",
    "parameters": "Parameters",
    "cpu_milliseconds": "CPU ms",
    "epochs": "Epochs",
    "seconds": "Training",
    "loss": "Loss",
    "date": "Date",
    "dataset_accuracy": "Accuracy",
    "val_loss": "Validation loss",
    "multiply_adds": "Multiply-adds",
    "dataset": "Dataset",
    "network": "Network",
    "seeds": "Seeds",
    "notes": "Notes",
}
FIRST = tuple(COLUMNS)[:9]
"""The columns shown until others are chosen."""

LOWEST_FIRST = ("parameters", "cpu_milliseconds", "epochs", "seconds", "val_loss", "name")
SORTS = {name: COLUMNS[name] for name in (*RANKED, *LOWEST_FIRST[:4], "date")} | {"name": "Name"}

SYMBOLS = {
    "circle": "●",
    "square": "■",
    "diamond": "◆",
    "triangle-up": "▲",
    "cross": "✚",
    "x": "✖",
    "star": "★",
}
"""The plots' symbols as characters."""


@dataclass(frozen=True)
class Filters:
    """Which runs are shown; ``None`` and the empty text let everything through."""

    name: str = ""
    dataset: str | None = None
    network: str | None = None
    finished: str | None = None

    def pass_run(self, run: Run, group: str = "") -> bool:
        """Whether the run is shown; ``group`` is the name of its experiment."""
        wanted = self.name.strip().lower()
        return (
            (wanted in run.name.lower() or wanted in group.lower())
            and self.dataset in (None, dataset_of(run))
            and self.network in (None, network_of(run))
            and self.finished in (None, finished(run))
        )


def dataset_of(run: Run) -> str:
    """What it was trained on, in words."""
    data = run.experiment.data
    name = SOURCE_NAMES[data.source]
    return f"{name}: {Path(data.root).name}" if data.source == "folder" else name


def network_of(run: Run) -> str:
    """Its architecture and width, or its encoder, in words."""
    network = run.experiment.network
    if network.name == "unet":
        return f"{network.name}, {network.base_channels} channels"
    if "encoder" in network.known_keys:
        return f"{network.name}, {network.encoder}"
    return network.name


def finished(run: Run) -> str:
    """``finished`` or ``unfinished``."""
    return "finished" if run.finished else "unfinished"


def arranged(comparison: Comparison, filters: Filters, grouped: bool, order: str) -> Comparison:
    """Of every table the rows that pass, ordered by a key of ``SORTS``; without the pairs.

    ``grouped``: seeds of one experiment in one row, as long as all of them pass.
    """
    tables = []
    for table in comparison.tables:
        rows = [kept for row in table.rows for kept in _kept(row, filters, grouped)]
        if rows:
            tables.append(replace(table, rows=tuple(ordered(rows, order)), pairs=()))
    apart = tuple(found for found in comparison.apart if filters.pass_run(found.run))
    return replace(comparison, tables=tuple(tables), apart=apart)


def ordered(rows: Sequence[Row], order: str) -> list[Row]:
    """The rows by a key of ``SORTS``, the best or newest first; those without a value last."""

    def value(row: Row) -> Any:
        if order == "name":
            return row.name.lower()
        if order == "date":
            return _date(row)
        figure = row.figures.get(order)
        return None if figure is None else figure.value

    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=order not in LOWEST_FIRST)
    return known + [row for row in rows if value(row) is None]


def cells(
    row: Row, columns: Sequence[str], marks: Mapping[str, Mark], reason: str | None = None
) -> dict[str, object]:
    """A line of the table by column label: the run's mark and name, then ``columns``.

    ``reason``: why the run is not compared.
    """
    seeds = f" ({row.members_in_words})" if row.members else ""
    symbol = SYMBOLS[marks[row.runs[0].name].symbol]
    line: dict[str, object] = {"Mark": symbol, "Run": row.name + seeds}
    if reason is not None:
        line["Why"] = reason
    return line | {COLUMNS[column]: _cell(row, column) for column in columns}


def with_interval(figure: Estimate | None) -> str | None:
    """A figure from 0 to 1 as ``0.871 [0.867, 0.875]``, or over seeds as ``0.871 ± 0.003``."""
    if figure is None:
        return None
    if figure.sd is not None:
        return f"{figure.value:.3f} ± {figure.sd:.3f}"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _kept(row: Row, filters: Filters, grouped: bool) -> list[Row]:
    members = row.members or (row,)
    kept = [member for member in members if filters.pass_run(member.runs[0], row.name)]
    return [row] if grouped and len(kept) == len(members) else kept


def _cell(row: Row, column: str) -> object:
    run = row.runs[0]
    if column == "dataset_iou":
        return with_interval(row.figures.get(column))
    if column == "loss":
        return _mean_losses(row)
    if column == "date":
        return _date(row)
    if column == "dataset":
        return dataset_of(run)
    if column == "network":
        return network_of(run)
    if column == "seeds":
        return ", ".join(map(str, row.seeds)) or str(run.experiment.trainer.seed)
    if column == "notes":
        return " · ".join(note for one in row.runs if (note := readings.first_note(one)))
    figure = row.figures.get(column)
    if figure is None:
        return float(len(_mean_losses(row))) if column == "epochs" else None
    return figure.value / 60 if column == "seconds" else figure.value


def _mean_losses(row: Row) -> list[float]:
    """Of several seeds their mean, as far as all of them came."""
    found = [readings.losses(run) for run in row.runs]
    return [sum(values) / len(values) for values in zip(*found, strict=False)]


def _date(row: Row) -> date | None:
    return max((day for run in row.runs if (day := readings.started(run))), default=None)
