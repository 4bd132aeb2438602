"""The one path for pixels: resizing, normalising, and back to the photo's size.

Training, evaluation, prediction and the dashboard all come through here; what was done is saved
in a run's ``config.json``.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from seglab.decoding import MAX_MEGAPIXELS, upright_pixels, upright_size
from seglab.interpolation import bilinear_bands, bilinear_reached
from seglab.labels import IGNORE
from seglab.stored_images import ImageSource, open_image

MAX_IMAGE_SIZE = 4096
"""As ``data.image_size`` allows: what a stranger's run asks for is held to it too."""

KEPT_FOR_SHRINKING = 4
"""A photo is read at a half, a quarter or an eighth of its size, where that leaves this many
pixels on each side for one of the network's: no gray value then moves by more than 3 or so."""


@dataclass(frozen=True)
class Preprocessing:
    """How a photo becomes the network's input.

    ``image_size``: side of the square, pixels; ``resize``: ``stretch``, ``letterbox``, or
    ``crop``: a square cut out at the photo's own resolution, here the one in its middle; ``mean``
    and ``std`` per RGB channel, for values in 0–1.
    """

    image_size: int
    resize: str = "stretch"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    @property
    def takes_crops(self) -> bool:
        """Whether the network sees parts of photos, and needs tiles to see all of one."""
        return self.resize == "crop"

    def network_image(
        self,
        source: ImageSource,
        max_megapixels: float = MAX_MEGAPIXELS,
        decoded: np.ndarray | None = None,
    ) -> tuple[np.ndarray, int, int]:
        """A photo's file as the network gets it, uint8 S×S×3, and the photo's height and width.

        A photo much larger than the network's input is read at a fraction of its size: a JPEG's
        decoder never makes the rest, of other kinds whole blocks of pixels are averaged. So the
        same file is the same input in training, prediction and dashboard. Of one that is not,
        ``decoded`` is used where it is given: its pixels as ``decode_image`` has them. Raises
        ``ImageError``.
        """
        if decoded is not None:
            height, width = decoded.shape[:2]
            if self._shrinking(height, width) == 1:
                return self.resize_image(decoded), height, width
        with open_image(source, max_megapixels) as image:
            height, width = upright_size(image)
            small = upright_pixels(image, self._shrinking(height, width))
        return self.resize_image(small, (height, width)), height, width

    def resize_image(
        self, image: np.ndarray, photo_size: tuple[int, int] | None = None
    ) -> np.ndarray:
        """RGB uint8 H×W×3 to the network's size; a letterbox is padded with 0.

        ``photo_size``: height and width of the photo, where ``image`` is a smaller one of it.
        """
        if self.takes_crops:
            return self._pad(self._middle(image), 0)
        height, width = self._inner_size(*(photo_size or image.shape[:2]))
        if image.shape[:2] != (height, width):
            shrinks = height * width < image.shape[0] * image.shape[1]
            # Area averaging: the other interpolations alias when they shrink.
            how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            image = cv2.resize(image, (width, height), interpolation=how)
        return self._pad(image, 0)

    def resize_mask(self, mask: np.ndarray) -> np.ndarray:
        """Class ids uint8 H×W to the network's size; a letterbox is padded with ``IGNORE``."""
        if self.takes_crops:
            return self._pad(self._middle(mask), IGNORE)
        height, width = self._inner_size(mask.shape[0], mask.shape[1])
        if mask.shape != (height, width):
            # The exact variant samples pixel centres, as the image's interpolations do.
            mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        return self._pad(mask, IGNORE)

    def restored_bands(
        self, probabilities: np.ndarray, height: int, width: int
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Probabilities float32 C×S×S back to the photo's size, bilinearly, in bands of rows from
        the top: the first row, and float32 C×h×W that the next band overwrites."""
        return bilinear_bands(self._inner(probabilities, height, width), height, width)

    def restored_mask(
        self, foreground: np.ndarray, height: int, width: int, threshold: float
    ) -> tuple[np.ndarray, float, float]:
        """Where a probability float32 S×S reaches a threshold at the photo's size, uint8 H×W, and
        its lowest and highest value there: what ``restored_bands`` would say, sooner."""
        inner = self._inner(foreground[None], height, width)[0]
        return bilinear_reached(inner, height, width, threshold)

    def normalise(self, images: Any) -> Any:
        """Values 0–255, channels last, to zero mean and unit variance as in ImageNet.

        Works on float arrays of NumPy and tensors of torch alike.
        """
        scaled = images / 255.0
        if isinstance(scaled, np.ndarray):
            return (scaled - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return (scaled - scaled.new_tensor(self.mean)) / scaled.new_tensor(self.std)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``config.json``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Preprocessing":
        """The inverse of ``as_dict``. Raises ``KeyError``, ``TypeError``, ``ValueError``."""
        size, resize = int(values["image_size"]), str(values["resize"])
        mean, std = (tuple(map(float, values[key])) for key in ("mean", "std"))
        if not 1 <= size <= MAX_IMAGE_SIZE:
            raise ValueError(f"image_size {size} is not from 1 to {MAX_IMAGE_SIZE}")
        if resize not in ("stretch", "letterbox", "crop"):
            raise ValueError(f"resize {resize!r} is none of stretch, letterbox, crop")
        if len(mean) != 3 or len(std) != 3 or not np.isfinite((*mean, *std)).all() or min(std) <= 0:
            raise ValueError("mean and std are not three numbers each, std above 0")
        return cls(size, resize, mean, std)  # type: ignore[arg-type]

    def _inner_size(self, height: int, width: int) -> tuple[int, int]:
        size = self.image_size
        if self.resize == "stretch":
            return size, size
        scale = size / max(height, width)
        return max(1, round(height * scale)), max(1, round(width * scale))

    def _inner(self, probabilities: np.ndarray, height: int, width: int) -> np.ndarray:
        """C×S×S without a letterbox's edges."""
        inner_height, inner_width = self._inner_size(height, width)
        top, left = self._offsets(inner_height, inner_width)
        return probabilities[:, top : top + inner_height, left : left + inner_width]

    def _shrinking(self, height: int, width: int) -> int:
        """By what a photo's sides are divided when it is read: 1, 2, 4 or 8."""
        if self.takes_crops:
            return 1
        pixels = min(height, width) // (KEPT_FOR_SHRINKING * self.image_size)
        return next((factor for factor in (8, 4, 2) if pixels >= factor), 1)

    def _middle(self, array: np.ndarray) -> np.ndarray:
        """The square in the middle, at its own resolution; all of a side that is shorter."""
        top, left = (max(0, (side - self.image_size) // 2) for side in array.shape[:2])
        return array[top : top + self.image_size, left : left + self.image_size]

    def _offsets(self, inner_height: int, inner_width: int) -> tuple[int, int]:
        return (self.image_size - inner_height) // 2, (self.image_size - inner_width) // 2

    def _pad(self, array: np.ndarray, fill: int) -> np.ndarray:
        height, width = array.shape[:2]
        if (height, width) == (self.image_size, self.image_size):
            return np.ascontiguousarray(array)
        top, left = self._offsets(height, width)
        padded = np.full((self.image_size, self.image_size, *array.shape[2:]), fill, array.dtype)
        padded[top : top + height, left : left + width] = array
        return padded
