"""The images of an evaluation in an order: a gallery with pages, or a table without photos."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np
import pandas
import streamlit as st

from seglab.app import widgets
from seglab.app.error_photos import Source, tile
from seglab.app.evaluated import Evaluated
from seglab.app.opened_photo import open_photo
from seglab.errors import DataError
from seglab.failure_kinds import KINDS
from seglab.image_scores import MEASURES

GRID = 24
TILE = 150
"""Least width of a tile, pixels."""

TABLE = "images"
PHOTO = "Photo"


def gallery(source: Source, ordered: Sequence[str], values: np.ndarray) -> None:
    """Error maps of the images ``ordered``, each with its value; a click opens one.

    Raises ``RunError``.
    """
    pages = -(-len(ordered) // GRID)
    widgets.clamp("page", 1, pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        page = st.pagination(pages, key="page", bind="query-params")
        first, last = (page - 1) * GRID, min(page * GRID, len(ordered))
        st.markdown(f"{first + 1}–{last} of {widgets.count(len(ordered))}", width="content")
    with st.grid("auto", min_column_width=TILE):
        for place in range(first, last):
            name = ordered[place]
            with st.container(gap="xsmall"):
                try:
                    st.image(tile(source, name), width="stretch", alt=f"errors on {name}")
                except DataError as error:
                    st.caption(widgets.plain(str(error)))
                st.button(
                    f"{widgets.plain(name.replace('_', ' '))} · {values[place]:.3f}",
                    key=f"open_{place - first}",
                    help="Show it large",
                    on_click=open_photo,
                    args=(name,),
                    type="tertiary",
                    width="stretch",
                )


def table(columns: Mapping[str, object]) -> None:
    """The numbers of the images as ``columns_of`` puts them; a row opens one."""
    names = list(cast(Sequence[str], columns[PHOTO]))

    def open_row() -> None:
        rows = st.session_state[TABLE].selection.rows
        if rows:
            open_photo(names[rows[0]])

    numbers = [name for name, values in columns.items() if isinstance(values, np.ndarray)]
    st.dataframe(
        columns,
        hide_index=True,
        width="stretch",
        height=420,
        key=TABLE,
        alt="The photos and their figures",
        on_select=open_row,
        selection_mode="single-row",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in numbers},
    )


def download(evaluated: Evaluated, columns: Callable[[], Mapping[str, object]]) -> None:
    """The same numbers as a file, for all images that passed and not those in sight alone: put
    together when it is asked for."""
    st.download_button(
        "These photos (CSV)",
        lambda: pandas.DataFrame(columns()).to_csv(index=False).encode(),
        f"errors-{evaluated.run.name}-{evaluated.measured.name}.csv",
        "text/csv",
        key="download_photos",
        on_click="ignore",
        icon=":material/download:",
    )


def columns_of(
    evaluated: Evaluated, places: np.ndarray, kinds: np.ndarray | None, values: np.ndarray
) -> dict[str, object]:
    """A column of each figure for the images at ``places`` of the table, in this order.

    ``values``: what they are ordered by; ``kinds`` of all images.
    """
    names = [evaluated.names[place] for place in places]
    columns: dict[str, object] = {PHOTO: names, "Ordered by": values}
    columns |= {
        MEASURES[name].label: evaluated.scores(name)[places] for name in evaluated.measures()
    }
    if kinds is not None:
        columns["Kind"] = [KINDS[kind] for kind in kinds[places]]
    columns |= {
        name.capitalize(): [
            str(of_photo).replace("_", " ") for of_photo in evaluated.table[name].to_numpy()[places]
        ]
        for name in ("breed", "species")
        if name in evaluated.table and any(evaluated.table[name])
    }
    return columns
