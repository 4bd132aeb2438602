"""Running a suite on hand-made run folders: which scripts are called, and what failures do."""

import shutil
from pathlib import Path

import pytest

from seglab.console import Console
from seglab.locks import exclusive
from seglab.runs import Run
from seglab.suite_runner import run_suite
from seglab.suites import Suite, standing
from tests.helpers import PROJECT
from tests.suite_runs import Scripts, begin, end, make_done, planned_suite, write_experiments


@pytest.fixture
def losses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_experiments(tmp_path / "losses")


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Scripts:
    return Scripts(monkeypatch)


def run(suite: Suite) -> dict[str, str]:
    return run_suite(suite, PROJECT, Console())


def states(suite: Suite) -> list[str]:
    return [standing(planned).state for planned in suite.runs]


def evaluations(folder: str, ending: str = "") -> list[str]:
    return [f"evaluate.py {folder} --split {split}{ending}" for split in ("val", "test")]


def test_what_is_missing_is_trained_and_evaluated(losses: Path, scripts: Scripts) -> None:
    suite = planned_suite(losses, [1], "--network.depth", "2")
    assert run(suite) == {}
    flags = "--network.depth 2 --trainer.seed 1 --run_dir"
    bce, dice = "runs/losses/bce-seed-1", "runs/losses/dice-seed-1"
    assert scripts.calls == [
        f"train.py --config {losses}/bce.yaml {flags} {bce}",
        *evaluations(bce),
        f"train.py --config {losses}/dice.yaml {flags} {dice}",
        *evaluations(dice),
    ]
    assert states(suite) == ["done", "done"]
    assert sorted(path.name for path in suite.folder.iterdir()) == ["bce-seed-1", "dice-seed-1"]


def test_what_is_done_is_left_alone_even_without_weights(
    losses: Path, scripts: Scripts, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = planned_suite(losses)
    for planned in suite.runs:
        make_done(planned)
    assert run(suite) == {}
    assert scripts.calls == []
    assert capsys.readouterr().out.splitlines() == [
        "[1/2] bce-seed-0: done before",
        "[2/2] dice-seed-0: done before",
    ]


def test_what_was_interrupted_goes_on_and_what_was_trained_is_evaluated(
    losses: Path, scripts: Scripts
) -> None:
    suite = planned_suite(losses)
    first, second = (begin(planned.folder, planned.experiment) for planned in suite.runs)
    end(second)
    assert run(suite) == {}
    assert scripts.calls == [
        f"train.py --resume {first.folder}",
        *evaluations(str(first.folder)),
        *evaluations(str(second.folder)),
    ]
    assert states(suite) == ["done", "done"]


def test_a_run_trained_elsewhere_is_evaluated_on_the_data_here(
    losses: Path, scripts: Scripts
) -> None:
    planned = planned_suite(losses).runs[1]
    make_done(planned_suite(losses).runs[0])
    end(begin(planned.folder, planned.experiment))
    assert run(planned_suite(losses, [0], "--data.root", "my pets")) == {}
    assert scripts.calls == evaluations(str(planned.folder), " --data.root my pets")


@pytest.mark.parametrize(
    ("failing", "code", "reason", "left"),
    [
        ("bce.yaml", 1, "train.py ended with exit code 1", "missing"),
        ("bce.yaml", -9, "train.py was ended by signal 9", "missing"),
        ("bce-seed-0 --split val", 1, "evaluate.py ended with exit code 1", "trained"),
    ],
)
def test_a_failure_does_not_end_the_suite(
    losses: Path,
    scripts: Scripts,
    capsys: pytest.CaptureFixture[str],
    failing: str,
    code: int,
    reason: str,
    left: str,
) -> None:
    suite = planned_suite(losses)
    scripts.failing[failing] = code
    failures = run(suite)
    assert list(failures) == ["bce-seed-0"]
    assert failures["bce-seed-0"].startswith(reason)
    assert f"[1/2] bce-seed-0: failed: {reason}" in capsys.readouterr().out
    # Without its threshold from validation nothing is measured on test.
    assert "bce-seed-0 --split test" not in " ".join(scripts.calls)
    assert states(suite) == [left, "done"]
    scripts.failing.clear()
    assert run(suite) == {}
    assert states(suite) == ["done", "done"]


def test_where_the_data_is_not_no_script_is_called(losses: Path, scripts: Scripts) -> None:
    own = ["--data.source", "folder", "--data.root"]
    failures = run(planned_suite(losses, [0], *own, "nowhere"))
    assert failures["bce-seed-0"] == failures["dice-seed-0"]
    assert "nowhere: there is no such folder; name it with --data.root" in failures.values()
    assert scripts.calls == []
    (losses / "data").mkdir()
    assert run(planned_suite(losses, [0], *own, str(losses / "data"))) == {}


def test_what_a_person_must_look_at_is_not_touched(losses: Path, scripts: Scripts) -> None:
    suite = planned_suite(losses, [0, 1, 2])
    other = planned_suite(losses, [0], "--network.depth", "2").runs[0]
    make_done(other)
    begin(suite.runs[1].folder, suite.runs[1].experiment).config_path.write_text("{")
    end(begin(suite.runs[2].folder, suite.runs[2].experiment), weights=False)
    before = {path: path.read_bytes() for path in suite.folder.rglob("*") if path.is_file()}
    failures = run(suite)
    assert list(failures) == ["bce-seed-0", "dice-seed-0", "bce-seed-1"]
    assert "network.depth is 2 there, 1 here" in failures["bce-seed-0"]
    assert "is not JSON" in failures["dice-seed-0"]
    assert "its weights are not here" in failures["bce-seed-1"]
    assert {path: path.read_bytes() for path in before} == before
    assert states(suite)[3:] == ["done", "done", "done"]


def test_scripts_that_end_well_and_do_nothing_have_failed(losses: Path, scripts: Scripts) -> None:
    suite = planned_suite(losses)
    scripts.failing["bce-seed-0 --split test"] = 0
    assert run(suite) == {
        "bce-seed-0": "its scripts ended well, yet it is trained (not evaluated on test)"
    }


def test_a_run_of_another_process_is_left_to_it(
    losses: Path, scripts: Scripts, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = planned_suite(losses)
    begin(suite.runs[0].folder, suite.runs[0].experiment)
    with exclusive(suite.folder / ".bce-seed-0.partial.lock"):
        assert run(suite) == {}
        assert "[1/2] bce-seed-0: is being trained by another process" in capsys.readouterr().out
    assert states(suite) == ["interrupted", "done"]
    assert not any("bce-seed-0" in call for call in scripts.calls)


def test_what_another_process_has_just_ended_is_not_done_again(
    losses: Path, scripts: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = planned_suite(losses)
    done = make_done(suite.runs[0]).folder
    kept = shutil.move(done, losses / "kept")

    def ended_meanwhile(path: Path) -> object:
        if not done.exists():
            shutil.move(kept, done)
        return exclusive(path)

    monkeypatch.setattr("seglab.suite_runner.exclusive", ended_meanwhile)
    assert run(suite) == {}
    assert not any("bce-seed-0" in call for call in scripts.calls)
    assert Run.open(done).finished
