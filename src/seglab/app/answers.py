"""What a run says of the chosen photos: pictures, figures, files to take away."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from seglab import overlays
from seglab.app import predictions, widgets
from seglab.app.pictures import result_picture, shrink
from seglab.errors import SeglabError
from seglab.inference import Segmentation
from seglab.runs import Run

CAPTIONS = {
    "overlay": "The photo, tinted and outlined where the network sees a class",
    "mask": "The mask as a file holds it",
    "contour": "The outline",
    "cut-out": "The foreground; what the network doubts is half transparent",
    "probability": "Probability of the foreground: violet is 0, yellow is 1",
}


@dataclass(frozen=True)
class Photo:
    """A photo that was chosen: its file name, its file's content, and how the shell names it."""

    name: str
    content: bytes
    shell_name: str


def answer(run: Run, photos: list[Photo]) -> None:
    """Photo beside result, the numbers, the files to take away."""
    photo = choose_one(photos)
    threshold = float(st.session_state.get("threshold", run.threshold))
    segmentation = predictions.segment(run, photo.content, photo.name, threshold)
    warning = segmentation.warning()
    if warning:
        st.warning(_for_the_slider(warning))
    result = str(st.session_state.get("result") or "overlay")
    left, right = st.columns(2)
    with left:
        height, width = segmentation.image.shape[:2]
        caption = f"{photo.name}, {width} × {height} pixels"
        st.image(shrink(segmentation.image), caption, width="stretch", alt=photo.name)
    with right:
        st.image(
            result_picture(segmentation, result),
            CAPTIONS[result],
            width="stretch",
            output_format="PNG",
            alt=f"{result} of {photo.name} by {run.name}",
        )
    if len(run.class_names) > 2:
        widgets.legend(run.class_names)
    numbers(segmentation)
    downloads(run, photo, photos, segmentation)


def choose_one(photos: list[Photo]) -> Photo:
    """The photo to show, of several."""
    if len(photos) == 1:
        return photos[0]
    position = st.selectbox(
        f"Photo, of {len(photos)}",
        range(len(photos)),
        format_func=lambda index: photos[index].name,
        key="photo",
    )
    return photos[position or 0]


def numbers(segmentation: Segmentation) -> None:
    """What the mask and the network say in figures."""
    low, high = segmentation.probability_range
    found = [
        (name, float((segmentation.mask == number).mean()))
        for number, name in enumerate(segmentation.class_names)
        if number
    ]
    with st.container(horizontal=True):
        for name, share in found:
            st.metric(f"{name.capitalize()}, share of the photo", f"{share:.1%}", width="content")
        st.metric(
            "Probability, lowest to highest",
            f"{low:.2f}–{high:.2f}",
            width="content",
            help="Of the foreground, over all pixels. A narrow range: the network cannot tell.",
        )
        st.metric("Time", _time(segmentation.seconds), width="content", help="Of the network.")


def downloads(run: Run, photo: Photo, photos: list[Photo], segmentation: Segmentation) -> None:
    """The files at the photo's own size, made when they are asked for."""
    stem = Path(photo.name).stem
    files = {
        "mask": ("Mask (PNG)", segmentation.mask_png),
        "overlay": ("Overlay (PNG)", lambda: overlays.encode_png(segmentation.overlay())),
        "cutout": ("Cut-out (PNG)", lambda: overlays.encode_png(segmentation.cutout())),
    }
    with st.container(horizontal=True):
        for kind, (label, make) in files.items():
            st.download_button(
                label,
                make,
                f"{stem}_{kind}.png",
                "image/png",
                key=f"download_{kind}",
                on_click="ignore",
                icon=":material/download:",
            )
        if len(photos) > 1:
            threshold = segmentation.threshold
            st.download_button(
                f"All {len(photos)} masks (ZIP)",
                lambda: _all_masks(run, photos, threshold),
                "masks.zip",
                "application/zip",
                key="download_all",
                on_click="ignore",
                icon=":material/folder_zip:",
            )


def _all_masks(run: Run, photos: list[Photo], threshold: float) -> bytes:
    """A ZIP of the masks; what cannot be segmented is named in a text file within."""
    file, problems = io.BytesIO(), []
    with zipfile.ZipFile(file, "w") as archive:
        for number, photo in enumerate(photos, start=1):
            try:
                found = predictions.segment(run, photo.content, photo.name, threshold)
            except SeglabError as error:
                problems.append(str(error))
            else:
                # Numbered: two photos of different folders may have the same name.
                archive.writestr(f"{number:03d}-{Path(photo.name).stem}_mask.png", found.mask_png())
        if problems:
            archive.writestr("left-out.txt", "\n".join(problems) + "\n")
    return file.getvalue()


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _for_the_slider(warning: str) -> str:
    text = warning.replace("a lower --threshold would", "a lower threshold would")
    return text[0].upper() + text[1:] + "."
