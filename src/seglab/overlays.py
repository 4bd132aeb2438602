"""Masks made visible: overlays, contours, cut-outs, mask files. NumPy and OpenCV only."""

from collections.abc import Sequence

import cv2
import numpy as np

from seglab.labels import BACKGROUND, IGNORE, NONE_CHOSEN, Colours, class_colour, palette

BAND_PIXELS = 250_000
"""Pixels that are tinted at a time."""


LONG_RUNS = [
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE),
]
"""For masks: smaller files than with the usual settings, in less time."""


def overlay(
    image: np.ndarray, mask: np.ndarray, opacity: float = 0.5, colours: Colours = NONE_CHOSEN
) -> np.ndarray:
    """``image`` uint8 H×W×3 RGB tinted with the class colours of ``mask`` uint8 H×W.

    Background stays as it is; ``opacity`` 0–1; pixels to ignore are gray.
    """
    result = image.copy()
    _tint(result, mask, opacity, colours)
    return result


def contours(
    image: np.ndarray,
    mask: np.ndarray,
    thickness: int | None = None,
    colours: Colours = NONE_CHOSEN,
) -> np.ndarray:
    """``image`` with the outline of every class but the background, in its colour.

    ``thickness`` in pixels; by default in proportion to the photo.
    """
    result = image.copy()
    _outline(result, mask, thickness, colours)
    return result


def _tint(result: np.ndarray, mask: np.ndarray, opacity: float, chosen: Colours) -> None:
    colours = palette(chosen)
    rows = max(BAND_PIXELS // mask.shape[1], 1)
    for top in range(0, len(mask), rows):  # as colours all of a large photo would fill the memory
        band, ids = result[top : top + rows], mask[top : top + rows]
        if (ids == BACKGROUND).all():
            continue
        tinted = cv2.addWeighted(band, 1 - opacity, colours[ids], opacity, 0)
        cv2.copyTo(tinted, np.uint8(255) * (ids != BACKGROUND), band)


def _outline(result: np.ndarray, mask: np.ndarray, thickness: int | None, chosen: Colours) -> None:
    width = thickness or max(2, round(min(result.shape[:2]) / 150))
    for class_id in np.unique(mask):
        if class_id in (BACKGROUND, IGNORE):
            continue
        outlines, _ = cv2.findContours(
            (mask == class_id).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(result, outlines, -1, class_colour(int(class_id), chosen), width)


def outlined_overlay(
    image: np.ndarray,
    mask: np.ndarray,
    opacity: float = 0.5,
    in_place: bool = False,
    colours: Colours = NONE_CHOSEN,
) -> np.ndarray:
    """Tint and outline: what ``predict.py`` writes as the overlay.

    ``in_place``: drawn into ``image`` itself, for photos of which a copy would be too much.
    """
    result = image if in_place else image.copy()
    _tint(result, mask, opacity, colours)
    _outline(result, mask, None, colours)
    return result


def cutout(image: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """RGBA uint8 H×W×4: the photo with ``foreground`` (probability 0–1, H×W) as its alpha."""
    return with_alpha(image, eight_bits(foreground))


def with_alpha(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """RGBA uint8 H×W×4 of a photo uint8 H×W×3 and its ``alpha`` uint8 H×W."""
    return np.dstack([image, alpha])


def eight_bits(probability: np.ndarray) -> np.ndarray:
    """Probabilities 0–1 as uint8 0–255."""
    levels: np.ndarray = np.rint(probability * 255).astype(np.uint8)
    return levels


def colour_mask(mask: np.ndarray, colours: Colours = NONE_CHOSEN) -> np.ndarray:
    """RGB uint8 H×W×3 of the class colours."""
    coloured: np.ndarray = palette(colours)[mask]
    return coloured


def mask_png(mask: np.ndarray, class_count: int, colours: Colours = NONE_CHOSEN) -> bytes:
    """A mask file: 0/255 for two classes, else class ids with the palette of class colours.

    Raises ``ValueError`` when it cannot be encoded.
    """
    if class_count == 2:
        return encode_png(np.uint8(255) * (mask == 1), LONG_RUNS)
    import io

    from PIL import Image

    picture = Image.fromarray(mask)
    picture.putpalette(palette(colours).tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def encode_png(image: np.ndarray, settings: Sequence[int] = ()) -> bytes:
    """PNG of uint8 H×W gray, H×W×3 RGB or H×W×4 RGBA, with OpenCV's ``settings`` for it.

    Raises ``ValueError``.
    """
    channels = image.shape[2] if image.ndim == 3 else 1
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    if channels in order:
        image = cv2.cvtColor(image, order[channels])
    done, encoded = cv2.imencode(".png", image, settings)
    if not done:
        raise ValueError("cannot be encoded as PNG")
    return encoded.tobytes()
