"""What is known of a dataset's files, and the button that reads the rest of them."""

import time
from dataclasses import dataclass

import streamlit as st

from seglab.app import datasets, state, widgets
from seglab.config import Experiment
from seglab.data.doctor import examine
from seglab.data.fact_cache import Known, all_records, facts_file, gather, known
from seglab.data.findings import Finding
from seglab.data.sample import Dataset

ASKED = "reading_asked"
# Seconds between two pictures of the bar, and until files changed in place are noticed.
REFRESH = 0.2
FORGET = 300


@dataclass(frozen=True)
class Reading:
    """The facts known so far of ``total`` pairs, and the doctor's findings from them."""

    facts: Known
    total: int
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to read."""
        return len(self.facts) == self.total


def reading(experiment: Experiment) -> Reading:
    """What is known of a dataset that is there. Raises ``DataError``."""
    dataset = datasets.surveyed(experiment)
    kept = facts_file(dataset)
    found: Reading = _reading(*datasets.version(experiment), state.modified(kept), dataset)
    return found


def offer(experiment: Experiment, so_far: Reading, gives: str) -> None:
    """A sentence on what reading all files ``gives``, and the button, or the bar once pressed."""
    dataset = datasets.surveyed(experiment)
    done, total = (widgets.count(number) for number in (len(so_far.facts), so_far.total))
    with st.container(border=True):
        st.markdown(
            f"{gives} needs every file read once: {done} of {total} pairs are. It takes seconds "
            "for small photos, about half a minute for a thousand large ones, and is kept."
        )
        place = st.empty()
        if st.session_state.pop(ASKED, False):
            with place.container():
                _read(dataset)
        place.button(
            "Read all files" if not so_far.facts else "Go on reading",
            key="read_files",
            on_click=ask,
            type="primary",
            icon=":material/play_arrow:",
        )


def ask() -> None:
    """Read in the next run of the page; whatever changed on the disk meanwhile counts."""
    _reading.clear()
    st.session_state[ASKED] = True


def _read(dataset: Dataset) -> None:
    """Read with a bar. Pressing anything, such as Stop, ends this run of the page in ``show``."""
    st.button("Stop", key="stop_reading", icon=":material/stop:", help="What was read is kept")
    bar = st.progress(0.0, "Reading …")
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > REFRESH:
            last = time.monotonic()
            bar.progress(
                done / total, f"{widgets.count(done)} of {widgets.count(total)} pairs read"
            )

    gather(dataset, show)
    st.rerun()


@st.cache_resource(max_entries=4, ttl=FORGET, show_spinner=False)
def _reading(
    experiment: str, stamp: tuple[int, ...], facts_stamp: int, _dataset: Dataset
) -> Reading:
    del experiment, stamp, facts_stamp  # the key
    facts = known(_dataset)
    return Reading(facts, len(all_records(_dataset)), examine(_dataset, facts))
