"""Runs: the table of all runs, the chosen ones, and what is made of them."""

import json
import statistics
from pathlib import Path

import numpy as np
import pyarrow.ipc
import pytest

from seglab.runs import Run
from tests.app.conftest import DICE, IOUS, PAGES, Open, choose, names, rerun, texts
from tests.run_folders import write_evaluated_run, write_evaluation


def test_seeds_stand_in_one_row_with_mean_and_deviation(open_page: Open, board: Path):
    app = open_page("runs")
    assert names(app) == ["unet (2 seeds)", "dice"]
    line = app.dataframe[0].value.iloc[0]
    pooled = [float(np.mean(ious)) + 0.01 for ious in IOUS.values()]
    deviation = statistics.stdev(pooled)
    assert line["Dataset IoU"] == f"{statistics.mean(pooled):.3f} ± {deviation:.3f}"
    assert line["Parameters"] == 1_942_577
    assert line["Training"] == pytest.approx(61 / 60)
    assert line["Loss"].tolist() == [0.25, 0.3]
    shown = json.loads(app.dataframe[0].proto.columns)
    assert shown["Loss"]["type_config"]["y_min"] == 0  # the least change would fill it otherwise
    dice = app.dataframe[0].value.iloc[1]
    assert dice["Dataset IoU"] == "0.310 [0.290, 0.330]"
    assert dice["Mean image IoU"] == pytest.approx(0.3)
    app.toggle(key="grouped").set_value(False)
    rerun(app)
    assert names(app) == ["unet-seed-0", "unet-seed-1", "dice"]


def test_parameters_show_three_digits_so_that_the_fewest_tell_apart(open_page: Open, board: Path):
    shown = open_page("runs").dataframe[0].proto.arrow_data.styler.display_values
    assert pyarrow.ipc.open_stream(shown).read_all().to_pandas()["Parameters"][0] == "1.94 M"


def test_runs_that_cannot_be_compared_stand_apart_with_the_reason(open_page: Open, board: Path):
    app = open_page("runs")
    assert names(app, 1) == ["larger"]
    assert "Not comparable with the above: measured at 32 pixels, not 16 pixels" in texts(
        app
    ).replace("*", "")
    apart = app.dataframe[2].value
    assert apart["Run"].tolist() == ["unfinished"]
    assert "training is not finished" in apart["Why"][0]
    assert "broken: config.json: is not JSON (line 1)" in texts(app)


def test_a_reason_begins_with_what_is_wrong(open_page: Open, board: Path):
    """The row says which run, and a cell is short."""
    Run.open(board / "dice").evaluation_path("test").write_text("{")
    apart = open_page("runs").dataframe[2].value
    (why,) = apart["Why"][apart["Run"] == "dice"]
    assert why.startswith("evaluation-test.json: cannot be read")


def test_counts_in_reasons_have_thin_spaces(open_page: Open, board: Path):
    write_evaluated_run(board / "many", np.linspace(0.1, 0.9, 1234), data={"image_size": 32})
    assert "other images (1\u202f234, not 3; 3 common)" in texts(open_page("runs"))


def test_filters_sorting_and_columns(open_page: Open, board: Path):
    app = open_page("runs")
    app.text_input(key="called").set_value("DICE")
    rerun(app)
    assert names(app) == ["dice"]
    app.text_input(key="called").set_value("")
    app.selectbox(key="sort").set_value("name")
    app.selectbox(key="state").set_value("finished")
    app.button_group(key="columns").set_value(["dataset_iou", "seeds"])
    rerun(app)
    assert names(app) == ["dice", "unet (2 seeds)"]
    assert app.dataframe[0].value.columns.tolist() == ["Mark", "Run", "Dataset IoU", "Seeds"]
    assert app.dataframe[0].value["Seeds"].tolist() == ["0", "0, 1"]
    assert len(app.dataframe) == 2
    app.text_input(key="called").set_value("no such run")
    rerun(app)
    assert "No run passes these filters" in texts(app)


def test_the_chosen_runs_are_compared_photo_by_photo(open_page: Open, board: Path):
    app = choose(open_page("runs"), "unet-seed-0", "dice")
    differences = np.array(IOUS[0]) - np.array(DICE)
    assert f"unet-seed-0 against dice: +{differences.mean():.3f} [" in texts(app).replace("*", "")
    assert "better on 3, worse on 0, equal on 0" in texts(app)
    keys = app.dataframe[-1].value
    assert keys.to_dict("list") == {
        "Key": ["loss.name"],
        "unet-seed-0": ["bce_dice"],
        "dice": ["dice"],
    }
    assert "python compare.py" in app.code[-1].value
    assert "unet-seed-0" in app.code[-1].value


def test_of_too_many_runs_no_pairs_are_drawn(
    open_page: Open, board: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("seglab.app.chosen_view.MOST_PAIRED", 1)
    app = choose(open_page("runs"), "unet-seed-0", "dice")
    assert "Choose at most 1 runs to see each pair" in texts(app)
    assert " against " not in texts(app)


def test_a_chosen_experiment_is_the_mean_of_its_seeds(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice", "unet-seed-0", "unet-seed-1")
    difference = np.mean([*IOUS.values()]) - np.mean(DICE)
    assert any(
        f"{first} against {second}: {sign}{abs(difference):.3f}" in texts(app).replace("*", "")
        for first, second, sign in (("unet", "dice", "+"), ("dice", "unet", "−"))
    )
    choose(app, "unet-seed-0", "unet-seed-1")
    assert "unet: seeds of one experiment, no pair" in texts(app)


def test_chosen_runs_without_a_pair_say_why(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice", "larger", "unfinished")
    assert "larger: not comparable with the others: measured at 32 pixels" in texts(app)
    assert "unfinished: training is not finished" in texts(app)


def test_of_one_chosen_run_what_is_not_the_default(open_page: Open, board: Path):
    run = Run.open(board / "dice")
    run.config["experiment"]["data"]["root"] = "elsewhere"  # of the machine, not what was measured
    run.write_config(run.config)
    table = choose(open_page("runs"), "dice").dataframe[-1].value
    assert table.columns.tolist() == ["Key", "Default", "dice"]
    assert "loss.name" in table["Key"].tolist()
    assert "data.root" not in table["Key"].tolist()


def test_first_weights_are_among_what_differs(open_page: Open, board: Path):
    assert (
        "--init_from" not in choose(open_page("runs"), "dice").dataframe[-1].value["Key"].tolist()
    )
    run = Run.open(board / "dice")
    run.write_config(run.config | {"init_from": ["a", "b"]})
    table = choose(open_page("runs"), "dice").dataframe[-1].value.set_index("Key")
    assert table.loc["--init_from"].tolist() == ["none", "a b"]


def test_the_choice_stays_on_the_other_pages(open_page: Open, board: Path):
    app = choose(open_page("runs"), "dice")
    app.switch_page(f"{PAGES}/curves.py").run()
    assert app.multiselect(key="runs").value == ["dice"]


@pytest.mark.parametrize("name", ["../outside", "/etc", "..", "unet-seed-0/../../outside"])
def test_an_address_leads_to_no_other_folder(name: str, open_page: Open, board: Path):
    write_evaluated_run(board.parent / "outside", DICE)
    app = open_page("runs")
    app.query_params["runs"] = name
    app.session_state["runs"] = [name]
    rerun(app)
    assert app.multiselect(key="runs").value == []
    assert app.subheader[0].value == "No run chosen"


def test_the_report_is_made_on_a_click(
    open_page: Open, board: Path, monkeypatch: pytest.MonkeyPatch
):
    import seglab.report

    def write(runs: list[Run], path: Path, *_: object) -> None:
        path.write_text(json.dumps([run.name for run in runs]))

    monkeypatch.setattr(seglab.report, "write_report", write)
    app = choose(open_page("runs"), "dice", "larger")
    assert "Save the report" not in [button.label for button in app.get("download_button")]
    app.button(key="make_report").click()
    rerun(app)
    assert "Save the report" in [button.label for button in app.get("download_button")]
    choose(app, "dice")
    assert "Save the report" not in [button.label for button in app.get("download_button")]


def test_cpu_time_is_measured_when_asked_for(open_page: Open, models: Path):
    write_evaluation(Run.open(models / "disks"), DICE)
    app = choose(open_page("runs"), "disks")
    assert app.dataframe[0].value["CPU ms"].tolist() == [None]
    app.button(key="measure").click()
    rerun(app)
    assert app.dataframe[0].value["CPU ms"][0] > 0
    assert "median of 15 rounds" in texts(app)
