"""Segment: photos that a visitor brings, one or many, and what is not taken."""

import io
import zipfile
from pathlib import Path

import pytest

import seglab
from seglab.app import photos
from tests.app.conftest import Open, rerun, texts, upload


def test_a_broken_upload_is_a_sentence(open_page: Open, models: Path):
    app = upload(open_page("segment"), ("cat.jpg", b"no picture"))
    assert [error.value.replace("\\", "") for error in app.error] == [
        "cat.jpg is not an image, or of a format that is not supported; choose another file"
    ]


def test_several_uploads_one_of_them_broken(open_page: Open, models: Path, samples: Path):
    good = (samples / "first-disk.png").read_bytes()
    app = upload(open_page("segment"), ("good.png", good), ("bad.png", good[:60]))
    assert not app.error
    app.selectbox(key="photo").select_index(1)
    rerun(app)
    assert "bad.png cannot be" in texts(app)


def test_all_photos_at_once_give_the_masks_of_predict(
    open_page: Open, models: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
):
    first, second = ((samples / f"{name}-disk.png").read_bytes() for name in ("first", "second"))
    app = upload(
        open_page("segment"), ("one.png", first), ("one.png", second), ("bad.png", first[:60])
    )
    app.button(key="segment_all").click()
    rerun(app)
    assert "3 of 3 done" in texts(app)
    shown = app.dataframe[0].value
    assert shown["Photo"].tolist() == ["one.png", "one.png", "bad.png"]
    assert "cannot be" in shown["Doctor"].tolist()[2]
    assert shown["Doctor"].tolist()[2].count("bad.png") == 1

    from seglab.app.many_photos import _zipped

    batch = app.session_state["batch"]
    archive = zipfile.ZipFile(io.BytesIO(_zipped(batch, ["disks"])))
    assert archive.namelist() == ["one_mask.png", "one-2_mask.png", "left-out.txt"]
    predictor = seglab.load(str(models / "disks"))
    assert archive.read("one_mask.png") == predictor.segment(first).mask_png()
    assert archive.read("one-2_mask.png") == predictor.segment(second).mask_png()


def test_one_photo_under_two_names_has_two_masks(open_page: Open, models: Path, samples: Path):
    content = (samples / "first-disk.png").read_bytes()
    app = upload(open_page("segment"), ("one.png", content), ("two.png", content))
    app.button(key="segment_all").click()
    rerun(app)
    assert app.dataframe[0].value["Photo"].tolist() == ["one.png", "two.png"]

    from seglab.app.many_photos import _zipped

    archive = zipfile.ZipFile(io.BytesIO(_zipped(app.session_state["batch"], ["disks"])))
    assert archive.namelist() == ["one_mask.png", "two_mask.png"]


def test_limits_on_bytes_number_and_sum():
    megabyte = 1_000_000
    taken, problems = photos.within_limits([("big.png", 21 * megabyte), ("good.png", megabyte)])
    assert taken == [1]
    assert "big.png holds 21 MB, more than the 20 MB" in problems[0]
    taken, problems = photos.within_limits([(f"{n}.png", 10) for n in range(205)])
    assert taken == list(range(200))
    assert problems == [
        "5 photos are left out: more than 200 are not taken at a time; predict.py takes a folder "
        "of any number"
    ]
    taken, problems = photos.within_limits([(f"{n}.png", 19 * megabyte) for n in range(17)])
    assert len(taken) == 15
    assert "together the photos hold more than 300 MB" in problems[0]


def test_too_many_pixels_is_a_sentence(
    open_page: Open, models: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(photos, "MOST_MEGAPIXELS", 0.001)
    app = upload(open_page("segment"), ("wide.png", (samples / "first-disk.png").read_bytes()))
    assert "megapixels, more than the limit of 0.001; make it smaller" in texts(app)
