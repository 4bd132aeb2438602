"""The dataset doctor on the screen: findings by kind, with pictures and what to do."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from seglab.app import dataset_filters, state, tagging, widgets
from seglab.app.dataset_reading import Reading, ask, offer
from seglab.app.one_sample_view import show_large
from seglab.app.pictures import shrink, shrink_mask, tile
from seglab.config import Experiment
from seglab.data.doctor import Diagnosis, by_kind
from seglab.data.doctor_text import as_json, counted
from seglab.data.findings import TITLES, Finding
from seglab.data.sample import Dataset, Split
from seglab.data.tags import write_tags
from seglab.decoding import decode_image, decode_mask
from seglab.errors import DataError, ImageError
from seglab.labels import CLASS_COLOURS, Colour, Colours, palette

PAGE = 12
TILE = 165
UNKNOWN_COLOUR = CLASS_COLOURS[6]
DONE = "left_out_now"


def badge(reading: Reading) -> None:
    """How many findings there are, once all files were read."""
    if not reading.complete:
        return
    if not reading.findings:
        st.badge("Doctor: fine", icon=":material/check:", color="green")
        return
    found = f"Doctor: {counted(reading.findings)}"
    if any(finding.severity == "error" for finding in reading.findings):
        st.badge(found, icon=":material/error:", color="red")
    else:
        st.badge(found, icon=":material/warning:", color="orange")


def show(experiment: Experiment, dataset: Dataset, reading: Reading) -> None:
    """The findings so far, a kind at a time, and the button that reads what is left."""
    if not reading.complete:
        offer(experiment, reading, "The whole diagnosis")
    if not reading.findings:
        if reading.complete:
            pairs = widgets.count(reading.total)
            st.success(f"Nothing is wrong with the {pairs} pairs of this dataset.")
            _check_again()
        return
    kinds = by_kind(reading.findings)
    widgets.forget_unknown("finding", [*kinds])
    kind = st.pills(
        "Findings",
        [*kinds],
        default=next(iter(kinds)),
        required=True,
        format_func=TITLES.__getitem__,
        key="finding",
        bind="query-params",
    )
    findings = kinds[kind or next(iter(kinds))]
    st.markdown(f"**{counted(findings)}**. {' '.join({one.remedy: '' for one in findings})}")
    with st.container(horizontal=True):
        _leave_out(experiment, findings)
        _download(dataset, reading)
        _check_again()
    pages = -(-len(findings) // PAGE)
    first = 0
    if pages > 1:
        widgets.clamp("finding_page", 1, pages)
        first = (st.pagination(pages, key="finding_page", bind="query-params") - 1) * PAGE
    masks = {record.mask for of_split in dataset.splits.values() for record in of_split}
    for number, finding in enumerate(findings[first : first + PAGE]):
        _one(dataset, finding, number, masks)


def _one(dataset: Dataset, finding: Finding, number: int, masks: set[Path]) -> None:
    with st.container(border=True):
        where = f" ({finding.split})" if finding.split else ""
        st.markdown(f"**{widgets.plain(finding.sample)}**{where}: {widgets.plain(finding.problem)}")
        values = tuple(sorted(dataset.labels.values.items()))
        colours = tuple(sorted(dataset.labels.colours.items()))
        with st.container(horizontal=True):
            for path in finding.files:
                with st.container(width=TILE, gap="xsmall"):
                    meaning = values if path in masks else None
                    picture = _thumbnail(path, state.modified(path), meaning, colours)
                    if picture is not None:
                        st.image(picture, width="stretch", alt=f"{finding.sample}: {path.name}")
                    inside = path.is_relative_to(dataset.root)
                    shown = path.relative_to(dataset.root) if inside else path
                    st.caption(widgets.plain(str(shown)))
        if finding.split:
            st.button(
                "Show it large",
                key=f"large_{number}",
                on_click=_open,
                args=(dataset, finding.split, finding.sample),
                type="tertiary",
                icon=":material/zoom_in:",
            )


def _leave_out(experiment: Experiment, findings: Sequence[Finding]) -> None:
    names = sorted({name for finding in findings for name in finding.leave_out})
    if not names:
        return
    path = tagging.file_of(experiment)
    st.button(
        f"Tag {len(names)} for leaving out" if len(names) > 1 else "Tag it for leaving out",
        key="leave_out",
        on_click=_tag,
        args=(path, names),
        icon=":material/sell:",
        help="Tags as exclude what training would have to do without. Then train with "
        f"--data.exclude {state.shown(path)}",
    )
    done = st.session_state.pop(DONE, None)
    if isinstance(done, str):
        raise DataError(done)
    if done:
        st.toast(f"Tagged in {state.shown(path)}")


def _tag(path: Path, names: list[str]) -> None:
    try:
        write_tags(path, names, "exclude")
        st.session_state[DONE] = True
    except DataError as error:
        st.session_state[DONE] = str(error)  # a callback draws nothing


def _download(dataset: Dataset, reading: Reading) -> None:
    files = 2 * len(reading.facts)
    st.download_button(
        "All findings (JSON)",
        lambda: as_json(Diagnosis(dataset, reading.findings, files, 0, 0.0)),
        "dataset-findings.json",
        "application/json",
        key="download_findings",
        on_click="ignore",
        icon=":material/download:",
    )


def _check_again() -> None:
    st.button(
        "Check again",
        key="check_again",
        on_click=ask,
        icon=":material/refresh:",
        help="Reads the files whose size or time changed",
    )


def _open(dataset: Dataset, split: Split, name: str) -> None:
    dataset_filters.clear(split)
    show_large(dataset, split, name)


@st.cache_data(max_entries=256, show_spinner=False)
def _thumbnail(
    path: Path,
    modified: int,
    mask_values: tuple[tuple[int, int], ...] | None,
    colours: tuple[tuple[int, Colour], ...],
) -> bytes | None:
    """A tile of a file, ``None`` where it cannot be shown.

    Of a mask ``mask_values`` are the pairs of value and class id; of an image it is ``None``.
    ``colours``: pairs of class id and the colour chosen for it.
    """
    del modified  # part of the key
    try:
        if mask_values is None:
            return tile(shrink(decode_image(path), 2 * TILE), 2 * TILE)
        values = shrink_mask(decode_mask(path), 2 * TILE)
        return tile(_mask_colours(values, dict(mask_values), dict(colours)), 2 * TILE)
    except ImageError:
        return None


def _mask_colours(values: np.ndarray, class_ids: dict[int, int], chosen: Colours) -> np.ndarray:
    """RGB of a mask file's values: class colours, and one colour for all that mean nothing."""
    colours = palette(chosen)
    by_value = np.full((256, 3), UNKNOWN_COLOUR, np.uint8)
    by_value[list(class_ids)] = colours[list(class_ids.values())]
    shown: np.ndarray = by_value[values]
    return shown
