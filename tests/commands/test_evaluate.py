"""``evaluate.py`` against figures computed another way."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, jaccard_score

import seglab
from seglab.commands import evaluate
from seglab.data.sources import open_dataset
from seglab.errors import DataError
from seglab.runs import Run
from tests.helpers import PROJECT, write_disks


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(trained.folder, tmp_path / "run"))


def test_figures_agree_with_scikit_learn(run: Run) -> None:
    assert evaluate.main([str(run.folder)], PROJECT) == 0
    content = json.loads(run.evaluation_path("test").read_text())
    dataset, predictor = open_dataset(run.experiment), seglab.load(str(run.folder))
    truths, predictions = [], []
    for index in range(len(dataset.records("test"))):
        sample = dataset.read("test", index)
        small = run.preprocessing.resize_image(sample.image)
        truths.append(run.preprocessing.resize_mask(sample.mask))
        predictions.append(predictor.network_probabilities(small[None])[0, 1] >= 0.5)
    truth, predicted = np.stack(truths), np.stack(predictions).astype(np.uint8)
    expected = {
        "dataset_iou": jaccard_score(truth.ravel(), predicted.ravel()),
        "accuracy": accuracy_score(truth.ravel(), predicted.ravel()),
        "mean_image_iou": np.mean(
            [jaccard_score(a.ravel(), b.ravel()) for a, b in zip(truth, predicted, strict=True)]
        ),
    }
    for name, value in expected.items():
        figure = content[name]
        assert figure["value"] == pytest.approx(value)
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_a_row_an_image(run: Run) -> None:
    assert evaluate.main([str(run.folder), "--split", "val"], PROJECT) == 0
    rows = list(csv.DictReader(run.evaluation_path("val", ".csv").open()))
    names = [record.name for record in open_dataset(run.experiment).records("val")]
    assert [row["name"] for row in rows] == names
    pixels = sum(int(rows[0][f"{kind}_foreground"]) for kind in ("tp", "fp", "fn", "tn"))
    assert pixels == run.preprocessing.image_size**2


def test_other_data_is_not_measured(run: Run, tmp_path: Path) -> None:
    other = write_disks(tmp_path / "other", count=9, first=50)
    with pytest.raises(DataError, match="training photo could be in the test"):
        evaluate.main([str(run.folder), "--data.root", str(other)], PROJECT)
