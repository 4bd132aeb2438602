"""Joint augmentation of image and mask."""

import cv2
import numpy as np
import pytest

from seglab.config import Augmentation
from seglab.data.augmentations import ERASED_FILL, IMAGE_FILL, MASK_FILL, Augmenter
from seglab.labels import IGNORE
from seglab.preprocessing import Preprocessing
from tests.helpers import disk

GEOMETRY = {"colour": 0.0, "blur": 0.0, "noise": 0.0}
COLOURS = np.array([[60, 90, 120], [220, 30, 40], [40, 230, 50], [50, 40, 210]], np.uint8)


def augmenter(seed: int = 0, **settings: float) -> Augmenter:
    return Augmenter(Augmentation.model_validate(settings), seed)


def drawing() -> tuple[np.ndarray, np.ndarray]:
    """Image and mask 64×64 of four classes; the image has the colour of the mask's class."""
    mask = np.zeros((64, 64), np.uint8)
    mask[disk(64, 64, 20, 24, 13)] = 1
    mask[40:58, 8:30] = 2
    mask[34:60, 42:50] = 3
    return COLOURS[mask], mask


def away_from_edges(mask: np.ndarray, side: int) -> np.ndarray:
    """Pixels whose neighbourhood is of one class, where no interpolation mixes colours."""
    around = np.ones((side, side), np.uint8)
    return cv2.dilate(mask, around) == cv2.erode(mask, around)


@pytest.mark.parametrize("close_up", [0.0, 1.0])
@pytest.mark.parametrize("strength", [0.5, 1.0, 3.0])
def test_image_and_mask_stay_aligned(strength: float, close_up: float) -> None:
    change = augmenter(strength=strength, close_up=close_up, **GEOMETRY)
    image, mask = drawing()
    fills = np.vstack([COLOURS, np.zeros((252, 3), np.uint8)])  # what is ignored is black
    compared, wrong = 0.0, []
    for index in range(40):
        changed_image, changed_mask = change(image, mask, epoch=0, index=index)
        assert changed_image.shape == image.shape
        assert changed_mask.shape == mask.shape
        assert changed_image.dtype == changed_mask.dtype == np.uint8
        inner = away_from_edges(changed_mask, 9 if close_up else 3)  # enlarged up to five times
        distance = np.abs(changed_image[inner].astype(int) - fills[changed_mask[inner]]).max(1)
        wrong.append((distance > 8).mean())
        compared += inner.mean()
    assert max(wrong) < (0.05 if close_up else 0.03)
    assert np.mean(wrong) < 0.005
    assert compared / 40 > (0.4 if close_up else 0.5)


@pytest.mark.parametrize("close_up", [0.0, 1.0])
def test_image_and_mask_do_not_drift_apart(close_up: float) -> None:
    change = augmenter(close_up=close_up, **GEOMETRY)
    mask = disk(64, 64, 31.5, 31.5, 14).astype(np.uint8)
    image = np.dstack([100 + 100 * mask] * 3)
    drifts = []
    for index in range(40):
        changed_image, changed_mask = change(image, mask, epoch=0, index=index)
        soft = np.clip(changed_image[..., 0].astype(float) - 100, 0, None)
        drifts.append(centre(soft) - centre(changed_mask == 1))
    assert np.abs(drifts).max() < (0.4 if close_up else 0.25)
    assert np.abs(np.mean(drifts, axis=0)).max() < 0.05


def centre(weights: np.ndarray) -> np.ndarray:
    """Centre of mass (row, column)."""
    rows, columns = np.mgrid[: weights.shape[0], : weights.shape[1]]
    return np.array([(rows * weights).sum(), (columns * weights).sum()]) / weights.sum()


def test_geometry_really_moves_and_mirrors() -> None:
    change = augmenter(**GEOMETRY)
    image, mask = drawing()
    changed = [change(image, mask, 0, index)[1] for index in range(40)]
    assert sum((mask != other).mean() > 0.02 for other in changed) == 40
    centres = np.array([np.argwhere(other == 3).mean(0) for other in changed if (other == 3).any()])
    assert (centres[:, 1] < 28).any()  # mirrored to the left
    assert (centres[:, 1] > 36).any()


@pytest.mark.parametrize("key", ["colour", "blur", "noise", "background_blur"])
def test_colour_blur_and_noise_leave_the_mask_alone(key: str) -> None:
    still = {"flip": 0.0, "rotate": 0.0, "scale": 0.0, "translate": 0.0} | GEOMETRY
    change = augmenter(**(still | {key: 0.3 if key == "colour" else 1.0}))
    image, mask = drawing()
    changed_image, changed_mask = change(image, mask, 0, 0)
    np.testing.assert_array_equal(changed_mask, mask)
    assert (changed_image != image).any()
    unchanged = augmenter(**still)(image, mask, 0, 0)
    np.testing.assert_array_equal(unchanged[0], image)
    np.testing.assert_array_equal(unchanged[1], mask)


def test_one_rectangle_is_erased_from_the_image_alone() -> None:
    still = {"flip": 0.0, "rotate": 0.0, "scale": 0.0, "translate": 0.0} | GEOMETRY
    change = augmenter(erase=1.0, **still)
    image, mask = drawing()
    sides, places = [], []
    for index in range(60):
        changed_image, changed_mask = change(image, mask, 0, index)
        np.testing.assert_array_equal(changed_mask, mask)
        rows, columns = np.nonzero((changed_image != image).any(axis=2))
        box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        assert (changed_image[box] == ERASED_FILL).all()
        assert len(rows) == changed_image[box].shape[0] * changed_image[box].shape[1]
        sides.append(changed_image[box].shape[:2])
        places.append((rows.mean(), columns.mean()))
    assert 6 <= np.min(sides) < np.max(sides) <= 25  # 0.1 to 0.4 of 64 pixels
    assert np.std(places) > 8


def test_a_close_up_shows_a_part_and_leaves_nothing_uncovered() -> None:
    still = {"flip": 0.0, "rotate": 0.0, "scale": 0.0, "translate": 0.0} | GEOMETRY
    change = augmenter(close_up=1.0, **still)
    rows, columns = np.mgrid[:64, :64].astype(np.uint8)
    image, mask = np.dstack([rows, columns, rows]), np.zeros((64, 64), np.uint8)
    heights, middles = [], []
    for index in range(100):
        part, part_mask = change(image, mask, 0, index)
        assert (part_mask == 0).all()
        assert part.shape == image.shape
        heights.append(int(part[-1, 0, 0]) - int(part[0, 0, 0]) + 1)
        middles.append(int(part[32, 32, 1]))
    assert 0.2 * 64 - 2 <= min(heights) < 25 < 50 < max(heights) <= 64
    assert min(middles) < 26 < 38 < max(middles)  # left parts and right parts


def test_what_is_erased_is_almost_0_for_the_network() -> None:
    normalised = Preprocessing(8).normalise(np.array(ERASED_FILL, np.float32))
    assert np.abs(normalised).max() < 0.01


@pytest.mark.parametrize(("strength", "low", "high"), [(1.0, 70, 130), (0.5, 25, 80)])
def test_erasing_changes_no_other_draw(strength: float, low: int, high: int) -> None:
    image, mask = drawing()
    plain, erasing = (augmenter(strength=strength, erase=share) for share in (0.0, 0.5))
    erased = 0
    for index in range(200):
        before, after = plain(image, mask, 0, index), erasing(image, mask, 0, index)
        np.testing.assert_array_equal(before[1], after[1])
        different = (before[0] != after[0]).any(axis=2)
        assert (after[0][different] == ERASED_FILL).all()
        erased += bool(different.any())
    assert low < erased < high


def test_a_flip_alone_is_a_mirror_image() -> None:
    change = augmenter(flip=1.0, rotate=0.0, scale=0.0, translate=0.0, **GEOMETRY)
    image, mask = drawing()
    changed_image, changed_mask = change(image, mask, 3, 5)
    np.testing.assert_array_equal(changed_image, image[:, ::-1])
    np.testing.assert_array_equal(changed_mask, mask[:, ::-1])


def test_what_geometry_uncovers_is_never_a_class() -> None:
    assert (IMAGE_FILL, MASK_FILL) == (0, IGNORE)
    change = augmenter(strength=2.0, **GEOMETRY)
    image, mask = np.full((32, 32, 3), 200, np.uint8), np.ones((32, 32), np.uint8)
    uncovered = 0
    for index in range(50):
        changed_image, changed_mask = change(image, mask, 0, index)
        assert set(np.unique(changed_mask)) <= {1, IGNORE}
        filled = (changed_mask == IGNORE).astype(np.uint8)
        inner = cv2.erode(filled, np.ones((3, 3)), borderValue=1).astype(bool)
        assert (changed_image[inner] == 0).all()
        uncovered += filled.mean()
    assert 0.02 < uncovered / 50 < 0.5


def test_strength_0_is_the_identity() -> None:
    image, mask = drawing()
    changed_image, changed_mask = augmenter(strength=0.0)(image, mask, 0, 0)
    np.testing.assert_array_equal(changed_image, image)
    np.testing.assert_array_equal(changed_mask, mask)


def test_strength_is_a_factor_on_geometry() -> None:
    image, mask = drawing()
    moved = []
    for strength in (0.2, 1.0, 2.0):
        change = augmenter(strength=strength, flip=0.0, **GEOMETRY)
        moved.append(np.mean([(change(image, mask, 0, i)[1] != mask).mean() for i in range(30)]))
    assert moved[0] < 0.5 * moved[1]
    assert moved[1] < 0.8 * moved[2]


@pytest.mark.parametrize("strength", [0.3, 1.0, 2.0])
def test_strength_leaves_the_probability_of_a_flip(strength: float) -> None:
    still = {"rotate": 0.0, "scale": 0.0, "translate": 0.0} | GEOMETRY
    change = augmenter(strength=strength, flip=0.5, **still)
    image, mask = drawing()
    flips = sum(bool((change(image, mask, 0, index)[1] != mask).any()) for index in range(200))
    assert 70 < flips < 130


def test_the_arrays_given_stay_as_they_are() -> None:
    image, mask = drawing()
    kept = image.copy(), mask.copy()
    for index in range(5):
        augmenter(blur=1.0, noise=1.0)(image, mask, 0, index)
    np.testing.assert_array_equal(image, kept[0])
    np.testing.assert_array_equal(mask, kept[1])


def test_seed_epoch_and_index_name_one_outcome() -> None:
    image, mask = drawing()
    change = augmenter(seed=7)
    first = change(image, mask, epoch=2, index=3)[0]
    others = [
        change(image, mask, 2, 4)[0],
        change(image, mask, 3, 3)[0],
        change(image, mask, 3, 2)[0],
        augmenter(seed=8)(image, mask, 2, 3)[0],
    ]
    assert all((first != other).any() for other in others)
    np.testing.assert_array_equal(first, change(image, mask, 2, 3)[0])
    np.testing.assert_array_equal(first, augmenter(seed=7)(image, mask, 2, 3)[0])
