"""Notes, other names, deletion: nothing outside the run's own folder is ever touched."""

import subprocess
from pathlib import Path

import pytest

from seglab.errors import RunError, SeglabError
from seglab.run_keeping import delete, notes, rename, shipped_because, write_notes
from seglab.runs import Run
from tests.run_folders import write_evaluated_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run in a folder of runs."""
    return write_evaluated_run(tmp_path / "models" / "dice", [0.5])


def test_notes_are_read_back_and_empty_ones_leave_no_file(run: Run):
    assert notes(run) == ""
    write_notes(run, "\n blurry ★\n\n")
    assert notes(run) == "blurry ★\n"
    write_notes(run, "  \n")
    assert notes(run) == ""
    assert not run.notes_path.exists()


def test_a_renamed_run_is_the_same_run(run: Run):
    config = run.config
    renamed = rename(run, " unet+dice-1.0 ")
    assert renamed.folder == run.folder.with_name("unet+dice-1.0")
    assert renamed.config == config
    assert not run.folder.exists()


@pytest.mark.parametrize(
    "name", ["", " ", "..", ".x", "_x", "-x", "a/b", "../b", "a\\b", "a\0b", "a\nb", "x" * 101]
)
def test_what_is_no_name_is_refused(run: Run, name: str):
    with pytest.raises(SeglabError, match="is no name for a run"):
        rename(run, name)
    assert run.folder.is_dir()


def test_an_existing_folder_is_never_replaced(run: Run):
    run.folder.with_name("empty").mkdir()
    with pytest.raises(SeglabError, match="already"):
        rename(run, "empty")


def test_the_default_run_keeps_its_name(run: Run):
    (run.folder.parent / "DEFAULT").write_text("dice\n")
    assert "DEFAULT" in shipped_because(run)
    with pytest.raises(RunError, match="DEFAULT names it"):
        rename(run, "other")


def test_a_run_kept_in_git_is_shipped(run: Run):
    assert shipped_because(run) == ""
    subprocess.run(["git", "init", "-q"], cwd=run.folder.parent, check=True)
    assert shipped_because(run) == ""
    subprocess.run(["git", "add", "dice/config.json"], cwd=run.folder.parent, check=True)
    assert "git" in shipped_because(run)


def test_a_deleted_run_leaves_nothing(run: Run):
    delete(run)
    assert list(run.folder.parent.iterdir()) == []


def test_of_a_link_only_the_link_is_deleted(run: Run):
    link = run.folder.with_name("link")
    link.symlink_to(run.folder, target_is_directory=True)
    delete(Run.open(link))
    assert not link.exists()
    assert run.config_path.exists()


def test_a_run_in_training_is_left_alone(run: Run):
    run.write_config({key: value for key, value in run.config.items() if key != "result"})
    for change in (delete, lambda one: rename(one, "other")):
        with pytest.raises(RunError, match="is being trained"):
            change(run)
    assert run.config_path.exists()
