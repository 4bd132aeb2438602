"""The runs that all pages see: read again when their files change, and only then."""

import shutil
from pathlib import Path

import pytest

from seglab.app import state
from seglab.runs import Run
from tests.run_folders import write_evaluated_run


@pytest.fixture
def two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with the runs ``one`` and ``two``."""
    for name in ("one", "two"):
        write_evaluated_run(tmp_path / name, [0.5])
    monkeypatch.setenv("SEGLAB_MODELS", str(tmp_path))
    return tmp_path


def test_only_a_run_that_changed_is_read_again(two_runs: Path):
    before, _ = state.runs()
    Run(two_runs / "two").write_rows([{"epoch": 1, "val_loss": 0.5}])
    after, _ = state.runs()
    assert after[0] is before[0]
    assert after[1] is not before[1]


def test_another_configuration_is_seen_at_once(two_runs: Path):
    (first, _), _ = state.runs()
    assert first.finished
    config = dict(first.config)
    del config["result"]
    Run(first.folder).write_config(config)
    assert not state.runs()[0][0].finished


def test_runs_come_go_and_break(two_runs: Path):
    assert [run.name for run in state.runs()[0]] == ["one", "two"]
    shutil.copytree(two_runs / "one", two_runs / "three")
    shutil.rmtree(two_runs / "one")
    (two_runs / "two" / "config.json").write_text("{oops")
    runs, broken = state.runs()
    assert [run.name for run in runs] == ["three"]
    assert [one.folder.name for one in broken] == ["two"]
