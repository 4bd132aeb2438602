"""The doctor of a prediction: why black, why white, how sure, how large, how unlike training."""

import numpy as np
import pytest

from seglab.prediction_doctor import (
    MUCH_UNDECIDED,
    UNLIKE,
    certainty_finding,
    histogram,
    likeness_finding,
    mask_finding,
    size_finding,
)
from seglab.preprocessing import Preprocessing

RAMP = np.linspace(0.2, 0.6, 400, dtype=np.float32).reshape(20, 20)
USED = Preprocessing(128)


def mask_at(threshold: float) -> np.ndarray:
    return (threshold <= RAMP).astype(np.uint8)


def test_a_mask_with_both_is_good():
    assert mask_finding(RAMP, mask_at(0.4), 0.4, 0.5).state == "good"


@pytest.mark.parametrize(
    ("threshold", "optimum", "headline", "words"),
    [
        (0.7, 0.5, "all black", "At 0.5, the best on validation, something would show"),
        (0.9, 0.7, "all black", "the network sees no foreground here"),
        (0.1, 0.5, "all white", "At 0.5, the best on validation, background would show"),
        (0.1, 0.15, "all white", "the network sees foreground everywhere"),
    ],
)
def test_black_and_white_are_explained(threshold: float, optimum: float, headline: str, words: str):
    finding = mask_finding(RAMP, mask_at(threshold), threshold, optimum)
    assert finding.state == "notable"
    assert headline in finding.headline
    assert words in finding.detail


def test_what_is_said_of_the_threshold_is_true():
    finding = mask_finding(RAMP, mask_at(0.9), 0.9, 0.8)
    named = float(finding.detail.split("From ")[1].split(" down")[0])
    assert mask_at(named).any()
    assert not mask_at(0.8).any()


def test_a_probability_just_below_the_threshold_is_not_rounded_up_to_it():
    almost = np.array([[0.0, 0.9996]], np.float32)
    detail = mask_finding(almost, np.zeros((1, 2), np.uint8), 1.0, 0.5).detail
    assert "The highest probability is 0.999, below the threshold 1." in detail


def test_several_classes_have_no_threshold():
    finding = mask_finding(RAMP, np.zeros_like(RAMP, np.uint8), None, 0.5)
    assert "most likely class everywhere" in finding.detail
    assert "threshold" not in finding.detail


@pytest.mark.parametrize(
    ("foreground", "headline"),
    [
        (np.full((8, 8), np.nan, np.float32), "not a number"),
        (np.full((8, 8), 0.4, np.float32), "same output everywhere"),
    ],
)
def test_a_broken_network_is_told_from_a_hard_photo(foreground: np.ndarray, headline: str):
    mask = np.zeros((8, 8), np.uint8)
    assert headline in mask_finding(foreground, mask, 0.5, 0.5).headline


def test_undecided_pixels_are_counted():
    foreground = np.zeros((10, 100), np.float32)
    sure = certainty_finding(foreground)
    foreground.ravel()[: int(1000 * MUCH_UNDECIDED)] = 0.5
    unsure = certainty_finding(foreground)
    assert (sure.state, unsure.state) == ("good", "notable")
    assert unsure.headline.startswith("8.0%")


@pytest.mark.parametrize(
    ("height", "width", "resize", "state", "words"),
    [
        (600, 800, "stretch", "good", "treated as in training"),
        (300, 1200, "stretch", "notable", "squeezed 4.0 to 1"),
        (300, 1200, "letterbox", "good", "treated as in training"),
        (40, 64, "stretch", "notable", "smaller than the 128 pixels"),
    ],
)
def test_the_photos_size(height: int, width: int, resize: str, state: str, words: str):
    used = Preprocessing(128, resize)
    finding = size_finding(height, width, used, used)
    assert finding.state == state
    assert words in finding.headline


def test_another_treatment_than_trainings_is_notable():
    finding = size_finding(600, 800, USED, Preprocessing(96))
    assert finding.state == "notable"
    assert "128 × 128" in finding.detail
    assert "96 × 96" in finding.detail


KNOWN = {
    "mean": {"mean": [0.5, 0.45, 0.4], "sd": [0.1, 0.1, 0.1]},
    "sd": {"mean": [0.2, 0.2, 0.2], "sd": [0.05, 0.05, 0.05]},
}


def photo(mean: tuple[float, float, float], spread: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=(64, 64, 1)) * spread
    return np.clip((np.array(mean) + noise) * 255, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("mean", "spread", "state", "words"),
    [
        ((0.5, 0.45, 0.4), 0.2, "good", "as in the training photos"),
        ((0.08, 0.08, 0.08), 0.03, "notable", "darker in red"),
        ((0.5, 0.45, 0.85), 0.1, "notable", "brighter in blue"),
        ((0.5, 0.45, 0.4), 0.01, "notable", "less contrast"),
    ],
)
def test_likeness(mean: tuple[float, float, float], spread: float, state: str, words: str):
    finding = likeness_finding(photo(mean, spread), KNOWN)
    assert finding.state == state
    assert words in finding.headline


def test_likeness_counts_standard_deviations():
    flat = np.full((16, 16, 3), 128, np.uint8)
    own = 128 / 255
    at = {
        "mean": {"mean": [own] * 3, "sd": [0.1] * 3},
        "sd": {"mean": [(UNLIKE + 0.1) * 0.01] * 3, "sd": [0.01] * 3},
    }
    assert likeness_finding(flat, at).state == "notable"
    at["sd"]["mean"] = [(UNLIKE - 0.1) * 0.01] * 3
    assert likeness_finding(flat, at).state == "good"


def test_likeness_is_unknown_for_older_runs():
    assert likeness_finding(photo((0.5, 0.5, 0.5), 0.1), None).state == "unknown"


def test_the_histogram_holds_every_pixel():
    shares, edges = histogram(RAMP)
    assert shares.sum() == pytest.approx(1)
    assert shares[(edges[:-1] >= 0.62)].sum() == 0
    assert (edges[0], edges[-1]) == (0, 1)
