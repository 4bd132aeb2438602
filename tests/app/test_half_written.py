"""Files of a run that were written by half, or cut off: a sentence, never a traceback."""

import shutil
from pathlib import Path

import pytest

from seglab.console import Console
from seglab.inference import load
from seglab.measuring import data_for, measure
from seglab.runs import Run
from tests.app.conftest import Open, rerun, texts

FILES = (
    "config.json",
    "metrics.csv",
    "threshold.json",
    "model.onnx",
    "evaluation-train.json",
    "evaluation-train.csv",
    "training-samples.csv",
    "train.log",
)


@pytest.fixture
def run(models: Path) -> Run:
    """The trained run, measured on its training photos and with a threshold of its own."""
    run = Run.open(models / "disks")
    run.write_threshold({"value": 0.4, "split": "val", "figure": "dataset_iou", "curve": []})
    run.write_evaluation(
        *measure(load(run), data_for(run, None), "train", "network", 0.4, Console())
    )
    return run


@pytest.mark.parametrize("page", ["runs", "curves", "errors", "segment"])
def test_no_page_breaks_over_half_a_file(page: str, open_page: Open, run: Run) -> None:
    for name in FILES:
        path = run.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        app = open_page(page)
        sidebar = [box for box in app.multiselect if box.key == "runs"]
        if sidebar:  # the only run there is may be broken now
            sidebar[0].set_value([run.name])
            rerun(app)
        if page == "segment":
            app.button_group(key="sample").set_value("first-disk.png")
            rerun(app)
        path.write_bytes(whole)


def test_lost_rows_of_an_evaluation_are_told(open_page: Open, run: Run) -> None:
    path = run.evaluation_path("train", suffix=".csv")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-3]))
    assert f"{len(lines) - 4} of {len(lines) - 1} images stand in its table" in texts(
        open_page("errors")
    )


def test_a_model_whose_threshold_is_lost_leaves_the_others_their_answer(
    open_page: Open, run: Run, models: Path
) -> None:
    shutil.copytree(run.folder, models / "other")
    run.threshold_path.write_text("{")
    app = open_page("segment")
    app.button_group(key="sample").set_value("first-disk.png")
    app.multiselect(key="models").set_value(["disks", "other"])
    rerun(app)
    assert "threshold.json: cannot be read" in texts(app)
    assert "**other**" in texts(app)
