"""The best and worst images: the right ones, with outlines where the masks end."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from seglab.errors import DataError, RunError
from seglab.labels import IGNORE, class_colour
from seglab.report.pictures import FOREGROUND_COLOUR, TRUTH_COLOUR, best_and_worst, outlined
from seglab.runs import Run
from tests.helpers import write_official
from tests.report.conftest import Measured


def is_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Where a picture has a colour: boolean H×W."""
    return (picture == np.array(colour, np.uint8)).all(axis=-1)


def content_of(run: Run) -> dict[str, object]:
    content = run.evaluation("test")
    assert content is not None
    return content


def test_outlines_stand_where_the_masks_end() -> None:
    image = np.full((64, 64, 3), 90, np.uint8)
    truth, predicted = np.zeros((2, 64, 64), np.uint8)
    truth[8:24, 8:24] = 1
    predicted[40:56, 40:56] = 1
    truth[:, 60:] = IGNORE
    picture = outlined(image, truth, predicted, 2)
    assert (picture.shape, picture.dtype) == ((128, 128, 3), np.uint8)
    for colour, low, high in ((TRUTH_COLOUR, 16, 47), (FOREGROUND_COLOUR, 80, 111)):
        rows, columns = np.nonzero(is_colour(picture, colour))
        for places in (rows, columns):
            assert abs(places.min() - low) <= 2
            assert abs(places.max() - high) <= 2
    assert (picture[28:36, 28:36] == 90).all()  # inside, the photo is seen
    assert (picture[64, 64] == 90).all()


def test_of_several_classes_each_prediction_has_its_colour() -> None:
    predicted = np.zeros((300, 300), np.uint8)
    predicted[20:80, 20:80], predicted[150:250, 150:250] = 1, 2
    blank = np.full((300, 300, 3), 200, np.uint8)
    picture = outlined(blank, np.zeros_like(predicted), predicted, 3)
    assert picture.shape == (300, 300, 3)  # large enough as it is
    assert is_colour(picture, class_colour(1)).any()
    assert is_colour(picture, class_colour(2)).any()


def test_the_best_and_the_worst(measured: Measured) -> None:
    run = measured("unet")
    table = run.evaluation_table("test")
    assert table is not None
    worst, best = best_and_worst(run, content_of(run))
    ious = sorted(table["iou"])
    assert [picture.iou for picture in worst] == ious[:4]
    assert [picture.iou for picture in best] == ious[:-5:-1]
    expected = dict(zip(table["name"], table["iou"], strict=True))
    for picture in [*worst, *best]:
        assert expected[picture.name] == picture.iou
        decoded = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert decoded.shape == (32, 32, 3)


def test_few_images_are_shown_once(measured: Measured) -> None:
    run = measured("unet")
    table = run.evaluation_table("test")
    assert table is not None
    run.evaluation_path("test", suffix=".csv").write_text(table[:5].to_csv(index=False))
    worst, best = best_and_worst(run, content_of(run))
    assert (len(worst), len(best)) == (4, 1)
    assert len({picture.name for picture in [*worst, *best]}) == 5


def test_what_is_absent_is_said(measured: Measured, official_dataset: Path) -> None:
    run = measured("unet")
    content = content_of(run)
    write_official(official_dataset, each=5)
    with pytest.raises(DataError, match="other images or splits than were measured"):
        best_and_worst(run, content)
    run.evaluation_path("test", suffix=".csv").unlink()
    with pytest.raises(RunError, match=r"evaluation-test\.csv is not here"):
        best_and_worst(run, content)
