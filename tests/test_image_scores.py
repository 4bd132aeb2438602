"""Scores of images: what a table gives, the order, the groups of size."""

import numpy as np
import pandas
import pytest

from seglab.errors import RunError
from seglab.evaluation import Evaluation
from seglab.image_scores import MEASURES, available, object_sizes, scores, within, worst_first
from seglab.reductions import groups_of

NAMES = ("background", "pet")
TABLE = pandas.DataFrame(
    {
        "name": ["a", "b", "c"],
        "tp_background": [50, 60, 90],
        "fp_background": [10, 0, 5],
        "fn_background": [20, 5, 0],
        "tn_background": [20, 35, 5],
        "iou": [0.4, 0.875, 0.5],
        "mean_confidence": [0.9, 0.99, 0.7],
    }
)


def test_only_what_the_table_holds_is_offered():
    assert available(TABLE, NAMES) == ["iou", "false_alarms", "missed", "confidence"]
    assert available(TABLE[["name", "iou"]], NAMES) == ["iou"]
    with pytest.raises(RunError, match="evaluate the run again"):
        scores(TABLE, "boundary_iou", NAMES)


def test_missed_and_false_alarms_are_shares_of_the_photo():
    # Background found where the truth is a pet: missed. The other way round: a false alarm.
    np.testing.assert_allclose(scores(TABLE, "missed", NAMES), [0.10, 0, 0.05])
    np.testing.assert_allclose(scores(TABLE, "false_alarms", NAMES), [0.20, 0.05, 0])


def test_the_worst_comes_first():
    assert worst_first(scores(TABLE, "iou", NAMES), "iou").tolist() == [0, 2, 1]
    assert worst_first(scores(TABLE, "missed", NAMES), "missed").tolist() == [0, 2, 1]
    assert worst_first(np.array([np.nan, 0.2, 0.2]), "iou").tolist() == [1, 2, 0]


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_what_it_is(name: str):
    assert MEASURES[name].meaning.endswith("lowest first" if MEASURES[name].high_is_good else "st")


def test_both_ends_of_a_range_belong_to_it():
    values = np.array([0.1, 0.30000000000000004, 0.3, 0.31])
    assert within(values, 0.1, 0.3).tolist() == [True, True, True, False]


def test_sizes_are_those_that_the_evaluation_grouped():
    generator = np.random.default_rng(0)
    found = generator.integers(1, 500, 40)
    counts = np.zeros((40, 2, 4), np.int64)
    counts[:, 1, 0], counts[:, 1, 3] = found, 1000 - found
    counts[:, 0, 0], counts[:, 0, 3] = 1000 - found, found
    from seglab.data.sample import Record

    records = tuple(Record(str(place), None, None) for place in range(40))
    evaluation = Evaluation(
        records,
        NAMES,
        counts,
        np.ones((40, 2, 7), np.int64),
        np.ones((40, 20, 3)),
        counts[0, :, :2],
    )
    groups = groups_of(evaluation)["object_size"]
    limits = {
        name: (group["foreground_share_low"], group["foreground_share_high"])
        for name, group in groups.items()
    }
    rounded = np.round(evaluation.foreground_shares(), 6)  # as the table has them
    sizes = object_sizes(rounded, limits)
    for name, group in groups.items():
        assert (sizes == name).sum() == group["images"]
