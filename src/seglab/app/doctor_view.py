"""The doctor under a result: why the mask looks as it does."""

import streamlit as st

from seglab import prediction_doctor as doctor
from seglab.app import widgets
from seglab.app.answers import Seen
from seglab.preprocessing import Preprocessing

SIGNS = {
    "good": ":green[:material/check:]",
    "notable": ":orange[:material/priority_high:]",
    "unknown": ":gray[:material/question_mark:]",
}
PLAIN = {"displaylogo": False, "displayModeBar": False}


def findings(seen: Seen) -> list[doctor.Finding]:
    """What the doctor found, the mask first."""
    run, answer = seen.answer.run, seen.answer
    data = run.experiment.data
    binary = len(run.class_names) == 2
    return [
        doctor.mask_finding(
            seen.foreground, seen.mask, seen.threshold if binary else None, run.threshold
        ),
        doctor.certainty_finding(seen.foreground),
        doctor.size_finding(
            answer.height,
            answer.width,
            run.preprocessing,
            Preprocessing(data.image_size, data.treatment),
        ),
        doctor.likeness_finding(answer.network_image, run.config["data"].get("image_statistics")),
    ]


def show(seen: Seen, position: int) -> None:
    """The findings in a line; the reasons and two plots where they are opened."""
    found = findings(seen)
    st.markdown(
        "  \n".join(
            f"{SIGNS[one.state]}&nbsp;{widgets.plain(_sentence(one.headline))}" for one in found
        )
    )
    key = "why" if position == 0 else f"why_{position + 1}"
    details = st.expander("Doctor: why does the mask look like this?", key=key, bind="query-params")
    if not details.open:
        return
    with details:
        for one in found:
            headline = widgets.plain(_sentence(one.headline))
            words = f"**{headline}.** {widgets.plain(one.detail)}"
            st.markdown(f"{SIGNS[one.state]} {words}")
        _plots(seen, position)


def _plots(seen: Seen, position: int) -> None:
    # Plotly takes a moment to import: not before someone asks.
    from seglab.evaluation_plots import threshold_figure
    from seglab.prediction_plots import probability_histogram

    run = seen.answer.run
    threshold = seen.threshold if len(run.class_names) == 2 else None
    with st.grid(2, min_column_width=280):
        with st.container():
            st.markdown("**Probabilities in this photo**")
            shares, edges = doctor.histogram(seen.foreground)
            st.plotly_chart(
                probability_histogram(shares, edges, threshold),
                key=f"probabilities_{position}",
                config=PLAIN,
                alt="Histogram of the foreground's probability over the pixels of this photo",
            )
        sweep = run.threshold_curve()
        if sweep is not None and threshold is not None:
            with st.container():
                st.markdown("**IoU on validation by threshold**")
                st.plotly_chart(
                    threshold_figure(sweep, threshold, 220),
                    key=f"sweep_{position}",
                    config=PLAIN,
                    alt="IoU on the validation split over the threshold",
                )


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
