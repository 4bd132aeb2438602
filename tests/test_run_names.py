"""Names of runs and experiments beside each other."""

from pathlib import Path

import pytest

from seglab.run_names import common_name, numbered, unique_names
from seglab.runs import Run


@pytest.mark.parametrize(
    ("names", "common"),
    [
        (["unet-seed-0", "unet-seed-1"], "unet"),
        (["unet-seed-1", "unet-seed-10"], "unet"),
        (["unet_s0", "unet_s1", "unet_s2"], "unet"),
        (["loss-0", "loss-1"], "loss"),
        (["unet-16", "unet-16-seed-1"], "unet-16"),
        (["dice/seed-0", "dice/seed-1"], "dice"),
        (["old", "new"], "old and 1 more"),
    ],
)
def test_an_experiment_is_called_by_what_its_runs_share(names: list[str], common: str) -> None:
    assert common_name(names) == common


def test_parents_are_named_only_where_needed(tmp_path: Path) -> None:
    apart = [Run(tmp_path / "a" / "x"), Run(tmp_path / "b" / "y")]
    assert list(unique_names(apart).values()) == ["x", "y"]
    alike = [Run(tmp_path / "a" / "x"), Run(tmp_path / "b" / "x")]
    assert list(unique_names(alike).values()) == ["a/x", "b/x"]


def test_names_that_were_there_before_are_numbered() -> None:
    assert numbered(["a", "b", "a", "a", "a (2)"]) == ["a", "b", "a (2)", "a (3)", "a (2) (2)"]
