"""Each run has its own mark; seeds of one experiment share the colour."""

from pathlib import Path

from seglab.run_marks import marks
from tests.run_folders import write_evaluated_run


def test_seeds_share_a_colour_and_differ_in_the_symbol(tmp_path: Path) -> None:
    seeds = [write_evaluated_run(tmp_path / f"a-{seed}", [0.5], seed=seed) for seed in (0, 1)]
    other = write_evaluated_run(tmp_path / "b", [0.5], loss={"name": "dice"})
    found = marks([*seeds, other])
    first, second = (found[run.folder] for run in seeds)
    assert first.colour == second.colour
    assert first.symbol != second.symbol
    assert found[other.folder].colour != first.colour


def test_marks_of_many_runs_are_all_different(tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / str(n), [0.5], trainer={"max_epochs": n + 1})
        for n in range(20)
    ]
    found = marks(runs)
    assert len({(mark.colour, mark.symbol) for mark in found.values()}) == 20
    later = write_evaluated_run(tmp_path / "new", [0.5], trainer={"max_epochs": 50})
    later.write_config(later.config | {"environment": {"started": "2027-01-01"}})
    assert {
        folder: mark for folder, mark in marks([later, *runs]).items() if folder in found
    } == found
