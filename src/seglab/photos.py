"""A photo to be segmented: a file, a file's content or pixels, decoded no more than needed."""

from functools import cached_property
from pathlib import Path

import numpy as np

from seglab.decoding import MAX_MEGAPIXELS, decode_image, image_size_of
from seglab.errors import ImageError
from seglab.preprocessing import Preprocessing

LARGE_PIXELS = 30_000_000


class Photo:
    """A photo given as a path, an image file's bytes, or RGB uint8 H×W×3.

    Raises ``ImageError`` for other arrays; what is wrong with a file is raised when it is read,
    with the file's name in front.
    """

    def __init__(
        self, source: str | Path | bytes | np.ndarray, max_megapixels: float = MAX_MEGAPIXELS
    ) -> None:
        if isinstance(source, np.ndarray) and (
            source.dtype != np.uint8 or source.ndim != 3 or source.shape[2] != 3
        ):
            shape = "×".join(map(str, source.shape))
            raise ImageError(f"an array must be uint8 H×W×3 RGB, not {source.dtype} {shape}")
        self._source = Path(source) if isinstance(source, str) else source
        self._max_megapixels = max_megapixels

    @cached_property
    def is_large(self) -> bool:
        """Whether several such photos at once would fill the memory, from the file's header.

        Raises ``ImageError``.
        """
        if isinstance(self._source, np.ndarray):
            return self._source.size > 3 * LARGE_PIXELS
        try:
            height, width = image_size_of(self._source)
        except ImageError as error:
            raise self._named(error) from error
        return height * width > LARGE_PIXELS

    @cached_property
    def pixels(self) -> np.ndarray:
        """RGB uint8 H×W×3, upright, kept from now on. Raises ``ImageError``."""
        if isinstance(self._source, np.ndarray):
            return self._source
        try:
            return decode_image(self._source, self._max_megapixels)
        except ImageError as error:
            raise self._named(error) from error

    def network_image(self, preprocessing: Preprocessing) -> tuple[np.ndarray, int, int]:
        """What a network is given, uint8 S×S×3, and the photo's height and width.

        Raises ``ImageError``.
        """
        if isinstance(self._source, np.ndarray):
            height, width = self._source.shape[:2]
            return preprocessing.resize_image(self._source), height, width
        decoded = self.__dict__.get("pixels")
        try:
            return preprocessing.network_image(self._source, self._max_megapixels, decoded)
        except ImageError as error:
            raise self._named(error) from error

    def _named(self, error: ImageError) -> ImageError:
        name = "the photo" if isinstance(self._source, bytes) else str(self._source)
        return ImageError(f"{name} {error}")
