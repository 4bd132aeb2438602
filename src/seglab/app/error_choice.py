"""What the page Errors looks at: a run's evaluation, a measure, a range of it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from seglab.app import chosen_runs, predictions, state, widgets
from seglab.app.evaluated import Evaluated, evaluated, in_words, measured_of
from seglab.app.following import newly_chosen
from seglab.image_scores import MEASURES, within
from seglab.runs import Run

RUN, OTHER, MEASURED, MEASURE = "run", "against", "measured", "measure"
BETWEEN, HISTOGRAM = "between", "scores"
EVERYTHING = (0.0, 1.0)


def choose_evaluation(runs: Sequence[Run], measured: Sequence[Run]) -> Evaluated:
    """The run and what it was measured on. Raises ``RunError`` where that is broken."""
    by_name = {run.name: run for run in measured}
    chosen = newly_chosen("errors", measured, RUN, OTHER)
    if chosen:
        st.session_state[RUN] = chosen[0]
        st.session_state[OTHER] = chosen[1] if len(chosen) > 1 else None
    widgets.forget_unknown(RUN, [*by_name])
    row = st.container(horizontal=True)
    with row:
        name = st.selectbox(
            "Run",
            [*by_name],
            index=predictions.preferred(measured, state.models_folder()),
            key=RUN,
            bind="query-params",
            width=240,
            help="Runs that were measured: python evaluate.py models/<run>",
        )
        run = by_name[name]
        kinds = measured_of(run)
        widgets.forget_unknown(MEASURED, kinds)
        measured_on = st.selectbox(
            "Measured on",
            kinds,
            format_func=in_words,
            key=MEASURED,
            bind="query-params",
            width=200,
        )
        others = [
            other.name
            for other in measured
            if other is not run and measured_on in measured_of(other)
        ]
        found = evaluated(run, measured_on)
        choose_measure(found)
        if others:
            widgets.forget_unknown(OTHER, others)
            st.selectbox(
                "Compared with",
                others,
                index=None,
                key=OTHER,
                bind="query-params",
                placeholder="No other run",
                width=240,
            )
    unmeasured = [run.name for run in chosen_runs.chosen(runs) if run.name not in by_name]
    if unmeasured:
        st.caption(
            f"Chosen, but not measured yet: {', '.join(map(widgets.plain, unmeasured))}. "
            "`python evaluate.py` measures a run on the test split."
        )
    return found


def choose_measure(found: Evaluated) -> None:
    """By what the images are scored."""
    available = found.measures()
    widgets.forget_unknown(MEASURE, available)
    st.selectbox(
        "By",
        available,
        format_func=lambda name: MEASURES[name].label,
        key=MEASURE,
        bind="query-params",
        width=170,
        on_change=_whole_range,
        help="  \n".join(
            f"**{MEASURES[name].label}**: {MEASURES[name].meaning}" for name in available
        ),
    )


def choose_range(scores: np.ndarray, passed: np.ndarray, measure: str) -> np.ndarray:
    """The spread of the scores with the chosen range, and which images lie in it: boolean."""
    from seglab.error_plots import score_histogram

    label = MEASURES[measure].label
    st.markdown(f"**{label}** of {widgets.count(int(passed.sum()))} photos")
    place = st.container()  # the plot above the slider shows what the slider says
    low, high = st.slider(
        f"Range of {label}; or drag across the bars",
        *EVERYTHING,
        EVERYTHING,
        0.01,
        key=BETWEEN,
        bind="query-params",
    )
    place.plotly_chart(
        score_histogram(scores[passed], low, high, label),
        key=HISTOGRAM,
        on_select=_range_dragged,
        selection_mode="box",
        config={"displayModeBar": False},
        alt=f"Histogram of {label} over the photos",
    )
    return within(scores, low, high) | ((low, high) == EVERYTHING)


def _whole_range() -> None:
    """Another measure has another spread."""
    st.session_state[BETWEEN] = EVERYTHING


def _range_dragged() -> None:
    """A drag across the bars moves the slider; a double click frees it."""
    selection = st.session_state[HISTOGRAM].selection
    if selection.box:
        low, high = sorted(selection.box[0]["x"])
    else:
        low, high = EVERYTHING
    st.session_state[BETWEEN] = (round(max(low, 0.0), 2), round(min(high, 1.0), 2))
