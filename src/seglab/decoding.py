"""Image files as arrays: photos upright in RGB, masks as the values they hold."""

import numpy as np
from PIL import Image, ImageOps

from seglab.errors import ImageError, reason_of
from seglab.stored_images import (
    BROKEN,
    ORIENTATION,
    ImageSource,
    one_large_at_a_time,
    open_image,
    upright_rgb,
)

MAX_MEGAPIXELS = 120.0
IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


def image_size_of(source: ImageSource) -> tuple[int, int]:
    """Height and width from the header alone, as decoded (EXIF orientation applied).

    Raises ``ImageError``.
    """
    with open_image(source) as image:
        return upright_size(image)


def suffix_of(photo: bytes) -> str:
    """The usual suffix of an image file's content, such as ``.jpg``; empty when unknown."""
    try:
        with open_image(photo) as image:
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
    with open_image(source, max_megapixels) as image:
        return upright_pixels(image)


def decode_mask(source: ImageSource, max_megapixels: float = MAX_MEGAPIXELS) -> np.ndarray:
    """A mask file's values as uint8 H×W: gray values, palette indices, or equal RGB channels.

    Raises ``ImageError``, also for coloured masks and for values above 255.
    """
    with open_image(source, max_megapixels) as image:
        try:
            with one_large_at_a_time(image):
                image = ImageOps.exif_transpose(image)
                values = np.array(image.convert("L") if image.mode in ("1", "LA") else image)
        except BROKEN as error:
            raise ImageError(f"cannot be decoded ({reason_of(error)})") from error
    if values.ndim == 3:
        if not (values[..., :1] == values[..., :3]).all():
            raise ImageError("is a coloured mask; save it with one gray value a class")
        values = values[..., 0]
    if not (values == np.rint(values)).all():
        raise ImageError("holds mask values that are not whole numbers")
    if values.min() < 0 or values.max() > 255:
        raise ImageError(f"holds mask values up to {values.max()}; they must be 0 to 255")
    return values.astype(np.uint8)


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Height and width of an opened image once it is decoded. Raises ``ImageError``."""
    width, height = image.size
    try:
        # The base class's: PNG's own would decode the whole picture first. Pillow gives the
        # size of a TIFF as decoded already.
        orientation = Image.Image.getexif(image).get(ORIENTATION)
    except BROKEN as error:
        raise ImageError(f"cannot be read ({reason_of(error)})") from error
    turned = orientation in (5, 6, 7, 8) and image.format != "TIFF"
    return (width, height) if turned else (height, width)


def upright_pixels(image: Image.Image, factor: int = 1) -> np.ndarray:
    """An opened image as RGB uint8 H×W×3, upright, each side divided by ``factor``.

    Raises ``ImageError``.
    """
    width, height = image.size
    try:
        if factor > 1:  # only JPEG's decoder can; other kinds are left as they are by this
            image.draft(None, (width // factor, height // factor))
        with one_large_at_a_time(image):
            return upright_rgb(image, factor if image.size == (width, height) else 1)
    except BROKEN as error:
        raise ImageError(f"cannot be decoded ({reason_of(error)})") from error
