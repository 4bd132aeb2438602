"""Dataset: what the doctor finds, and what a person tags."""

from pathlib import Path

import numpy as np
import pytest

from seglab.data.sources import open_dataset as open_for_training
from seglab.data.tags import read_tags, write_tag
from tests.app.conftest import Open, open_dataset, read_everything, rerun, texts, training_names
from tests.helpers import tiny_experiment, write_png

pytestmark = pytest.mark.usefixtures("tags")


def test_a_tag_is_kept_filtered_by_and_left_out(
    open_page: Open, no_models: Path, folder_dataset: Path, tags: Path
):
    first = training_names(folder_dataset)[0]
    app = open_dataset(open_page, "folder", folder_dataset)
    app.button(key="open_0").click()
    rerun(app)
    app.button_group(key=f"tags_of_{first}").set_value(["exclude"])
    rerun(app)
    (file,) = tags.iterdir()
    assert read_tags(file) == {first: ("exclude",)}
    assert f"--data.exclude {file}" in app.code[-1].value
    app.button_group(key="show").set_value("Browse")
    rerun(app)
    app.selectbox(key="tag").set_value("exclude")
    rerun(app)
    assert len(app.image) == 1
    training = tiny_experiment(
        data={"source": "folder", "root": str(folder_dataset), "exclude": str(file)}
    )
    assert first not in {record.name for record in open_for_training(training).records("train")}
    app.button(key="open_0").click()
    rerun(app)
    write_tag(file, first, "hard")  # another person, meanwhile
    rerun(app)
    assert app.button_group(key=f"tags_of_{first}").value == ["exclude", "hard"]


def test_the_doctor_reads_tells_and_leads_on(
    open_page: Open, no_models: Path, folder_dataset: Path, tags: Path
):
    names = training_names(folder_dataset)
    (folder_dataset / "images" / f"{names[1]}.png").write_bytes(b"broken")
    write_png(folder_dataset / "masks" / f"{names[2]}.png", np.full((40, 48), 9, np.uint8))
    write_png(folder_dataset / "masks" / "alone.png", np.zeros((40, 48), np.uint8))
    app = open_dataset(open_page, "folder", folder_dataset)
    assert "files without a partner: 1" in texts(app)
    app.button_group(key="show").set_value("Doctor")
    rerun(app)
    assert "0 of 12 pairs" in texts(app)
    read_everything(app)
    assert "Doctor: 3 errors" in texts(app)
    assert list(app.button_group(key="finding").options) == [
        "Missing files",
        "Unreadable files",
        "Wrong mask values",
    ]
    app.button_group(key="finding").set_value("mask values")
    rerun(app)
    assert "not in the label map: 9" in texts(app)
    assert len(app.image) == 1  # the mask, with the values that mean nothing in their colour
    app.button(key="leave_out").click()
    rerun(app)
    (file,) = tags.iterdir()
    assert read_tags(file) == {names[2]: ("exclude",)}
    app.button(key="large_0").click()
    rerun(app)
    assert app.session_state["show"] == "One sample"
    assert "not in the label map: 9" in app.error[0].value.replace("\\", "")


def test_a_mended_file_leaves_the_findings(open_page: Open, no_models: Path, folder_dataset: Path):
    sound = (folder_dataset / "images" / "disk-03.png").read_bytes()
    (folder_dataset / "images" / "disk-03.png").write_bytes(b"broken")
    app = open_dataset(open_page, "folder", folder_dataset)
    app.button_group(key="show").set_value("Doctor")
    rerun(app)
    read_everything(app)
    assert "Doctor: 1 error" in texts(app)
    (folder_dataset / "images" / "disk-03.png").write_bytes(sound)
    app.button(key="check_again").click()
    rerun(app)
    assert "Nothing is wrong with the 12 pairs" in app.success[0].value
