"""A table of runs on the screen, whose rows choose the runs."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from seglab.app import chosen_runs
from seglab.app.leaderboard import COLUMNS, cells
from seglab.comparison_results import Row
from seglab.console import magnitude
from seglab.run_marks import Mark
from seglab.runs import Run

MOST_ROWS = 15
"""A longer table is scrolled in itself, so that what belongs to the chosen runs stays near."""
ROW_HEIGHT = 35


def run_table(
    rows: Sequence[Row],
    columns: Sequence[str],
    marks: Mapping[str, Mark],
    runs: Sequence[Run],
    key: str,
    description: str,
    reasons: Mapping[str, str] | None = None,
) -> None:
    """Rows with ``columns`` (keys of ``COLUMNS``); a checked one is chosen on every page.

    ``runs``: all there are; ``reasons``: run name to why it is not compared, a column of its own.
    """
    import pandas

    lines = [
        cells(row, columns, marks, None if reasons is None else reasons[row.name]) for row in rows
    ]
    frame = pandas.DataFrame(lines)
    for column in columns:
        if column not in ("loss", "date") and frame[COLUMNS[column]].isna().all():
            frame[COLUMNS[column]] = None  # a column of nothing has no type to be guessed
    looks = pandas.DataFrame("", index=frame.index, columns=frame.columns)
    looks["Mark"] = [f"color: {marks[row.runs[0].name].colour}" for row in rows]
    for name in columns:
        looks[COLUMNS[name]] = ["font-weight: bold" if name in row.best else "" for row in rows]
    # As "compact" two figures of which one is best could read alike: 1.9M and 1.9M.
    counts = [COLUMNS[name] for name in ("parameters", "multiply_adds") if name in columns]
    forms: dict[Any, Any] = dict.fromkeys(counts, magnitude)
    st.dataframe(
        frame.style.apply(lambda _: looks, axis=None).format(forms, na_rep="–"),
        height="content" if len(rows) <= MOST_ROWS else (MOST_ROWS + 1) * ROW_HEIGHT,
        hide_index=True,
        key=key,
        on_select=_synchronised(rows, runs, key),
        selection_mode="multi-row",
        column_config=_configuration(),
        placeholder="–",
        alt=description,
    )


def _synchronised(rows: Sequence[Row], runs: Sequence[Run], key: str) -> "partial[None]":
    """Check the rows whose runs are chosen; gives what a click on the table calls."""
    names = [[run.name for run in row.runs] for row in rows]
    chosen = {run.name for run in chosen_runs.chosen(runs)}
    wanted = [place for place, of_row in enumerate(names) if set(of_row) <= chosen]
    held = st.session_state.get(key)
    if sorted(held["selection"]["rows"] if held else []) != wanted:
        st.session_state[key] = {"selection": {"rows": wanted}}
    return partial(_choose, key, names, wanted)


def _choose(key: str, names: Sequence[Sequence[str]], before: Sequence[int]) -> None:
    after = st.session_state[key]["selection"]["rows"]
    left = {name for place in before if place not in after for name in names[place]}
    chosen = [name for name in st.session_state.get(chosen_runs.KEY, []) if name not in left]
    chosen += [
        name for place in after if place not in before and place < len(names)
        for name in names[place]
    ]  # fmt: skip
    chosen_runs.choose(chosen)


def _configuration() -> dict[str, Any]:
    kinds = st.column_config
    return {
        "Mark": kinds.TextColumn(" ", width=30, help="The run's colour and symbol in plots"),
        "Why": kinds.TextColumn(width="large"),
        "Dataset IoU": kinds.TextColumn(width=140, help="All pixels of the test split pooled"),
        "Mean image IoU": kinds.NumberColumn(format="%.3f", help="Each image's, then their mean"),
        "Boundary IoU": kinds.NumberColumn(
            format="%.3f", help="Near the outlines only, mean over images"
        ),
        "Accuracy": kinds.NumberColumn(format="%.3f", help="Share of pixels that are right"),
        "Parameters": kinds.NumberColumn(),
        "Multiply-adds": kinds.NumberColumn(help="For one image"),
        "CPU ms": kinds.NumberColumn(
            format="%.1f", help="An image on this machine's processor; measured when asked for"
        ),
        "Epochs": kinds.NumberColumn(format="%.0f"),
        "Training": kinds.NumberColumn(format="%.1f min", help="Time it took"),
        # From zero: scaled to its own range, a loss that hardly moved would look like a collapse.
        "Loss": kinds.LineChartColumn(
            width="small", help="Validation loss by epoch, from zero", y_min=0
        ),
        "Validation loss": kinds.NumberColumn(
            format="%.3f", help="At the best epoch. Compares between runs of the same loss only."
        ),
        "Date": kinds.DateColumn(format="D MMM YY", help="When the training began"),
    }
