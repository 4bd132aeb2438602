"""Arrays in files, mapped into memory."""

import os
from pathlib import Path

import numpy as np

BLOCK = 1 << 20
"""Bytes."""


def new_array(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """A new ``.npy`` file of zeros, uint8, to be written through the array. Raises ``OSError``.

    Its room on the disk is taken now: on a disk that is full, writing to a mapped array ends the
    process with a signal, without a word.
    """
    array: np.memmap = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    with path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:  # macOS and Windows: written once more
            file.seek(array.offset)
            for start in range(array.offset, size, BLOCK):
                file.write(bytes(min(BLOCK, size - start)))
    return array
