"""Training curves: how the runs learned, epoch by epoch."""

from collections.abc import Sequence
from functools import partial

import pandas
import streamlit as st

from seglab.app import best_epochs_view, chosen_runs, readings, state, widgets
from seglab.app.curve_data import curves_of, experiments
from seglab.curve_names import (
    PART_NAMES,
    class_ious,
    metric_name,
    metrics_of,
)
from seglab.curves import PARTS, Curve, columns_of
from seglab.first_weights import went_on
from seglab.plot_png import curves_png
from seglab.plots import curve_figure, small_figures
from seglab.run_activity import in_training
from seglab.runs import Run

MOST_UNCHOSEN = 5
# Classes with a small plot of their own: a browser takes its time for each.
MOST_CLASSES = 6
# Seconds between two looks at runs that train.
REFRESH = 10
MOST_SMOOTHING = 0.95

STYLES = {"val": "solid", "train": "dotted"}
MODE_BAR = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "filename": "training-curves", "scale": 2},
}


def page() -> None:
    """The page from top to bottom."""
    widgets.header("Training curves", "How did these runs learn, and which epoch was best?")
    runs, broken = state.runs()
    if runs:
        drawn = chosen_runs.chosen(runs)
        if not drawn:
            drawn = readings.newest_first(runs)[:MOST_UNCHOSEN]
            count = "newest run is" if len(drawn) == 1 else f"{len(drawn)} newest runs are"
            st.caption(f"No run is chosen in the sidebar: the {count} drawn.")
        live = bool(in_training(drawn))
        # A fragment: while something trains, only the curves are drawn anew.
        st.fragment(answer, run_every=REFRESH if live else None)([run.name for run in drawn], live)
    else:
        st.info(
            f"There is no run under `{state.shown(state.models_folder())}` yet. `make demo` trains "
            "a small one on drawn pets in a few minutes, `python train.py` one on the Oxford "
            "pets. Its curves appear here from the first epoch on."
        )
    widgets.broken_runs(broken)
    widgets.from_the_shell(
        "Training writes a row an epoch; the curves grow while it runs. The second draws a run's "
        "curves as a picture.",
        ["python", "train.py"],
        ["python", "-m", "seglab.figures", "--run", _example(runs)],
    )


def answer(names: list[str], live: bool) -> None:
    """The curves of the runs called ``names``, read anew; ``live`` where one of them trained."""
    runs, _ = state.runs()
    drawn = [run for run in runs if run.name in names]
    with widgets.sentences():
        draw(drawn, runs)
    if live and not in_training(drawn):
        st.rerun()  # the end of the training is the end of looking again


def draw(drawn: Sequence[Run], runs: Sequence[Run]) -> None:
    """Plot, table, small multiples, files. Raises ``RunError``."""
    alone = curves_of(drawn, runs, together=False)
    waiting = [run.name for run in drawn if not run.rows()]
    if waiting:
        st.caption(f"No epoch finished yet: {', '.join(map(widgets.plain, waiting))}")
    if not alone:
        return
    available = metrics_of([curve.rows for curve in alone])
    several = any(len(group) > 1 for group in experiments(drawn))
    metric, parts, smoothing, by, together = controls(available, alone, several)
    curves = curves_of(drawn, runs, together)
    figure = curve_figure(curves, metric, parts, smoothing=smoothing, by=by)
    axis = "the time" if by == "time" else "the epochs"
    st.plotly_chart(figure, key="curve", config=MODE_BAR, alt=f"{metric_name(metric)} over {axis}")
    st.caption(reading(curves, metric, parts, smoothing))
    if others_weights := went_on((run.name, run) for run in drawn):
        st.caption(widgets.plain(" ".join(others_weights)))
    downloads(drawn, partial(curves_png, figure))
    best_epochs_view.show(drawn)
    classes = class_ious([curve.rows for curve in alone])
    left_out = classes[MOST_CLASSES:]
    others = [other for other in available if other not in (metric, *left_out)]
    if others:
        st.subheader("The other figures")
        st.caption(f"Each over {axis}, drawn as above.")
        st.plotly_chart(
            small_figures(curves, others, parts, smoothing, by),
            key="small",
            config=MODE_BAR,
            alt=f"{', '.join(metric_name(other) for other in others)} over {axis}",
        )
        if left_out:
            st.caption(
                f"{len(left_out)} more classes have a curve each: choose one above under Figure."
            )


def controls(
    available: list[str], curves: Sequence[Curve], several: bool
) -> tuple[str, list[str], float, str, bool]:
    """What is drawn large, of which part of the data, how smooth, over what, seeds together."""
    widgets.forget_unknown("metric", available)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox(
            "Figure",
            available,
            format_func=metric_name,
            key="metric",
            bind="query-params",
            width=220,
        )
        parts = st.pills(
            "Measured on",
            PARTS,
            selection_mode="multi",
            default=PARTS,
            format_func=lambda part: PART_NAMES[part].capitalize(),
            key="parts",
            bind="query-params",
        )
        smoothing = st.slider(
            "Smoothing",
            0.0,
            MOST_SMOOTHING,
            0.0,
            0.05,
            key="smoothing",
            bind="query-params",
            width=180,
            help="Share of what was before in a moving average; what was measured stays behind it.",
        )
        by = "epoch"
        if all("seconds" in curve.rows for curve in curves):
            by = st.segmented_control(
                "Over",
                ("epoch", "time"),
                default="epoch",
                required=True,
                format_func=str.capitalize,
                key="over",
                bind="query-params",
            )
        together = several and st.toggle(
            "Seeds together",
            True,
            key="together",
            bind="query-params",
            help="The mean of an experiment's seeds, in a band from the lowest to the highest.",
        )
    return metric or available[0], list(parts) or [*PARTS], float(smoothing), str(by), together


def reading(curves: Sequence[Curve], metric: str, parts: Sequence[str], smoothing: float) -> str:
    """How the lines are to be read."""
    drawn = {part for curve in curves for part in columns_of(curve.rows, metric, parts)}
    told = [f"{style}: {PART_NAMES[part]}" for part, style in STYLES.items() if part in drawn]
    if any(curve.members for curve in curves):
        told.append("band: lowest to highest seed, around their mean")
    if smoothing:
        told.append("faint: as measured")
    return " · ".join([*told, "ring: the epoch whose weights were kept"])


def downloads(drawn: Sequence[Run], png: "partial[bytes]") -> None:
    """The plot as a picture, made when it is asked for; every row behind it."""
    table = pandas.concat([readings.table(run).assign(run=run.name) for run in drawn])
    table = table[["run", *[column for column in table.columns if column != "run"]]]
    with st.container(horizontal=True):
        st.download_button(
            "Plot (PNG)",
            png,
            "training-curves.png",
            "image/png",
            key="download_plot",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Rows of these runs (CSV)",
            table.to_csv(index=False).encode(),
            "training-curves.csv",
            "text/csv",
            key="download_rows",
            on_click="ignore",
            icon=":material/download:",
        )


def _example(runs: Sequence[Run]) -> str:
    drawn = chosen_runs.chosen(runs)[:1] or readings.newest_first(runs)[:1]
    return state.shown(drawn[0].folder) if drawn else "models/my-run"


page()
