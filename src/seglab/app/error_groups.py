"""By breed, species and size of the object: where a run is weak, group by group."""

from html import unescape

import streamlit as st

from seglab.app import widgets
from seglab.app.evaluated import Evaluated

GROUPINGS = {
    "breed": ("Breed", "of_breed"),
    "species": ("Species", "animal"),
    "object_size": ("Object's size", "object_size"),
}
"""Grouping of an evaluation to its name on the page and the filter it sets."""

PLOT = "group_plot"


def show(evaluated: Evaluated) -> None:
    """The groups of one grouping with their intervals; a dot filters the photos."""
    groups = evaluated.content.get("groups", {})
    known = [name for name in GROUPINGS if groups.get(name)]
    if not known:
        return
    details = st.expander(
        f"By {', '.join(GROUPINGS[name][0].lower() for name in known)}",
        key="by_group",
        bind="query-params",
    )
    if not details.open:
        return
    from seglab.evaluation_plots import groups_figure

    with details:
        widgets.forget_unknown("grouping", known)
        grouping = st.segmented_control(
            "Group by",
            known,
            default=known[0],
            required=True,
            format_func=lambda name: GROUPINGS[name][0],
            key="grouping",
            bind="query-params",
        )
        st.plotly_chart(
            groups_figure(groups[grouping], float(evaluated.content["dataset_iou"]["value"])),
            key=PLOT,
            on_select=_chosen,
            selection_mode="points",
            config={"displayModeBar": False},
            alt=f"Dataset IoU by {GROUPINGS[grouping][0].lower()}, with 95 % intervals",
        )
        st.caption("All images of the evaluation. A dot filters the photos below to its group.")


def _chosen() -> None:
    points = st.session_state[PLOT].selection.points
    if points:
        group, _, _ = unescape(str(points[0]["y"])).rpartition(" (")
        st.session_state[GROUPINGS[st.session_state["grouping"]][1]] = group
