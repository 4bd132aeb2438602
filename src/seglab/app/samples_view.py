"""A dataset's samples on the screen: filters, a grid with pages, one sample large."""

from collections.abc import Sequence

import streamlit as st

from seglab.app import datasets, state, widgets
from seglab.app.pictures import LOOKS, pair_picture, shrink, shrink_mask, tile
from seglab.data.sample import SPLITS, Dataset, Record, Split
from seglab.errors import DataError
from seglab.labels import IGNORE

VIEWS = ("Browse", "One sample", "What training saw")
GRID = 24
TILE = 165
# Beside each other on a wide screen, below each other on a narrow one.
LARGE, FACTS = 600, 420
Entry = tuple[int, Record]


def choose_entries(dataset: Dataset) -> tuple[Split, list[Entry]]:
    """The split and, of it, what passes the filters: positions in the split and records."""
    splits = [split for split in SPLITS if dataset.splits.get(split)]
    widgets.forget_unknown("split", splits)
    with st.container(horizontal=True):
        split = st.segmented_control(
            "Split",
            splits,
            default=splits[0],
            required=True,
            format_func=datasets.SPLIT_NAMES.__getitem__,
            key="split",
            bind="query-params",
        )
        records = dataset.records(split)
        species = _one_of("Species", {record.species for record in records}, "species", 120)
        among = [record for record in records if species in (None, record.species)]
        breed = _one_of("Breed", {record.breed for record in among}, "breed", 190)
        wanted = st.text_input(
            "Name contains",
            key="find",
            bind="query-params",
            width=150,
            placeholder="such as 101",
        )
    return split, [
        (index, record)
        for index, record in enumerate(records)
        if species in (None, record.species)
        and breed in (None, record.breed)
        and (wanted or "").lower() in record.name.lower()
    ]


def browse(dataset: Dataset, split: Split, entries: Sequence[Entry]) -> None:
    """A grid with pages."""
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
                    st.image(picture, width=TILE, alt=f"{look} of {record.name}")
                except DataError as error:
                    st.error("Unreadable")
                    st.caption(widgets.plain(str(error)))
                st.button(
                    record.name,
                    key=f"open_{position - first}",
                    help="Show it large",
                    on_click=_open,
                    args=(position + 1,),
                    type="tertiary",
                    width="stretch",
                )
    widgets.legend(dataset.labels.class_names)


def one_sample(dataset: Dataset, split: Split, entries: Sequence[Entry]) -> None:
    """One sample large, with its numbers. Raises ``DataError`` that names the file."""
    widgets.clamp("position", 1, len(entries))
    with st.container(horizontal=True):
        position = st.number_input(
            f"Sample, 1 to {widgets.count(len(entries))}",
            1,
            len(entries),
            key="position",
            bind="query-params",
            width=180,
        )
        look, opacity = choose_look()
    index, record = entries[int(position) - 1]
    sample = datasets.sample(dataset, split, index)
    height, width = sample.mask.shape
    row = st.container(horizontal=True)
    picture, facts = row.container(width=LARGE), row.container(width=FACTS)
    with picture:
        shown = pair_picture(shrink(sample.image), shrink_mask(sample.mask), look, opacity)
        st.image(
            shown,
            width="stretch",
            output_format="PNG" if look == "mask" else "JPEG",
            alt=f"{look} of {record.name}",
        )
        widgets.legend(dataset.labels.class_names)
    with facts:
        st.subheader(widgets.plain(record.name))
        names = list(dataset.labels.class_names)
        shares = [
            (name, float((sample.mask == number).mean())) for number, name in enumerate(names)
        ]
        lines = [("Size, pixels", f"{width} × {height}")]
        lines += [(name.capitalize(), f"{share:.1%} of the pixels") for name, share in shares]
        ignored = float((sample.mask == IGNORE).mean())
        lines += [("Not counted", f"{ignored:.1%} of the pixels")] if ignored else []
        lines += [("Breed", record.breed.replace("_", " "))] if record.breed else []
        lines += [("Species", record.species)] if record.species else []
        lines += [
            ("Split", f"{datasets.SPLIT_NAMES[split]}, number {index + 1}"),
            ("Image", state.shown(record.image)),
            ("Mask", state.shown(record.mask)),
        ]
        st.table(dict(lines), border="horizontal")


def choose_look() -> tuple[str, float]:
    """Image, overlay or mask, and how strongly the overlay covers."""
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
    sample = datasets.sample(dataset, split, index)
    # Twice the size on the screen, for screens with two pixels a point.
    image, mask = shrink(sample.image, 2 * TILE), shrink_mask(sample.mask, 2 * TILE)
    return tile(pair_picture(image, mask, look, opacity), 2 * TILE)


def _one_of(label: str, found: set[str | None], key: str, width: int) -> str | None:
    """A filter over the values that occur; nothing to choose where there are fewer than two."""
    options = sorted(value for value in found if value)
    if len(options) < 2:
        return None
    widgets.forget_unknown(key, options)
    return st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda value: value.replace("_", " "),
        key=key,
        bind="query-params",
        placeholder="All",
        width=width,
    )


def _open(position: int) -> None:
    st.session_state["position"] = position
    st.session_state["show"] = VIEWS[1]
