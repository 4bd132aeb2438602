"""The configuration table: what differs and nothing else, whatever is more going down."""

from pathlib import Path

from seglab.report.configuration_section import configuration_section
from seglab.runs import Run
from tests.report.conftest import Page
from tests.run_folders import write_evaluated_run


def cells(runs: list[Run]) -> str:
    names = {run.folder: run.name for run in runs}
    text = Page(configuration_section(runs, names)).text
    return text.partition("Everything")[0].removeprefix("Configuration")


def test_a_single_run_against_the_defaults(tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "a", [0.5], loss={"name": "dice"})
    assert "loss.namebce_dicedice" in cells([run])
    assert "Keys that differ from the defaults." in cells([run])


def test_keys_or_runs_go_down(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / name, [0.5], loss={"name": loss}, trainer={"max_epochs": 3})
        for name, loss in (("a", "bce"), ("b", "dice"))
    ]
    assert cells(runs) == "Keys that differ.Runloss.nameabcebdice"
    deep = write_evaluated_run(
        tmp_path / "c",
        [0.5],
        loss={"name": "bce"},
        network={"depth": 2},
        trainer={"max_epochs": 3, "deterministic": True},
    )
    assert cells([runs[0], deep]) == (
        "Keys that differ.Keyacnetwork.depth12trainer.deterministicfalsetrue"
    )


def test_first_weights_are_among_what_differs(tmp_path: Path) -> None:
    runs = [write_evaluated_run(tmp_path / name, [0.5]) for name in "ab"]
    runs[1].write_config(runs[1].config | {"init_from": ["x", "y"]})
    assert cells(runs) == "Keys that differ.Run--init_fromanonebx y"


def test_equal_runs(tmp_path: Path) -> None:
    runs = [write_evaluated_run(tmp_path / name, [0.5]) for name in "ab"]
    assert cells(runs) == "No key differs between these runs."
