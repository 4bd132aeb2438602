"""One picture of several models' masks: a row a photo, a column a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from seglab.errors import ImageError
from seglab.files import write_bytes
from seglab.inference import Predictor
from seglab.overlays import encode_png
from seglab.photos import Photo
from seglab.stored_images import ImageSource

CELL_HEIGHT, CELL_WIDTH = 240, 360
"""A photo is scaled to this height, a very wide one to this width, pixels."""

TITLE_HEIGHT, GAP = 28, 6
LARGEST_TYPE, SMALLEST_TYPE = 18, 9
PHOTO_TITLE = "photo"


def draw_mask_sheet(
    predictors: Mapping[str, Predictor], photos: Sequence[ImageSource], path: Path
) -> list[str]:
    """Write a PNG: each photo, then its overlay by each model, the models' names on top.

    Returns a line for each photo that cannot be read; the others are drawn. Nothing is written
    where none can be read.
    """
    rows, failures = [], []
    for photo in photos:
        try:
            image = Photo(photo).pixels
        except ImageError as error:
            failures.append(str(error))
            continue
        overlays = [predictor.segment(photo).overlay() for predictor in predictors.values()]
        rows.append([_scaled(picture) for picture in (image, *overlays)])
    if rows:
        write_bytes(path, encode_png(_sheet([PHOTO_TITLE, *predictors], rows)))
    return failures


def _scaled(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    scale = min(CELL_HEIGHT / height, CELL_WIDTH / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how)


def _sheet(titles: Sequence[str], rows: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """RGB uint8 on white; the pictures of a row have one size, narrow ones stand in the middle."""
    width = max(row[0].shape[1] for row in rows)
    heights = [row[0].shape[0] for row in rows]
    sheet = Image.new(
        "RGB",
        (len(titles) * (width + GAP) + GAP, TITLE_HEIGHT + sum(heights) + GAP * len(rows)),
        "white",
    )
    draw = ImageDraw.Draw(sheet)
    for place, title in enumerate(titles):
        middle = GAP + place * (width + GAP) + width / 2
        text, font = _fitting(title, width)
        draw.text((middle, TITLE_HEIGHT / 2), text, "black", font, anchor="mm")
    top = TITLE_HEIGHT
    for row, height in zip(rows, heights, strict=True):
        for place, picture in enumerate(row):
            left = GAP + place * (width + GAP) + (width - picture.shape[1]) // 2
            sheet.paste(Image.fromarray(picture), (left, top))
        top += height + GAP
    return np.array(sheet)


def _fitting(title: str, width: int) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    """The title in the largest type that fits, its middle cut out where none does."""
    for size in range(LARGEST_TYPE, SMALLEST_TYPE - 1, -1):
        font = ImageFont.load_default(size)
        if font.getlength(title) <= width:
            return title, font
    kept = len(title)
    while kept > 2 and font.getlength(_shortened(title, kept)) > width:
        kept -= 1
    return _shortened(title, kept), font


def _shortened(title: str, kept: int) -> str:
    return f"{title[: kept - kept // 2]}..{title[len(title) - kept // 2 :]}"
