"""Means over views, with networks whose answers are known."""

import numpy as np
import pytest

from seglab.averaging import averaged
from seglab.views import ONE_LOOK, Views


def brightness(images: np.ndarray) -> np.ndarray:
    """A network for which a pixel is foreground as far as it is bright."""
    foreground = images[..., 0].astype(np.float32) / 255
    return np.stack([1 - foreground, foreground], axis=1)


def smooth_images(size: int) -> np.ndarray:
    """Two images with a slow wave, which survives another size."""
    ramp = np.linspace(0, np.pi, size)
    wave = 127 + 100 * np.sin(ramp)[:, None] * np.cos(ramp)[None]
    return np.repeat(np.stack([wave, wave.T])[..., None], 3, axis=3).astype(np.uint8)


def test_one_look_is_the_network_s_own_answer() -> None:
    images = smooth_images(32)
    np.testing.assert_array_equal(averaged(brightness, images, ONE_LOOK), brightness(images))


@pytest.mark.parametrize("views", [Views(True), Views(True, (1.0, 1.25)), Views(False, (0.5, 1.5))])
def test_a_network_that_sees_the_same_in_all_views_keeps_its_answer(views: Views) -> None:
    images = smooth_images(64)
    found = averaged(brightness, images, views, stride=16)
    assert found.shape == (2, 2, 64, 64)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(found, brightness(images), atol=0.03)


def test_each_size_is_a_multiple_of_the_stride_and_each_is_seen_mirrored() -> None:
    seen = []

    def network(images: np.ndarray) -> np.ndarray:
        seen.append(images)
        return brightness(images)

    averaged(network, smooth_images(100), Views(True, (0.1, 1.0, 1.25)), stride=32)
    assert [images.shape[1:3] for images in seen] == [
        (side, side) for side in (32, 32, 100, 100, 128, 128)
    ]
    for plain, mirrored in zip(seen[::2], seen[1::2], strict=True):
        np.testing.assert_array_equal(plain[:, :, ::-1], mirrored)


def test_every_view_weighs_the_same() -> None:
    def by_size(images: np.ndarray) -> np.ndarray:
        """Foreground is 0.2 at 32 pixels, 0.8 at 64."""
        value = 0.2 if images.shape[1] == 32 else 0.8
        foreground = np.full(images.shape[:3], value, np.float32)
        return np.stack([1 - foreground, foreground], axis=1)

    found = averaged(by_size, smooth_images(32), Views(False, (1.0, 2.0)), stride=32)
    np.testing.assert_allclose(found[:, 1], 0.5, atol=1e-6)
