"""Kinds of failure of an evaluation's images: by their counts, and by their masks when asked."""

import time
from collections.abc import Sequence

import numpy as np
import streamlit as st

from seglab import failure_kinds
from seglab.app import predictions, widgets
from seglab.app.error_filters import KIND
from seglab.app.error_photos import Source, predicted_at_measured_size
from seglab.app.evaluated import Evaluated
from seglab.errors import DataError
from seglab.failure_kinds import KINDS

GOOD = KINDS.index("good")
ASKED = "kinds_asked"
PLOT = "kinds"
REFRESH = 0.2
"""Seconds between two pictures of the bar."""

RULES = (
    "Good: IoU of 0.9 or more. Missed object: over half of it was not found, or a part that the "
    "prediction touches nowhere makes up a quarter of the wrong pixels. False object: the same "
    "the other way round. Too large or too small: twice as many wrong pixels outside as inside, "
    "or the reverse. Ragged outline: wrong on both sides about equally."
)


def kinds_of(evaluated: Evaluated) -> np.ndarray | None:
    """Place in ``KINDS`` of each image: by its masks where they were looked at, else its counts."""
    by_counts = evaluated.kinds
    if by_counts is None:
        return None
    kinds = by_counts.copy()
    for name, kind in _by_masks(*_key(evaluated)).items():
        kinds[evaluated.places[name]] = kind
    return kinds


def show(evaluated: Evaluated, kinds: np.ndarray, among: np.ndarray, source: Source | None) -> None:
    """How many ``among`` the images (boolean) fail in which way; a bar is a filter."""
    from seglab.error_plots import kinds_figure

    counted = np.bincount(kinds[among], minlength=len(KINDS))
    counts = {name: int(count) for name, count in zip(KINDS, counted, strict=True)}
    st.plotly_chart(
        kinds_figure(counts, st.session_state.get(KIND)),
        key=PLOT,
        on_select=_chosen,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Photos by kind of failure: "
        + ", ".join(f"{name} {count}" for name, count in counts.items() if count),
    )
    left = _left(evaluated, source)
    if source is not None and left:
        _offer(source, left)
    else:
        st.caption("A bar filters the photos.", help=RULES)


def _offer(source: Source, left: Sequence[str]) -> None:
    """By counts alone so far: the button that looks at the masks, or the bar once pressed."""
    st.caption(
        "By pixel counts: an object missed or invented beside the true one counts as too small "
        "or too large until the masks were looked at. A bar filters the photos.",
        help=RULES,
    )
    place = st.empty()
    if st.session_state.pop(ASKED, False):
        with place.container():
            _look_at_masks(source, left)
    place.button(
        f"Look at {widgets.count(len(left))} masks",
        key="look_at_masks",
        on_click=_ask,
        icon=":material/play_arrow:",
        help="Predicts every photo below an IoU of 0.9: about a minute for 5 000 small ones.",
    )


def _look_at_masks(source: Source, left: Sequence[str]) -> None:
    st.button("Stop", key="stop_kinds", icon=":material/stop:", help="What was seen is kept")
    bar = st.progress(0.0, "Looking at the masks …")
    found = _by_masks(*_key(source.evaluated))
    last = 0.0
    for done, name in enumerate(left):
        if time.monotonic() - last > REFRESH:
            last = time.monotonic()
            bar.progress(done / len(left), f"{done} of {len(left)} masks looked at")
        try:
            _, truth, predicted = predicted_at_measured_size(source, name)
        except DataError:
            continue  # an unreadable photo keeps what its counts say
        found[name] = int(failure_kinds.kinds(failure_kinds.counts_from_masks(truth, predicted)))
    st.rerun()


def _left(evaluated: Evaluated, source: Source | None) -> list[str]:
    """The images whose masks can tell more than their counts, and were not looked at."""
    if source is None or evaluated.kinds is None:
        return []
    seen = _by_masks(*_key(evaluated))
    return [
        name
        for name, kind in zip(evaluated.names, evaluated.kinds, strict=True)
        if kind != GOOD and name in source.places and name not in seen
    ]


# A resource, not data: it fills while the masks are looked at, and stays what it is when stopped.
@st.cache_resource(max_entries=8, show_spinner=False)
def _by_masks(
    folder: str, stamp: tuple[int, ...], measured: str, threshold: float
) -> dict[str, int]:
    del folder, stamp, measured, threshold  # the key
    return {}


def _key(evaluated: Evaluated) -> tuple[str, tuple[int, ...], str, float]:
    run = evaluated.run
    return str(run.folder), predictions.stamp(run), evaluated.measured.name, evaluated.threshold


def _ask() -> None:
    st.session_state[ASKED] = True


def _chosen() -> None:
    points = st.session_state[PLOT].selection.points
    if points:
        st.session_state[KIND] = widgets.only(points[0]["customdata"])
