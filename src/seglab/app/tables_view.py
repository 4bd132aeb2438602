"""The tables of runs: one for each group of comparable runs, and one of those left out."""

from collections.abc import Sequence

import streamlit as st

from seglab.app import readings, state, widgets
from seglab.app.colours import marks
from seglab.app.leaderboard import ordered
from seglab.app.run_table import run_table
from seglab.comparable import Apart
from seglab.comparison_notes import notes
from seglab.comparison_results import Comparison, Row, Table
from seglab.run_activity import in_training
from seglab.runs import Run
from seglab.views import ONE_LOOK

KNOWN_WITHOUT_EVALUATION = ("epochs", "loss", "date", "dataset", "network", "notes")
MOST_COMMANDS = 6


def tables(comparison: Comparison, columns: Sequence[str], order: str, runs: Sequence[Run]) -> None:
    """A table for each group of comparable runs, and one of those that are not compared."""
    found = marks(runs)
    for number, table in enumerate(comparison.tables):
        st.markdown(_heading(table, number))
        run_table(table.rows, columns, found, runs, f"table_{number}", f"Runs, table {number + 1}")
    if comparison.tables:
        st.caption(widgets.plain(widgets.thin_spaced(" ".join(notes(comparison)))))
    if comparison.apart:
        _apart(comparison.apart, columns, order, runs)
    if not comparison.tables and not comparison.apart:
        st.info("No run passes these filters. Empty the name, or choose all of each.")


def _apart(found: Sequence[Apart], columns: Sequence[str], order: str, runs: Sequence[Run]) -> None:
    """The runs that are not compared, why, and the commands that give what is missing."""
    told = {one.run.name: readings.reason_of(one.run, one.reason) for one in found}
    folders = {one.run.name: state.shown(one.run.folder) for one in found}
    for one in in_training(runs):
        told[one.run.name] = f"in training: {one.epochs} of {one.planned} epochs"
    # A command is to be copied, not read in a cell.
    parts = {name: reason.partition(": python ") for name, reason in told.items()}
    reasons = {name: reason.rpartition("; ")[0] if command else reason
               for name, (reason, _, command) in parts.items()}  # fmt: skip
    # The row says which run: only so does the reason fit into its cell.
    reasons = {name: reason.removeprefix(folders[name]).lstrip("/: ")
               for name, reason in reasons.items()}  # fmt: skip
    known = [column for column in columns if column in KNOWN_WITHOUT_EVALUATION]
    rows = ordered([Row(one.run.name, (one.run,), (), {}) for one in found], order)
    st.markdown("**Not compared**")
    run_table(rows, known, marks(runs), runs, "apart", "Runs that are not compared", reasons)
    commands = [f"python {command}" for _, _, command in parts.values() if command]
    if commands:
        st.caption("What is missing, these commands give:")
        st.code("\n".join(commands[:MOST_COMMANDS]), language=None, wrap_lines=True)


def _heading(table: Table, number: int) -> str:
    conditions = table.conditions
    where = (
        f"{widgets.count(len(conditions.images))} photos of the {conditions.part_in_words()} at "
        f"{conditions.size_in_words()}"
    )
    if conditions.views != ONE_LOOK:
        where += f" with {conditions.looks_in_words()}"
    if not number:
        return f"Measured on {where}; classes {widgets.plain(', '.join(conditions.class_names))}."
    differs = widgets.plain(widgets.thin_spaced("; ".join(table.differs)))
    return f"**Not comparable with the above**: {differs}. {where[0].upper()}{where[1:]}."
