"""``evaluate.py`` with three classes from a folder's map and pixels that are not counted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, jaccard_score, precision_recall_fscore_support

import seglab
from seglab.commands import evaluate, predict
from seglab.data.sources import open_dataset
from seglab.errors import UsageError
from seglab.runs import Run
from tests.helpers import PROJECT, leaves_experiment, write_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Random weights for soil, leaf and stem, no ONNX."""
    experiment = leaves_experiment(tmp_path / "leaves")
    made = write_run(tmp_path / "run", experiment)
    fingerprint = open_dataset(experiment).fingerprint()
    made.write_config(made.config | {"data": made.config["data"] | {"fingerprint": fingerprint}})
    return Run.open(made.folder)


def test_every_class_has_scikit_learn_s_figures(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([str(run.folder), "--backend", "torch"], PROJECT) == 0
    said = capsys.readouterr().out
    content = json.loads(run.evaluation_path("test").read_text())
    dataset, predictor = open_dataset(run.experiment), seglab.load(str(run.folder), "torch")
    truths, predictions = [], []
    for index in range(len(dataset.records("test"))):
        sample = dataset.read("test", index)
        truth = run.preprocessing.resize_mask(sample.mask)
        small = run.preprocessing.resize_image(sample.image)
        predicted = predictor.network_probabilities(small[None])[0].argmax(0)
        truths.append(truth[truth != 255])
        predictions.append(predicted[truth != 255])
    truth, predicted = np.concatenate(truths), np.concatenate(predictions)
    matrix = confusion_matrix(truth, predicted, labels=range(3))
    assert content["confusion"] == matrix.tolist()
    kinds = {"average": None, "labels": range(3), "zero_division": 1}
    precision, recall, dice, _ = precision_recall_fscore_support(truth, predicted, **kinds)
    ious = jaccard_score(truth, predicted, **kinds)
    for place, name in enumerate(("soil", "leaf", "stem")):
        figures = content["classes"][name]
        for kind, values in (("precision", precision), ("recall", recall), ("iou", ious)):
            assert figures[f"dataset_{kind}"]["value"] == pytest.approx(values[place])
        row = next(
            line.split()
            for line in said.splitlines()
            if line.split()[:1] == [name] and "[" not in line
        )
        values = [value[place] for value in (precision, recall, dice)]
        assert row[1:4] == [f"{value:.4f}" for value in values]
        assert row[-1] == f"{ious[place]:.4f}"
    assert content["dataset_iou"]["value"] == pytest.approx(np.mean(ious))
    assert f"{matrix[1].sum():,}" in said
    heads = next(line for line in said.splitlines() if line.startswith("truth"))
    assert heads.split()[-4:] == ["soil", "leaf", "stem", "pixels"]


@pytest.mark.parametrize("command", [evaluate, predict])
def test_a_threshold_is_refused_where_the_most_likely_class_counts(run: Run, command: Any) -> None:
    word = str(PROJECT / "sample_images" / "drawn-cat.jpg")
    words = [word, "--model"] if command is predict else []
    with pytest.raises(UsageError, match=r"--threshold: run has 3 classes.*leave it out"):
        command.main([*words, str(run.folder), "--threshold", "0.3"], PROJECT)
