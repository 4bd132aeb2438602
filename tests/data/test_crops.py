"""Training on random squares at the photos' own resolution."""

from pathlib import Path

import numpy as np
import pytest

import seglab
from seglab.commands import evaluate
from seglab.comparable import Measurement, read_measurement
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.augmentations import Augmenter
from seglab.data.cache import open_pairs
from seglab.data.crops import random_crop
from seglab.data.loaders import training_loader
from seglab.data.preview import as_training_sees
from seglab.data.sharing import Sharing
from seglab.data.sources import open_dataset
from seglab.evaluation import answers
from seglab.labels import IGNORE
from seglab.preprocessing import Preprocessing
from seglab.training import train
from tests.helpers import tiny_experiment, write_disks, write_png

SQUARES = Preprocessing(16, "crop")


def numbered(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """An image whose red and green are its row and column, and a mask of their sum."""
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows, columns, 0 * rows], axis=-1).astype(np.uint8)
    return image, np.uint8((rows + columns) % 200)


def crops_of(root: Path) -> Experiment:
    return tiny_experiment(data={"source": "folder", "root": str(root), "crop": True})


def test_a_square_is_the_same_of_image_and_mask() -> None:
    image, mask = numbered(40, 60)
    places = set()
    for index in range(300):
        square, classes = random_crop(image, mask, SQUARES, 0, 1, index)
        assert square.shape == (16, 16, 3)
        top, left = map(int, square[0, 0, :2])
        np.testing.assert_array_equal(square, image[top : top + 16, left : left + 16])
        np.testing.assert_array_equal(classes, mask[top : top + 16, left : left + 16])
        places.add((top, left))
    tops, lefts = zip(*places, strict=True)
    assert (min(tops), max(tops), min(lefts), max(lefts)) == (0, 24, 0, 44)
    assert len(places) > 200


def test_seed_epoch_and_index_alone_decide() -> None:
    image, mask = numbered(200, 200)

    def place(*draw: int) -> tuple[int, ...]:
        return tuple(random_crop(image, mask, SQUARES, *draw)[0][0, 0, :2])

    assert place(3, 4, 5) == place(3, 4, 5)
    others = {place(3, 4, 5), place(4, 4, 5), place(3, 5, 5), place(3, 4, 6)}
    assert len(others) == 4


def test_a_photo_smaller_than_the_square_is_padded_with_what_no_loss_counts() -> None:
    image, mask = numbered(10, 40)
    square, classes = random_crop(image + 1, mask, SQUARES, 0, 0, 0)
    assert (classes[:3] == IGNORE).all()
    assert (classes[13:] == IGNORE).all()
    assert (classes[3:13] != IGNORE).all()
    assert (square[:3] == 0).all()
    assert (square[3:13, :, 0] > 0).all()


@pytest.mark.parametrize("use_cache", [True, False])
def test_training_draws_and_validation_takes_the_middle(tmp_path: Path, use_cache: bool) -> None:
    root = write_disks(tmp_path / "disks")
    image, _ = numbered(90, 33)  # another size than the others
    write_png(root / "images" / "disk-00.png", image)
    write_png(root / "masks" / "disk-00.png", np.uint8(255) * (image[..., 0] > 40))
    dataset = open_dataset(crops_of(root))
    for split in ("train", "val", "test"):
        pairs = open_pairs(dataset, split, SQUARES, use_cache)
        for index in range(len(pairs)):
            sample = dataset.read(split, index)
            for found, expected in zip(
                pairs.drawn(7, 2, index),
                random_crop(sample.image, sample.mask, SQUARES, 7, 2, index),
                strict=True,
            ):
                np.testing.assert_array_equal(found, expected)
            np.testing.assert_array_equal(pairs[index][0], SQUARES.resize_image(sample.image))
            np.testing.assert_array_equal(pairs[index][1], SQUARES.resize_mask(sample.mask))


def test_batches_are_what_the_dashboard_shows(tmp_path: Path) -> None:
    experiment = crops_of(write_disks(tmp_path / "disks"))
    dataset = open_dataset(experiment)
    pairs = open_pairs(dataset, "train", SQUARES)
    augmenter = Augmenter(experiment.augmentation, experiment.trainer.seed)
    loader = training_loader(pairs, augmenter, Sharing(len(pairs), 1), 0)
    loader.sampler.set_epoch(3)
    order = [index for _, index in loader.sampler]
    for index, (images, masks) in zip(order, loader, strict=True):
        seen = as_training_sees(dataset.read("train", index), experiment, 3, index)
        np.testing.assert_array_equal(images[0], seen.image)
        np.testing.assert_array_equal(masks[0], seen.mask)


def test_a_run_trained_on_crops_is_used_and_measured_in_tiles(tmp_path: Path) -> None:
    experiment = crops_of(write_disks(tmp_path / "disks"))
    run = train(experiment, tmp_path / "run", tmp_path, Console())
    assert run.preprocessing.takes_crops
    predictor = seglab.load(run, "onnx")
    assert predictor.tile
    dataset = open_dataset(experiment)
    for size in ("network", "original"):
        for index, (found, truth) in enumerate(answers(predictor, dataset, "test", size)):
            sample = dataset.read("test", index)
            assert found.shape == (2, *sample.mask.shape)
            np.testing.assert_array_equal(truth, sample.mask)
            np.testing.assert_array_equal(found, predictor.segment(sample.image).probabilities)
    assert evaluate.main([str(run.folder)], tmp_path) == 0
    measured = read_measurement(run, "test", "network")
    assert isinstance(measured, Measurement)
    assert measured.conditions.size_in_words() == "the photos' own size"
    pixels = sum(
        dataset.read("test", index).mask.size for index in range(len(dataset.records("test")))
    )
    table = run.evaluation_table("test")
    assert table is not None
    counted = table[[f"{kind}_foreground" for kind in ("tp", "fp", "fn", "tn")]]
    assert counted.to_numpy().sum() == pixels
