"""Two runs on the same photos: a dot a photo, and which of the two is better on how many."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from seglab.app import state, widgets
from seglab.app.evaluated import Evaluated
from seglab.app.opened_photo import OPENED, open_photo
from seglab.image_scores import MEASURES
from seglab.paired import TIE_WIDTH, Difference, paired_differences

PLOT = "paired"


@dataclass(frozen=True)
class Paired:
    """``first`` against ``second`` by a measure: ``places`` in the first's table of the images
    that both were measured on, and their scores, float64 0–1."""

    first: Evaluated
    second: Evaluated
    measure: str
    places: np.ndarray
    first_scores: np.ndarray
    second_scores: np.ndarray

    @property
    def losses(self) -> np.ndarray:
        """By how much the first is worse than the second on each image."""
        difference: np.ndarray = self.second_scores - self.first_scores
        return difference if MEASURES[self.measure].high_is_good else -difference


def pair(first: Evaluated, second: Evaluated, measure: str) -> Paired:
    """Both runs on the images they share. Raises ``RunError``."""
    places = [place for place, name in enumerate(first.names) if name in second.places]
    others = [second.places[first.names[place]] for place in places]
    return Paired(
        first,
        second,
        measure,
        np.array(places, np.int64),
        first.scores(measure)[places],
        second.scores(measure)[others],
    )


def show(paired: Paired, passed: np.ndarray) -> None:
    """The plot of the images that ``passed`` the filters (boolean, the first's table), and the
    difference in words."""
    from seglab.error_plots import paired_figure

    inside = passed[paired.places]
    first, second = paired.first.run.name, paired.second.run.name
    if not inside.any():
        st.info(f"No photo of these filters was measured by {widgets.plain(second)} too.")
        return
    label = MEASURES[paired.measure].label
    with st.grid(2, min_column_width=300):
        st.plotly_chart(
            paired_figure(
                paired.first_scores[inside],
                paired.second_scores[inside],
                [paired.first.names[place] for place in paired.places[inside]],
                (f"{label}, {first}", f"{label}, {second}"),
                st.session_state.get(OPENED),
            ),
            key=PLOT,
            on_select=_chosen,
            selection_mode="points",
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
            alt=f"{label} of each photo by {first} and by {second}",
        )
        with st.container():
            st.markdown(_sentence(paired, inside))
            st.caption(
                "A dot is a photo: above the diagonal "
                f"{widgets.plain(second)} has the higher figure. Click one to open the photo; or "
                "order the photos by the difference, below."
            )
            for remark in _remarks(paired):
                st.caption(remark)


def _sentence(paired: Paired, inside: np.ndarray) -> str:
    first, second = (widgets.plain(one.run.name) for one in (paired.first, paired.second))
    found = _difference(
        _version(paired),
        inside.tobytes(),
        paired.first_scores[inside],
        paired.second_scores[inside],
    )
    good = MEASURES[paired.measure].high_is_good
    better, worse = (found.wins, found.losses) if good else (found.losses, found.wins)
    return (
        f"{MEASURES[paired.measure].label}, {first} minus {second}: "
        f"**{widgets.signed(found.value)}** "
        f"[{widgets.signed(found.low)}, {widgets.signed(found.high)}] a photo, on "
        f"{widgets.count(int(inside.sum()))} photos. {first} is better on "
        f"**{widgets.count(better)}**, worse on "
        f"**{widgets.count(worse)}**, within {TIE_WIDTH:g} on {widgets.count(found.ties)}."
    )


def _remarks(paired: Paired) -> list[str]:
    """What sets the two measurements apart, a sentence each."""
    first, second = paired.first, paired.second
    found = []
    if first.content.get("image_size") != second.content.get("image_size"):
        sizes = [one.content.get("image_size") for one in (first, second)]
        if first.measured.size == "network":
            words = " and at ".join(
                f"{size} pixels" if size else "the photos' own size" for size in sizes
            )
            found.append(f"Measured at {words}: not a fair comparison of the two.")
    if first.run.class_names != second.run.class_names:
        found.append("The two know different classes: their figures mean different things.")
    absent = len(first.names) - len(paired.places)
    if absent:
        found.append(f"{widgets.count(absent)} photos were measured by the first run only.")
    return found


def _version(paired: Paired) -> tuple[object, ...]:
    paths = [one.measured.table_of(one.run) for one in (paired.first, paired.second)]
    return (paired.measure, *[(str(path), state.modified(path)) for path in paths])


@st.cache_data(max_entries=64, show_spinner=False)
def _difference(
    version: tuple[object, ...], inside: bytes, _first: np.ndarray, _second: np.ndarray
) -> Difference:
    del version, inside  # the key
    return paired_differences([_first[None], _second[None]])[0]


def _chosen() -> None:
    points = st.session_state[PLOT].selection.points
    names = [widgets.only(point.get("customdata")) for point in points]
    if names and names[0]:
        open_photo(str(names[0]))
