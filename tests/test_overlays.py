"""Masks made visible."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from seglab.labels import IGNORE, IGNORE_COLOUR, class_colour, palette
from seglab.overlays import (
    colour_mask,
    contours,
    cutout,
    encode_png,
    mask_png,
    outlined_overlay,
    overlay,
)
from tests.helpers import disk


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.fixture
def mask() -> np.ndarray:
    """A disk of class 1, a square of class 2, a strip to ignore."""
    mask = disk(40, 60, 20, 18, 12).astype(np.uint8)
    mask[5:30, 40:55] = 2
    mask[38:] = IGNORE
    return mask


def test_a_tint_is_between_photo_and_colour(image: np.ndarray, mask: np.ndarray) -> None:
    kept = image.copy()
    tinted = overlay(image, mask, 0.25)
    for class_id in (1, 2, IGNORE):
        here = mask == class_id
        expected = 0.75 * image[here] + 0.25 * np.array(class_colour(class_id))
        assert np.abs(tinted[here] - expected).max() <= 0.5
    np.testing.assert_array_equal(tinted[mask == 0], image[mask == 0])
    np.testing.assert_array_equal(image, kept)


def test_the_ends_of_opacity(image: np.ndarray, mask: np.ndarray) -> None:
    np.testing.assert_array_equal(overlay(image, mask, 0.0), image)
    solid = overlay(image, mask, 1.0)
    np.testing.assert_array_equal(solid[mask > 0], palette()[mask[mask > 0]])
    assert tuple(solid[39, 0]) == IGNORE_COLOUR


@pytest.mark.parametrize("thickness", [1, 3])
def test_outlines_run_along_the_edges(image: np.ndarray, mask: np.ndarray, thickness: int) -> None:
    drawn = contours(image, mask, thickness)
    changed = (drawn != image).any(2)
    classes = np.where(mask == IGNORE, 0, mask)
    edge = cv2.dilate(classes, np.ones((3, 3))) != cv2.erode(classes, np.ones((3, 3)))
    near = cv2.dilate(edge.astype(np.uint8), np.ones((2 * thickness + 1,) * 2)).astype(bool)
    assert changed.any()
    assert not (changed & ~near).any()
    for class_id, place in ((1, (8, 18)), (2, (15, 40))):
        assert tuple(drawn[place]) == class_colour(class_id)


def test_what_is_ignored_has_no_outline(image: np.ndarray) -> None:
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[10:20] = IGNORE
    np.testing.assert_array_equal(contours(image, mask), image)


def test_an_empty_mask_leaves_the_photo(image: np.ndarray) -> None:
    empty = np.zeros(image.shape[:2], np.uint8)
    np.testing.assert_array_equal(outlined_overlay(image, empty), image)


def test_a_tint_and_an_outline(image: np.ndarray, mask: np.ndarray) -> None:
    both = outlined_overlay(image, mask, 0.5)
    np.testing.assert_array_equal(both, contours(overlay(image, mask, 0.5), mask))


def test_a_cut_out_is_the_photo_with_alpha(image: np.ndarray) -> None:
    foreground = np.linspace(0, 1, 40 * 60, dtype=np.float32).reshape(40, 60)
    cut = cutout(image, foreground)
    np.testing.assert_array_equal(cut[..., :3], image)
    np.testing.assert_array_equal(cut[..., 3], np.rint(foreground * 255))


def test_class_colours_of_a_mask(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(colour_mask(mask), palette()[mask])


def test_mask_files_come_back(mask: np.ndarray) -> None:
    binary = np.array(Image.open(io.BytesIO(mask_png((mask == 1).astype(np.uint8), 2))))
    np.testing.assert_array_equal(binary, np.where(mask == 1, 255, 0))
    picture = Image.open(io.BytesIO(mask_png(mask, 3)))
    np.testing.assert_array_equal(np.array(picture), mask)
    np.testing.assert_array_equal(np.array(picture.convert("RGB")), palette()[mask])


def test_chosen_colours_are_everywhere(image: np.ndarray, mask: np.ndarray) -> None:
    chosen = {1: (1, 2, 3)}
    picture = Image.open(io.BytesIO(mask_png(mask, 3, chosen))).convert("RGB")
    drawn = (
        np.array(picture),
        colour_mask(mask, chosen),
        overlay(image, mask, 1, chosen),
        contours(image, mask, colours=chosen),
        outlined_overlay(image, mask, 1, colours=chosen),
    )
    for coloured in drawn:
        assert (coloured == (1, 2, 3)).all(axis=-1).any()
        assert not (coloured == class_colour(1)).all(axis=-1).any()
        assert (coloured == class_colour(2)).all(axis=-1).any()


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3), (4, 5, 4)])
def test_png_keeps_every_value(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(encode_png(pixels)))), pixels)
