"""Masks made visible: overlays, contours, cut-outs, mask files. NumPy and OpenCV only."""

import cv2
import numpy as np

from seglab.labels import BACKGROUND, IGNORE, class_colour, palette


def overlay(image: np.ndarray, mask: np.ndarray, opacity: float = 0.5) -> np.ndarray:
    """``image`` uint8 H×W×3 RGB tinted with the class colours of ``mask`` uint8 H×W.

    Background stays as it is; ``opacity`` 0–1; pixels to ignore are gray.
    """
    tinted = mask != BACKGROUND
    result = image.copy()
    colours = palette()[mask[tinted]].astype(np.float32)
    result[tinted] = np.rint(image[tinted] * (1 - opacity) + colours * opacity).astype(np.uint8)
    return result


def contours(image: np.ndarray, mask: np.ndarray, thickness: int | None = None) -> np.ndarray:
    """``image`` with the outline of every class but the background, in its colour.

    ``thickness`` in pixels; by default in proportion to the photo.
    """
    width = thickness or max(2, round(min(image.shape[:2]) / 150))
    result = image.copy()
    for class_id in np.unique(mask):
        if class_id in (BACKGROUND, IGNORE):
            continue
        outlines, _ = cv2.findContours(
            (mask == class_id).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(result, outlines, -1, class_colour(int(class_id)), width)
    return result


def outlined_overlay(image: np.ndarray, mask: np.ndarray, opacity: float = 0.5) -> np.ndarray:
    """Tint and outline: what ``predict.py`` writes as the overlay."""
    return contours(overlay(image, mask, opacity), mask)


def cutout(image: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """RGBA uint8 H×W×4: the photo with ``foreground`` (probability 0–1, H×W) as its alpha."""
    alpha = np.rint(foreground * 255).astype(np.uint8)
    return np.dstack([image, alpha])


def colour_mask(mask: np.ndarray) -> np.ndarray:
    """RGB uint8 H×W×3 of the class colours."""
    colours: np.ndarray = palette()[mask]
    return colours


def mask_png(mask: np.ndarray, class_count: int) -> bytes:
    """A mask file: 0/255 for two classes, else class ids with the palette of class colours.

    Raises ``ValueError`` when it cannot be encoded.
    """
    if class_count == 2:
        return encode_png(np.where(mask == 1, 255, 0).astype(np.uint8))
    import io

    from PIL import Image

    picture = Image.fromarray(mask)
    picture.putpalette(palette().tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def encode_png(image: np.ndarray) -> bytes:
    """PNG of uint8 H×W gray, H×W×3 RGB or H×W×4 RGBA. Raises ``ValueError``."""
    channels = image.shape[2] if image.ndim == 3 else 1
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    ordered = cv2.cvtColor(image, order[channels]) if channels in order else image
    done, encoded = cv2.imencode(".png", ordered)
    if not done:
        raise ValueError("cannot be encoded as PNG")
    return encoded.tobytes()
