"""The photos of the page Segment: uploaded ones within limits, or one of the samples."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.typing import UploadedFile

from seglab.app import state, widgets
from seglab.app.pictures import tile
from seglab.app.uploads import uploader
from seglab.decoding import IMAGE_SUFFIXES, decode_image
from seglab.errors import ImageError
from seglab.preprocessing import Preprocessing
from seglab.stored_images import read_image_file

MOST_PHOTOS = 200
MOST_MEGABYTES = 20
MOST_MEGABYTES_TOGETHER = 300
MOST_MEGAPIXELS = 60.0
TILE = 165


@dataclass(frozen=True)
class Photo:
    """A photo that was chosen: its file name, its file's content and a digest of that, and how the
    shell names it. Lives for one run of the page: so a decoded photo is soon forgotten."""

    name: str
    content: bytes
    digest: str
    shell_name: str

    @cached_property
    def image(self) -> np.ndarray:
        """RGB uint8 H×W×3, upright. Raises ``ImageError`` that begins with the name."""
        try:
            return decode_image(self.content, MOST_MEGAPIXELS)
        except ImageError as error:
            raise self._with_remedy(error) from error

    def network_image(self, preprocessing: Preprocessing) -> tuple[np.ndarray, int, int]:
        """What a network is given, uint8 S×S×3, and the photo's height and width, as
        ``predict.py`` reads them. Raises ``ImageError`` that begins with the name."""
        pixels = self.image  # its error is whole already
        try:
            return preprocessing.network_image(self.content, MOST_MEGAPIXELS, pixels)
        except ImageError as error:
            raise self._with_remedy(error) from error

    def _with_remedy(self, error: ImageError) -> ImageError:
        remedy = "choose another file"
        if "megapixels" in str(error):
            remedy = "make it smaller, or use predict.py, which takes larger ones"
        return ImageError(f"{self.name} {error}; {remedy}")


def choose_photos() -> list[Photo]:
    """Uploaded photos or one of the samples: whichever was chosen last."""
    row = st.container(horizontal=True)
    with row:
        uploads = uploader(
            [suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES],
            MOST_MEGABYTES,
            f"Up to {MOST_PHOTOS} photos, each up to {MOST_MEGABYTES} MB and "
            f"{MOST_MEGAPIXELS:g} megapixels. They stay on this machine, in memory.",
        )
    samples = {path.name: path for path in state.sample_photos()}
    widgets.forget_unknown("sample", [*samples])
    with row:
        if samples:
            st.pills(
                "Or a sample",
                [*samples],
                format_func=_title,
                key="sample",
                bind="query-params",
                wrap=True,
            )
    chosen = st.session_state.get("sample")
    if chosen:
        with widgets.sentences():
            return [_photo_of_path(samples[chosen])]
        return []
    taken, problems = within_limits([(file.name, file.size) for file in uploads])
    for problem in problems:
        st.warning(widgets.plain(problem))
    return [_photo_of_upload(uploads[place]) for place in taken]


def within_limits(files: Sequence[tuple[str, int]]) -> tuple[list[int], list[str]]:
    """Places of the files (name, bytes) that are taken, and a sentence for each limit reached."""
    taken: list[int] = []
    problems: list[str] = []
    together = beyond = 0
    for place, (name, size) in enumerate(files):
        if size > MOST_MEGABYTES * 1e6:
            problems.append(
                f"{name} holds {size / 1e6:.0f} MB, more than the {MOST_MEGABYTES} MB a photo may "
                "have; make it smaller, or use predict.py"
            )
        elif len(taken) == MOST_PHOTOS:
            beyond += 1
        elif together + size > MOST_MEGABYTES_TOGETHER * 1e6:
            problems.append(
                f"{name} is left out: together the photos hold more than "
                f"{MOST_MEGABYTES_TOGETHER} MB; take fewer at a time, or use predict.py"
            )
        else:
            taken.append(place)
            together += size
    if beyond:
        problems.append(
            f"{beyond} photos are left out: more than {MOST_PHOTOS} are not taken at a time; "
            "predict.py takes a folder of any number"
        )
    return taken, problems


def choose_one(photos: Sequence[Photo]) -> Photo:
    """The photo to show, of several."""
    if len(photos) == 1:
        return photos[0]
    widgets.clamp("photo", 0, len(photos) - 1)
    position = st.selectbox(
        f"Photo, of {len(photos)}",
        range(len(photos)),
        format_func=lambda index: photos[index].name,
        key="photo",
        width=440,
    )
    return photos[position or 0]


def gallery() -> None:
    """Nothing was chosen yet: the samples to begin with."""
    samples = state.sample_photos()
    if not samples:
        st.info("Drop a photo above: its mask appears here, ready to be downloaded.")
        return
    st.markdown("Drop a photo above, or begin with one of these:")
    with st.container(horizontal=True):
        for path in samples:
            with widgets.sentences(), st.container(width=TILE):
                st.image(_thumbnail(str(path), state.modified(path)), width=TILE, alt=path.stem)
                st.button(
                    _title(path.name),
                    key=f"sample_{path.name}",
                    on_click=_choose_sample,
                    args=(path.name,),
                    width="stretch",
                )


def _photo_of_path(path: Path) -> Photo:
    stamp = state.modified(path)
    try:
        content = read_image_file(path)
    except ImageError as error:
        raise ImageError(f"{path.name} {error}; choose another one") from error
    return Photo(path.name, content, _digest(str(path), stamp, content), state.shown(path))


def _photo_of_upload(file: UploadedFile) -> Photo:
    content = file.getvalue()
    # The name may be one with folders; what the browser says of them is not to be relied on.
    name = Path(file.name).name or "photo"
    return Photo(name, content, _digest(file.file_id, 0, content), name)


@st.cache_data(max_entries=2000, show_spinner=False)
def _digest(identity: str, stamp: int, _content: bytes) -> str:
    """Of an upload, which has an identity of its own, or a file by its path and time: hundreds
    are not hashed at every click."""
    del identity, stamp  # the key
    return hashlib.sha256(_content).hexdigest()


@st.cache_data(max_entries=64, show_spinner=False)
def _thumbnail(path: str, modified: int) -> bytes:
    del modified  # part of the key
    try:
        return tile(decode_image(Path(path)), TILE)
    except ImageError as error:
        raise ImageError(f"{path} {error}") from error


def _choose_sample(name: str) -> None:
    st.session_state["sample"] = name


def _title(name: str) -> str:
    return widgets.plain(Path(name).stem.replace("_", " ").replace("-", " ").capitalize())
