"""Random squares of photos at their own resolution, and the photos whole on disk for them."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from seglab.data.mapped import new_array
from seglab.data.sample import Record, Sample
from seglab.decoding import MAX_MEGAPIXELS, image_size_of
from seglab.errors import DataError, ImageError
from seglab.preprocessing import Preprocessing
from seglab.untrusted_files import read_array

Pair = tuple[np.ndarray, np.ndarray]


def random_crop(
    image: np.ndarray,
    mask: np.ndarray,
    preprocessing: Preprocessing,
    seed: int,
    epoch: int,
    index: int,
) -> Pair:
    """The same random square of image uint8 H×W×3 and mask uint8 H×W: S×S×3 and S×S.

    Every place is as likely; (seed, epoch, index) alone decide. A photo that is smaller stands in
    the middle, the image padded with 0 and the mask with what no loss counts.
    """
    side = preprocessing.image_size
    generator = np.random.default_rng([seed, epoch, index])
    top, left = (int(generator.integers(max(length - side, 0) + 1)) for length in mask.shape)
    window = slice(top, top + side), slice(left, left + side)
    return preprocessing.resize_image(image[window]), preprocessing.resize_mask(mask[window])


class WholePhotos:
    """Decoded pairs of any sizes behind each other in two memory-mapped files of a folder.

    A square of a pair is read without the rest of it.
    """

    def __init__(
        self, images: np.ndarray, masks: np.ndarray, sizes: Sequence[tuple[int, int]]
    ) -> None:
        self._images, self._masks, self._sizes = images, masks, sizes
        self._firsts = [0, *accumulate(height * width for height, width in sizes)]

    @classmethod
    def create(cls, folder: Path, records: Sequence[Record]) -> "WholePhotos":
        """Room for the pairs, as large as the files' headers say. Raises ``OSError``."""
        sizes = [_size_of(record) for record in records]
        np.save(folder / "sizes.npy", np.array(sizes, np.int64))
        pixels = max(sum(height * width for height, width in sizes), 1)
        return cls(
            new_array(folder / "images.npy", (pixels, 3)),
            new_array(folder / "masks.npy", (pixels,)),
            sizes,
        )

    @classmethod
    def open(cls, folder: Path) -> "WholePhotos":
        """The pairs that another process put there. Raises ``OSError`` and ``ValueError``."""
        listed = read_array(folder / "sizes.npy", dtype=np.int64)
        sizes = [(int(height), int(width)) for height, width in listed]
        pixels = max(sum(height * width for height, width in sizes), 1)
        return cls(
            read_array(folder / "images.npy", (pixels, 3)),
            read_array(folder / "masks.npy", (pixels,)),
            sizes,
        )

    def put(self, index: int, sample: Sample) -> None:
        """Keep a decoded pair. Raises ``DataError`` where its header told another size."""
        if sample.mask.shape != self._sizes[index]:
            raise DataError(f"{sample.record.image}: has another size than its header says")
        image, mask = self[index]
        image[:], mask[:] = sample.image, sample.mask

    def __getitem__(self, index: int) -> Pair:
        """Image uint8 H×W×3 and mask uint8 H×W, as views of the files."""
        pixels = slice(self._firsts[index], self._firsts[index + 1])
        size = self._sizes[index]
        return self._images[pixels].reshape(*size, 3), self._masks[pixels].reshape(size)

    def flush(self) -> None:
        """Everything to the disk."""
        for array in (self._images, self._masks):
            if isinstance(array, np.memmap):
                array.flush()


def _size_of(record: Record) -> tuple[int, int]:
    try:
        height, width = image_size_of(record.image)
    except ImageError:
        return (0, 0)  # told with its reason when it is decoded
    return (height, width) if height * width <= MAX_MEGAPIXELS * 1e6 else (0, 0)
