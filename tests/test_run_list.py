"""Finding runs: a broken folder is told with its reason and never takes the others down."""

import shutil
from pathlib import Path

import pytest

from seglab.errors import RunError
from seglab.run_list import default_run, find_run, list_runs
from seglab.runs import Run
from tests.test_runs import overwrite, run

__all__ = ["run"]


def test_the_list_goes_on_past_broken_runs(run: Run) -> None:
    models = run.folder.parent
    names = ("bad-experiment", "bad-json", "bad-names", "bad-network", "bad-rows", "good")
    for name in names:
        shutil.copytree(run.folder, models / name)
    (models / "bad-json" / "config.json").write_text("{")
    overwrite(Run(models / "bad-names"), data={"label_map": []})
    overwrite(Run(models / "bad-network"), network=3)
    overwrite(Run(models / "bad-experiment"), experiment={"data": {"image_size": 0}})
    (models / "bad-rows" / "metrics.csv").write_text("epoch\nx\n")
    (models / "empty").mkdir()
    (models / ".hidden").mkdir()
    (models / "DEFAULT").write_text("first\n")
    runs, broken = list_runs(models)
    assert [found.name for found in runs] == ["first", "good"]
    assert {found.folder.name for found in broken} == {*names, "empty"} - {"good"}
    assert all(found.reason for found in broken)


def test_no_models_folder_is_no_run(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "models") == ([], [])


def test_runs_are_found_by_folder_checkpoint_name_and_default(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = run.folder.parent
    run.checkpoint_path.write_bytes(b"")
    monkeypatch.chdir(models.parent)
    for named in (str(run.folder), str(run.checkpoint_path), "first"):
        assert find_run(named, models).folder.resolve() == run.folder
    (models / "DEFAULT").write_text("first\n")
    assert find_run(None, models).folder == default_run(models).folder == run.folder


def test_runs_that_are_not_found(run: Run) -> None:
    models = run.folder.parent
    with pytest.raises(RunError, match="names no default run; choose one with --model"):
        find_run(None, models)
    with pytest.raises(RunError, match="there is no such run folder"):
        find_run("second", models)
    (models.parent / "README.md").touch()
    with pytest.raises(RunError, match=r"README.md: is no file of a run; name a run's folder"):
        find_run(str(models.parent / "README.md"), models)
    (models / "DEFAULT").write_text("second")
    with pytest.raises(RunError, match="there is no such run folder"):
        find_run(None, models)
    (models / "DEFAULT").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match="names no default run"):
        find_run(None, models)
