"""All uploaded photos at once: segmented with a bar that can be stopped, listed, taken away."""

import io
import zipfile
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from seglab.app import widgets
from seglab.app.answers import look
from seglab.app.doctor_view import findings
from seglab.app.photos import Photo
from seglab.errors import SeglabError
from seglab.runs import Run

KEY = "batch"
SMALL = 400
"""Figures of a list are read off pictures of so many pixels."""


@dataclass(frozen=True)
class Line:
    """What is listed of a photo: shares 0–1 of each class but the background, and what a person
    should look at; and its masks' files, a run each."""

    name: str
    shares: tuple[float, ...]
    remark: str
    masks: dict[str, bytes]


@dataclass
class Batch:
    """The photos that were segmented together, under ``settings`` that tell two batches apart;
    ``lines`` by the photo's place: two files of other names may hold the same photo."""

    settings: Hashable
    lines: dict[int, Line] = field(default_factory=dict)


def show(
    photos: Sequence[Photo], runs: Sequence[Run], thresholds: Sequence[float], flip: bool
) -> None:
    """The button, the bar, and what came of it so far."""
    names = tuple(run.name for run in runs)
    files = tuple((photo.name, photo.digest) for photo in photos)
    settings = (files, names, tuple(thresholds), flip)
    batch = st.session_state.get(KEY)
    if batch is None or batch.settings != settings:
        batch = Batch(settings)
    left = [(place, photo) for place, photo in enumerate(photos) if place not in batch.lines]
    st.subheader("All photos")
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Go on" if batch.lines else f"Segment all {len(photos)} photos"
        started = bool(left) and st.button(label, key="segment_all", icon=":material/play_arrow:")
        if started:
            # A click on it begins the page anew, and with that ends the loop below.
            st.button("Stop", key="stop_all", icon=":material/stop:")
    if started:
        st.session_state[KEY] = batch
        bar = st.progress(0.0)
        for place, photo in left:
            done = len(batch.lines)
            bar.progress(
                done / len(photos), f"{done} of {len(photos)}: {widgets.plain(photo.name)}"
            )
            batch.lines[place] = _line(photo, runs, thresholds, flip)
        st.rerun()
    if batch.lines:
        _table(batch, len(photos), runs[0])
        _archive(batch, names)


def _line(photo: Photo, runs: Sequence[Run], thresholds: Sequence[float], flip: bool) -> Line:
    masks: dict[str, bytes] = {}
    shares: tuple[float, ...] = ()
    remark = ""
    try:
        for run, threshold in zip(runs, thresholds, strict=True):
            seen = look(run, photo, threshold, flip, SMALL)
            masks[run.name] = seen.answer.mask_png(photo, threshold)
            if run is runs[0]:
                numbers = range(1, len(run.class_names))
                shares = tuple(float((seen.mask == number).mean()) for number in numbers)
                notable = [one.headline for one in findings(seen) if one.state == "notable"]
                remark = "; ".join(notable)
    except SeglabError as error:
        masks, remark = {}, str(error)
    return Line(photo.name, shares, remark, masks)


def _table(batch: Batch, photos: int, run: Run) -> None:
    listed = sorted(batch.lines.items())
    shares = {
        f"{name}, %": [100 * line.shares[at] if line.shares else None for _, line in listed]
        for at, name in enumerate(run.class_names[1:])
    }

    def open_photo() -> None:
        rows = st.session_state["batch_table"].selection.rows
        if rows:
            st.session_state["photo"] = listed[rows[0]][0]

    st.caption(
        f"By {widgets.plain(run.name)}: {len(listed)} of {photos} done. Choose a row to see "
        "the photo above."
    )
    st.dataframe(
        {"Photo": [line.name for _, line in listed]}
        | shares
        | {"Doctor": [line.remark for _, line in listed]},
        hide_index=True,
        width="stretch",
        height=min(38 * (len(listed) + 1), 340),
        key="batch_table",
        alt="What was found in each photo",
        placeholder="–",
        on_select=open_photo,
        selection_mode="single-row",
        column_config={name: st.column_config.NumberColumn(format="%.1f") for name in shares},
    )


def _archive(batch: Batch, names: Sequence[str]) -> None:
    st.download_button(
        "All masks (ZIP)" if len(names) == 1 else f"Masks of {len(names)} models (ZIP)",
        lambda: _zipped(batch, names),
        "masks.zip",
        "application/zip",
        key="download_all",
        on_click="ignore",
        icon=":material/folder_zip:",
        help="At each photo's own size, as predict.py writes them; of several models in a folder "
        "each. What could not be segmented is named in left-out.txt.",
    )


def _zipped(batch: Batch, names: Sequence[str]) -> bytes:
    file = io.BytesIO()
    taken: set[str] = set()
    left_out = [line.remark for line in batch.lines.values() if not line.masks]
    with zipfile.ZipFile(file, "w") as archive:
        for line in batch.lines.values():
            stem = _free_stem(Path(line.name).stem, taken)
            for name, mask in line.masks.items():
                folder = f"{name}/" if len(names) > 1 else ""
                archive.writestr(f"{folder}{stem}_mask.png", mask)
        if left_out:
            archive.writestr("left-out.txt", "\n".join(left_out) + "\n")
    return file.getvalue()


def _free_stem(stem: str, taken: set[str]) -> str:
    """Two photos of different folders may have the same name: the later one gets a number."""
    free, number = stem, 2
    while free.casefold() in taken:
        free, number = f"{stem}-{number}", number + 1
    taken.add(free.casefold())
    return free
