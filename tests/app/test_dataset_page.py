"""Dataset: browsing, one sample, and what training saw."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from seglab.data.synthetic import write_dataset
from tests.app.conftest import Open, rerun, texts
from tests.helpers import write_disks, write_official


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Drawn pets where the page looks for them."""
    root = tmp_path / "data"
    write_dataset(root / "drawn-pets-400-256px-seed0", 140, 32)
    return root


def open_dataset(open_page: Open, source: str, root: Path) -> AppTest:
    app = open_page("dataset")
    app.button_group(key="source").set_value(source)
    app.text_input(key="root").set_value(str(root))
    return rerun(app)


def test_browse_filter_and_open_one(open_page: Open, no_models: Path, drawn: Path):
    app = open_dataset(open_page, "synthetic", drawn)
    assert len(app.image) == 24
    app.selectbox(key="species").set_value("cat")
    rerun(app)
    app.text_input(key="find").set_value("no such name")
    rerun(app)
    assert "No sample passes" in texts(app)
    app.text_input(key="find").set_value("")
    rerun(app)
    name = app.button(key="open_2").label
    app.button(key="open_2").click()
    rerun(app)
    assert app.subheader[0].value.replace("\\", "") == name


def test_paging_stays_within_the_pages(open_page: Open, no_models: Path, drawn: Path):
    app = open_dataset(open_page, "synthetic", drawn)
    app.pagination[0].set_value(2)
    rerun(app)
    app.selectbox(key="breed").select_index(0)
    rerun(app)
    assert app.session_state["page"] == 1


def test_what_training_saw_is_what_training_sees(open_page: Open, no_models: Path, drawn: Path):
    app = open_dataset(open_page, "synthetic", drawn)
    app.button_group(key="show").set_value("What training saw")
    rerun(app)
    first = [url for image in app.image for url in image.value]
    app.number_input(key="epoch").set_value(2)
    rerun(app)
    second = [url for image in app.image for url in image.value]
    assert first[0] == second[0]
    assert first[1] != second[1]
    app.number_input(key="epoch").set_value(1)
    rerun(app)
    assert [url for image in app.image for url in image.value] == first


def test_oxford_pets_that_are_absent_are_not_downloaded(
    open_page: Open, no_models: Path, tmp_path: Path
):
    app = open_dataset(open_page, "oxford_pet", tmp_path / "nothing")
    assert "python train.py" in texts(app)
    assert app.button(key="draw").label == "Draw the pets"
    assert not (tmp_path / "nothing").exists()


def test_the_button_draws_the_pets(
    open_page: Open, no_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from seglab.app import datasets

    def draw_few(root: Path, _count: int, _size: int, seed: int, progress: object) -> Path:
        del progress
        return write_dataset(root, 74, 32, seed)

    monkeypatch.setattr(datasets, "write_dataset", draw_few)
    app = open_dataset(open_page, "oxford_pet", tmp_path / "nothing")
    app.button(key="draw").click()
    rerun(app)
    assert len(app.image) == 24


def test_official_layout_with_the_border_apart(open_page: Open, no_models: Path, tmp_path: Path):
    write_official(tmp_path / "pets", 4)
    app = open_dataset(open_page, "oxford_pet", tmp_path / "pets")
    app.selectbox(key="target").set_value("trimap")
    rerun(app)
    app.button_group(key="show").set_value("One sample")
    rerun(app)
    assert not app.error


def test_a_folder_and_its_errors_are_sentences(open_page: Open, no_models: Path, tmp_path: Path):
    app = open_dataset(open_page, "folder", tmp_path / "nothing")
    assert "there is no such folder" in app.error[0].value
    disks = write_disks(tmp_path / "disks")
    app.text_input(key="root").set_value(str(disks))
    rerun(app)
    assert not app.error
    app.text_input(key="classes").set_value("background=0, disk=many")
    rerun(app)
    assert "whole numbers" in app.error[0].value
    app.text_input(key="classes").set_value("background=0, disk=7")
    rerun(app)
    app.button_group(key="show").set_value("One sample")
    rerun(app)
    assert "mask values 255 are not in the label map" in texts(app)
