"""Runs: notes, names and the end of a run."""

import os
import shutil
import time
from pathlib import Path

import pytest

from seglab.runs import Run
from tests.app.conftest import Open, choose, rerun, texts


def test_notes_are_kept_in_the_run_folder(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice")
    app.text_area(key="notes_of_dice").set_value("# Blurry outlines\nmore epochs")
    app.button(key="save_notes").click()
    rerun(app)
    assert Run.open(board / "dice").notes_path.read_text() == "# Blurry outlines\nmore epochs\n"
    app.button_group(key="columns").set_value(["notes"])
    rerun(app)
    assert "Blurry outlines" in app.dataframe[0].value["Notes"].tolist()


def test_renaming_keeps_the_run_chosen(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice", "larger")
    app.selectbox(key="kept_run").set_value("dice")
    app.text_input(key="name_of_dice").set_value("dice-again")
    app.button(key="rename").click()
    rerun(app)
    assert "dice is now called dice-again" in app.success[0].value.replace("\\", "")
    assert app.multiselect(key="runs").value == ["dice-again", "larger"]
    assert (board / "dice-again" / "config.json").exists()
    assert not (board / "dice").exists()


@pytest.mark.parametrize("name", ["../dice", "a/b", "", ".hidden", "larger"])
def test_a_name_that_cannot_be_is_refused(name: str, open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice")
    app.text_input(key="name_of_dice").set_value(name)
    app.button(key="rename").click()
    rerun(app)
    assert len(app.error) == 1
    assert (board / "dice").is_dir()
    assert sorted(path.name for path in board.parent.iterdir()) == ["models", "samples"]


def test_a_run_is_deleted_after_one_question(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice")
    app.button(key="delete").click()
    rerun(app)
    app.button(key="keep").click()
    rerun(app)
    assert (board / "dice").is_dir()
    app.button(key="delete").click()
    rerun(app)
    app.button(key="delete_now").click()
    rerun(app)
    assert not (board / "dice").exists()
    assert "dice is deleted" in app.success[0].value
    assert app.multiselect(key="runs").value == []


def test_a_shipped_run_is_deleted_after_two_questions(open_page: Open, board: Path):
    (board / "DEFAULT").write_text("dice\n")
    app = choose(open_page("runs"), "dice")
    app.button(key="delete").click()
    rerun(app)
    assert not [button for button in app.button if button.key == "delete_now"]
    app.button(key="delete_once").click()
    rerun(app)
    assert "is a shipped run: DEFAULT names it" in texts(app)
    assert (board / "dice").is_dir()
    app.button(key="delete_now").click()
    rerun(app)
    assert not (board / "dice").exists()


def test_a_run_that_vanished_meanwhile_is_a_sentence(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice")
    app.button(key="delete").click()
    rerun(app)
    app.button(key="delete_now").click()
    shutil.rmtree(board / "dice")
    rerun(app)
    assert "there is no such run any longer" in texts(app)


def test_a_training_shows_beside_the_title(open_page: Open, board: Path):
    run = Run.open(board / "unfinished")
    os.utime(run.metrics_path, (time.time(), time.time()))
    run.write_rows([{"epoch": 1, "val_loss": 0.5, "val_dataset_iou": 0.8612}])
    for page in ("runs", "curves"):
        assert "training 1/9 · 0.861" in texts(open_page(page))
    app = choose(open_page("runs"), "unfinished")
    assert "in training: 1 of 9 epochs" in app.dataframe[2].value["Why"].tolist()
    app.button(key="delete").click()
    rerun(app)
    app.button(key="delete_now").click()
    rerun(app)
    assert "is being trained" in texts(app)
    assert run.folder.is_dir()
