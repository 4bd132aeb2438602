"""Figures of whole evaluations against scikit-learn, by class and by group."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from seglab import boundaries, calibration, metrics
from seglab.data.sample import Record
from seglab.evaluation import Evaluation, count_confusion
from seglab.labels import IGNORE
from seglab.reductions import figures_of, groups_of

NAMES = ("iou", "dice", "accuracy", "precision", "recall", "boundary_iou", "boundary_f1")


def draw(classes: int, images: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities N×classes×20×24, predictions and truths N×20×24; every image another mix."""
    generator = np.random.default_rng(classes)
    shares = generator.dirichlet(np.ones(classes), images)
    truth = np.stack([generator.choice(classes, (20, 24), p=share) for share in shares])
    scores = generator.random((images, classes, 20, 24)) + 0.4 * (
        truth[:, None] == np.arange(classes)[:, None, None]
    )
    probabilities = (scores / scores.sum(1, keepdims=True)).astype(np.float32)
    truth[generator.random(truth.shape) < 0.1] = IGNORE
    return probabilities, np.uint8(probabilities.argmax(1)), np.uint8(truth)


def evaluation(classes: int) -> tuple[Evaluation, np.ndarray, np.ndarray]:
    probabilities, predicted, truth = draw(classes)
    confusion = np.stack(
        [count_confusion(p, t, classes) for p, t in zip(predicted, truth, strict=True)]
    )
    records = tuple(
        Record(f"photo {k}", Path(), Path(), ("pug", "beagle")[k % 2], "dog")
        for k in range(len(truth))
    )
    counted = Evaluation(
        records,
        tuple(f"class {number}" for number in range(classes)),
        metrics.counts_from_confusion(confusion),
        np.stack(
            [
                boundaries.count_boundary(p, t, classes)
                for p, t in zip(predicted, truth, strict=True)
            ]
        ),
        np.stack(
            [calibration.count_reliability(p, t) for p, t in zip(probabilities, truth, strict=True)]
        ),
        confusion.sum(0),
    )
    return counted, predicted, truth


def all_figures(content: dict[str, Any]) -> list[dict[str, float]]:
    return [
        owner[f"{how}_{name}"]
        for owner in (content, *content["classes"].values())
        for how in ("dataset", "mean_image")
        for name in NAMES
    ]


@pytest.mark.parametrize("classes", [2, 3])
def test_figures_of_each_class_and_of_all_equal_scikit_learn_s(classes: int) -> None:
    counted, predicted, truth = evaluation(classes)
    content = figures_of(counted)
    keep = truth != IGNORE
    functions = {
        "iou": reference.jaccard_score,
        "dice": reference.f1_score,
        "precision": reference.precision_score,
        "recall": reference.recall_score,
    }
    for name, function in functions.items():
        settings = {"labels": range(classes), "average": None, "zero_division": 1.0}
        pooled = function(truth[keep], predicted[keep], **settings)
        each = np.stack(
            [
                function(t[k], p[k], **settings)
                for t, p, k in zip(truth, predicted, keep, strict=True)
            ]
        )
        for number in range(classes):
            figures = content["classes"][f"class {number}"]
            assert figures[f"dataset_{name}"]["value"] == pytest.approx(pooled[number])
            assert figures[f"mean_image_{name}"]["value"] == pytest.approx(each[:, number].mean())
        headline = each[:, 1] if classes == 2 else each.mean(1)
        assert content[f"mean_image_{name}"]["value"] == pytest.approx(headline.mean())
        expected = pooled[1] if classes == 2 else pooled.mean()
        assert content[f"dataset_{name}"]["value"] == pytest.approx(expected)
    accuracy = reference.accuracy_score(truth[keep], predicted[keep])
    assert content["dataset_accuracy"]["value"] == pytest.approx(accuracy)
    confusion = reference.confusion_matrix(truth[keep], predicted[keep])
    assert content["confusion"] == confusion.tolist()


def test_every_figure_lies_in_its_interval() -> None:
    content = figures_of(evaluation(3)[0])
    figures = all_figures(content)
    assert len(figures) == 4 * 14
    for figure in [*figures, content["calibration"]["expected_calibration_error"]]:
        assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    assert content["dataset_iou"]["low"] < content["dataset_iou"]["high"]


def test_groups_are_measured_by_themselves() -> None:
    counted, predicted, truth = evaluation(2)
    groups = groups_of(counted)
    assert groups["species"]["dog"]["images"] == 9
    assert {name: group["images"] for name, group in groups["breed"].items()} == {
        "beagle": 4,
        "pug": 5,
    }
    keep = truth[::2] != IGNORE
    expected = reference.jaccard_score(truth[::2][keep], predicted[::2][keep])
    assert groups["breed"]["pug"]["dataset_iou"]["value"] == pytest.approx(expected)
    alone = figures_of(counted)["dataset_iou"]["value"]
    assert groups["species"]["dog"]["dataset_iou"]["value"] == pytest.approx(alone)


def test_terciles_of_the_object_s_size() -> None:
    counted, _, truth = evaluation(2)
    sizes = groups_of(counted)["object_size"]
    assert [sizes[name]["images"] for name in ("small", "medium", "large")] == [3, 3, 3]
    shares = sorted((t[t != IGNORE] > 0).mean() for t in truth)
    assert sizes["small"]["foreground_share_high"] == pytest.approx(shares[2])
    assert sizes["large"]["foreground_share_low"] == pytest.approx(shares[6])


def test_data_without_breeds_has_no_such_groups() -> None:
    counted, _, _ = evaluation(2)
    plain = tuple(Record(record.name, Path(), Path()) for record in counted.records)
    parts = (counted.counts, counted.outlines, counted.reliability, counted.confusion)
    assert groups_of(Evaluation(plain, counted.class_names, *parts)).keys() == {"object_size"}


def test_few_images_have_the_t_interval_of_their_figures() -> None:
    counted, _, _ = evaluation(2)
    found = figures_of(counted)["mean_image_iou"]
    low, high = stats.t.interval(
        0.95, 8, counted.headlines["iou"].mean(), stats.sem(counted.headlines["iou"])
    )
    assert (found["low"], found["high"]) == pytest.approx((low, high))


def test_a_group_of_one_image_may_be_anything() -> None:
    counted, _, _ = evaluation(2)
    alone = replace(counted.records[0], breed="husky")
    records = (alone, *counted.records[1:])
    found = groups_of(replace(counted, records=records))["breed"]["husky"]["dataset_iou"]
    assert (found["low"], found["high"]) == (0, 1)
