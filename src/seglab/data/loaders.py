"""Batches for training and evaluation, the same for any number of workers."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from seglab.data.augmentations import Augmenter
from seglab.data.pairs import Pairs
from seglab.data.sharing import Sharing

Draw = tuple[int, int]
"""Epoch and index: what names one training sample exactly."""

Batch = tuple[Tensor, Tensor]
"""Images uint8 N×S×S×3 and class ids uint8 N×S×S."""


class TrainingSamples(Dataset[tuple[np.ndarray, np.ndarray]]):
    """Augmented pairs by (epoch, index)."""

    def __init__(self, pairs: Pairs, augmenter: Augmenter) -> None:
        self.pairs, self.augmenter = pairs, augmenter

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, draw: Draw) -> tuple[np.ndarray, np.ndarray]:
        epoch, index = draw
        image, mask = self.pairs.drawn(self.augmenter.seed, epoch, index)
        return self.augmenter(image, mask, epoch, index)


class EvaluationSamples(Dataset[tuple[np.ndarray, np.ndarray]]):
    """Pairs as they are, by index."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.pairs[index]


class EpochSampler(Sampler[Draw]):
    """Every index once, in an order that depends on (seed, epoch) alone; of several processes
    that train together, this one's part of it.

    The epoch travels with each index, so that workers that live on know it too.
    """

    def __init__(self, sharing: Sharing, seed: int) -> None:
        self.sharing, self.seed, self.epoch = sharing, seed, 0
        self._positions = list(sharing.in_step())

    def set_epoch(self, epoch: int) -> None:
        """Called by the training loop before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._positions)

    def __iter__(self) -> Iterator[Draw]:
        order = np.random.default_rng([self.seed, self.epoch]).permutation(self.sharing.images)
        return iter([(self.epoch, int(order[position])) for position in self._positions])


def training_loader(
    pairs: Pairs, augmenter: Augmenter, sharing: Sharing, workers: int, pin: bool = False
) -> DataLoader[Batch]:
    """Shuffled, augmented batches; ``set_epoch`` on its sampler names the epoch."""
    return DataLoader(
        TrainingSamples(pairs, augmenter),  # type: ignore[arg-type]
        batch_size=sharing.share,
        sampler=EpochSampler(sharing, augmenter.seed),
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=stack,
        pin_memory=pin,
        worker_init_fn=_one_thread,
    )


def evaluation_loader(
    pairs: Pairs, sharing: Sharing, workers: int = 0, pin: bool = False
) -> DataLoader[Batch]:
    """Batches in the records' order, not augmented; each sample once over all processes."""
    return DataLoader(
        EvaluationSamples(pairs),  # type: ignore[arg-type]
        batch_size=sharing.share,
        sampler=list(sharing.once()),
        num_workers=workers,
        collate_fn=stack,
        pin_memory=pin,
        worker_init_fn=_one_thread,
    )


def stack(samples: Sequence[tuple[np.ndarray, np.ndarray]]) -> Batch:
    """Pairs to one batch."""
    images = np.stack([image for image, _ in samples])
    masks = np.stack([mask for _, mask in samples])
    return torch.from_numpy(images), torch.from_numpy(masks)


def _one_thread(_worker: int) -> None:
    cv2.setNumThreads(0)
