"""Which samples of a dataset are looked at: split, species, breed, name, foreground share, tag."""

from collections.abc import Mapping

import streamlit as st

from seglab.app import datasets, widgets
from seglab.data.fact_cache import Known
from seglab.data.sample import SPLITS, Dataset, Record, Split

Entry = tuple[int, Record]
"""Position in the split, from 0, and record."""

ALL_SHARES = (0, 100)


def choose_entries(
    dataset: Dataset, facts: Known, tagged: Mapping[str, tuple[str, ...]]
) -> tuple[Split, list[Entry]]:
    """The split and, of it, what passes the filters.

    A filter by foreground share is offered once ``facts`` are known, one by tag where there is
    any in ``tagged`` (sample name to tags).
    """
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
        low, high = _shares() if facts else ALL_SHARES
        tag = _one_of("Tag", {tag for tags in tagged.values() for tag in tags}, "tag", 140)
    return split, [
        (index, record)
        for index, record in enumerate(records)
        if species in (None, record.species)
        and breed in (None, record.breed)
        and (wanted or "").lower() in record.name.lower()
        and ((low, high) == ALL_SHARES or _is_between(record, facts, low, high))
        and (tag is None or tag in tagged.get(record.name, ()))
    ]


def clear(split: Split) -> None:
    """Choose a split and forget the other filters. Only in a callback."""
    for key in ("species", "breed", "find", "share", "tag"):
        st.session_state.pop(key, None)
    st.session_state["split"] = split


def _shares() -> tuple[int, int]:
    low, high = st.slider(
        "Foreground, % of the pixels",
        *ALL_SHARES,
        ALL_SHARES,
        key="share",
        bind="query-params",
        width=230,
    )
    return low, high


def _is_between(record: Record, facts: Known, low: int, high: int) -> bool:
    """Whether a share is known and in the range, both ends included."""
    share = facts[record].foreground_share if record in facts else None
    return share is not None and low <= 100 * share <= high


def _one_of(label: str, found: set[str | None] | set[str], key: str, width: int) -> str | None:
    """A filter over the values that occur; nothing to choose where there are fewer than two.

    Of tags one is enough: most samples have none.
    """
    options = sorted(value for value in found if value)
    if len(options) < (1 if key == "tag" else 2):
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
