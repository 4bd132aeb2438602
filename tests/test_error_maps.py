"""Error maps: which pixel is what, and what is drawn of it."""

import numpy as np

from seglab.error_maps import (
    COLOURS,
    DASHES,
    FALSE_ALARM,
    HIT,
    MISSED,
    SIDE,
    WRONG_CLASS,
    error_kinds,
    error_map,
)
from seglab.labels import IGNORE
from tests.helpers import disk

PHOTO = np.full((40, 48, 3), 120, np.uint8)


def test_every_pixel_has_its_kind():
    truth = np.array([[0, 1, 1, 0, 1, 255]], np.uint8)
    predicted = np.array([[0, 1, 0, 1, 2, 1]], np.uint8)
    assert error_kinds(truth, predicted).tolist() == [[0, HIT, MISSED, FALSE_ALARM, WRONG_CLASS, 0]]
    assert IGNORE == 255


def test_the_map_is_tinted_and_enlarged_by_a_whole_number():
    truth = np.uint8(disk(40, 48, 20, 20, 12))
    predicted = np.uint8(disk(40, 48, 20, 28, 12))
    picture = error_map(PHOTO, truth, predicted, opacity=1.0)
    factor = -(-SIDE // 48)
    assert picture.shape == (40 * factor, 48 * factor, 3)
    for row, column, kind in ((20, 24, HIT), (20, 12, MISSED), (20, 36, FALSE_ALARM)):
        pixel = picture[int((row + 0.5) * factor), int((column + 0.5) * factor)]
        assert tuple(pixel) == COLOURS[kind]
    assert tuple(picture[4, 4]) == (120, 120, 120)


def drawn_share(kind: int) -> float:
    """Share of an outline that is drawn in its colour where the tint is left out."""
    truth = np.uint8(disk(40, 48, 20, 24, 12))
    empty = np.zeros_like(truth)
    pairs = {HIT: (truth, truth), MISSED: (truth, empty), FALSE_ALARM: (empty, truth)}
    picture = error_map(PHOTO, *pairs[kind], opacity=0.0)
    return float((picture == COLOURS[kind]).all(-1).sum())


def test_lines_tell_the_kinds_apart_without_colour():
    solid, dashed, dotted = (drawn_share(kind) for kind in (HIT, MISSED, FALSE_ALARM))
    assert solid > 1.2 * dashed > 1.2 * dotted > 0
    assert len(set(DASHES.values())) == len(DASHES)


def test_a_perfect_empty_mask_leaves_the_photo():
    empty = np.zeros(PHOTO.shape[:2], np.uint8)
    assert (error_map(PHOTO, empty, empty) == 120).all()
