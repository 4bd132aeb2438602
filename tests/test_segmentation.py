"""From probabilities to masks, warnings and pictures."""

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from seglab.labels import palette
from seglab.segmentation import Segmentation, mask_from


def said(foreground: Any, threshold: float = 0.5) -> Segmentation:
    """A segmentation of two classes with this probability of the foreground."""
    found = np.array(foreground, np.float32)
    image = np.full((*found.shape, 3), 100, np.uint8)
    names = ("background", "pet")
    return Segmentation(image, np.stack([1 - found, found]), names, threshold, 0.1)


def test_two_classes_have_a_threshold() -> None:
    result = said([[0.1, 0.5, 0.9, 0.3]])
    assert result.mask.tolist() == [[0, 1, 1, 0]]
    assert result.foreground_share == 0.5
    assert result.probability_range == pytest.approx((0.1, 0.9))
    assert said([[0.1, 0.5, 0.9, 0.3]], 0.25).mask.tolist() == [[0, 1, 1, 1]]
    assert said([[0.1, 0.5, 0.9, 0.3]], 0.95).mask.tolist() == [[0, 0, 0, 0]]


def test_of_more_classes_the_most_likely() -> None:
    probabilities = np.array([[[0.4, 0.3]], [[0.3, 0.3]], [[0.3, 0.4]]], np.float32)
    assert mask_from(probabilities, 0.9).tolist() == [[0, 2]]
    names = ("background", "pet", "border")
    result = Segmentation(np.zeros((1, 2, 3), np.uint8), probabilities, names, 0.5, 0.1)
    np.testing.assert_allclose(result.foreground, [[0.6, 0.7]])


@pytest.mark.parametrize(
    ("foreground", "told"),
    [
        ([[0.1, 0.9]], None),
        ([[0.3, 0.3]], "the same everywhere (0.300)"),
        ([[0.9, 0.9]], "the same everywhere (0.900)"),
        ([[0.1, 0.4]], "nothing found: the highest probability is 0.40, below the threshold 0.5"),
        ([[0.1, np.nan]], "is not a number"),
    ],
)
def test_a_result_that_tells_nothing_warns(foreground: Any, told: str | None) -> None:
    warning = said(foreground).warning()
    assert (warning is None) == (told is None)
    assert told is None or (warning is not None and told in warning and "\n" not in warning)


def test_nothing_found_among_several_classes_does_not_speak_of_thresholds() -> None:
    probabilities = np.array([[[0.5, 0.6]], [[0.4, 0.2]], [[0.1, 0.2]]], np.float32)
    names = ("background", "pet", "border")
    result = Segmentation(np.zeros((1, 2, 3), np.uint8), probabilities, names, 0.5, 0.1)
    warning = result.warning()
    assert warning is not None
    assert warning.startswith("nothing found: background is the most likely class everywhere")
    assert "0.40" in warning
    assert "threshold" not in warning


def test_a_mask_of_two_classes_is_0_and_255() -> None:
    decoded = cv2.imdecode(np.frombuffer(said([[0.1, 0.9]]).mask_png(), np.uint8), -1)
    assert decoded.tolist() == [[0, 255]]


def test_a_mask_of_more_classes_is_ids_with_a_palette() -> None:
    probabilities = np.eye(3, dtype=np.float32)[:, None]
    names = ("background", "pet", "border")
    result = Segmentation(np.zeros((1, 3, 3), np.uint8), probabilities, names, 0.5, 0.1)
    picture = Image.open(io.BytesIO(result.mask_png()))
    assert picture.mode == "P"
    assert np.array(picture).tolist() == [[0, 1, 2]]
    np.testing.assert_array_equal(np.array(picture.convert("RGB"))[0], palette()[:3])


def test_the_cut_out_has_the_probability_as_alpha() -> None:
    cutout = said([[0.0, 0.5, 1.0]]).cutout()
    assert cutout[0].tolist() == [[100, 100, 100, alpha] for alpha in (0, 128, 255)]


def test_the_overlay_shows_the_mask() -> None:
    result = said(np.pad(np.ones((4, 4)), 14))
    overlay = result.overlay()
    assert overlay.shape == result.image.shape
    assert (overlay[0] == 100).all()
    assert (overlay[15, 15] != 100).any()
