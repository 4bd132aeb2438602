"""Training curves: what is drawn of which runs, and what can be taken away."""

import json
import shutil
from pathlib import Path

import pandas
import pytest
from streamlit.testing.v1 import AppTest

from seglab.runs import Run
from tests.app.conftest import Open, rerun, texts


@pytest.fixture
def seeds(models: Path) -> Path:
    """The run ``disks`` once more with another seed, and a third time with another loss."""
    for name, section, key, value in (
        ("disks-seed-1", "trainer", "seed", 1),
        ("dice", "loss", "name", "dice"),
    ):
        shutil.copytree(models / "disks", models / name)
        run = Run.open(models / name)
        config = json.loads(json.dumps(run.config))
        config["experiment"][section][key] = value
        run.write_config(config)
    other = Run.open(models / "disks-seed-1")
    other.write_rows([row | {"val_dataset_iou": 0.25} for row in other.rows()])
    return models


def figure(app: AppTest) -> dict[str, list[dict[str, object]]]:
    """The large plot as plotly has it."""
    spec = app.get("plotly_chart")[0].proto.spec
    found: dict[str, list[dict[str, object]]] = json.loads(spec)
    return found


def lines(app: AppTest) -> list[dict[str, object]]:
    """Its traces that stand in the legend."""
    return [trace for trace in figure(app)["data"] if trace.get("showlegend")]


def test_curves_of_a_run_and_its_best_epoch(open_page: Open, models: Path):
    app = open_page("curves")
    table = app.dataframe[0].value
    rows = Run.open(models / "disks").metrics()
    best = rows.loc[rows["val_dataset_iou"].idxmax()]
    assert table["Run"].tolist() == ["disks"]
    assert table["Best epoch"].tolist() == [best["epoch"]]
    assert table["Dataset IoU"].tolist() == pytest.approx([best["val_dataset_iou"]])
    app.selectbox(key="metric").set_value("loss")
    rerun(app)
    assert figure(app)["layout"]["yaxis"]["title"]["text"] == "Loss"


def test_nothing_chosen_shows_the_newest_and_says_so(open_page: Open, seeds: Path):
    app = open_page("curves")
    assert "No run is chosen in the sidebar: the 3 newest runs are drawn" in texts(app)
    app.multiselect(key="runs").set_value(["dice"])
    rerun(app)
    assert "No run is chosen" not in texts(app)
    assert [trace["name"] for trace in lines(app)] == ["dice"]


def test_a_run_that_went_on_from_others_says_so(open_page: Open, models: Path):
    assert "began with" not in texts(open_page("curves"))
    run = Run.open(models / "disks")
    run.write_config(run.config | {"init_from": ["first", "second"]})
    told = "disks began with the mean of the weights of first and second"
    assert told in texts(open_page("curves"))


def test_seeds_are_one_line_in_a_band_until_taken_apart(open_page: Open, seeds: Path):
    app = open_page("curves")
    app.multiselect(key="runs").set_value(["disks", "disks-seed-1", "dice"])
    rerun(app)
    assert {trace["name"] for trace in lines(app)} == {"disks, 2 seeds", "dice"}
    assert "band: lowest to highest seed" in texts(app)
    app.toggle(key="together").set_value(False)
    rerun(app)
    assert {trace["name"] for trace in lines(app)} == {"disks", "disks-seed-1", "dice"}
    assert "band" not in texts(app)


def test_runs_with_other_first_weights_are_no_seeds_of_one_experiment(open_page: Open, seeds: Path):
    tuned = Run.open(seeds / "disks-seed-1")
    tuned.write_config(tuned.config | {"init_from": "disks"})
    assert len(lines(open_page("curves"))) == 3


def test_smoothing_leaves_what_was_measured_behind(open_page: Open, models: Path):
    app = open_page("curves")
    measured = len(figure(app)["data"])
    app.slider(key="smoothing").set_value(0.5)
    rerun(app)
    assert len(figure(app)["data"]) == measured + 2  # training and validation
    assert "faint: as measured" in texts(app)


def test_over_time(open_page: Open, models: Path):
    app = open_page("curves")
    app.button_group(key="over").set_value("time")
    rerun(app)
    assert figure(app)["layout"]["xaxis"]["title"]["text"] == "Minutes of training"


def test_a_run_without_an_epoch_waits(open_page: Open, models: Path):
    Run.create(models / "fresh", Run.open(models / "disks").config)
    app = open_page("curves")
    assert "No epoch finished yet: fresh" in texts(app)
    assert app.dataframe[0].value["Run"].tolist() == ["disks"]


def test_a_run_that_is_deleted_while_the_page_is_open(open_page: Open, seeds: Path):
    app = open_page("curves")
    app.multiselect(key="runs").set_value(["disks", "dice"])
    rerun(app)
    shutil.rmtree(seeds / "dice")
    rerun(app)
    assert [trace["name"] for trace in lines(app)] == ["disks"]
    assert not app.error


def test_a_damaged_table_of_epochs_is_a_sentence(open_page: Open, seeds: Path):
    (seeds / "dice" / "metrics.csv").write_text("epoch,val_loss\n1,much\n")
    app = open_page("curves")
    assert "dice: metrics.csv: cannot be read" in texts(app)
    assert "dice" not in app.multiselect(key="runs").options


def test_rows_and_plot_can_be_taken_away(open_page: Open, models: Path):
    app = open_page("curves")
    assert [button.label for button in app.get("download_button")] == [
        "Plot (PNG)",
        "Rows of these runs (CSV)",
    ]


def test_a_table_of_epochs_is_read_once_until_it_changes(
    open_page: Open, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    metrics = Run.metrics

    def counted(run: Run) -> pandas.DataFrame:
        read.append(run.name)
        return metrics(run)

    monkeypatch.setattr(Run, "metrics", counted)
    app = rerun(open_page("curves"))
    assert read
    assert len(read) == len(set(read))
    run = Run.open(seeds / read[0])
    run.write_rows([*run.rows(), run.rows()[-1] | {"epoch": 99}])
    rerun(app)
    assert read.count(run.name) == 2
