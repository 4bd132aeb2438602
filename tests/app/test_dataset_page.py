"""Dataset: browsing, one sample, and what training saw."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from seglab.app import state
from seglab.data.preview import explained
from seglab.data.sources import open_dataset as open_for_training
from seglab.data.synthetic import write_dataset
from tests.app.conftest import Open, open_dataset, read_everything, rerun, texts, training_names
from tests.helpers import tiny_experiment, write_disks, write_official, write_png

pytestmark = pytest.mark.usefixtures("tags")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn pets where the page looks for them."""
    root = tmp_path_factory.mktemp("data")
    write_dataset(root / "drawn-pets-400-256px-seed0", 74, 32)
    return root


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
    assert app.subheader[0].value == name


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
        return write_dataset(root, 50, 32, seed)

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


def test_before_a_folder_is_named_it_is_asked_for(
    open_page: Open, no_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(state, "project", lambda: tmp_path)
    app = open_page("dataset")
    app.button_group(key="source").set_value("folder")
    rerun(app)
    assert not app.error
    assert "Name your folder above" in app.info[0].value


@pytest.mark.parametrize("look", ["overlay", "contour", "image", "mask"])
def test_every_look_of_the_grid(open_page: Open, no_models: Path, folder_dataset: Path, look: str):
    app = open_dataset(open_page, "folder", folder_dataset)
    app.button_group(key="look").set_value(look)
    rerun(app)
    assert len(app.image) == len(training_names(folder_dataset))


def test_the_filter_by_foreground_share_needs_the_files(
    open_page: Open, no_models: Path, tmp_path: Path
):
    for number, share in enumerate((0.1, 0.3, 0.5, 0.7)):
        mask = np.zeros((20, 20), np.uint8)
        mask[: int(20 * share)] = 255
        write_png(tmp_path / "train" / "images" / f"p{number}.png", np.dstack([mask // 2 + 9] * 3))
        write_png(tmp_path / "train" / "masks" / f"p{number}.png", mask)
    shutil.copytree(tmp_path / "train", tmp_path / "val")
    app = open_dataset(open_page, "folder", tmp_path)
    assert not app.slider or "share" not in [slider.key for slider in app.slider]
    read_everything(app)
    app.slider(key="share").set_value((30, 50))
    rerun(app)
    assert [app.button(key=f"open_{place}").label for place in (0, 1)] == ["p1", "p2"]
    assert len(app.image) == 2


def test_one_sample_tells_its_numbers(open_page: Open, no_models: Path, folder_dataset: Path):
    app = open_dataset(open_page, "folder", folder_dataset)
    app.button(key="open_0").click()
    rerun(app)
    shown = str(app.table[0].value)
    for part in ("48 × 40", "1, stored upright", "Foreground", "Training, number 1"):
        assert part in shown


def test_the_parameters_told_are_those_of_the_picture(
    open_page: Open, no_models: Path, folder_dataset: Path
):
    app = open_dataset(open_page, "folder", folder_dataset)
    app.button_group(key="show").set_value("What training saw")
    rerun(app)
    app.number_input(key="training_sample").set_value(3)
    app.number_input(key="epoch").set_value(5)
    rerun(app)
    table = next(frame.value for frame in app.dataframe if "Drawn" in frame.value)
    data = {"source": "folder", "root": str(folder_dataset), "image_size": 128}
    experiment = tiny_experiment(data=data)
    sample = open_for_training(experiment).read("train", 2)
    _, steps = explained(sample, experiment, 4, 2)
    assert list(dict.fromkeys(table["Step"])) == [step.name for step in steps]
    rotation = next(s.values["rotation, degrees"] for s in steps if "rotation, degrees" in s.values)
    shown = table.loc[table["What"] == "Rotation, degrees", "Drawn"].item()
    assert float(shown) == pytest.approx(float(rotation), rel=0.01)
    assert "seed 0, epoch 4 and index 2" in texts(app)


def test_distributions(open_page: Open, no_models: Path, tmp_path: Path):
    write_official(tmp_path / "pets", 4)
    app = open_dataset(open_page, "oxford_pet", tmp_path / "pets")
    app.button_group(key="show").set_value("Distributions")
    rerun(app)
    assert "Breeds by split" in [header.value for header in app.subheader]
    read_everything(app)
    assert [header.value for header in app.subheader] == [
        "Foreground share",
        "Image sizes",
        "Mean mask",
        "Breeds by split",
    ]
    assert "All 16 images are 48 × 40 pixels" in texts(app)
    assert len(app.image) == 5  # a mean mask of each split and each species
    samples = app.dataframe[0].value.set_index("Split")["Samples"]
    assert samples.to_dict() == {"Training": "7", "Validation": "1", "Test": "8"}


def test_a_broken_tags_file_is_a_sentence(
    open_page: Open, no_models: Path, drawn: Path, tags: Path
):
    tags.mkdir()
    (tags / "drawn-pets-400-256px-seed0.csv").write_text("name;tag\n")
    app = open_dataset(open_page, "synthetic", drawn)
    assert "does not begin with the line name,tag" in app.error[0].value
