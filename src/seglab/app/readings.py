"""What the pages read of run folders: read again only when the files changed."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import streamlit as st

from seglab.app import state
from seglab.comparison import Comparison, compare
from seglab.errors import RunError
from seglab.run_keeping import notes
from seglab.run_list import default_run
from seglab.runs import Run

SPLIT = "test"
NETWORK_SIZE = "network"


def compared(runs: Sequence[Run], paired: bool) -> Comparison:
    """The runs against each other, on the test split at the network's size; ``paired`` as
    ``compare`` says: a page that shows no pair has none drawn."""
    paths = [str(run.folder) for run in runs]
    stamps = [
        tuple(
            map(
                state.modified,
                (
                    run.config_path,
                    run.evaluation_path(SPLIT, NETWORK_SIZE),
                    run.evaluation_path(SPLIT, NETWORK_SIZE, suffix=".csv"),
                ),
            )
        )
        for run in runs
    ]
    found: Comparison = _compared(tuple(zip(paths, stamps, strict=True)), paired, list(runs))
    return found


def losses(run: Run) -> list[float]:
    """Validation loss by epoch; empty before the first epoch's end, or where it is unreadable."""
    found: list[float] = _losses(str(run.folder), state.modified(run.metrics_path))
    return found


def first_note(run: Run) -> str:
    """The first line that was noted about the run."""
    found: str = _first_note(str(run.folder), state.modified(run.notes_path))
    return found


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
def _compared(stamps: tuple[object, ...], paired: bool, _runs: list[Run]) -> Comparison:
    del stamps  # part of the key
    return compare(_runs, SPLIT, NETWORK_SIZE, paired)


@st.cache_resource(max_entries=1000, show_spinner=False)
def _losses(folder: str, stamp: int) -> list[float]:
    del stamp  # part of the key
    try:
        return [row["val_loss"] for row in Run(Path(folder)).rows() if "val_loss" in row]
    except RunError:
        return []


@st.cache_resource(max_entries=1000, show_spinner=False)
def _first_note(folder: str, stamp: int) -> str:
    del stamp  # part of the key
    try:
        lines = notes(Run(Path(folder))).splitlines()
    except RunError:
        return ""
    return next((line.lstrip("# ").strip() for line in lines if line.strip()), "")
