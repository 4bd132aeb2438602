"""Figures, rows and thresholds that evaluation adds to a run folder come back, or are told."""

from pathlib import Path

import pytest

from seglab.errors import RunError
from seglab.runs import Run
from seglab.views import Views
from tests.helpers import tiny_experiment, write_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_run(tmp_path / "run", tiny_experiment())


def test_names_of_an_evaluation_may_hold_a_comma(run: Run) -> None:
    content = {"split": "test", "size": "network", "flip": False}
    run.write_evaluation(content, 'name,breed,iou\nplain,,0.5\n"a ""b"", c",,0.5\n')
    assert run.evaluated_names("test") == ["plain", 'a "b", c']


def test_evaluations_come_back(run: Run) -> None:
    content = {"split": "test", "size": "network", "flip": False, "dataset_iou": 0.5}
    run.write_evaluation(content, "name,breed,species,iou\nnan,,,0.5\n")
    opened = Run.open(run.folder)
    assert opened.evaluation("test") == content
    table = opened.evaluation_table("test")
    assert table is not None
    assert table.to_dict("records") == [{"name": "nan", "breed": "", "species": "", "iou": 0.5}]
    assert opened.evaluated_names("test") == ["nan"]
    assert opened.evaluated_names("val") is None
    assert opened.evaluation("val") is opened.evaluation_table("val") is None
    assert opened.evaluation("test", "original") is None
    assert opened.evaluation("test", views=Views(flip=True)) is None
    run.evaluation_path("test").write_text("{")
    with pytest.raises(RunError, match=r"evaluation-test\.json: cannot be read"):
        run.evaluation("test")


@pytest.mark.parametrize("rows", ["a,,,0.5\nb,,\n", "a,,,0.5\nb,,,wrong\n"])
def test_a_table_with_a_row_that_was_cut_is_refused(run: Run, rows: str) -> None:
    content = {"split": "test", "size": "network", "flip": False}
    run.write_evaluation(content, f"name,breed,species,iou\n{rows}")
    with pytest.raises(RunError, match="iou is not a number in every row"):
        run.evaluation_table("test")


def test_each_size_and_view_has_its_own_files(run: Run) -> None:
    paths = {
        run.evaluation_path(split, size, Views(flip, scales), suffix).name
        for split in ("val", "test")
        for size in ("network", "original")
        for flip in (False, True)
        for scales in ((1.0,), (1.0, 1.25), (0.75, 1.0, 1.25))
        for suffix in (".json", ".csv")
    }
    assert len(paths) == 48


def test_the_threshold_is_the_swept_one(run: Run) -> None:
    assert (run.threshold, run.threshold_curve()) == (0.5, None)
    run.write_threshold({"value": 0.37, "curve": []})
    assert run.threshold == 0.37


@pytest.mark.parametrize("content", ['{"value": "0.4"}', '{"value": 1.5}', "[]", "{", "{}"])
def test_a_broken_threshold_is_said(run: Run, content: str) -> None:
    run.threshold_path.write_text(content)
    with pytest.raises(RunError, match=r"threshold\.json"):
        _ = run.threshold
