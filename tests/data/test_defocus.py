"""A background out of focus."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from seglab.data.defocus import blur_background
from seglab.labels import IGNORE
from tests.helpers import disk

RANDOM = np.random.default_rng(0).integers(0, 256, (96, 80, 3), dtype=np.uint8)


def masked() -> np.ndarray:
    """A disk of class 1 and a square of class 2 on background, 96×80."""
    mask = disk(96, 80, 40, 30, 20).astype(np.uint8)
    mask[70:90, 50:75] = 2
    return mask


def grown(inside: np.ndarray, pixels: int) -> np.ndarray:
    return cv2.dilate(inside.astype(np.uint8), np.ones((2 * pixels + 1,) * 2)).astype(bool)


def test_objects_stay_and_the_background_loses_its_detail() -> None:
    mask = masked()
    changed = blur_background(RANDOM, mask, 3.0)
    assert changed.dtype == np.uint8
    objects = ~grown(mask == 0, 3)
    np.testing.assert_array_equal(changed[objects], RANDOM[objects])
    around = ~grown(mask > 0, 3)
    assert changed[around].std() < 0.2 * RANDOM[around].std()


@pytest.mark.parametrize("sigma", [0.8, 2.0, 6.0])
def test_without_objects_it_is_a_gaussian_blur(sigma: float) -> None:
    changed = blur_background(RANDOM, np.zeros((96, 80), np.uint8), sigma)
    expected = gaussian_filter(RANDOM.astype(float), (sigma, sigma, 0), mode="mirror")
    assert np.abs(changed.astype(float) - expected).max() < 3  # kernels cut off differently


def test_objects_cast_no_halo() -> None:
    """An even background stays even, whatever colour the object before it has."""
    mask = masked()
    image = np.where(mask[..., None] > 0, 255, 40) * np.ones((1, 1, 3))
    changed = blur_background(image.astype(np.uint8), mask, 5.0)
    assert (changed[~grown(mask > 0, 2)] == 40).all()


def test_what_is_ignored_is_neither_blurred_nor_spread() -> None:
    mask = np.zeros((96, 80), np.uint8)
    mask[:, :20] = IGNORE
    image = np.full((96, 80, 3), 200, np.uint8)
    image[:, :20] = 0
    changed = blur_background(image, mask, 4.0)
    assert (changed[:, :17] == 0).all()
    assert (changed[:, 23:] == 200).all()


def test_the_arrays_given_stay_and_nothing_but_objects_is_fine() -> None:
    image, mask = RANDOM.copy(), np.ones((96, 80), np.uint8)
    np.testing.assert_array_equal(blur_background(image, mask, 4.0), RANDOM)
    blur_background(image, masked(), 4.0)
    np.testing.assert_array_equal(image, RANDOM)
    assert (mask == 1).all()
