"""Segment: photos in, masks out, with any of the trained runs."""

from pathlib import Path

import streamlit as st

from seglab.app import predictions, state, widgets
from seglab.app.answers import Photo, answer
from seglab.app.pictures import RESULTS, tile
from seglab.errors import ImageError
from seglab.preprocessing import IMAGE_SUFFIXES, decode_image
from seglab.runs import Run

TILE = 165


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
    row = st.container(horizontal=True)
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
    with st.container(horizontal=True):
        name = st.selectbox(
            "Run",
            [*names],
            index=predictions.preferred(runs, state.models_folder()),
            key="run",
            bind="query-params",
            width=280,
            help="A trained network: a folder under models/.",
            on_change=_forget_threshold,
        )
        run = names[name] if name else runs[0]
        if len(run.class_names) == 2:
            st.slider(
                "Threshold",
                0.0,
                1.0,
                run.threshold,
                0.01,
                key="threshold",
                bind="query-params",
                width=280,
                help=f"A pixel is {run.class_names[1]} from this probability on; {run.threshold:g} "
                + ("was the best on validation." if run.threshold_curve() else "unless chosen."),
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
        threshold = float(st.session_state.get("threshold", run.threshold))
        if threshold != run.threshold:
            command += ["--threshold", f"{threshold:g}"]
    widgets.from_the_shell(
        "The mask, pixel for pixel the same; a folder stands for all photos in it.", command
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _thumbnail(path: str, modified: int) -> bytes:
    del modified  # part of the key
    try:
        return tile(decode_image(Path(path)), TILE)
    except ImageError as error:
        raise ImageError(f"{path} {error}") from error


def _forget_threshold() -> None:
    """Another run has another best threshold."""
    st.session_state.pop("threshold", None)


def _choose_sample(name: str) -> None:
    st.session_state["sample"] = name


def _title(name: str) -> str:
    return Path(name).stem.replace("_", " ").replace("-", " ").capitalize()


page()
