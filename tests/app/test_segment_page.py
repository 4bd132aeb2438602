"""Segment: photos in, masks out, by one to four runs."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import seglab
from seglab.runs import Run
from tests.app.conftest import Open, rerun, texts
from tests.helpers import PROJECT, disk_pair, write_png


@pytest.fixture
def two_models(models: Path) -> Path:
    """The run ``disks`` and another whose threshold is not 0.5."""
    shutil.copytree(models / "disks", models / "eager")
    curve = [{"threshold": 0.31, "dataset_iou": 0.8, "mean_image_iou": 0.7}]
    Run.open(models / "eager").write_threshold({"value": 0.31, "split": "val", "curve": curve})
    return models


def open_sample(open_page: Open) -> AppTest:
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    return rerun(app)


def images(app: AppTest) -> list[str]:
    return [url for image in app.image for url in image.value]


def numbers(app: AppTest) -> list[str]:
    """The line of figures below each result."""
    return [str(line.value) for line in app.markdown if "of the photo" in str(line.value)]


def test_samples_are_photos_only(open_page: Open, models: Path):
    app = open_page("segment")
    assert app.button_group(key="sample").options == ["First disk", "Second disk"]


def test_a_sample_is_segmented_and_the_threshold_counts(
    open_page: Open, models: Path, samples: Path
):
    app = open_sample(open_page)
    content = (samples / "first-disk.png").read_bytes()
    predictor = seglab.load(str(models / "disks"))
    low, high = predictor.segment(content).probability_range
    assert f"probability {low:.2f}–{high:.2f}" in numbers(app)[0]
    pictures = []
    for threshold in (0.0, round((low + high) / 2, 2)):
        app.slider(key="threshold").set_value(threshold)
        rerun(app)
        share = predictor.segment(content, threshold).foreground_share
        assert f"**foreground {share:.1%}** of the photo" in numbers(app)[0]
        pictures.append(images(app))
    assert pictures[0][0] == pictures[1][0], "the photo stays"
    assert pictures[0][1] != pictures[1][1], "the mask follows the threshold"
    assert "--model" in app.code[-1].value
    assert f"--threshold {round((low + high) / 2, 2):g}" in app.code[-1].value


@pytest.mark.parametrize(("threshold", "found"), [(1.0, "All black"), (0.0, "All white")])
def test_the_doctor_says_why(threshold: float, found: str, open_page: Open, models: Path):
    app = open_sample(open_page)
    app.slider(key="threshold").set_value(threshold)
    app.session_state["why"] = True
    rerun(app)
    assert found in texts(app)
    assert f"the threshold {threshold:g}" in texts(app)
    assert "likeness to the training photos unknown" not in texts(app).lower()
    assert len(app.get("plotly_chart")) >= 1


@pytest.mark.parametrize("result", ["mask", "contour", "cut-out", "probability"])
def test_every_kind_of_picture_is_shown(result: str, open_page: Open, models: Path):
    app = open_sample(open_page)
    before = images(app)
    app.button_group(key="result").set_value(result)
    rerun(app)
    assert images(app)[0] == before[0]
    assert images(app)[1] != before[1]


def test_the_wipe_takes_the_place_of_both_pictures(open_page: Open, models: Path):
    app = open_sample(open_page)
    app.toggle(key="wipe").set_value(True)
    rerun(app)
    assert images(app) == []
    assert len(app.get("bidi_component")) == 1


def test_flip_averaging_is_the_packages(open_page: Open, models: Path, samples: Path):
    app = open_sample(open_page)
    app.toggle(key="flip").set_value(True)
    rerun(app)
    flipped = seglab.load(str(models / "disks"), flip=True)
    low, high = flipped.segment((samples / "first-disk.png").read_bytes()).probability_range
    assert f"probability {low:.2f}–{high:.2f}" in numbers(app)[0]
    assert "--flip" in app.code[-1].value


def test_each_model_begins_at_its_own_threshold(open_page: Open, two_models: Path):
    app = open_sample(open_page)
    app.slider(key="threshold").set_value(0.62)
    rerun(app)
    app.multiselect(key="models").set_value(["eager", "disks"])
    rerun(app)
    assert app.slider(key="threshold").value == pytest.approx(0.31)
    assert app.slider(key="threshold_2").value == pytest.approx(0.62), "moved with its model"
    assert app.slider(key="threshold").label == "Threshold (best on validation: 0.31)"
    assert len(images(app)) == 4  # photo, two results, where they disagree
    predictor = seglab.load(str(two_models / "disks"))
    content = (two_models.parent / "samples" / "first-disk.png").read_bytes()
    one, other = (predictor.segment(content, threshold).mask for threshold in (0.31, 0.62))
    assert f"**{float((one != other).mean()):.1%}** of the pixels" in texts(app)
    assert app.code[-1].value.count("predict.py") == 2


def test_the_chosen_runs_are_the_models(open_page: Open, two_models: Path):
    app = AppTest.from_file(str(PROJECT / "st_app.py"), default_timeout=60)
    app.query_params["runs"] = ["eager", "disks"]
    app.switch_page("src/seglab/app/pages/segment.py")
    rerun(app)
    assert app.multiselect(key="models").value == ["eager", "disks"]
    app.multiselect(key="models").set_value(["disks"])
    rerun(app)
    assert app.multiselect(key="models").value == ["disks"], "the page's own choice stays"


def test_a_model_whose_folder_went_away_is_forgotten(open_page: Open, two_models: Path):
    app = open_sample(open_page)
    app.multiselect(key="models").set_value(["eager", "disks"])
    rerun(app)
    shutil.rmtree(two_models / "eager")
    rerun(app)
    assert app.multiselect(key="models").value == ["disks"]
    assert not app.error


def test_a_photo_larger_than_the_screen_keeps_its_own_size(
    open_page: Open, models: Path, tmp_path: Path
):
    from seglab.app.photos import Photo
    from seglab.app.predictions import _answered, stamp

    write_png(tmp_path / "large.png", disk_pair(4, 1300, 1700)[0])
    content = (tmp_path / "large.png").read_bytes()
    run = Run.open(models / "disks")
    photo = Photo("large.png", content, "of large.png", "large.png")
    # Outside a session nothing is kept for it: what lies behind the cache is called.
    found = _answered.__wrapped__(str(run.folder), stamp(run), photo.digest, False, photo)
    expected = seglab.load(run).segment(content)
    assert found.mask_png(photo, run.threshold) == expected.mask_png()
    whole = found.segmentation(photo, run.threshold)
    assert (whole.cutout() == expected.cutout()).all()
    assert np.array_equal(whole.overlay(), expected.overlay())


def test_a_run_that_lost_its_weights_is_no_choice(open_page: Open, models: Path):
    run_folder = Run.open(models / "disks")
    run_folder.onnx_path.unlink()
    run_folder.checkpoint_path.unlink()
    app = open_page("segment")
    assert "no trained run" in texts(app)


def test_a_broken_network_file_is_a_sentence(open_page: Open, models: Path):
    Run.open(models / "disks").onnx_path.write_bytes(b"nothing")
    app = open_sample(open_page)
    assert len(app.error) == 1
    assert "cannot be read" in texts(app)
