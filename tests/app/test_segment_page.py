"""Segment: photos in, masks out."""

from pathlib import Path

import pytest

import seglab
from seglab.runs import Run
from tests.app.conftest import Open, metric, rerun, texts


def test_samples_are_photos_only(open_page: Open, models: Path):
    app = open_page("segment")
    assert app.button_group(key="sample").options == ["First disk", "Second disk"]


def test_a_sample_is_segmented_and_the_threshold_counts(
    open_page: Open, models: Path, samples: Path
):
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    rerun(app)
    content = (samples / "first-disk.png").read_bytes()
    predictor = seglab.load(str(models / "disks"))
    low, high = predictor.segment(content).probability_range
    assert metric(app, "Probability") == f"{low:.2f}–{high:.2f}"
    pictures = []
    for threshold in (0.0, round((low + high) / 2, 2)):
        app.slider(key="threshold").set_value(threshold)
        rerun(app)
        expected = predictor.segment(content, threshold)
        assert metric(app, "Foreground") == f"{expected.foreground_share:.1%}"
        pictures.append([url for image in app.image for url in image.value])
    assert pictures[0][0] == pictures[1][0], "the photo stays"
    assert pictures[0][1] != pictures[1][1], "the mask follows the threshold"
    app.slider(key="threshold").set_value(1.0)
    rerun(app)
    assert "Nothing found" in texts(app)
    assert "--model" in app.code[-1].value
    assert "--threshold 1" in app.code[-1].value


@pytest.mark.parametrize("result", ["mask", "contour", "cut-out", "probability"])
def test_every_kind_of_picture_is_shown(result: str, open_page: Open, models: Path):
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    app.button_group(key="result").set_value(result)
    rerun(app)
    assert len(app.image) == 2


def test_a_broken_upload_is_a_sentence(open_page: Open, models: Path):
    app = open_page("segment")
    app.file_uploader(key="uploads").set_value([("cat.jpg", b"no picture", "image/jpeg")])
    rerun(app)
    assert [error.value.replace("\\", "") for error in app.error] == [
        "cat.jpg is not an image, or of a format that is not supported; choose another file"
    ]


def test_several_uploads_one_of_them_broken(open_page: Open, models: Path, samples: Path):
    app = open_page("segment")
    good = (samples / "first-disk.png").read_bytes()
    app.file_uploader(key="uploads").set_value(
        [("good.png", good, "image/png"), ("bad.png", good[:60], "image/png")]
    )
    rerun(app)
    assert not app.error
    app.selectbox(key="photo").select_index(1)
    rerun(app)
    assert "bad.png cannot be" in texts(app)


def test_a_run_that_lost_its_weights_is_no_choice(open_page: Open, models: Path):
    run_folder = Run.open(models / "disks")
    run_folder.onnx_path.unlink()
    run_folder.checkpoint_path.unlink()
    app = open_page("segment")
    assert "no trained run" in texts(app)


def test_a_broken_network_file_is_a_sentence(open_page: Open, models: Path):
    Run.open(models / "disks").onnx_path.write_bytes(b"nothing")
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    rerun(app)
    assert len(app.error) == 1
    assert "cannot be read" in texts(app)
