"""Training curves: how the runs learned, epoch by epoch."""

from collections.abc import Sequence

import pandas
import streamlit as st

from seglab.app import state, widgets
from seglab.app.colours import Mark, marks
from seglab.plots import (
    METRIC_NAMES,
    PART_NAMES,
    Curve,
    best_epoch,
    columns_of,
    curve_figure,
    metrics_of,
)
from seglab.runs import Run

MOST_AT_FIRST = 6
# Width of a small multiple, pixels: four abreast on a wide screen, two on a narrow one.
SMALL = 256
# Seconds between two looks at runs that train.
REFRESH = 15

NUMBERS = {
    "val_dataset_iou": "Dataset IoU",
    "val_mean_image_iou": "Mean image IoU",
    "val_accuracy": "Accuracy",
    "val_loss": "Loss",
    "train_loss": "Training loss",
}


def page() -> None:
    """The page from top to bottom."""
    widgets.heading("Training curves", "How did these runs learn, and which epoch was best?")
    runs, broken = state.runs()
    if runs:
        names = choose(runs)
        unfinished = any(run.name in names and not run.finished for run in runs)
        # A fragment: while something trains, only the curves are drawn anew.
        st.fragment(answer, run_every=REFRESH if unfinished else None)(names)
    else:
        st.info(
            f"There is no run under `{state.shown(state.models_folder())}` yet. `make demo` trains "
            "a small one on drawn pets in a few minutes, `python train.py` one on the Oxford "
            "pets. Its curves appear here from the first epoch on."
        )
    widgets.broken_runs(broken)
    widgets.from_the_shell(
        "Training writes a row an epoch; the curves grow while it runs.",
        ["python", "train.py"],
        ["python", "train.py", "--config", "experiments/classic.yaml"],
    )


def choose(runs: Sequence[Run]) -> list[str]:
    """The runs to draw."""
    names = [run.name for run in runs]
    if "runs" in st.session_state:
        st.session_state["runs"] = [name for name in st.session_state["runs"] if name in names]
    return st.multiselect(
        "Runs",
        names,
        default=names[:MOST_AT_FIRST],
        key="runs",
        bind="query-params",
        placeholder="Choose at least one run",
    )


def answer(names: list[str]) -> None:
    """The curves of the chosen runs."""
    runs, _ = state.runs()
    run_marks = marks(runs)
    chosen = [run for run in runs if run.name in names]
    curves = [_curve(run, run_marks[run.name]) for run in chosen]
    waiting = [curve.name for curve in curves if curve.rows.empty]
    curves = [curve for curve in curves if not curve.rows.empty]
    if waiting:
        st.caption(f"No epoch finished yet: {', '.join(map(widgets.plain, waiting))}")
    if not curves:
        if not waiting:
            st.info("Choose a run above to see its curves.")
        return
    available = metrics_of([curve.rows for curve in curves])
    metric, parts = choose_metric(available)
    figure = curve_figure(curves, metric, parts)
    st.plotly_chart(
        figure, key="curve", config=PLAIN, alt=f"{METRIC_NAMES[metric]} over the epochs"
    )
    st.caption(_reading(curves, metric, parts))
    best_table([run for run in chosen if not run.metrics().empty], curves)
    others = [other for other in available if other != metric]
    st.subheader("The other figures")
    with st.container(horizontal=True):
        for other in others:
            small = curve_figure(curves, other, parts, height=210, legend=False)
            st.plotly_chart(
                small,
                width=SMALL,
                key=f"small_{other}",
                config=PLAIN,
                alt=f"{METRIC_NAMES[other]} over the epochs",
            )
    table = pandas.concat([curve.rows.assign(run=curve.name) for curve in curves])
    table = table[["run", *[column for column in table.columns if column != "run"]]]
    st.download_button(
        "Rows of these runs (CSV)",
        table.to_csv(index=False).encode(),
        "training-curves.csv",
        "text/csv",
        key="download_rows",
        on_click="ignore",
        icon=":material/download:",
    )


PLAIN = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def choose_metric(available: list[str]) -> tuple[str, list[str]]:
    """What is drawn large, and of which part of the data."""
    widgets.forget_unknown("metric", available)
    with st.container(horizontal=True):
        metric = st.selectbox(
            "Figure",
            available,
            format_func=METRIC_NAMES.__getitem__,
            key="metric",
            bind="query-params",
            width=260,
        )
        parts = st.pills(
            "Measured on",
            [*PART_NAMES],
            selection_mode="multi",
            default=[*PART_NAMES],
            format_func=lambda part: PART_NAMES[part].capitalize(),
            key="parts",
            bind="query-params",
        )
    return metric or available[0], list(parts) or [*PART_NAMES]


def best_table(runs: Sequence[Run], curves: Sequence[Curve]) -> None:
    """The best epoch of each run and what it reached."""
    lines = []
    for run, curve in zip(runs, curves, strict=True):
        best = curve.rows[curve.rows["epoch"] == curve.best_epoch]
        line: dict[str, object] = {
            "Run": run.name,
            "Epochs": f"{len(curve.rows)} of {_planned(run)}",
            "Finished": run.finished,
            "Best": curve.best_epoch or None,
            "Chosen by": _in_words(_monitor(run)),
        }
        for column, label in NUMBERS.items():
            known = len(best) > 0 and column in best
            line[label] = float(best[column].iloc[0]) if known else None
        lines.append(line)
    st.subheader("Best epochs")
    st.caption("Measured on the validation split, at the epoch whose weights were kept.")
    st.dataframe(
        pandas.DataFrame(lines),
        hide_index=True,
        width="stretch",
        key="best_epochs",
        column_config={
            "Best": st.column_config.NumberColumn("Best", help="The epoch whose weights were kept"),
            **{
                label: st.column_config.NumberColumn(label, format="%.3f")
                for label in NUMBERS.values()
            },
        },
    )


def _curve(run: Run, mark: Mark) -> Curve:
    rows = run.metrics()
    best = best_epoch(rows, _monitor(run))
    return Curve(run.name, rows, mark.colour, mark.symbol, best)


def _reading(curves: Sequence[Curve], metric: str, parts: Sequence[str]) -> str:
    """How the lines are to be read."""
    drawn = {part for curve in curves for part in columns_of(curve.rows, metric, parts)}
    solid = [f"{style}: {PART_NAMES[part]}" for part, style in STYLES.items() if part in drawn]
    return " · ".join([*solid, "ring: the epoch whose weights were kept"])


STYLES = {"val": "solid", "train": "dotted"}


def _trainer(run: Run) -> dict[str, object]:
    settings = run.config["experiment"].get("trainer")
    return settings if isinstance(settings, dict) else {}


def _monitor(run: Run) -> str:
    return str(_trainer(run).get("monitor", "val_dataset_iou"))


def _in_words(monitor: str) -> str:
    part, _, metric = monitor.partition("_")
    return f"{METRIC_NAMES.get(metric, metric)}, {PART_NAMES.get(part, part)}"


def _planned(run: Run) -> str:
    return str(_trainer(run).get("max_epochs", "?"))


page()
