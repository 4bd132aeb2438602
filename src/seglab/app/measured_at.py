"""How the runs on the page Runs were measured: at which size, over which views."""

from collections.abc import Sequence

import streamlit as st

from seglab.app import readings, widgets
from seglab.measured import Measured
from seglab.runs import Run
from seglab.views import ONE_LOOK

SIZES = {"network": "Networks' sizes", "original": "Photos' own size"}


def measured_at(runs: Sequence[Run]) -> Measured:
    """The size at which runs are compared, and over which views their answers were averaged;
    nothing to choose where all were measured in one way."""
    ways = {way.name: way for way in readings.ways_measured(runs)}
    if len(ways) < 2:
        return next(iter(ways.values()))
    widgets.forget_unknown("measured_at", [*ways])
    chosen = st.selectbox(
        "Measured at",
        [*ways],
        format_func=lambda name: _in_words(ways[name]),
        key="measured_at",
        bind="query-params",
        width=190 if all(way.views == ONE_LOOK for way in ways.values()) else 330,
        help="Networks of different sizes compare at the photos' own size, where they were "
        "measured at that (python evaluate.py RUN --at original); averaged answers with each "
        "other (--flip --scales 1 1.25).",
    )
    return ways[chosen]


def _in_words(way: Measured) -> str:
    return ", ".join(words for words in (SIZES[way.size], way.views.in_words()) if words)
