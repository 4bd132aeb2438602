"""Disagreement of masks, against scikit-learn's and by hand."""

import numpy as np
import pytest
from sklearn.metrics import zero_one_loss

from seglab.disagreement import (
    FIRST_ALONE,
    OTHER_CLASS,
    SECOND_ALONE,
    alike,
    disagreement,
    pairwise,
    picture,
)

GENERATOR = np.random.default_rng(0)
MASKS = [GENERATOR.integers(0, 3, (12, 14), dtype=np.uint8) for _ in range(3)]


def test_pairs_against_scikit_learn():
    found = pairwise(MASKS)
    for at, one in enumerate(MASKS):
        for place, other in enumerate(MASKS):
            assert found[at, place] == pytest.approx(zero_one_loss(one.ravel(), other.ravel()))


def test_all_must_say_the_same():
    expected = [len({int(mask[at]) for mask in MASKS}) > 1 for at in np.ndindex(12, 14)]
    assert disagreement(MASKS).ravel().tolist() == expected
    assert not disagreement([MASKS[0], MASKS[0].copy()]).any()


def test_other_classes_leave_foreground_against_background():
    two, three = ("background", "pet"), ("background", "pet", "border")
    found = alike([MASKS[0], MASKS[1]], [two, three])
    assert set(np.unique(found)) == {0, 1}
    assert (found[0] == (MASKS[0] > 0)).all()
    assert alike(MASKS[:2], [three, three])[1] is MASKS[1]


def test_two_masks_have_a_colour_each():
    gray = np.zeros((1, 5, 3), np.uint8)
    first = np.array([[0, 1, 0, 1, 1]], np.uint8)
    second = np.array([[0, 0, 1, 2, 1]], np.uint8)
    found = picture(gray, [first, second])[0].astype(int)
    for place, colour in ((1, FIRST_ALONE), (2, SECOND_ALONE), (3, OTHER_CLASS)):
        assert np.abs(found[place] - 0.7 * np.array(colour)).max() <= 1
    assert not found[[0, 4]].any()
