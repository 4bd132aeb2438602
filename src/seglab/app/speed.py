"""How long the runs' networks take on this machine, measured when a person asks for it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from seglab.app import state, widgets
from seglab.comparison_results import Comparison
from seglab.errors import RunError
from seglab.runs import Run

MEASURED, ORIGIN, SCATTER = "cpu_milliseconds", "cpu_origin", "cpu_scatter"


def with_measured_times(comparison: Comparison) -> Comparison:
    """The comparison with what this session measured so far."""
    measured = st.session_state.get(MEASURED)
    if not measured:
        return comparison
    origin, scatter = st.session_state[ORIGIN], st.session_state[SCATTER]
    return comparison.with_cpu_milliseconds(measured, origin, scatter)


def speed_button(chosen: Sequence[Run]) -> None:
    """Measures the chosen runs, which take turns; the table above shows the milliseconds."""
    able = [run for run in chosen if run.onnx_path.exists()]
    pressed = st.button(
        "Measure CPU ms",
        key="measure",
        icon=":material/timer:",
        disabled=not able,
        help="A photo through each network on this machine's processor: a few seconds a run."
        if able
        else "None of them has a model.onnx to measure.",
    )
    if pressed:
        with widgets.sentences():
            _measure(able)
            st.rerun()


def _measure(runs: Sequence[Run]) -> None:
    from seglab.latency import ROUNDS, measure_latencies

    with widgets.stoppable("Measuring, round") as show:

        def progress(done: int) -> None:
            show(done, ROUNDS)

        found = measure_latencies(runs, _photo(), progress=progress)
    if found.failures:
        raise RunError("Not every network could be run", tuple(found.failures))
    st.session_state[MEASURED] = st.session_state.get(MEASURED, {}) | found.milliseconds
    st.session_state[ORIGIN], st.session_state[SCATTER] = found.origin, found.scatter


def _photo() -> np.ndarray:
    """RGB uint8 H×W×3: a sample; where there is none, noise, which takes a network as long."""
    from seglab.decoding import decode_image

    for path in state.sample_photos()[:1]:
        return decode_image(path)
    return np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
