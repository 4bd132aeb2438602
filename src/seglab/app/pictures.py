"""Pictures for the screen: shrunk to it first, so that sliders answer at once on large photos."""

import cv2
import numpy as np

from seglab import overlays
from seglab.labels import NONE_CHOSEN, Colours

LARGEST = 1200
"""Longest side on the screen, pixels: Streamlit would shrink beyond 1460 itself, and slowly."""

JPEG_QUALITY = 92

RESULTS = ("overlay", "mask", "contour", "cut-out", "probability")
LOOKS = ("overlay", "contour", "image", "mask")


def result_picture(
    image: np.ndarray,
    probabilities: np.ndarray,
    mask: np.ndarray,
    result: str,
    colours: Colours = NONE_CHOSEN,
) -> bytes:
    """PNG or JPEG of one of ``RESULTS``, at the size of what it is made from.

    ``image`` uint8 H×W×3, ``probabilities`` float32 classes×H×W, ``mask`` uint8 H×W class ids.
    """
    if result == "mask":
        return overlays.mask_png(mask, len(probabilities), colours)
    if result == "cut-out":
        return overlays.encode_png(overlays.cutout(image, 1 - probabilities[0]))
    if result == "probability":
        return encode_jpeg(heat(1 - probabilities[0]))
    if result == "contour":
        return encode_jpeg(overlays.contours(image, mask, colours=colours))
    return encode_jpeg(overlays.outlined_overlay(image, mask, colours=colours))


def encode_jpeg(image: np.ndarray) -> bytes:
    """JPEG of RGB uint8 H×W×3: where no pixel is to be read off, in a fifth of a PNG's time."""
    _, encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return encoded.tobytes()


def pair_picture(
    image: np.ndarray,
    mask: np.ndarray,
    look: str,
    opacity: float,
    colours: Colours = NONE_CHOSEN,
) -> np.ndarray:
    """RGB uint8 H×W×3 of an image and its mask, as one of ``LOOKS``."""
    if look == "mask":
        return overlays.colour_mask(mask, colours)
    if look == "contour":
        return overlays.contours(image, mask, colours=colours)
    return overlays.overlay(image, mask, opacity, colours) if look == "overlay" else image


def heat(probability: np.ndarray) -> np.ndarray:
    """RGB uint8 H×W×3 of probabilities 0–1 H×W: dark violet is 0, yellow is 1 (viridis)."""
    levels = np.rint(np.nan_to_num(probability).clip(0, 1) * 255).astype(np.uint8)
    coloured = cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_BGR2RGB), np.uint8)


def shrink(image: np.ndarray, largest: int = LARGEST) -> np.ndarray:
    """An image or probabilities, no side above ``largest``."""
    size = _size_within(image, largest)
    return image if size is None else cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def shrink_mask(mask: np.ndarray, largest: int = LARGEST) -> np.ndarray:
    """A mask, no side above ``largest``: its class ids are never mixed."""
    size = _size_within(mask, largest)
    return mask if size is None else cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)


def tile(picture: np.ndarray, size: int) -> bytes:
    """PNG of ``size`` pixels a side with the picture in its middle and nothing around it.

    So the rows of a grid stand in line, whatever the photos' shapes.
    """
    scale = size / max(picture.shape[:2])
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, (width, height), interpolation=how)
    top, left = (size - height) // 2, (size - width) // 2
    square = np.zeros((size, size, 4), np.uint8)
    square[top : top + height, left : left + width, :3] = small
    square[top : top + height, left : left + width, 3] = 255
    return overlays.encode_png(square)


def enlarge(image: np.ndarray, smallest: int) -> np.ndarray:
    """Whole-number enlargement to at least ``smallest`` pixels, every pixel to be seen."""
    factor = max(1, -(-smallest // max(image.shape[:2])))
    return np.kron(image, np.ones((factor, factor, 1), np.uint8))


def _size_within(image: np.ndarray, largest: int) -> tuple[int, int] | None:
    """Width and height after shrinking, ``None`` where it fits already."""
    height, width = image.shape[:2]
    scale = largest / max(height, width)
    if scale >= 1:
        return None
    return max(1, round(width * scale)), max(1, round(height * scale))
