"""The one path for pixels: decoding, resizing, normalising, and back to the photo's size.

Training, evaluation, prediction and the dashboard all come through here; what was done is saved
in a run's ``config.json``.
"""

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from seglab.errors import ImageError
from seglab.labels import IGNORE

# We refuse by the header ourselves, with a limit the user can set.
Image.MAX_IMAGE_PIXELS = None

MAX_MEGAPIXELS = 120.0
IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

ImageSource = Path | bytes


@dataclass(frozen=True)
class Preprocessing:
    """How a photo becomes the network's input.

    ``image_size``: side of the square, pixels; ``resize``: ``stretch`` or ``letterbox``;
    ``mean`` and ``std`` per RGB channel, for values in 0–1.
    """

    image_size: int
    resize: str = "stretch"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    def resize_image(self, image: np.ndarray) -> np.ndarray:
        """RGB uint8 H×W×3 to the network's size; a letterbox is padded with 0."""
        height, width = self._inner_size(image.shape[0], image.shape[1])
        if image.shape[:2] != (height, width):
            shrinks = height * width < image.shape[0] * image.shape[1]
            # Area averaging: the other interpolations alias when they shrink.
            how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            image = cv2.resize(image, (width, height), interpolation=how)
        return self._pad(image, 0)

    def resize_mask(self, mask: np.ndarray) -> np.ndarray:
        """Class ids uint8 H×W to the network's size; a letterbox is padded with ``IGNORE``."""
        height, width = self._inner_size(mask.shape[0], mask.shape[1])
        if mask.shape != (height, width):
            # The exact variant samples pixel centres, as the image's interpolations do.
            mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        return self._pad(mask, IGNORE)

    def restore(self, probabilities: np.ndarray, height: int, width: int) -> np.ndarray:
        """Probabilities float32 C×S×S back to the photo's size, bilinearly: float32 C×H×W."""
        inner_height, inner_width = self._inner_size(height, width)
        top, left = self._offsets(inner_height, inner_width)
        inner = probabilities[:, top : top + inner_height, left : left + inner_width]
        return np.stack(
            [
                cv2.resize(np.ascontiguousarray(channel), (width, height), interpolation=1)
                for channel in inner
            ]
        )

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
        """The inverse of ``as_dict``."""
        return cls(
            int(values["image_size"]),
            str(values["resize"]),
            tuple(values["mean"]),
            tuple(values["std"]),
        )

    def _inner_size(self, height: int, width: int) -> tuple[int, int]:
        size = self.image_size
        if self.resize == "stretch":
            return size, size
        scale = size / max(height, width)
        return max(1, round(height * scale)), max(1, round(width * scale))

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


def image_size_of(source: ImageSource) -> tuple[int, int]:
    """Height and width from the header alone, as decoded (EXIF orientation applied).

    Raises ``ImageError``.
    """
    with _open(source) as image:
        width, height = image.size
        try:
            # The base class's: PNG's own would decode the whole picture first. Pillow gives the
            # size of a TIFF as decoded already.
            orientation = Image.Image.getexif(image).get(0x0112)
            turned = orientation in (5, 6, 7, 8) and image.format != "TIFF"
        except (OSError, SyntaxError, ValueError) as error:
            raise ImageError(f"cannot be read ({_reason(error)})") from error
    return (width, height) if turned else (height, width)


def suffix_of(photo: bytes) -> str:
    """The usual suffix of an image file's content, such as ``.jpg``; empty when unknown."""
    try:
        with _open(photo) as image:
            return {"JPEG": ".jpg", "TIFF": ".tif"}.get(
                str(image.format), f".{image.format}".lower()
            )
    except ImageError:
        return ""


def decode_image(source: ImageSource, max_megapixels: float = MAX_MEGAPIXELS) -> np.ndarray:
    """Any photo as RGB uint8 H×W×3, upright.

    By content, not by name. Gray, palette, 16-bit, float, CMYK are converted; transparency is
    shown on white, as a viewer does; of an animation or a multi-page file the first image.
    Raises ``ImageError``: unreadable, broken, or above ``max_megapixels`` (read from the header).
    """
    with _open(source, max_megapixels) as image:
        try:
            return np.array(_to_rgb(ImageOps.exif_transpose(image)))
        except (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError) as error:
            raise ImageError(f"cannot be decoded ({_reason(error)})") from error


def decode_mask(source: ImageSource, max_megapixels: float = MAX_MEGAPIXELS) -> np.ndarray:
    """A mask file's values as uint8 H×W: gray values, palette indices, or equal RGB channels.

    Raises ``ImageError``, also for coloured masks and for values above 255.
    """
    with _open(source, max_megapixels) as image:
        try:
            image = ImageOps.exif_transpose(image)
            values = np.array(image.convert("L") if image.mode in ("1", "LA") else image)
        except (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError) as error:
            raise ImageError(f"cannot be decoded ({_reason(error)})") from error
    if values.ndim == 3:
        if not (values[..., :1] == values[..., :3]).all():
            raise ImageError("is a coloured mask; save it with one gray value a class")
        values = values[..., 0]
    if not (values == np.rint(values)).all():
        raise ImageError("holds mask values that are not whole numbers")
    if values.min() < 0 or values.max() > 255:
        raise ImageError(f"holds mask values up to {values.max()}; they must be 0 to 255")
    return values.astype(np.uint8)


def _open(source: ImageSource, max_megapixels: float = float("inf")) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)
    except UnidentifiedImageError as error:
        raise ImageError("is not an image, or of a format that is not supported") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(f"cannot be read ({_reason(error)})") from error
    megapixels = image.width * image.height / 1e6
    if megapixels > max_megapixels:
        image.close()
        raise ImageError(
            f"has {megapixels:.0f} megapixels, more than the limit of {max_megapixels:g}"
        )
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_eight_bits(np.array(image, np.float64))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _to_eight_bits(values: np.ndarray) -> np.ndarray:
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    high = values.max(initial=0.0)
    scale = 255.0 if high <= 1.0 else 1.0 if high <= 255.0 else 255.0 / max(high, 65535.0)
    return np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
