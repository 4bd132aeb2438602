"""Suites: which runs they ask for, and how far each has come by what its folder holds."""

from pathlib import Path

import pytest

from seglab.errors import UsageError
from seglab.suites import nearby, plan
from tests.suite_runs import planned_suite, write_experiments


@pytest.fixture
def losses(tmp_path: Path) -> Path:
    return write_experiments(tmp_path / "losses")


def test_a_folder_is_run_seed_after_seed(losses: Path) -> None:
    (losses / "notes.txt").write_text("no experiment")
    (losses / ".dice.yaml").write_text("what an editor leaves")
    suite = planned_suite(losses, [2, 0, 2], "--network.depth", "2")
    names = ["bce-seed-2", "dice-seed-2", "bce-seed-0", "dice-seed-0"]
    assert [run.name for run in suite.runs] == names
    assert suite.folder == losses.parent / "runs" / "losses"
    assert {run.folder.parent for run in suite.runs} == {suite.folder}
    assert [run.experiment.trainer.seed for run in suite.runs] == [2, 2, 0, 0]
    assert [run.experiment.loss.name for run in suite.runs] == ["bce", "dice", "bce", "dice"]
    assert {run.experiment.network.depth for run in suite.runs} == {2}


def test_the_seeds_named_win_over_the_files(tmp_path: Path) -> None:
    named = write_experiments(tmp_path / "seeded", trainer={"seed": 7})
    assert [run.experiment.trainer.seed for run in planned_suite(named).runs] == [0, 0]


def test_defaults_stand_below_the_files(losses: Path, tmp_path: Path) -> None:
    defaults = tmp_path / "config.yaml"
    defaults.write_text("network: {depth: 3, up: nearest}\n")
    suite = plan([losses], [0], [], defaults, tmp_path)
    assert {(run.experiment.network.depth, run.experiment.network.up) for run in suite.runs} == {
        (1, "nearest")
    }


def test_files_are_a_suite_named_after_their_folder(
    losses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(losses)
    files = [Path("dice.yaml"), losses / "bce.yaml", Path("dice.yaml")]
    suite = plan(files, [0], [], Path("none"), losses.parent / "runs")
    assert suite.folder == losses.parent / "runs" / "losses"
    assert [run.name for run in suite.runs] == ["dice-seed-0", "bce-seed-0"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["losses", "losses/bce.yaml"], "losses: is a folder; name one folder alone, or files"),
        (["nowhere"], "nowhere: there is no such file or folder"),
        (["empty"], r"empty: holds no experiment files \(\*\.yaml\)"),
        (["losses/bce.yaml", "other/bce.yaml"], "other/bce.yaml: lies in another folder"),
        (["losses/bce.yaml", "losses/bce.yml"], "bce.yml: its runs would be called like those of"),
        (["wrong"], r"^wrong/bad\.yaml: loss\.nmae: no such key, did you mean loss\.name\?$"),
        (["text"], r"text/bad\.yaml: .*holds no sections"),
    ],
)
def test_what_is_no_suite_is_refused(
    losses: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], told: str
) -> None:
    monkeypatch.chdir(losses.parent)
    for folder, content in (("empty", None), ("wrong", "loss: {nmae: bce}"), ("text", "bce")):
        Path(folder).mkdir()
        if content:
            (Path(folder) / "bad.yaml").write_text(content)
    write_experiments(Path("other"))
    (losses / "bce.yml").write_text("{}")
    with pytest.raises(UsageError, match=told):
        plan([Path(file) for file in files], [0], [], Path("none"), Path("runs"))


@pytest.mark.parametrize(
    ("seeds", "overrides", "told"),
    [
        ([0, -1], [], r"bce\.yaml: trainer\.seed: -1 is not allowed"),
        ([0], ["--data.image_size", "4"], r"bce\.yaml: data\.image_size: 4 is not allowed"),
        ([0], ["--network.output", "softmax"], r"bce\.yaml: loss\.name: bce is for one sigmoid"),
    ],
)
def test_every_experiment_is_validated_with_its_seed_and_overrides(
    losses: Path, seeds: list[int], overrides: list[str], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        planned_suite(losses, seeds, *overrides)


def test_a_folder_in_the_working_folder_is_named_from_there(
    losses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(losses.parent)
    assert planned_suite(losses).runs[0].folder == Path("runs/losses/bce-seed-0")
    assert nearby(Path("/elsewhere/a")) == Path("/elsewhere/a")
    assert nearby(Path("../a")) == Path("../a")
