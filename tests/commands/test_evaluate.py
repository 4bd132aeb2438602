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
from seglab.errors import DataError, UsageError
from seglab.runs import Run
from seglab.views import Views
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
        predictions.append(predictor.network_probabilities(small[None])[0, 1] >= run.threshold)
    assert content["threshold"] == run.threshold
    truth, predicted = np.stack(truths), np.stack(predictions).astype(np.uint8)
    expected = {
        "dataset_iou": jaccard_score(truth.ravel(), predicted.ravel()),
        "dataset_accuracy": accuracy_score(truth.ravel(), predicted.ravel()),
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
    rows = list(csv.DictReader(run.evaluation_path("val", suffix=".csv").open()))
    names = [record.name for record in open_dataset(run.experiment).records("val")]
    assert [row["name"] for row in rows] == names
    assert {"boundary_iou", "foreground_share", "mean_confidence"} <= rows[0].keys()
    pixels = sum(int(rows[0][f"{kind}_foreground"]) for kind in ("tp", "fp", "fn", "tn"))
    assert pixels == run.preprocessing.image_size**2


def test_the_threshold_comes_from_validation_never_from_the_test(run: Run) -> None:
    assert evaluate.main([str(run.folder)], PROJECT) == 0
    found = run.threshold_curve()
    assert found is not None
    assert (found["split"], found["images"]) == ("val", run.config["data"]["counts"]["val"])
    predictor, dataset = seglab.load(str(run.folder)), open_dataset(run.experiment)
    truths, foregrounds = [], []
    for index in range(found["images"]):
        sample = dataset.read("val", index)
        small = run.preprocessing.resize_image(sample.image)[None]
        truths.append(run.preprocessing.resize_mask(sample.mask).ravel())
        foregrounds.append(predictor.network_probabilities(small)[0, 1].ravel())
    truth, foreground = np.concatenate(truths), np.concatenate(foregrounds)
    ious = [jaccard_score(truth, foreground >= point["threshold"]) for point in found["curve"]]
    assert [point["dataset_iou"] for point in found["curve"]] == pytest.approx(ious, abs=1e-6)
    assert predictor.threshold == found["value"]  # prediction takes it unless told otherwise


def test_told_otherwise_the_threshold_is_what_was_told(run: Run) -> None:
    assert evaluate.main([str(run.folder), "--threshold", "0.01"], PROJECT) == 0
    content = run.evaluation("test")
    assert content is not None
    assert content["threshold"] == 0.01
    assert content["dataset_recall"]["value"] > 0.99
    assert run.threshold_curve() is None


def test_where_validation_is_the_test_nothing_is_swept(run: Run) -> None:
    experiment = run.config["experiment"]
    experiment["data"]["validation"] = "test"
    run.write_config(run.config | {"experiment": experiment})
    dataset = open_dataset(run.experiment)
    run.config["data"]["fingerprint"] = dataset.fingerprint()
    run.write_config(run.config)
    assert evaluate.main([str(run.folder)], PROJECT) == 0
    assert run.threshold_curve() is None
    assert (run.evaluation("test") or {})["threshold"] == 0.5


def test_at_the_photos_own_size(run: Run) -> None:
    assert evaluate.main([str(run.folder), "--at", "original"], PROJECT) == 0
    content, table = run.evaluation("test", "original"), run.evaluation_table("test", "original")
    assert content is not None
    assert table is not None
    assert run.evaluation("test") is None  # its own files
    dataset, predictor = open_dataset(run.experiment), seglab.load(str(run.folder))
    sample = dataset.read("test", 0)
    mask = predictor.segment(sample.image).mask
    assert table["iou"][0] == pytest.approx(
        jaccard_score(sample.mask.ravel(), mask.ravel()), abs=1e-6
    )
    counted = ["tp_background", "fp_background", "fn_background", "tn_background"]
    assert table[counted].sum(axis=1).tolist() == [40 * 48] * len(table)


def test_flipped_predictions_have_their_own_figures(run: Run) -> None:
    assert evaluate.main([str(run.folder)], PROJECT) == 0
    assert evaluate.main([str(run.folder), "--flip"], PROJECT) == 0
    plain, flipped = run.evaluation("test"), run.evaluation("test", views=Views(flip=True))
    assert plain is not None
    assert flipped is not None
    assert (plain["flip"], flipped["flip"]) == (False, True)
    error = "expected_calibration_error"
    assert plain["calibration"][error] != flipped["calibration"][error]


def test_the_threshold_is_swept_with_a_single_look_whatever_is_measured_first(run: Run) -> None:
    assert evaluate.main([str(run.folder)], PROJECT) == 0
    plain = run.threshold_path.read_bytes()
    run.threshold_path.unlink()
    assert evaluate.main([str(run.folder), "--flip"], PROJECT) == 0
    assert run.threshold_path.read_bytes() == plain


def test_what_was_measured_how_is_written_down(run: Run) -> None:
    assert evaluate.main([str(run.folder), "--split", "test"], PROJECT) == 0
    content = run.evaluation("test")
    assert content is not None
    assert content["data"]["fingerprint"] == run.config["data"]["fingerprint"]
    assert content["data"]["label_map"]["class_names"] == ["background", "foreground"]
    assert content["command"] == f"python evaluate.py {run.folder} --split test"
    assert content["environment"]["packages"]["onnxruntime"]
    assert content["boundary"]["iou_distance_pixels"] == 1


def test_data_that_holds_training_samples_is_not_measured(run: Run, tmp_path: Path) -> None:
    other = write_disks(tmp_path / "other", count=9)  # other splits of some of the same names
    with pytest.raises(DataError, match=r"was trained or validated on \d of its test samples"):
        evaluate.main([str(run.folder), "--data.root", str(other)], PROJECT)
    run.samples_path.unlink()  # a run of which nobody knows what it saw
    with pytest.raises(DataError, match="training photo could be in the test"):
        evaluate.main([str(run.folder), "--data.root", str(other)], PROJECT)


def test_data_it_never_saw_is_measured(run: Run, tmp_path: Path) -> None:
    other = write_disks(tmp_path / "other", count=9, first=50)
    assert evaluate.main([str(run.folder), "--data.root", str(other)], PROJECT) == 0
    content = run.evaluation("test")
    assert content is not None
    assert content["data"]["fingerprint"] != run.config["data"]["fingerprint"]
    assert run.threshold_curve() is None  # not swept on other data


def test_figures_of_other_data_do_not_replace_those_of_the_run_s_own(
    run: Run, tmp_path: Path
) -> None:
    other = str(write_disks(tmp_path / "other", count=9, first=50))
    own = [str(run.folder)]
    elsewhere = [*own, "--data.root", other]
    assert evaluate.main(own, PROJECT) == 0
    kept = run.evaluation("test")
    with pytest.raises(UsageError, match=r"holds the figures of other data \(\d images, here are"):
        evaluate.main(elsewhere, PROJECT)

    file = tmp_path / "other.json"
    assert evaluate.main([*elsewhere, "--output", str(file)], PROJECT) == 0
    assert run.evaluation("test") == kept
    content = json.loads(file.read_text())
    assert content["data"]["fingerprint"] != run.config["data"]["fingerprint"]
    assert len(file.with_suffix(".csv").read_text().splitlines()) == content["images"] + 1


@pytest.mark.parametrize("output", ["figures.txt", "no-such-folder/figures.json"])
def test_where_nothing_can_be_written_nothing_is_measured(run: Run, output: str) -> None:
    with pytest.raises(UsageError, match="--output"):
        evaluate.main([str(run.folder), "--output", output], PROJECT)
