"""Kinds of failure: rules on masks drawn by hand, parts against scipy's, the table against both."""

import numpy as np
import pytest
from scipy import ndimage

from seglab.evaluation import count_confusion
from seglab.failure_kinds import KINDS, PixelCounts, counts_from_masks, counts_from_table, kinds
from seglab.labels import IGNORE
from seglab.metrics import counts_from_confusion
from tests.helpers import disk


def object_at(row: float, column: float, radius: float) -> np.ndarray:
    return disk(60, 60, row, column, radius).astype(np.uint8)


def kind_of(truth: np.ndarray, predicted: np.ndarray) -> str:
    return KINDS[int(kinds(counts_from_masks(truth, predicted)))]


TRUTH = object_at(30, 30, 12)
NOTHING = np.zeros((60, 60), np.uint8)


@pytest.mark.parametrize(
    ("truth", "predicted", "expected"),
    [
        (TRUTH, TRUTH, "good"),
        (NOTHING, NOTHING, "good"),
        (TRUTH, NOTHING, "missed object"),
        (TRUTH, object_at(30, 30, 7), "missed object"),
        (TRUTH, object_at(30, 30, 10), "too small"),
        (TRUTH, object_at(30, 30, 15), "too large"),
        (TRUTH, object_at(33, 30, 12), "ragged outline"),
        (NOTHING, TRUTH, "false object"),
        # A blob of its own beside a right one, and a second object that nobody saw.
        (TRUTH, TRUTH | object_at(8, 8, 6), "false object"),
        (TRUTH | object_at(8, 8, 6), TRUTH, "missed object"),
        # The same number of false pixels, but grown onto the object.
        (TRUTH, TRUTH | object_at(30, 40, 9), "too large"),
        (TRUTH, 2 * TRUTH, "wrong class"),
    ],
)
def test_each_kind(truth: np.ndarray, predicted: np.ndarray, expected: str):
    assert kind_of(truth, predicted) == expected


def test_parts_apart_are_those_of_scipy():
    generator = np.random.default_rng(3)
    truth, predicted = (
        (ndimage.gaussian_filter(generator.normal(size=(80, 90)), 3) > 0.05).astype(np.uint8)
        for _ in range(2)
    )
    counts = counts_from_masks(truth, predicted)
    for mask, other, found in (
        (truth, predicted, counts.missed_apart),
        (predicted, truth, counts.false_apart),
    ):
        parts, number = ndimage.label(mask, np.ones((3, 3)))
        meets = ndimage.maximum(other, parts, range(1, number + 1))
        sizes = ndimage.sum(mask, parts, range(1, number + 1))
        assert 0 < sizes[meets == 0].sum() == found


def test_what_the_truth_ignores_is_not_counted():
    ignored = TRUTH.copy()
    ignored[:, :20] = IGNORE
    counts = counts_from_masks(ignored, TRUTH | object_at(8, 8, 6))
    assert (counts.missed, counts.false_alarms, counts.false_apart) == (0, 0, 0)
    assert counts.hits == TRUTH[:, 20:].sum()


@pytest.mark.parametrize("names", [("background", "pet"), ("background", "pet", "border")])
def test_the_table_counts_as_the_masks_do(names: tuple[str, ...]):
    generator = np.random.default_rng(5)
    pairs = [generator.integers(0, len(names), (2, 20, 20), dtype=np.uint8) for _ in range(6)]
    confusion = np.stack([count_confusion(found, truth, len(names)) for truth, found in pairs])
    counts = counts_from_confusion(confusion)
    columns = {
        f"{kind}_{name}": counts[:, class_id, place]
        for class_id, name in enumerate(names)
        for place, kind in enumerate(("tp", "fp", "fn", "tn"))
    }
    table = counts_from_table(columns, names)
    for place, (truth, found) in enumerate(pairs):
        masks = counts_from_masks(truth, found)
        for figure in ("hits", "missed", "false_alarms", "wrong_class"):
            assert getattr(table, figure)[place] == getattr(masks, figure)


def test_counts_alone_call_an_invented_object_too_large():
    masks = counts_from_masks(TRUTH, TRUTH | object_at(8, 8, 6))
    none = np.array(0)
    counts = PixelCounts(masks.hits, masks.missed, masks.false_alarms, none, none, none)
    assert KINDS[int(kinds(counts))] == "too large"


def test_a_table_without_counts_is_a_key_error():
    with pytest.raises(KeyError):
        counts_from_table({"iou": [1.0]}, ("background", "pet"))
