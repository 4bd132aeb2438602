"""What one run says of a photo: a picture, its threshold, figures, files to take away."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from seglab import overlays
from seglab.app import widgets
from seglab.app.photos import Photo
from seglab.app.pictures import encode_jpeg, result_picture, shrink
from seglab.app.predictions import Answer, answer, on_screen
from seglab.app.wipe import wipe
from seglab.errors import RunError
from seglab.runs import Run
from seglab.segmentation import mask_from

CAPTIONS = {
    "overlay": "The photo, tinted and outlined where the network sees a class",
    "mask": "The mask as a file holds it",
    "contour": "The outline",
    "cut-out": "The foreground; what the network doubts is half transparent",
    "probability": "Probability of the foreground: violet is 0, yellow is 1",
}


REMEMBERED = "thresholds"
"""What each model's slider said last, in the session by the model's name."""


@dataclass(frozen=True)
class Seen:
    """An answer as it stands on the screen: ``image`` uint8 H×W×3, ``probabilities`` float32
    classes×H×W, ``mask`` uint8 H×W class ids, all of the screen's size."""

    answer: Answer
    threshold: float
    image: np.ndarray
    probabilities: np.ndarray
    mask: np.ndarray

    @property
    def foreground(self) -> np.ndarray:
        """Probability of not being background, float32 H×W."""
        foreground: np.ndarray = 1 - self.probabilities[0]
        return foreground


def look(run: Run, photo: Photo, threshold: float, flip: bool, largest: int) -> Seen:
    """The run's answer at the screen's size, no side above ``largest`` pixels.

    Raises ``ImageError`` that begins with the photo's name, and ``RunError``.
    """
    found = answer(run, photo, flip)
    image = shrink(on_screen(photo).image, largest)
    probabilities = found.at_size(image.shape[0], image.shape[1])
    return Seen(found, threshold, image, probabilities, mask_from(probabilities, threshold))


def threshold_key(position: int) -> str:
    """The key of a model's threshold: the first one's has no number in the address."""
    return "threshold" if position == 0 else f"threshold_{position + 1}"


def chosen_threshold(run: Run, position: int) -> float:
    """What the slider of the model at ``position`` says, or will say when it is drawn."""
    return float(st.session_state.get(threshold_key(position), run.threshold))


def choose_threshold(run: Run, position: int) -> float:
    """The slider, and where validation was best. Of several classes the most likely one wins.

    Raises ``RunError``.
    """
    if len(run.class_names) > 2:
        return run.threshold
    sweep = run.threshold_curve()
    best = "not swept on validation" if sweep is None else f"best on validation: {run.threshold:g}"
    threshold = st.slider(
        f"Threshold ({best})",
        0.0,
        1.0,
        run.threshold,
        0.01,
        key=threshold_key(position),
        bind="query-params",
        help=f"A pixel is {run.class_names[1]} from this probability on.",
    )
    st.session_state.setdefault(REMEMBERED, {})[run.name] = threshold
    return threshold


def move_thresholds(runs: Sequence[Run]) -> None:
    """Other models stand beside each other now: each slider goes on where its model's was."""
    remembered = st.session_state.get(REMEMBERED, {})
    for position, run in enumerate(runs):
        with suppress(RunError):  # the page tells it, a callback cannot
            if len(run.class_names) == 2:
                threshold = remembered.get(run.name, run.threshold)
                st.session_state[threshold_key(position)] = threshold


def show_picture(seen: Seen, photo: Photo, result: str, wiped: bool) -> None:
    """One of ``pictures.RESULTS``, or that and the photo with a slider between them."""
    run = seen.answer.run
    picture = result_picture(seen.image, seen.probabilities, seen.mask, result, run.class_colours)
    described = f"{result} of {photo.name} by {run.name}"
    if wiped:
        wipe(encode_jpeg(seen.image), picture, photo.name, described, key=f"wipe_{run.name}")
        st.caption(f"{CAPTIONS[result]}. Left of the line: the photo.")
    else:
        st.image(picture, CAPTIONS[result], width="stretch", alt=described)
    if len(run.class_names) > 2:
        widgets.legend(run.class_names, run.class_colours)


def show_numbers(seen: Seen) -> None:
    """What the mask and the network say in figures, in one line."""
    foreground = seen.foreground
    shares = [
        f"**{widgets.plain(name)} {float((seen.mask == number).mean()):.1%}** of the photo"
        for number, name in enumerate(seen.answer.run.class_names)
        if number
    ]
    parts = [*shares, f"probability {foreground.min():.2f}–{foreground.max():.2f}"]
    parts.append(_time(seen.answer.seconds))
    st.markdown(
        " · ".join(parts),
        help="Probability: of the foreground, lowest to highest; a narrow range means that the "
        "network cannot tell. Time: from the photo's pixels to probabilities.",
    )


def downloads(seen: Seen, photo: Photo, position: int) -> None:
    """The files at the photo's own size, made when they are asked for."""
    stem, found, threshold = Path(photo.name).stem, seen.answer, seen.threshold

    def overlay() -> bytes:
        return overlays.encode_png(found.segmentation(photo, threshold).overlay())

    def cutout() -> bytes:
        return overlays.encode_png(found.segmentation(photo, threshold).cutout())

    files = {
        "mask": ("Mask (PNG)", lambda: found.mask_png(photo, threshold)),
        "overlay": ("Overlay (PNG)", overlay),
        "cutout": ("Cut-out (PNG)", cutout),
    }
    with st.container(horizontal=True):
        for kind, (label, make) in files.items():
            st.download_button(
                label,
                make,
                f"{stem}_{kind}.png",
                "image/png",
                key=f"download_{kind}_{position}",
                on_click="ignore",
                icon=":material/download:",
            )


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
