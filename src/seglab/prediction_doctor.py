"""Why a mask looks as it does: what the probabilities, the photo's size and its colours say."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Literal

import numpy as np

from seglab.data.statistics import photo_statistics
from seglab.preprocessing import Preprocessing
from seglab.segmentation import ALMOST_NOTHING

UNDECIDED = (0.3, 0.7)
MUCH_UNDECIDED = 0.08
"""Share of undecided pixels from which it is worth a word. Of 240 test photos of Oxford-IIIT Pet,
a 16-channel U-Net had 30 above it: mean IoU 0.72, against 0.86 of the others."""

SQUEEZED = 2.0
"""Aspect ratio from which stretching to a square is worth a word; photos have up to 1.8."""

UNLIKE = 3.0
"""Standard deviations from the training photos' mean from which a photo is unlike them: about one
training photo in 60 is, in the most unusual of its six figures."""

BINS = 50
CHANNELS = ("red", "green", "blue")

State = Literal["good", "notable", "unknown"]


@dataclass(frozen=True)
class Finding:
    """``headline`` in a few words, ``detail`` in sentences: what was seen, what can be done."""

    state: State
    headline: str
    detail: str


def mask_finding(
    foreground: np.ndarray, mask: np.ndarray, threshold: float | None, optimum: float
) -> Finding:
    """Whether the mask is all black or all white, and why.

    ``foreground`` float32 H×W probability of not being background, ``mask`` uint8 H×W class ids;
    ``threshold`` that made the mask, ``None`` where the most likely of several classes won;
    ``optimum`` the threshold that was best on validation.
    """
    if not np.isfinite(foreground).all():
        return Finding(
            "notable",
            "the output is not a number",
            "The network's weights are broken: train it again.",
        )
    low, high = float(foreground.min()), float(foreground.max())
    if high - low < ALMOST_NOTHING:
        return Finding(
            "notable",
            "the same output everywhere",
            f"Every pixel has a probability of {low:.3f}: the network was hardly trained, or the "
            "photo is of one colour.",
        )
    if not mask.any():
        return Finding("notable", "all black: nothing found", _why_black(high, threshold, optimum))
    if mask.all():
        return Finding("notable", "all white: no background", _why_white(low, threshold, optimum))
    return Finding(
        "good",
        "background and foreground found",
        f"Foreground is {float((mask > 0).mean()):.1%} of the photo; its probability runs from "
        f"{low:.2f} to {high:.2f}.",
    )


def certainty_finding(foreground: np.ndarray) -> Finding:
    """How many pixels the network cannot decide, from probabilities float32 H×W."""
    low, high = UNDECIDED
    share = float(((foreground > low) & (foreground < high)).mean())
    words = f"{share:.1%} of the pixels between {low:g} and {high:g}"
    if share >= MUCH_UNDECIDED:
        return Finding(
            "notable",
            words,
            "Much is undecided: the mask moves a lot with the threshold. The photo may show what "
            "training did not, or too small.",
        )
    return Finding("good", words, "Little is undecided: the threshold hardly matters.")


def size_finding(height: int, width: int, used: Preprocessing, trained: Preprocessing) -> Finding:
    """Whether a photo of H×W pixels is resized and normalised as in training, and what that does.

    ``used``: the treatment that the run folder says; ``trained``: that of its experiment.
    """
    side = used.image_size
    if used.takes_crops and used == trained:
        return Finding(
            "good",
            "resolution and colours as in training",
            f"Seen in overlapping tiles of {side} × {side} pixels at its own resolution, as the "
            "network was trained on: objects should be as many pixels large as they were there.",
        )
    if used != trained:
        return Finding(
            "notable",
            "not treated as in training",
            f"config.json says {_treatment(used)} for photos, but its experiment trained on "
            f"{_treatment(trained)}.",
        )
    treated = "stretched" if used.resize == "stretch" else "letterboxed"
    as_trained = f"{treated} to {side} × {side} and normalised as in training"
    ratio = max(height, width) / min(height, width)
    if max(height, width) < side:
        return Finding(
            "notable",
            f"smaller than the {side} pixels of training",
            f"The photo is enlarged {side / max(height, width):.1f} times: it holds fewer details "
            "than the network learned on.",
        )
    if used.resize == "stretch" and ratio >= SQUEEZED:
        return Finding(
            "notable",
            f"squeezed {ratio:.1f} to 1",
            f"It is {as_trained}, but few training photos are as narrow. Crop it to the object.",
        )
    pixel = max(height, width) / side
    return Finding(
        "good",
        "size and colours treated as in training",
        f"{as_trained[0].upper()}{as_trained[1:]}. What is smaller than about {ceil(2 * pixel)} "
        "pixels of the photo cannot be told apart.",
    )


def likeness_finding(network_image: np.ndarray, statistics: Mapping[str, Any] | None) -> Finding:
    """How unlike the training photos a photo is in brightness, contrast and colour.

    ``network_image`` uint8 S×S×3 as the network sees it; ``statistics`` as
    ``data.statistics.image_statistics`` gives them, ``None`` where the run kept none. Only these
    six figures are compared: a photo like the training's in them may still show something new.
    """
    if statistics is None:
        return Finding(
            "unknown",
            "likeness to the training photos unknown",
            "This run was trained before statistics of the training photos were kept.",
        )
    figures = photo_statistics(network_image)
    scores = np.stack([_score(figures[name], statistics[name]) for name in ("mean", "sd")])
    figure, channel = np.unravel_index(np.abs(scores).argmax(), scores.shape)
    worst = float(scores[figure, channel])
    more, less = (("brighter", "darker"), ("more contrast", "less contrast"))[int(figure)]
    most = f"{more if worst > 0 else less} in {CHANNELS[int(channel)]}"
    detail = (
        f"Farthest off: {most}, {abs(worst):.1f} standard deviations from the training photos. "
        f"Red, green, blue of this photo: {_written(figures['mean'])}; of the training photos: "
        f"{_written(statistics['mean']['mean'])} ± {_written(statistics['mean']['sd'])}."
    )
    if abs(worst) >= UNLIKE:
        return Finding("notable", f"unlike the training photos: {most}", detail)
    return Finding("good", "brightness and colours as in the training photos", detail)


def histogram(foreground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the pixels in each of ``BINS`` equal bins of 0–1, float64, and the bins' edges."""
    edges = np.linspace(0, 1, BINS + 1)
    counted, _ = np.histogram(np.nan_to_num(foreground).clip(0, 1), edges)
    return counted / max(foreground.size, 1), edges


def _why_black(high: float, threshold: float | None, optimum: float) -> str:
    if threshold is None:
        return (
            "Background is the most likely class everywhere; the others together reach a "
            f"probability of {high:.2f}."
        )
    reached = floor(high * 1000) / 1000
    reason = f"The highest probability is {reached:.3f}, below the threshold {threshold:g}. "
    if high >= optimum:
        return reason + f"At {optimum:g}, the best on validation, something would show."
    return reason + (
        f"From {reached:g} down something shows, but also at {optimum:g}, the best "
        "on validation, nothing would: the network sees no foreground here."
    )


def _why_white(low: float, threshold: float | None, optimum: float) -> str:
    if threshold is None:
        return "Background is nowhere the most likely class."
    reached = ceil(low * 1000) / 1000
    reason = f"The lowest probability is {reached:.3f}, not below the threshold {threshold:g}. "
    if low < optimum:
        return reason + f"At {optimum:g}, the best on validation, background would show."
    return reason + (
        f"Above {reached:g} background shows, but also at {optimum:g}, the best on validation, "
        "none would: the network sees foreground everywhere."
    )


def _treatment(preprocessing: Preprocessing) -> str:
    side, mean, std = preprocessing.image_size, preprocessing.mean, preprocessing.std
    return f"{side} × {side} pixels ({preprocessing.resize}, mean {mean}, SD {std})"


def _score(values: np.ndarray, known: Mapping[str, list[float]]) -> np.ndarray:
    """Standard deviations from the training photos' mean; never a division by zero."""
    spread = np.maximum(np.array(known["sd"]), 1e-3)
    scores: np.ndarray = (values - np.array(known["mean"])) / spread
    return scores


def _written(values: Any) -> str:
    return ", ".join(f"{float(value):.2f}" for value in values)
