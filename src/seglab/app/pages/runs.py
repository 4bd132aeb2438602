"""Runs: every run beside the others, and what to do with those that are chosen."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from seglab.app import chosen_runs, readings, state, widgets
from seglab.app.chosen_view import classes, configurations, differences_in_quality, links
from seglab.app.keeping_view import keeping, messages
from seglab.app.leaderboard import (
    COLUMNS,
    FIRST,
    SORTS,
    Filters,
    arranged,
    dataset_of,
    finished,
    network_of,
)
from seglab.app.measured_at import measured_at
from seglab.app.speed import speed_button, with_measured_times
from seglab.app.tables_view import tables
from seglab.comparison_notes import notes
from seglab.comparison_text import render
from seglab.measured import Measured
from seglab.runs import Run
from seglab.views import ONE_LOOK

MOST_REPORTED = 12
REPORT = "report"


def page() -> None:
    """The page from top to bottom."""
    widgets.header("Runs", "Which run is best, and how do the runs differ?")
    runs, broken = state.runs()
    messages()
    way = Measured(readings.SPLIT, "network")
    if runs:
        way = board(runs)
    else:
        st.info(
            f"There is no run under `{state.shown(state.models_folder())}` yet. `make demo` trains "
            "a small one on drawn pets in a few minutes, `python train.py` one on the Oxford "
            "pets. Each run is then a row here, with its figures and costs."
        )
    widgets.broken_runs(broken)
    shell(chosen_runs.chosen(runs), way)


def board(runs: Sequence[Run]) -> Measured:
    """Controls, tables, what to take away, and the chosen runs; the way of measuring chosen."""
    filters, grouped, order, columns, way = controls(runs)
    comparison = readings.compared(in_order_of_weight(runs), False, way)
    if way.views == ONE_LOOK:  # an averaged answer takes longer than what was timed
        comparison = with_measured_times(comparison)
    shown = arranged(comparison, filters, grouped, order)
    tables(shown, columns, order, runs)
    chosen = chosen_runs.chosen(runs)
    with st.container(horizontal=True):
        st.download_button(
            "Table (CSV)",
            render(shown, "csv").encode(),
            "runs.csv",
            "text/csv",
            key="download_table",
            on_click="ignore",
            icon=":material/download:",
            disabled=not shown.tables,
        )
        report(chosen or [*shown.runs, *(found.run for found in shown.apart)], way)
    st.subheader(f"{_count(len(chosen))} chosen")
    if not chosen:
        st.markdown(
            "Check rows above, with the mouse or with Shift and the space bar: their curves, "
            "errors and masks can then be seen side by side, and what sets them apart is listed "
            "here."
        )
        return way
    links(chosen)
    if len(chosen) > 1:
        differences_in_quality(chosen, notes(shown), way)
    classes(chosen, way)
    configurations(chosen)
    if way.views == ONE_LOOK:
        speed_button(chosen)
    keeping(chosen)
    return way


def controls(runs: Sequence[Run]) -> tuple[Filters, bool, str, list[str], Measured]:
    """Filters, whether seeds are grouped, the order, the columns, the way of measuring."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name contains",
            key="called",
            bind="query-params",
            width=150,
            placeholder="such as dice",
        )
        filters = Filters(
            name or "",
            _one_of("Dataset", runs, dataset_of, "trained_on", 190),
            _one_of("Network", runs, network_of, "network", 190),
            _one_of("State", runs, finished, "state", 130),
        )
        order = st.selectbox(
            "Sorted by",
            [*SORTS],
            format_func=SORTS.__getitem__,
            key="sort",
            bind="query-params",
            width=170,
            help="A click on a column's head sorts the table as well.",
        )
        way = measured_at(runs)
        grouped = st.toggle(
            "Group seeds",
            True,
            key="grouped",
            bind="query-params",
            help="Runs that differ in the seed alone stand in one row, with mean and deviation.",
        )
        with st.popover("Columns"):
            columns = st.pills(
                "Columns of the table",
                [*COLUMNS],
                selection_mode="multi",
                default=[*FIRST],
                format_func=COLUMNS.__getitem__,
                key="columns",
                bind="query-params",
            )
    return (
        filters,
        bool(grouped),
        order or "dataset_iou",
        [one for one in COLUMNS if one in columns],
        way,
    )


def in_order_of_weight(runs: Sequence[Run]) -> list[Run]:
    """The default run first, then the newest: the first table is of those comparable with it."""
    newest = readings.newest_first(runs)
    default = readings.default_name(state.models_folder())
    return sorted(newest, key=lambda run: run.name != default)


def report(runs: Sequence[Run], way: Measured) -> None:
    """One HTML file about these runs: made on a click, since it takes seconds, then saved."""
    names = [run.name for run in runs]
    count = _count(len(runs))
    many = len(runs) > MOST_REPORTED
    pressed = st.button(
        f"Report of {count} (HTML)",
        key="make_report",
        icon=":material/description:",
        disabled=many or not runs,
        help=f"Choose at most {MOST_REPORTED} runs to report on."
        if many
        else "Figures, curves, samples and commands in one file that needs no network. "
        "It takes a few seconds a run.",
    )
    if pressed:
        st.session_state.pop(REPORT, None)
        with widgets.sentences():
            st.session_state[REPORT] = ([*names, way], _report(runs, way))
    made_of, content = st.session_state.get(REPORT, ([], b""))
    if content and made_of == [*names, way]:
        st.download_button(
            "Save the report",
            content,
            "report.html",
            "text/html",
            key="download_report",
            on_click="ignore",
            type="primary",
            icon=":material/download:",
        )


def shell(chosen: Sequence[Run], way: Measured) -> None:
    """The same from the shell."""
    folders = [state.shown(run.folder) for run in chosen] or [state.shown(state.models_folder())]
    at = ["--at", way.size] if way.size != "network" else []
    compare = ["python", "compare.py", *folders, *at, *way.views.options()]
    widgets.from_the_shell(
        "The comparison as a table, as a file for other programs, and as the report.",
        compare,
        [*compare, "--format", "csv", "-o", "runs.csv"],
        [*compare, "--report", "report.html"],
    )


def _count(runs: int) -> str:
    return {0: "No run", 1: "1 run"}.get(runs, f"{runs} runs")


def _one_of(
    label: str, runs: Sequence[Run], of: Callable[[Run], str], key: str, width: int
) -> str | None:
    """A filter over the values that occur; nothing to choose where there is one."""
    options = sorted({of(run) for run in runs})
    if len(options) < 2:
        return None
    widgets.forget_unknown(key, options)
    return st.selectbox(
        label, options, index=None, key=key, bind="query-params", placeholder="All", width=width
    )


def _report(runs: Sequence[Run], way: Measured) -> bytes:
    from seglab.report import write_report

    with widgets.stoppable("Writing the report") as show, TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        found = readings.compared(runs, True, way)

        def progress(done: int) -> None:
            show(done, len(runs))

        write_report(runs, path, way.split, way.size, found, progress, way.views)
        return path.read_bytes()


page()
