"""A dataset's samples on the screen: a grid with pages."""

from collections.abc import Mapping, Sequence

import streamlit as st

from seglab.app import datasets, widgets
from seglab.app.dataset_filters import Entry
from seglab.app.pictures import LOOKS, pair_picture, tile
from seglab.data.sample import Dataset, Split
from seglab.errors import DataError

VIEWS = ("Browse", "One sample", "What training saw", "Distributions", "Doctor")
GRID = 24
TILE = 165


def browse(
    dataset: Dataset,
    split: Split,
    entries: Sequence[Entry],
    tagged: Mapping[str, tuple[str, ...]],
) -> None:
    """A grid with pages; a tag beside the name of what is tagged."""
    look, opacity = choose_look()
    pages = -(-len(entries) // GRID)
    widgets.clamp("page", 1, pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_number = st.pagination(pages, key="page", bind="query-params")
        first = (page_number - 1) * GRID
        last = min(first + GRID, len(entries))
        st.markdown(f"{first + 1}–{last} of {widgets.count(len(entries))}", width="content")
    with st.container(horizontal=True):
        for position in range(first, last):
            index, record = entries[position]
            with st.container(width=TILE, gap="xsmall"):
                try:
                    picture = _tile(dataset, split, index, look, opacity)
                    # Not width=TILE: Streamlit would shrink and encode it once more.
                    st.image(picture, width="stretch", alt=f"{look} of {record.name}")
                except DataError as error:
                    st.error("Unreadable")
                    st.caption(widgets.plain(str(error)))
                st.button(
                    widgets.plain(record.name),
                    key=f"open_{position - first}",
                    help=", ".join(
                        ["Show it large", *map(widgets.plain, tagged.get(record.name, ()))]
                    ),
                    icon=":material/sell:" if record.name in tagged else None,
                    on_click=_open,
                    args=(position + 1,),
                    type="tertiary",
                    width="stretch",
                )
    widgets.legend(dataset.labels.class_names, dataset.labels.colours)


def choose_look() -> tuple[str, float]:
    """Image, overlay, contour or mask, and how strongly the overlay covers."""
    with st.container(horizontal=True, width="content"):
        look = st.segmented_control(
            "Show as",
            LOOKS,
            default="overlay",
            required=True,
            format_func=str.capitalize,
            key="look",
            bind="query-params",
        )
        opacity = 0.5
        if look == "overlay":
            opacity = st.slider(
                "Opacity",
                0.0,
                1.0,
                0.5,
                0.05,
                key="opacity",
                bind="query-params",
                persist_state="page",
                width=260,
            )
    return str(look), float(opacity)


def _tile(dataset: Dataset, split: Split, index: int, look: str, opacity: float) -> bytes:
    # Twice the size on the screen, for screens with two pixels a point.
    image, mask = datasets.small_pair(dataset, split, index, 2 * TILE)
    return tile(pair_picture(image, mask, look, opacity, dataset.labels.colours), max(mask.shape))


def _open(position: int) -> None:
    st.session_state["position"] = position
    st.session_state["show"] = VIEWS[1]
