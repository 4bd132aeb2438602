"""The pairs of a split as a network takes them, from memory-mapped pixels or from their files."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from seglab.data.crops import Pair, WholePhotos, random_crop
from seglab.data.sample import Dataset, Sample, Split, read_sample
from seglab.files import write_text
from seglab.preprocessing import Preprocessing


class Pairs:
    """The pairs of a split at the network's size, by position.

    ``pairs[index]`` gives image uint8 S×S×3 and mask uint8 S×S class ids.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: Split,
        preprocessing: Preprocessing,
        images: np.ndarray | None,
        masks: np.ndarray | None,
        home: Path | None = None,
    ) -> None:
        self.dataset, self._home = dataset, home
        self.records = dataset.records(split)
        self.preprocessing = preprocessing
        self._labels, self._split = dataset.labels, split
        self._images, self._masks = images, masks

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Pair:
        if self._images is not None and self._masks is not None:
            return self._images[index], self._masks[index]
        return self._read(index).at_network_size(self.preprocessing)

    def drawn(self, seed: int, epoch: int, index: int) -> Pair:
        """What an epoch of a training with ``seed`` begins with, before it is augmented."""
        return self[index]

    def class_pixels(self) -> np.ndarray:
        """Number of pixels of each class id 0–255 over the split, int64."""

        def count() -> list[int]:
            totals = np.zeros(256, np.int64)
            for index in range(len(self)):
                totals += np.bincount(self._classes(index).ravel(), minlength=256)
            return [int(total) for total in totals]

        return np.array(self.remembered("class-pixels", count), np.int64)

    def remembered(self, name: str, find: Callable[[], Any]) -> Any:
        """What ``find`` gives of these pairs, plain values; kept beside their pixels under
        ``name``, so that the next training need not read them all."""
        if self._home is None:
            return find()
        place = self._home / f"{name}.json"
        try:
            return json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = find()
        with contextlib.suppress(OSError):  # then it is found again
            write_text(place, json.dumps(found))
        return found

    def _classes(self, index: int) -> np.ndarray:
        return self[index][1]

    def _read(self, index: int) -> Sample:
        return read_sample(self.records[index], self._labels, self._split)


class CropPairs(Pairs):
    """The pairs of a split of which squares are taken at their own resolution.

    ``pairs[index]`` is the square in the middle, which validation sees during training;
    ``drawn`` a random one.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: Split,
        preprocessing: Preprocessing,
        photos: WholePhotos | None,
    ) -> None:
        super().__init__(dataset, split, preprocessing, None, None)
        self._photos = photos

    def __getitem__(self, index: int) -> Pair:
        image, mask = self._whole(index)
        return self.preprocessing.resize_image(image), self.preprocessing.resize_mask(mask)

    def drawn(self, seed: int, epoch: int, index: int) -> Pair:
        """A random square of a pair."""
        return random_crop(*self._whole(index), self.preprocessing, seed, epoch, index)

    def _classes(self, index: int) -> np.ndarray:
        return self._whole(index)[1]

    def _whole(self, index: int) -> Pair:
        if self._photos is not None:
            return self._photos[index]
        sample = self._read(index)
        return sample.image, sample.mask
