"""Bilinear enlargement in bands against OpenCV's whole one."""

import cv2
import numpy as np
import pytest

from seglab.interpolation import bilinear_bands, bilinear_reached


@pytest.mark.parametrize("known", [(16, 16), (1, 1), (1, 7), (5, 1), (9, 30)])
@pytest.mark.parametrize("size", [(16, 16), (61, 87), (1, 1), (3, 200), (7, 5), (2, 2)])
def test_the_bands_together_are_opencv_s(known: tuple[int, int], size: tuple[int, int]) -> None:
    height, width = size
    planes = np.random.default_rng(0).random((3, *known), dtype=np.float32)
    rows = 0
    found = np.full((3, height, width), np.nan, np.float32)
    for top, band in bilinear_bands(planes, height, width):
        assert top == rows
        rows += band.shape[1]
        found[:, top:rows] = band
    assert rows == height
    expected = [cv2.resize(plane, (width, height)) for plane in planes]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("known", [(16, 16), (1, 1), (1, 7), (5, 1), (9, 30)])
@pytest.mark.parametrize("size", [(16, 16), (161, 87), (1, 1), (3, 200), (7, 5), (2, 2)])
def test_what_reaches_a_threshold_is_what_the_bands_say(
    known: tuple[int, int], size: tuple[int, int], threshold: float
) -> None:
    plane = np.random.default_rng(1).random(known, dtype=np.float32)
    plane[plane < 0.2] = 0.3  # some are the threshold itself
    plane[plane > 0.8] = 1
    bands = [band[0].copy() for _, band in bilinear_bands(plane[None], *size)]
    values = np.concatenate(bands)
    mask, low, high = bilinear_reached(plane, *size, threshold)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, values >= threshold)
    assert (low, high) == (values.min(), values.max())


def test_what_is_not_a_number_is_told() -> None:
    plane = np.full((4, 4), 0.7, np.float32)
    plane[2, 1] = np.nan
    _, low, high = bilinear_reached(plane, 9, 9, 0.5)
    assert np.isnan([low, high]).all()


def test_a_band_is_small_where_the_picture_is_large() -> None:
    planes = np.zeros((1, 32, 32), np.float32)
    highest = max(band.shape[1] for _, band in bilinear_bands(planes, 3200, 8))
    assert highest <= 200
