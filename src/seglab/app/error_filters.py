"""Which images of an evaluation are looked at: by animal, breed, size, kind of failure, tag."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from seglab.app import widgets
from seglab.app.evaluated import Evaluated
from seglab.failure_kinds import KINDS
from seglab.image_scores import SIZES

KIND = "kind"
UNTAGGED = "untagged"


def choose(
    evaluated: Evaluated, kinds: np.ndarray | None, tags: Mapping[str, Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    """The filters in a row; which images pass them all but that by kind, and which pass that one:
    boolean, in the table's order.

    ``kinds``: place in ``failure_kinds.KINDS`` of each image; ``tags``: image name to its tags.
    """
    passed, of_kind = (np.ones(len(evaluated.names), bool) for _ in range(2))
    with st.container(horizontal=True):
        for label, column, key, width in (
            ("Species", "species", "animal", 120),
            ("Breed", "breed", "of_breed", 200),
        ):
            if column in evaluated.table:
                values = evaluated.table[column].to_numpy(str)
                wanted = _one_of(label, sorted(set(values[passed]) - {""}), key, width)
                passed &= (values == wanted) if wanted else True
        sizes = evaluated.object_sizes
        if sizes is not None:
            present = [size for size in SIZES if size in sizes]
            wanted = _one_of("Object's size", present, "object_size", 140, _thirds(evaluated))
            passed &= (sizes == wanted) if wanted else True
        if kinds is not None:
            present = [KINDS[place] for place in sorted(set(kinds.tolist()))]
            wanted = _one_of("Kind of failure", present, KIND, 180)
            of_kind &= (kinds == KINDS.index(wanted)) if wanted else True
        passed &= _tagged(evaluated, tags)
    return passed, of_kind


def _tagged(evaluated: Evaluated, tags: Mapping[str, Sequence[str]]) -> np.ndarray:
    of_images = [tags.get(name, ()) for name in evaluated.names]
    present = sorted({tag for of_image in of_images for tag in of_image})
    wanted = _one_of("Tag", [*present, UNTAGGED] if present else [], "tagged", 150)
    if wanted is None:
        return np.ones(len(of_images), bool)
    if wanted == UNTAGGED:
        return np.array([not of_image for of_image in of_images])
    return np.array([wanted in of_image for of_image in of_images])


def _one_of(
    label: str, options: Sequence[str], key: str, width: int, help_text: str | None = None
) -> str | None:
    """A filter over the values that occur; nothing to choose where there are fewer than two."""
    if len(options) < 2:
        return None
    widgets.forget_unknown(key, options)
    return st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda value: value.replace("_", " ").capitalize(),
        key=key,
        bind="query-params",
        placeholder="All",
        width=width,
        help=help_text,
    )


def _thirds(evaluated: Evaluated) -> str:
    groups = evaluated.content.get("groups", {}).get("object_size", {})
    return "Share of the photo in the truth: " + ", ".join(
        f"{name} {group['foreground_share_low']:.0%}–{group['foreground_share_high']:.0%}"
        for name, group in groups.items()
    )
