"""Three classes, named and valued by a folder's map, on every page of the dashboard."""

from pathlib import Path

import numpy as np
import pytest

from seglab.console import Console
from seglab.measuring import data_for, measure
from seglab.networks.export import export_onnx
from seglab.runs import Run
from tests.app.conftest import Open, rerun, texts
from tests.helpers import leaves_experiment, write_run


@pytest.fixture
def leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A measured run with random weights of the classes soil, leaf and stem."""
    from seglab.inference import load

    models, experiment = tmp_path / "models", leaves_experiment(tmp_path / "leaves")
    run = write_run(models / "leaves", experiment)
    export_onnx(run, experiment)
    rows = [{"epoch": n, "train_loss": 1 / n, "val_loss": 1 / n} for n in (1, 2)]
    figures = {f"{part}_{name}": 0.5 for part in ("train", "val") for name in ("dataset_iou",)}
    run.write_rows([row | figures for row in rows])
    run.write_config(
        run.config | {"result": {"epochs": 2, "best_epoch": 1, "best": {}, "seconds": 1.0}}
    )
    found = measure(load(run), data_for(run, None), "test", "network", None, Console())
    run.write_evaluation(*found)
    monkeypatch.setenv("SEGLAB_MODELS", str(models))
    monkeypatch.setenv("SEGLAB_TAGS", str(tmp_path / "tags"))
    return Run.open(run.folder)


def test_figures_of_each_class_and_the_confusion_are_there(leaves: Run) -> None:
    content = leaves.evaluation("test")
    assert content is not None
    assert list(content["classes"]) == ["soil", "leaf", "stem"]
    each = [content["classes"][name]["dataset_iou"]["value"] for name in content["classes"]]
    assert content["dataset_iou"]["value"] == pytest.approx(np.mean(each))
    confusion = np.array(content["confusion"])
    assert confusion.shape == (3, 3)
    assert confusion.sum() < content["images"] * 16 * 16, "ignored pixels are not counted"


@pytest.mark.parametrize("page", ["runs", "curves", "dataset", "errors", "segment", "train"])
def test_every_page_opens(leaves: Run, open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.error, [error.value for error in app.error]


def test_a_photo_is_segmented_with_a_legend_and_no_threshold(leaves: Run, open_page: Open) -> None:
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    rerun(app)
    said = texts(app)
    for name in ("leaf", "stem"):
        assert name in said
    assert not [slider for slider in app.slider if slider.key == "threshold"]


def test_the_runs_page_shows_each_class_of_a_chosen_run(leaves: Run, open_page: Open) -> None:
    app = open_page("runs")
    app.multiselect(key="runs").set_value(["leaves"])
    rerun(app)
    content = leaves.evaluation("test")
    assert content is not None
    (figures,) = [one.value for one in app.dataframe if "F1 (Dice)" in one.value]
    stem = content["classes"]["stem"]["dataset_dice"]["value"]
    assert figures.loc["stem", "F1 (Dice)"] == f"{stem:.4f}"


def test_the_errors_page_shows_each_class_and_the_confusion(leaves: Run, open_page: Open) -> None:
    app = open_page("errors")
    content = leaves.evaluation("test")
    assert content is not None
    figures, confusion = (table.value for table in app.dataframe[:2])
    assert list(figures.index) == ["soil", "leaf", "stem", "Mean"]
    assert figures.loc["Mean", "IoU"] == f"{content['dataset_iou']['value']:.4f}"
    matrix = np.array(content["confusion"])
    share = matrix[1, 2] / matrix[1].sum()
    assert confusion.loc["leaf", "stem"] == f"{share:.1%}"
    assert confusion.loc["leaf", "Pixels"] == f"{matrix[1].sum():,}"
