"""What reading a pair tells about it: state, size, orientation, digest, hashes, classes.

The doctor and the distributions are made of these facts alone; ``fact_cache`` keeps them.
"""

import base64
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from seglab.data.sample import Record
from seglab.decoding import decode_image, decode_mask
from seglab.errors import ImageError
from seglab.labels import BACKGROUND, IGNORE, LabelMap
from seglab.stored_images import read_image_file

State = Literal["fine", "missing", "unreadable", "no mask"]
"""``no mask``: a picture, but its pixels cannot be class values."""

SMALL = 32
"""Side of the small foreground map, pixels."""
FLAT = 8
"""A picture whose gray levels differ by less when it is 9×8 has no hash: it would equal others."""

ORIENTATION_TAG = 0x0112
TURNED = (5, 6, 7, 8)
"""EXIF orientations that exchange width and height."""


@dataclass(frozen=True)
class FileFacts:
    """One file: ``height`` and ``width`` in pixels as decoded upright, 0 where it is not fine;
    ``orientation`` by EXIF (1: upright, to 8); ``digest`` of its bytes, empty where missing;
    ``reason`` says what is wrong, empty where ``fine``."""

    state: State
    reason: str = ""
    height: int = 0
    width: int = 0
    orientation: int = 1
    digest: str = ""


@dataclass(frozen=True)
class Facts:
    """One pair.

    ``hashes``: difference and average hash of the image, 64 bits each, ``None`` where it is flat
    or not fine. ``pixels``: class id (``IGNORE`` too) to its number of pixels in the mask, values
    outside the label map not counted; those are in ``unknown``. ``foreground``: the small map.
    """

    image: FileFacts
    mask: FileFacts
    hashes: tuple[int, int] | None
    pixels: dict[int, int]
    unknown: tuple[int, ...]
    foreground: str

    @property
    def foreground_share(self) -> float | None:
        """Share of the counted pixels that are not background, 0–1; ``None`` without any."""
        counted = sum(number for value, number in self.pixels.items() if value != IGNORE)
        return 1 - self.pixels.get(BACKGROUND, 0) / counted if counted else None

    def foreground_map(self) -> np.ndarray | None:
        """Where the foreground is, bool ``SMALL``×``SMALL``; ``None`` where no mask was read."""
        if not self.foreground:
            return None
        packed = np.frombuffer(base64.b64decode(self.foreground), np.uint8)
        return np.unpackbits(packed).reshape(SMALL, SMALL).astype(bool)


def read_facts(record: Record, labels: LabelMap) -> Facts:
    """Read a pair from its files. Never raises, whatever the files hold."""
    image, pixels = _read(record.image, decode_image)
    mask, values = _read(record.mask, decode_mask)
    if values is None:
        return Facts(image, mask, _hashes(pixels), {}, (), "")
    counts = np.bincount(values.ravel(), minlength=256)
    classes = np.full(256, IGNORE, np.uint8)
    classes[list(labels.values)] = list(labels.values.values())
    found = [int(value) for value in np.flatnonzero(counts)]
    of_class: dict[int, int] = {}
    for value in found:
        if value in labels.values:
            class_id = int(classes[value])
            of_class[class_id] = of_class.get(class_id, 0) + int(counts[value])
    unknown = tuple(value for value in found if value not in labels.values)
    return Facts(image, mask, _hashes(pixels), of_class, unknown, _small_map(classes[values]))


def orientation_of(content: bytes) -> int:
    """The EXIF orientation of an image file, 1 where it names none."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            # The base class's: PNG's own would decode the whole picture first.
            found = Image.Image.getexif(image).get(ORIENTATION_TAG, 1)
    except Exception:  # a damaged header: the decoding tells what is wrong with the file
        return 1
    return int(found) if isinstance(found, int) and 1 <= found <= 8 else 1


def _read(path: Path, decode: Callable[[bytes], np.ndarray]) -> tuple[FileFacts, np.ndarray | None]:
    """A file's facts and its pixels, ``None`` where they cannot be had."""
    if not path.exists():
        return FileFacts("missing", "is not there"), None
    try:
        content = read_image_file(path)
    except ImageError as error:
        return FileFacts("unreadable", str(error)), None
    digest = hashlib.sha256(content).hexdigest()
    try:
        pixels = decode(content)
    except ImageError as error:
        state: State = "no mask" if decode is decode_mask and _is_picture(content) else "unreadable"
        return FileFacts(state, str(error), digest=digest), None
    except Exception as error:  # a decoder met bytes that nobody thought of; the rest goes on
        reason = f"cannot be decoded ({type(error).__name__})"
        return FileFacts("unreadable", reason, digest=digest), None
    height, width = pixels.shape[:2]
    return FileFacts("fine", "", height, width, orientation_of(content), digest), pixels


def _is_picture(content: bytes) -> bool:
    try:
        decode_image(content)
    except Exception:  # as above
        return False
    return True


def _hashes(image: np.ndarray | None) -> tuple[int, int] | None:
    """Difference and average hash of 8×8 bits (N. Krawetz, hackerfactor.com, 2011 and 2013)."""
    if image is None:
        return None
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    wide = cv2.resize(gray, (9, 8), interpolation=cv2.INTER_AREA)
    if int(wide.max()) - int(wide.min()) < FLAT:
        return None
    square = cv2.resize(gray, (8, 8), interpolation=cv2.INTER_AREA)
    return _bits(wide[:, 1:] > wide[:, :-1]), _bits(square > square.mean())


def _bits(flags: np.ndarray) -> int:
    return int.from_bytes(np.packbits(flags).tobytes(), "big")


def _small_map(classes: np.ndarray) -> str:
    foreground = ((classes != BACKGROUND) & (classes != IGNORE)).astype(np.uint8) * 255
    small = cv2.resize(foreground, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    return base64.b64encode(np.packbits(small >= 128).tobytes()).decode("ascii")
