"""Resizing and normalising, there and back."""

import numpy as np
import pytest
import torch

from seglab.labels import IGNORE
from seglab.preprocessing import (
    Preprocessing,
)
from tests.helpers import disk

SIZES = [(40, 48), (48, 40), (33, 47), (100, 7), (7, 100), (16, 16), (1, 1), (300, 200)]


# Geometry.


def back_at(
    treatment: Preprocessing, probabilities: np.ndarray, height: int, width: int
) -> np.ndarray:
    bands = treatment.restored_bands(probabilities, height, width)
    return np.concatenate([band.copy() for _, band in bands], axis=1)


def network_size(resize: str, size: int = 32) -> Preprocessing:
    return Preprocessing(size, resize)


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_there_and_back_gives_the_photo_s_size(resize: str, height: int, width: int) -> None:
    treatment = network_size(resize)
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = np.zeros((height, width), np.uint8)
    small, small_mask = treatment.resize_image(image), treatment.resize_mask(mask)
    assert (small.shape, small.dtype) == ((32, 32, 3), np.uint8)
    assert (small_mask.shape, small_mask.dtype) == ((32, 32), np.uint8)
    restored = back_at(treatment, np.ones((2, 32, 32), np.float32), height, width)
    assert (restored.shape, restored.dtype) == ((2, height, width), np.float32)
    np.testing.assert_array_equal(restored, 1)


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize(("height", "width"), [(64, 96), (96, 64), (24, 36), (33, 47)])
def test_a_disk_comes_back_where_it_was(resize: str, height: int, width: int) -> None:
    treatment = network_size(resize, 64)
    inside = disk(height, width, 0.4 * height, 0.6 * width, 0.25 * min(height, width))
    small = treatment.resize_mask(inside.astype(np.uint8))
    restored = back_at(treatment, (small == 1)[None].astype(np.float32), height, width)[0] >= 0.5
    assert (restored & inside).sum() / (restored | inside).sum() > 0.9
    assert np.abs(centre(restored) - centre(inside)).max() < 0.75


def centre(weights: np.ndarray) -> np.ndarray:
    """Centre of mass (row, column)."""
    rows, columns = np.mgrid[: weights.shape[0], : weights.shape[1]]
    total = weights.sum()
    return np.array([(rows * weights).sum() / total, (columns * weights).sum() / total])


def test_a_letterbox_pads_the_image_with_0_and_the_mask_with_ignore() -> None:
    treatment = network_size("letterbox")
    image = treatment.resize_image(np.full((20, 40, 3), 200, np.uint8))
    mask = treatment.resize_mask(np.ones((20, 40), np.uint8))
    inner = np.zeros((32, 32), bool)
    inner[8:24] = True
    np.testing.assert_array_equal(image, inner[..., None] * np.full(3, 200))
    np.testing.assert_array_equal(mask, np.where(inner, 1, IGNORE))


def test_a_letterbox_leaves_one_row_of_the_flattest_photo() -> None:
    mask = network_size("letterbox").resize_mask(np.ones((1, 1000), np.uint8))
    assert (mask == 1).any(1).sum() == 1


def test_a_letterbox_keeps_proportions_and_a_stretch_does_not() -> None:
    inside = disk(100, 200, 50, 100, 40).astype(np.uint8)
    for resize, proportion in (("letterbox", 1.0), ("stretch", 0.5)):
        found = network_size(resize, 64).resize_mask(inside) == 1
        height, width = found.any(1).sum(), found.any(0).sum()
        assert width / height == pytest.approx(proportion, rel=0.1)


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize(
    ("height", "width"), [(100, 140), (140, 100), (23, 17), (90, 20), (31, 65), (500, 300)]
)
def test_image_and_mask_are_resized_alike(resize: str, height: int, width: int) -> None:
    treatment = network_size(resize, 32)
    inside = disk(height, width, 0.45 * height, 0.55 * width, 0.35 * min(height, width))
    image = np.dstack([np.uint8(inside) * 255] * 3)
    small_image = treatment.resize_image(image)[..., 0].astype(float)
    small_mask = (treatment.resize_mask(np.uint8(inside)) == 1).astype(float)
    assert np.abs(centre(small_image) - centre(small_mask)).max() < 0.5


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
def test_resizing_a_mask_invents_no_class(resize: str) -> None:
    mask = np.random.default_rng(0).choice(np.array([0, 7, IGNORE], np.uint8), (61, 83))
    assert set(np.unique(network_size(resize).resize_mask(mask))) <= {0, 7, IGNORE}


def test_shrinking_averages_instead_of_picking() -> None:
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 200
    np.testing.assert_allclose(network_size("stretch").resize_image(stripes), 100, atol=1)


def test_an_image_of_the_network_s_size_is_left_alone() -> None:
    square = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    for resize in ("stretch", "letterbox"):
        np.testing.assert_array_equal(network_size(resize, 6).resize_image(square), square)


# Normalising.


def test_normalise_is_imagenet_s_and_equal_for_numpy_and_torch() -> None:
    treatment = Preprocessing(4)
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3)).astype(np.float32)
    by_numpy = treatment.normalise(images)
    by_torch = treatment.normalise(torch.from_numpy(images))
    np.testing.assert_allclose(by_numpy, by_torch.numpy(), rtol=0, atol=1e-6)
    expected = (images[0, 1, 2] / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(by_numpy[0, 1, 2], expected, atol=1e-5)


def test_normalise_uses_its_own_mean_and_deviation() -> None:
    treatment = Preprocessing(4, mean=(0.5, 0.5, 0.5), std=(0.25, 0.5, 1.0))
    found = treatment.normalise(np.full((1, 3), 255, np.float32))
    np.testing.assert_allclose(found, [[2, 1, 0.5]])


def test_the_treatment_survives_its_dictionary() -> None:
    treatment = Preprocessing(48, "letterbox", (0.1, 0.2, 0.3), (1.0, 2.0, 3.0))
    assert Preprocessing.from_dict(treatment.as_dict()) == treatment
