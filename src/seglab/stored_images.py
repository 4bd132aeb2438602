"""Image files through Pillow: opened by content, turned upright and made RGB in bands of rows.

Beside the decoder's own picture and the result nothing of a photo's size is held, whatever its
kind.
"""

import ctypes
import io
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError, _imaging

from seglab.errors import ImageError, reason_of

# We refuse by the header ourselves, with a limit the user can set.
Image.MAX_IMAGE_PIXELS = None
# Of damaged metadata: what is wrong with a file is said in one line, with its name.
warnings.filterwarnings("ignore", module=r"PIL\.")
# libtiff writes to the terminal itself, without a name, what Pillow then raises. Pillow's module
# finds the functions of the copy that it uses, unless that is built into it (on Windows).
with suppress(OSError, AttributeError):
    _libtiff = ctypes.CDLL(_imaging.__file__)
    for _setter in (_libtiff.TIFFSetErrorHandler, _libtiff.TIFFSetWarningHandler):
        _setter.restype = ctypes.c_void_p
        _setter(None)

ImageSource = Path | bytes

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
"""Pillow's names of the formats that are opened. It knows dozens more, of which PostScript would
start an interpreter that runs what the file says."""

MAX_FILE_MEGABYTES = 1000
"""Larger files are refused unread: no photo is that large."""

LARGE_MEGAPIXELS = 16.0
"""Of larger photos one is decoded at a time, however many threads read: memory stays bounded."""

ORIENTATION = 0x0112
BAND_PIXELS = 4_000_000
"""Pixels that are converted at a time."""

BROKEN = Exception
"""What Pillow raises over content that cannot be decoded: whatever its decoders stumble upon."""

_one_large_photo = threading.Lock()


def open_image(source: ImageSource, max_megapixels: float = float("inf")) -> Image.Image:
    """A file, of which only the header is read yet. By content, not by name.

    Raises ``ImageError``: absent, no regular file, of another format, or above ``max_megapixels``.
    """
    if isinstance(source, Path):
        _check_file(source)
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError("is not an image, or of a format that is not supported") from error
    except BROKEN as error:
        raise ImageError(f"cannot be read ({reason_of(error)})") from error
    megapixels = _megapixels(image)
    if megapixels > max_megapixels:
        image.close()
        raise ImageError(
            f"has {megapixels:.0f} megapixels, more than the limit of {max_megapixels:g}"
        )
    return image


def upright_rgb(image: Image.Image, factor: int = 1) -> np.ndarray:
    """Any image as RGB uint8 H×W×3, turned as its EXIF orientation says.

    With ``factor`` each ``factor``×``factor`` pixels become their mean (the last ones of a side
    that is no multiple: the mean of what is left). Raises what ``BROKEN`` names.
    """
    pixels = _still_webp(image)
    if pixels is None:
        image.load()
    orientation = _orientation(image)
    width, height = image.size
    shape = (-(-height // factor), -(-width // factor))
    upright = np.empty((*(shape[::-1] if orientation in (5, 6, 7, 8) else shape), 3), np.uint8)
    stored = _as_stored(upright, orientation)
    highest = _highest(image)
    for top, band in _bands(image, factor) if pixels is None else _bands_of(pixels, factor):
        converted = _to_rgb(band, highest)
        if factor > 1:
            converted = converted.reduce(factor)
        first = top // factor
        stored[first : first + converted.height] = np.asarray(converted)
    return upright


def read_image_file(path: Path) -> bytes:
    """The content of an image file. Raises ``ImageError``."""
    _check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"cannot be read ({reason_of(error)})") from error


def one_large_at_a_time(image: Image.Image) -> AbstractContextManager[Any]:
    """To be held while the pixels of an opened image are decoded."""
    return _one_large_photo if _megapixels(image) > LARGE_MEGAPIXELS else nullcontext()


def _check_file(path: Path) -> None:
    """A pipe would be waited for, a device never ends."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise ImageError(f"cannot be read ({reason_of(error)})") from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageError(f"is {'a folder' if stat.S_ISDIR(status.st_mode) else 'no file'}")
    if status.st_size > MAX_FILE_MEGABYTES * 1e6:
        raise ImageError(
            f"holds {status.st_size / 1e6:.0f} MB, more than the limit of {MAX_FILE_MEGABYTES}"
        )


def _megapixels(image: Image.Image) -> float:
    return image.width * image.height / 1e6


def _orientation(image: Image.Image) -> int:
    """1 to 8; EXIF data that cannot be read says nothing."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1


def _still_webp(image: Image.Image) -> np.ndarray | None:
    """A large opaque WebP as BGR uint8 H×W×3, ``None`` of anything else.

    Pillow decodes every WebP as an animation, whose canvases take 12 bytes a pixel.
    """
    if image.format != "WEBP" or _megapixels(image) <= LARGE_MEGAPIXELS or image.mode != "RGB":
        return None
    file = getattr(image, "fp", None)
    if file is None or getattr(image, "is_animated", False):
        return None
    file.seek(0)
    content = np.frombuffer(file.read(), np.uint8)
    pixels = cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise OSError("broken WebP data")
    return pixels


def _bands(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    """The image in bands of rows, a multiple of ``factor`` each, with the first row of each."""
    rows = _rows(image.width, factor)
    if rows >= image.height:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        yield top, image.crop((0, top, image.width, bottom))


def _bands_of(pixels: np.ndarray, factor: int) -> Iterator[tuple[int, Image.Image]]:
    """The same of BGR uint8 H×W×3."""
    rows = _rows(pixels.shape[1], factor)
    for top in range(0, len(pixels), rows):
        yield top, Image.fromarray(cv2.cvtColor(pixels[top : top + rows], cv2.COLOR_BGR2RGB))


def _rows(width: int, factor: int) -> int:
    return max(BAND_PIXELS // width // factor, 1) * factor


def _as_stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """A view of the upright picture that has rows and columns where the file has them."""
    if orientation in (5, 6, 7, 8):
        upright = upright.swapaxes(0, 1)
    if orientation in (3, 4, 6, 7):
        upright = upright[::-1]
    if orientation in (2, 3, 7, 8):
        upright = upright[:, ::-1]
    return upright


def _highest(image: Image.Image) -> float:
    """Largest value of a 16-bit or float picture, from which its range is told; else 0."""
    if not _has_more_than_eight_bits(image):
        return 0.0
    return max(float(_finite(band).max(initial=0.0)) for _, band in _bands(image, 1))


def _has_more_than_eight_bits(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _finite(image: Image.Image) -> np.ndarray:
    return np.nan_to_num(np.array(image, np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _to_rgb(image: Image.Image, highest: float) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if _has_more_than_eight_bits(image):
        scale = 255.0 if highest <= 1 else 1.0 if highest <= 255 else 255.0 / max(highest, 65535.0)
        values = np.clip(np.rint(_finite(image) * scale), 0, 255).astype(np.uint8)
        return Image.fromarray(values).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
