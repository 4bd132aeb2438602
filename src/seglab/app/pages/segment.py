"""Segment: photos in, masks out, with any of the trained runs."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from seglab import overlays
from seglab.app import predictions, state, widgets
from seglab.app.pictures import RESULTS, result_picture, shrink
from seglab.errors import ImageError, SeglabError
from seglab.inference import DEFAULT_THRESHOLD, Segmentation
from seglab.preprocessing import IMAGE_SUFFIXES, decode_image
from seglab.runs import Run

TILE = 150


@dataclass(frozen=True)
class Photo:
    """A photo that was chosen: its file name, its file's content, and how the shell names it."""

    name: str
    content: bytes
    shell_name: str


def page() -> None:
    """The page from top to bottom."""
    widgets.heading("Segment", "Where in this photo is the animal?")
    runs, broken = state.runs()
    photos = choose_photos()
    run = choose_run(predictions.usable(runs))
    if run is None:
        no_run()
    elif not photos:
        gallery()
    else:
        with widgets.sentences():
            answer(run, photos)
    widgets.broken_runs(broken)
    shell(run, photos)


def choose_photos() -> list[Photo]:
    """Uploaded photos or one of the samples: whichever was chosen last."""
    row = st.container(horizontal=True, gap="medium")
    with row:
        uploads = st.file_uploader(
            "Your photos",
            [suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES],
            accept_multiple_files=True,
            key="uploads",
            width=440,
            on_change=lambda: st.session_state.pop("sample", None),
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
        path = samples[chosen]
        return [Photo(path.name, path.read_bytes(), state.shown(path))]
    return [Photo(file.name, file.getvalue(), file.name) for file in uploads]


def choose_run(runs: list[Run]) -> Run | None:
    """The run that answers, with the threshold and the kind of picture beside it."""
    if not runs:
        return None
    names = {run.name: run for run in runs}
    widgets.forget_unknown("run", [*names])
    with st.container(horizontal=True, gap="medium"):
        name = st.selectbox(
            "Run",
            [*names],
            index=predictions.preferred(runs, state.models_folder()),
            key="run",
            bind="query-params",
            width=280,
            help="A trained network: a folder under models/.",
        )
        run = names[name] if name else runs[0]
        if len(run.class_names) == 2:
            st.slider(
                "Threshold",
                0.0,
                1.0,
                DEFAULT_THRESHOLD,
                0.01,
                key="threshold",
                bind="query-params",
                width=280,
                help=f"A pixel is {run.class_names[1]} from this probability on.",
            )
        st.segmented_control(
            "Show as",
            RESULTS,
            default="overlay",
            required=True,
            format_func=str.capitalize,
            key="result",
            bind="query-params",
            wrap=True,
        )
    return run


def answer(run: Run, photos: list[Photo]) -> None:
    """Photo beside result, the numbers, the files to take away."""
    photo = choose_one(photos)
    threshold = float(st.session_state.get("threshold", DEFAULT_THRESHOLD))
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


CAPTIONS = {
    "overlay": "The photo, tinted and outlined where the network sees a class",
    "mask": "The mask as a file holds it",
    "contour": "The outline",
    "cut-out": "The foreground; what the network doubts is half transparent",
    "probability": "Probability of the foreground: violet is 0, yellow is 1",
}


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
    with st.container(horizontal=True, gap="medium"):
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
                f"{stem}-{kind}.png",
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


def no_run() -> None:
    """No run can predict: what is missing, the command that gives it."""
    st.info(
        f"There is no trained run under `{state.shown(state.models_folder())}` yet. "
        "`make demo` trains a small one on drawn pets in a few minutes, `python train.py` one on "
        "the Oxford pets. Then a photo's mask appears here."
    )


def shell(run: Run | None, photos: list[Photo]) -> None:
    """The same from the shell."""
    command = ["python", "predict.py"]
    command += [photo.shell_name for photo in photos[:3]] or ["sample_images"]
    if run is not None:
        command += ["--model", state.shown(run.folder)]
        threshold = float(st.session_state.get("threshold", DEFAULT_THRESHOLD))
        if threshold != DEFAULT_THRESHOLD:
            command += ["--threshold", f"{threshold:g}"]
    widgets.from_the_shell(
        "The mask, pixel for pixel the same; a folder stands for all photos in it.", command
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _thumbnail(path: str, modified: int) -> bytes:
    del modified  # part of the key
    from seglab.app.pictures import tile

    try:
        return tile(decode_image(Path(path)), TILE)
    except ImageError as error:
        raise ImageError(f"{path} {error}") from error


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
                archive.writestr(f"{number:03d}-{Path(photo.name).stem}-mask.png", found.mask_png())
        if problems:
            archive.writestr("left-out.txt", "\n".join(problems) + "\n")
    return file.getvalue()


def _choose_sample(name: str) -> None:
    st.session_state["sample"] = name


def _title(name: str) -> str:
    return Path(name).stem.replace("_", " ").replace("-", " ").capitalize()


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _for_the_slider(warning: str) -> str:
    text = warning.replace("a lower --threshold would", "a lower threshold would")
    return text[0].upper() + text[1:] + "."


page()
