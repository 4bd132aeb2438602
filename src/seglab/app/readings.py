"""What the pages read of run folders: read again only when the files changed."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from seglab.app import state
from seglab.comparison import compare
from seglab.comparison_results import Comparison
from seglab.errors import RunError
from seglab.measured import Measured
from seglab.run_keeping import notes
from seglab.run_list import default_run
from seglab.runs import Run
from seglab.views import ONE_LOOK

if TYPE_CHECKING:
    import pandas

SPLIT = "test"


def ways_measured(runs: Sequence[Run]) -> list[Measured]:
    """How any of the runs was measured on the test split, what compares most of them first: the
    networks' own sizes may differ, the photos' never do. What was averaged stands last."""
    measured: dict[Measured, list[Run]] = {}
    for run in runs:
        for way in _ways(run.folder, state.modified(run.folder)):
            measured.setdefault(way, []).append(run)
    plain, original = Measured(SPLIT, "network"), Measured(SPLIT, "original")
    own = {run.config["preprocessing"].get("image_size") for run in measured.get(plain, [])}
    together = len(own) > 1 and len(measured.get(original, [])) == len(measured[plain])
    found = sorted(
        measured,
        key=lambda way: (way.views != ONE_LOOK, (way.size == "network") == together, way.name),
    )
    return found or [plain]


def compared(runs: Sequence[Run], paired: bool, way: Measured) -> Comparison:
    """The runs against each other, measured in one ``way``; ``paired`` as ``compare`` says: a page
    that shows no pair has none drawn."""
    stamps = [
        (
            str(run.folder),
            state.modified(run.config_path),
            state.modified(run.evaluation_path(way.split, way.size, way.views)),
            state.modified(way.table_of(run)),
        )
        for run in runs
    ]
    found: Comparison = _compared(str(stamps), paired, way, list(runs))
    return found


def losses(run: Run) -> list[float]:
    """Validation loss by epoch; empty before the first epoch's end, or where it is unreadable."""
    return _losses(run.folder, state.modified(run.metrics_path))


def table(run: Run) -> "pandas.DataFrame":
    """A row an epoch, for reading alone: all sessions have the same one. Raises ``RunError``."""
    return _table(run.folder, state.modified(run.metrics_path))


def first_note(run: Run) -> str:
    """The first line that was noted about the run."""
    return _first_note(run.folder, state.modified(run.notes_path))


def started(run: Run) -> date | None:
    """The day its training began, as the run was told the time; ``None`` where it does not say."""
    try:
        return datetime.fromisoformat(str(run.config["environment"].get("started"))).date()
    except ValueError:
        return None


def newest_first(runs: Sequence[Run]) -> list[Run]:
    """The runs by the beginning of their training; those that do not say stand last."""
    return sorted(
        runs, key=lambda run: str(run.config["environment"].get("started", "")), reverse=True
    )


def default_name(models: Path) -> str:
    """The name of the run that is used when none is named; empty where there is none."""
    try:
        return default_run(models).name
    except RunError:
        return ""


def reason_of(run: Run, reason: str) -> str:
    """A reason with the run's folder written as one types it."""
    return reason.replace(str(run.folder), state.shown(run.folder))


@st.cache_resource(max_entries=16, show_spinner="Comparing the runs …")
def _compared(stamps: str, paired: bool, way: Measured, _runs: list[Run]) -> Comparison:
    del stamps  # part of the key
    return compare(_runs, way.split, way.size, paired, way.views)


# Not Streamlit's cache, which takes half a millisecond to find what it has: there are a hundred
# runs, looked up whenever the page is drawn.
@lru_cache(maxsize=1000)
def _ways(folder: Path, stamp: int) -> list[Measured]:
    del stamp  # part of the key
    names = [path.stem.removeprefix("evaluation-") for path in folder.glob("evaluation-*.json")]
    return [way for name in names if (way := Measured.named(name)) and way.split == SPLIT]


@lru_cache(maxsize=1000)
def _losses(folder: Path, stamp: int) -> list[float]:
    del stamp  # part of the key
    try:
        return [row["val_loss"] for row in Run(folder).rows() if "val_loss" in row]
    except RunError:
        return []


@lru_cache(maxsize=200)
def _table(folder: Path, stamp: int) -> "pandas.DataFrame":
    del stamp  # part of the key
    return Run(folder).metrics()


@lru_cache(maxsize=1000)
def _first_note(folder: Path, stamp: int) -> str:
    del stamp  # part of the key
    try:
        lines = notes(Run(folder)).splitlines()
    except RunError:
        return ""
    return next((line.lstrip("# ").strip() for line in lines if line.strip()), "")
