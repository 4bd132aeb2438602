"""What is told of an augmentation, against the picture that training sees."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torchvision.transforms import functional

from seglab.config import Augmentation
from seglab.data.augmentation_steps import Step, step_in_words
from seglab.data.augmentations import ERASED_FILL, Augmenter
from seglab.data.cache import open_pairs
from seglab.data.defocus import blur_background
from seglab.data.loaders import TrainingSamples
from seglab.data.preview import as_training_sees, explained
from seglab.data.sources import open_dataset
from seglab.labels import IGNORE
from seglab.preprocessing import Preprocessing
from tests.helpers import disk, tiny_experiment

STILL: dict[str, float] = {
    "flip": 0.0, "rotate": 0.0, "scale": 0.0, "translate": 0.0, "colour": 0.0, "blur": 0.0,
    "noise": 0.0,
}  # fmt: skip


def photo() -> np.ndarray:
    """A smooth picture uint8 64×80×3: interpolations of different libraries agree on it."""
    coarse = np.random.default_rng(0).integers(40, 216, (5, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (80, 64), interpolation=cv2.INTER_CUBIC)


def told(index: int, **settings: float) -> tuple[np.ndarray, np.ndarray, list[Step]]:
    """Image, mask and steps of one call; the mask given is a disk."""
    augmenter = Augmenter(Augmentation.model_validate(STILL | settings), seed=3)
    mask = disk(64, 80, 30, 44, 15).astype(np.uint8)
    image, changed = augmenter(photo(), mask, 5, index)
    return image, changed, [step_in_words(*drawn) for drawn in augmenter.drawn()]


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize("cache", [True, False])
def test_the_page_shows_what_training_reads(folder_dataset: Path, resize: str, cache: bool) -> None:
    """Pixel for pixel, for any epoch and index, whatever was shown before."""
    data = {"source": "folder", "root": str(folder_dataset), "image_size": 32, "resize": resize}
    augmentation = dict.fromkeys(["blur", "noise", "erase", "close_up", "background_blur"], 0.5)
    experiment = tiny_experiment(data=data, augmentation=augmentation, trainer={"seed": 11})
    dataset = open_dataset(experiment)
    pairs = open_pairs(dataset, "train", Preprocessing(32, resize), cache)
    training = TrainingSamples(pairs, Augmenter(experiment.augmentation, 11))
    for epoch, index in ((0, 0), (7, 3), (2, 5), (7, 3)):
        image, mask = training[epoch, index]
        sample = dataset.read("train", index)
        shown, steps = explained(sample, experiment, epoch, index)
        np.testing.assert_array_equal(shown.image, image)
        np.testing.assert_array_equal(shown.mask, mask)
        again = as_training_sees(sample, experiment, epoch, index)
        np.testing.assert_array_equal(again.image, image)
        assert [step.name for step in steps][-6:]  # geometry and colour are always drawn


def test_geometry_is_what_is_told() -> None:
    """The mask moved by OpenCV with the numbers told is the mask that training sees."""
    given = disk(64, 80, 30, 44, 15).astype(np.uint8)
    flips = 0
    for index in range(20):
        _, mask, steps = told(index, flip=0.5, rotate=40.0, scale=0.3, translate=0.2)
        by_name: dict[str, dict[str, Any]] = {step.name: step.values for step in steps}
        expected = given[:, ::-1] if "Flip" in by_name else given
        flips += "Flip" in by_name
        drawn = by_name["Rotation, zoom, shift"]
        angle = np.deg2rad(drawn["rotation, degrees"])
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        linear = turn @ np.diag([drawn["zoom x"], drawn["zoom y"]])
        centre = np.array([39.5, 31.5])
        moves = np.array([drawn["shift x, pixels"], drawn["shift y, pixels"]])
        shift = centre + moves - linear @ centre
        moved = cv2.warpAffine(
            np.ascontiguousarray(expected),
            np.column_stack([linear, shift]),
            (80, 64),
            flags=cv2.INTER_NEAREST,
            borderValue=IGNORE,
        )
        assert (moved == mask).mean() > 0.995
    assert 3 < flips < 17


def test_the_close_up_is_the_part_that_is_told() -> None:
    """OpenCV's enlargement of that part is the picture that training sees."""
    for index in range(10):
        image, mask, (step,) = told(index, close_up=1.0)
        values: dict[str, Any] = step.values
        left, top = int(values["left, pixels"]), int(values["top, pixels"])
        bottom, right = top + int(values["height, pixels"]), left + int(values["width, pixels"])
        part = photo()[top:bottom, left:right]
        np.testing.assert_array_equal(cv2.resize(part, (80, 64)), image)
        given = disk(64, 80, 30, 44, 15).astype(np.uint8)[top:bottom, left:right]
        expected = cv2.resize(given, (80, 64), interpolation=cv2.INTER_NEAREST_EXACT)
        np.testing.assert_array_equal(expected, mask)


def test_colours_are_what_is_told() -> None:
    """torchvision, given the factors told in the order told, makes the picture training sees."""
    adjust = {
        "brightness": functional.adjust_brightness,
        "contrast": functional.adjust_contrast,
        "saturation": functional.adjust_saturation,
    }
    for index in range(10):
        image, _, (step,) = told(index, colour=0.4)
        values: dict[str, Any] = step.values
        expected = torch.from_numpy(photo()).permute(2, 0, 1)
        for what, drawn in values.items():
            if what == "hue, degrees":
                expected = functional.adjust_hue(expected, drawn / 360)
            else:
                expected = adjust[what.removesuffix(", factor")](expected, drawn)
        difference = expected.permute(1, 2, 0).numpy().astype(int) - image
        assert np.abs(difference).mean() < 2.5  # 8 bits after each step, hue in 180 steps


def test_the_background_is_blurred_as_is_told() -> None:
    for index in range(10):
        image, mask, (step,) = told(index, background_blur=1.0)
        values: dict[str, Any] = step.values
        np.testing.assert_array_equal(
            blur_background(photo(), mask, values["sigma, pixels"]), image
        )
        assert 0.8 <= values["sigma, pixels"] <= 3.2  # 0.01 to 0.04 of 80 pixels


def test_blur_is_what_is_told() -> None:
    image, _, (step,) = told(0, blur=1.0)
    values: dict[str, Any] = step.values
    side = int(values["kernel, pixels"])
    sigma = values["sigma, pixels"]
    expected = cv2.GaussianBlur(photo(), (side, side), sigma)
    assert np.abs(expected[4:-4, 4:-4].astype(int) - image[4:-4, 4:-4]).max() <= 2
    assert 0.5 <= sigma <= 3.0


def test_noise_is_what_is_told() -> None:
    image, _, (step,) = told(0, noise=1.0)
    values: dict[str, Any] = step.values
    added = image.astype(float) - photo()
    # The library cuts the fractions of a level off, which takes some noise away.
    assert 0 < values["standard deviation, of 255"] - added.std() < 0.6


def test_the_erased_rectangle_is_where_it_is_told() -> None:
    image, _, (step,) = told(0, erase=1.0)
    values: dict[str, Any] = step.values
    left, top = int(values["left, pixels"]), int(values["top, pixels"])
    bottom, right = top + int(values["height, pixels"]), left + int(values["width, pixels"])
    assert (image[top:bottom, left:right] == ERASED_FILL).all()
    outside = np.ones((64, 80), bool)
    outside[top:bottom, left:right] = False
    np.testing.assert_array_equal(image[outside], photo()[outside])


def test_what_was_not_applied_is_not_told() -> None:
    assert told(0)[2] == []
    assert told(0, strength=0.0)[2] == []
    counts = [len(told(index, flip=0.5)[2]) for index in range(30)]
    assert set(counts) == {0, 1}
