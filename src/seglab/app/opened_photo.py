"""One image of an evaluation large: photo, truth, prediction and error map with a shared zoom."""

from collections.abc import Sequence

import cv2
import numpy as np
import streamlit as st

from seglab import error_maps, overlays
from seglab.app import tagging, widgets
from seglab.app.error_photos import Look, Source, look
from seglab.app.evaluated import Evaluated
from seglab.app.pictures import encode_jpeg
from seglab.app.zoom import zoomed
from seglab.image_scores import MEASURES
from seglab.labels import Colours

OPENED = "photo"


def choose(ordered: Sequence[str], evaluated: Evaluated) -> str | None:
    """The opened photo's name, chosen from the list in its order, by its name or step by step."""
    # The address counts before the list below has read it: a link may name a photo that its own
    # filters leave out.
    remembered = st.session_state.get(OPENED, st.query_params.get(OPENED))
    names = list(ordered)
    if remembered in evaluated.places and remembered not in names:
        names.insert(0, remembered)  # stays open when the filters change
    widgets.forget_unknown(OPENED, names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Photo",
            names,
            index=None,
            key=OPENED,
            bind="query-params",
            placeholder="None opened: choose one here, in the gallery or in a plot",
            width=420,
        )
        place = names.index(name) if name else -1
        for label, icon, step in (
            ("Previous", "chevron_left", -1),
            ("Next", "chevron_right", 1),
        ):
            target = place + step
            st.button(
                label,
                key=f"step_{step}",
                icon=f":material/{icon}:",
                on_click=open_photo,
                args=(names[target] if 0 <= target < len(names) else None,),
                disabled=not 0 <= target < len(names),
            )
        st.button(
            "Close",
            key="close_photo",
            icon=":material/close:",
            on_click=open_photo,
            args=(None,),
            disabled=name is None,
        )
    return name


def open_photo(name: str | None) -> None:
    """Open a photo, or close it. Only in a callback: the choice stands above the gallery."""
    st.session_state[OPENED] = name


def show(source: Source, others: Sequence[Source], name: str) -> None:
    """The pictures of ``source``, and the error map of each other run; its tags.

    Raises ``DataError`` and ``RunError``.
    """
    seen = look(source, name)
    run_name = source.evaluated.run.name
    colours = source.evaluated.run.class_colours
    pictures = [
        (_enlarged(seen.image), "Photo", name),
        (_tinted(seen, seen.truth, colours), "Truth", f"truth of {name}"),
        (_tinted(seen, seen.predicted, colours), f"{run_name} sees", f"{name} by {run_name}"),
        (_errors(seen), f"{run_name} errs", f"errors on {name} by {run_name}"),
    ]
    for other in others:
        words = other.evaluated.run.name
        pictures.append(
            (_errors(look(other, name)), f"{words} errs", f"errors on {name} by {words}")
        )
    if others:
        del pictures[2]
    zoomed([(encode_jpeg(picture), title, words) for picture, title, words in pictures], "zoom")
    legend(len(source.evaluated.run.class_names) > 2)
    tagging.control(source.experiment, name)


def legend(several_classes: bool) -> None:
    """What the colours and lines of an error map mean."""
    kinds = [kind for kind in error_maps.NAMES if several_classes or kind != error_maps.WRONG_CLASS]
    widgets.swatches(
        [
            (f"{error_maps.NAMES[kind]} ({error_maps.LINES[kind]} line)", error_maps.COLOURS[kind])
            for kind in kinds
        ]
    )


def numbers(evaluated: Evaluated, name: str) -> None:
    """The figures of one image in a line."""
    place = evaluated.places[name]
    row = evaluated.table.iloc[place]
    parts = [
        f"{MEASURES[measure].label} **{evaluated.scores(measure)[place]:.3f}**"
        for measure in evaluated.measures()
    ]
    if "foreground_share" in row:
        parts.append(f"object {float(row['foreground_share']):.0%} of the photo")
    about = [str(row[column]) for column in ("species", "breed") if row.get(column)]
    parts += [widgets.plain(" ".join(about).replace("_", " "))] if about else []
    st.markdown(f"{widgets.plain(evaluated.run.name)}: " + " · ".join(parts))


def _errors(seen: Look) -> np.ndarray:
    return error_maps.error_map(seen.image, seen.truth, seen.predicted)


def _tinted(seen: Look, mask: np.ndarray, colours: Colours) -> np.ndarray:
    large = _enlarged(seen.image)
    size = (large.shape[1], large.shape[0])
    enlarged = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
    return overlays.outlined_overlay(large, enlarged, 0.4, colours=colours)


def _enlarged(image: np.ndarray) -> np.ndarray:
    """As large as an error map."""
    factor = error_maps.enlargement(image)
    if factor == 1:
        return image
    size = (image.shape[1] * factor, image.shape[0] * factor)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
