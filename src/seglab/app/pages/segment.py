"""Segment: photos in, masks out, by up to four trained runs beside each other."""

from collections.abc import Sequence

import streamlit as st

from seglab.app import (
    disagreement_view,
    doctor_view,
    many_photos,
    predictions,
    state,
    widgets,
)
from seglab.app.answers import (
    Seen,
    choose_threshold,
    chosen_threshold,
    downloads,
    look,
    move_thresholds,
    show_numbers,
    show_picture,
)
from seglab.app.following import newly_chosen
from seglab.app.photos import Photo, choose_one, choose_photos, gallery
from seglab.app.pictures import LARGEST, RESULTS
from seglab.runs import Run

MOST_MODELS = 4
MODELS = "models"
WIPE = 720
"""Width of a single wiped picture: a square one is still seen whole."""

LARGEST_OF_MANY = 800
"""Longest side of a picture, pixels, where more than two stand in a row."""


def page() -> None:
    """The page from top to bottom."""
    widgets.header("Segment", "Where in this photo is the animal?")
    runs, broken = state.runs()
    photos = choose_photos()
    models = choose_models(predictions.usable(runs))
    if not models:
        no_model(bool(predictions.usable(runs)))
    elif not photos:
        gallery()
    else:
        result(models, photos)
    widgets.broken_runs(broken)
    shell(models, photos)


def choose_models(runs: Sequence[Run]) -> list[Run]:
    """The runs that answer, with the kind of picture beside them."""
    if not runs:
        return []
    by_name = {run.name: run for run in runs}
    if MODELS in st.session_state:
        known = [name for name in st.session_state[MODELS] if name in by_name]
        if known != st.session_state[MODELS]:
            st.session_state[MODELS] = known
    chosen = newly_chosen("segment", runs, MODELS)
    if chosen:
        st.session_state[MODELS] = chosen[:MOST_MODELS]
        _other_models()
    preferred = runs[predictions.preferred(runs, state.models_folder())].name
    with st.container(horizontal=True):
        names = st.multiselect(
            f"Models, up to {MOST_MODELS}",
            [*by_name],
            [preferred],
            key=MODELS,
            bind="query-params",
            max_selections=MOST_MODELS,
            select_all=False,
            width=420,
            placeholder="Choose a trained run",
            help="Trained networks: folders under models/.",
            on_change=_other_models,
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
        with st.container(width="content"):
            st.toggle(
                "Wipe",
                key="wipe",
                bind="query-params",
                help="Photo and result in one picture, with a line to drag between them; the "
                "arrow keys move it too.",
            )
            st.toggle(
                "Flip averaging",
                key="flip",
                bind="query-params",
                help="The mean of the answers to the photo and to its mirror image: a little "
                "better, in twice the time.",
            )
    return sound([by_name[name] for name in names])


def sound(models: Sequence[Run]) -> list[Run]:
    """Those whose threshold can be read; of the others it is said why not."""
    found = []
    for position, run in enumerate(models):
        with widgets.sentences():
            chosen_threshold(run, position)
            found.append(run)
    return found


def result(models: Sequence[Run], photos: Sequence[Photo]) -> None:
    """The photo, each model's answer, where they disagree, and all photos at once."""
    photo = choose_one(photos)
    with widgets.sentences():
        one_photo(models, photo)
    if len(photos) > 1:
        thresholds = [chosen_threshold(run, position) for position, run in enumerate(models)]
        many_photos.show(photos, models, thresholds, _is_on("flip"))


def one_photo(models: Sequence[Run], photo: Photo) -> None:
    """A photo beside each model's answer. Raises ``ImageError`` where it cannot be read."""
    screen = predictions.on_screen(photo)
    wiped = _is_on("wipe")
    pictures = len(models) + (not wiped)
    largest = LARGEST if pictures <= 2 else LARGEST_OF_MANY
    answers = []
    columns = _columns(pictures)
    with st.grid(columns, min_column_width=300, width=WIPE if columns == 1 else "stretch"):
        if not wiped:
            with st.container():
                st.markdown("**Photo**")
                caption = f"{widgets.plain(photo.name)}, {screen.width} × {screen.height} pixels"
                st.image(screen.picture, caption, width="stretch", alt=photo.name)
        for position, run in enumerate(models):
            with st.container(), widgets.sentences():
                answers.append(one_answer(run, photo, position, wiped, largest))
                if len(models) > 1:
                    doctor_view.show(answers[-1], position)
    if len(models) == 1 and answers:
        doctor_view.show(answers[0], 0)  # across the page: there is room for its plots
    if len(answers) > 1:
        disagreement_view.show(answers)


def one_answer(run: Run, photo: Photo, position: int, wiped: bool, largest: int) -> Seen:
    """One model's picture, and below it all that belongs to it.

    Raises ``ImageError`` and ``RunError``.
    """
    st.markdown(f"**{widgets.plain(run.name)}**")
    place = st.container()
    threshold = choose_threshold(run, position)
    seen = look(run, photo, threshold, _is_on("flip"), largest)
    with place:
        show_picture(seen, photo, str(st.session_state.get("result") or RESULTS[0]), wiped)
    show_numbers(seen)
    downloads(seen, photo, position)
    return seen


def no_model(any_usable: bool) -> None:
    """No run predicts: none chosen, or none there and the command that gives one."""
    if any_usable:
        st.info("Choose a model above: what it sees in the photo appears here.")
        return
    st.info(
        f"There is no trained run under `{state.shown(state.models_folder())}` yet. "
        "`make demo` trains a small one on drawn pets in a few minutes, `python train.py` one on "
        "the Oxford pets. Then a photo's mask appears here."
    )


def shell(models: Sequence[Run], photos: Sequence[Photo]) -> None:
    """The same from the shell, a line a model."""
    named = [photo.shell_name for photo in photos[:3]] or ["sample_images/chelsea.png"]
    commands = []
    for position, run in enumerate(models):
        command = ["python", "predict.py", *named, "--model", state.shown(run.folder)]
        threshold = chosen_threshold(run, position)
        if len(run.class_names) == 2 and threshold != run.threshold:
            command += ["--threshold", f"{threshold:g}"]
        command += ["--flip"] if _is_on("flip") else []
        command += ["-o", f"results/{run.name}"] if len(models) > 1 else []
        commands.append(command)
    widgets.from_the_shell(
        "The mask, pixel for pixel the same; a folder stands for all photos in it.",
        *(commands or [["python", "predict.py", *named]]),
    )


def _other_models() -> None:
    by_name = {run.name: run for run in state.runs()[0]}
    move_thresholds([by_name[name] for name in st.session_state[MODELS] if name in by_name])


def _columns(pictures: int) -> int:
    """Two abreast, three where that leaves no gap or fewer rows."""
    return {1: 1, 2: 2, 3: 3, 4: 2}.get(pictures, 3)


def _is_on(key: str) -> bool:
    return bool(st.session_state.get(key))


page()
