"""Batches: the same for any number of workers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from seglab.config import Augmentation
from seglab.data.augmentations import Augmenter
from seglab.data.cache import open_pairs
from seglab.data.loaders import EpochSampler, evaluation_loader, stack, training_loader
from seglab.data.pairs import Pairs
from seglab.data.sharing import Sharing
from seglab.data.sources import open_dataset
from seglab.preprocessing import Preprocessing
from tests.helpers import tiny_experiment

Epochs = list[list[tuple[torch.Tensor, torch.Tensor]]]


@pytest.fixture
def pairs(folder_dataset: Path) -> Pairs:
    data = {"source": "folder", "root": str(folder_dataset)}
    return open_pairs(open_dataset(tiny_experiment(data=data)), "train", Preprocessing(16))


def epochs(pairs: Pairs, workers: int, seed: int = 0, strength: float = 1.0) -> Epochs:
    """Two epochs of batches, as the training loop asks for them."""
    augmenter = Augmenter(Augmentation(strength=strength, blur=0.5, noise=0.5), seed)
    loader = training_loader(pairs, augmenter, Sharing(len(pairs), 4), workers)
    result = []
    for epoch in range(2):
        loader.sampler.set_epoch(epoch)
        result.append(list(loader))
    return result


def equal(first: Epochs, second: Epochs) -> bool:
    return all(
        torch.equal(one, other)
        for batches, others in zip(first, second, strict=True)
        for batch, other_batch in zip(batches, others, strict=True)
        for one, other in zip(batch, other_batch, strict=True)
    )


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_nothing(pairs: Pairs, workers: int) -> None:
    alone = epochs(pairs, 0)
    assert [len(images) for images, _ in alone[0]] == [4, 4, 1]
    assert equal(epochs(pairs, workers), alone)
    assert not equal(epochs(pairs, 0, seed=1), alone)


def test_no_two_epochs_repeat(pairs: Pairs) -> None:
    images = [torch.cat([images for images, _ in batches]) for batches in epochs(pairs, 0)]
    repeated = sum(bool((one == other).all()) for one in images[0] for other in images[1])
    assert repeated == 0


def test_within_an_epoch_every_pair_comes_once(pairs: Pairs) -> None:
    expected = sorted(pairs[index][0].tobytes() for index in range(len(pairs)))
    orders = []
    for batches in epochs(pairs, 0, strength=0.0):
        seen = [image.numpy().tobytes() for images, _ in batches for image in images]
        assert sorted(seen) == expected
        orders.append(seen)
    assert orders[0] != orders[1]
    assert orders[0] != expected


def test_image_and_mask_of_a_batch_belong_together(pairs: Pairs) -> None:
    by_image = {pairs[index][0].tobytes(): pairs[index][1] for index in range(len(pairs))}
    for images, masks in epochs(pairs, 1, strength=0.0)[0]:
        for image, mask in zip(images.numpy(), masks.numpy(), strict=True):
            np.testing.assert_array_equal(mask, by_image[image.tobytes()])


def test_the_order_of_an_epoch_depends_on_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[tuple[int, int]]:
        sampler = EpochSampler(Sharing(20, 4), seed)
        sampler.set_epoch(epoch)
        assert len(sampler) == 20
        return list(sampler)

    assert order(3, 5) == order(3, 5)
    assert {epoch for epoch, _ in order(3, 5)} == {5}
    indices = [[index for _, index in order(*which)] for which in ((3, 5), (3, 6), (4, 5))]
    assert all(sorted(found) == list(range(20)) for found in indices)
    assert indices[0] != indices[1]
    assert indices[0] != indices[2]


@pytest.mark.parametrize("workers", [0, 2])
def test_evaluation_is_in_order_and_not_augmented(pairs: Pairs, workers: int) -> None:
    batches = list(evaluation_loader(pairs, Sharing(len(pairs), 4), workers))
    images, masks = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert images.dtype == masks.dtype == torch.uint8
    for index in range(len(pairs)):
        np.testing.assert_array_equal(images[index], pairs[index][0])
        np.testing.assert_array_equal(masks[index], pairs[index][1])


def test_a_batch_is_a_copy(pairs: Pairs) -> None:
    images, _ = stack([pairs[0], pairs[1]])
    images[:] = 0
    assert pairs[0][0].any()
