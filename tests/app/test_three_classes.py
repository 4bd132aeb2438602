"""Three classes, named and valued by a folder's map, on every page of the dashboard."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from seglab.console import Console
from seglab.measuring import data_for, measure
from seglab.networks.export import export_onnx
from seglab.runs import Run
from tests.app.conftest import Open, rerun, texts
from tests.helpers import leaves_experiment, write_run

CLASSES = ("soil", "leaf", "stem")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: a measured run with random weights of the classes soil, leaf, stem."""
    from seglab.inference import load

    root = tmp_path_factory.mktemp("leaves")
    models, experiment = root / "models", leaves_experiment(root / "leaves")
    run = write_run(models / "leaves", experiment)
    export_onnx(run, experiment)
    rows = [{"epoch": n, "train_loss": 1 / n, "val_loss": 1 / n} for n in (1, 2)]
    figures = {f"{part}_{name}": 0.5 for part in ("train", "val") for name in ("dataset_iou",)}
    figures |= {f"{part}_iou_{name}": 0.4 for part in ("train", "val") for name in CLASSES}
    run.write_rows([row | figures for row in rows])
    run.write_config(
        run.config | {"result": {"epochs": 2, "best_epoch": 1, "best": {}, "seconds": 1.0}}
    )
    found = measure(load(run), data_for(run, None), "test", "network", None, Console())
    run.write_evaluation(*found)
    return models


@pytest.fixture
def leaves(measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """That run in a folder of models that the test may change."""
    models = tmp_path / "models"
    shutil.copytree(measured, models)
    monkeypatch.setenv("SEGLAB_MODELS", str(models))
    monkeypatch.setenv("SEGLAB_TAGS", str(tmp_path / "tags"))
    return Run.open(models / "leaves")


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
    assert figures.loc["stem", "F1 (Dice)"] == f"{stem:.3f}"


def test_a_class_s_curve_can_be_chosen(leaves: Run, open_page: Open) -> None:
    app = open_page("curves")
    assert [one for one in app.selectbox(key="metric").options if one.startswith("IoU of")] == [
        "IoU of soil",
        "IoU of leaf",
        "IoU of stem",
    ]
    app.selectbox(key="metric").set_value("iou_leaf")
    rerun(app)
    large, small = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    assert large["layout"]["yaxis"]["title"]["text"] == "IoU of leaf"
    assert large["data"][0]["y"] == [0.4, 0.4]
    titles = [one["text"] for one in small["layout"]["annotations"]]
    assert titles[-2:] == ["IoU of soil", "IoU of stem"]
    assert app.dataframe[0].value["IoU of stem"].tolist() == [0.4]


def test_runs_with_and_without_classes_stand_beside_each_other(
    leaves: Run, open_page: Open
) -> None:
    earlier = leaves.folder.with_name("earlier")
    shutil.copytree(leaves.folder, earlier)
    kept = [{name: row[name] for name in row if "_iou_" not in name} for row in Run(earlier).rows()]
    Run(earlier).write_rows(kept)
    app = open_page("curves")
    app.selectbox(key="metric").set_value("iou_leaf")
    rerun(app)
    large = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert {trace["legendgroup"] for trace in large["data"]} == {"leaves"}
    table = app.dataframe[0].value.set_index("Run")
    assert table.loc["leaves", "IoU of leaf"] == 0.4
    assert np.isnan(table.loc["earlier", "IoU of leaf"])


def test_of_many_classes_some_have_a_small_plot(leaves: Run, open_page: Open) -> None:
    more = {f"val_iou_{number}": 0.1 for number in range(9)}
    leaves.write_rows([row | more for row in leaves.rows()])
    app = open_page("curves")
    assert "6 more classes have a curve each" in texts(app)
    assert len(app.selectbox(key="metric").options) > 12


def test_the_errors_page_shows_each_class_and_the_confusion(leaves: Run, open_page: Open) -> None:
    app = open_page("errors")
    content = leaves.evaluation("test")
    assert content is not None
    figures, confusion = (table.value for table in app.dataframe[:2])
    assert list(figures.index) == ["soil", "leaf", "stem", "Mean"]
    assert figures.loc["Mean", "IoU"] == f"{content['dataset_iou']['value']:.3f}"
    matrix = np.array(content["confusion"])
    share = matrix[1, 2] / matrix[1].sum()
    assert confusion.loc["leaf", "stem"] == f"{share:.1%}"
    assert confusion.loc["leaf", "Pixels"] == f"{matrix[1].sum():,}".replace(",", "\u202f")
