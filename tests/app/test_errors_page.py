"""Errors: which photos a run is wrong on, and in which way."""

import io
import shutil
from pathlib import Path

import numpy as np
import pandas
import pytest
from streamlit.testing.v1 import AppTest

from seglab.app.error_photos import predicted_at_measured_size, source_of
from seglab.app.evaluated import evaluated
from seglab.console import Console
from seglab.failure_kinds import counts_from_masks
from seglab.inference import load
from seglab.measuring import data_for, measure
from seglab.runs import Run
from tests.app.conftest import Offered, Open, rerun, texts
from tests.helpers import PROJECT, tiny_experiment, write_official, write_run
from tests.run_folders import write_evaluated_run


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs with random weights, measured on eight pets of two breeds at other thresholds."""
    root, models = tmp_path / "pets", tmp_path / "models"
    write_official(root)
    experiment = tiny_experiment(data={"source": "oxford_pet", "root": str(root)})
    for name, threshold in (("first", 0.5), ("second", 0.52)):
        run = write_run(models / name, experiment)
        run.write_threshold({"value": threshold, "split": "val", "curve": []})
        predictor = load(run)
        found = measure(predictor, data_for(run, None), "test", "network", threshold, Console())
        run.write_evaluation(*found)
    monkeypatch.setenv("SEGLAB_MODELS", str(models))
    monkeypatch.setenv("SEGLAB_TAGS", str(tmp_path / "tags"))
    return models


def scores(pets: Path, column: str = "iou", run: str = "first") -> dict[str, float]:
    table = Run.open(pets / run).evaluation_table("test")
    assert table is not None
    return dict(zip(table["name"], table[column], strict=True))


def tiles(app: AppTest) -> list[str]:
    """Names in the gallery, in its order."""
    labels = [button.label for button in app.button if str(button.key).startswith("open_")]
    return [label.replace("\\", "").split(" · ")[0].replace(" ", "_") for label in labels]


def test_the_worst_come_first_and_are_drawn(open_page: Open, pets: Path):
    app = open_page("errors")
    by_iou = scores(pets)
    assert tiles(app) == sorted(by_iou, key=lambda name: by_iou[name])
    assert len(app.image) == 8
    assert not app.error


def test_the_range_filters_the_gallery(open_page: Open, pets: Path):
    app = open_page("errors")
    by_iou = scores(pets)
    middle = round(float(np.median(list(by_iou.values()))), 2)
    app.slider(key="between").set_value((0.0, middle))
    rerun(app)
    assert set(tiles(app)) == {name for name, iou in by_iou.items() if iou <= middle}
    app.selectbox(key="measure").set_value("missed")
    rerun(app)
    assert len(tiles(app)) == 8, "another measure begins with all"


def test_filters_by_breed_size_and_kind(open_page: Open, pets: Path):
    app = open_page("errors")
    app.selectbox(key="of_breed").set_value("Abyssinian")
    rerun(app)
    assert len(tiles(app)) == 4
    assert all(name.startswith("Abyssinian") for name in tiles(app))
    app.selectbox(key="object_size").set_value("large")
    rerun(app)
    shares = scores(pets, "foreground_share")
    largest = sorted(shares.values())[-3:]
    assert {shares[name] for name in tiles(app)} <= set(largest)


def test_masks_tell_the_kinds(open_page: Open, pets: Path):
    app = open_page("errors")
    assert "By pixel counts" in texts(app)
    assert app.button(key="look_at_masks").label.startswith("Look at ")
    app.button(key="look_at_masks").click()
    rerun(app)
    assert not [button for button in app.button if button.key == "look_at_masks"]
    assert "By pixel counts" not in texts(app)
    assert len(tiles(app)) == 8


@pytest.mark.parametrize("size", ["network", "original"])
def test_pictures_show_what_was_measured(size: str, pets: Path):
    run = Run.open(pets / "first")
    predictor = load(run)
    found = measure(predictor, data_for(run, None), "test", size, 0.5, Console())
    run.write_evaluation(*found)
    shown = evaluated(run, "test" if size == "network" else "test-original")
    source = source_of(shown, None)
    for name in shown.names:
        _, truth, predicted = predicted_at_measured_size(source, name)
        row = shown.table.iloc[shown.places[name]]
        counts = counts_from_masks(truth, predicted)
        assert counts.hits == row["tp_pet"]
        assert counts.missed == row["fn_pet"]
        assert counts.false_alarms == row["fp_pet"]


def test_one_photo_is_opened_stepped_and_tagged(open_page: Open, pets: Path, tmp_path: Path):
    app = open_page("errors")
    order = tiles(app)
    app.button(key="open_1").click()
    rerun(app)
    assert app.selectbox(key="photo").value == order[1]
    assert len(app.get("bidi_component")) == 1
    assert f"IoU **{scores(pets)[order[1]]:.3f}**" in texts(app)
    app.button(key="step_1").click()
    rerun(app)
    assert app.selectbox(key="photo").value == order[2]
    app.button_group(key=f"tags_of_{order[2]}").set_value(["hard"])
    rerun(app)
    assert (tmp_path / "tags" / "oxford_pet.csv").read_text() == f"name,tag\n{order[2]},hard\n"
    app.selectbox(key="tagged").set_value("hard")
    rerun(app)
    assert tiles(app) == [order[2]]
    assert "--data.exclude" not in app.code[-1].value  # hard samples stay
    app.button_group(key=f"tags_of_{order[2]}").set_value(["hard", "label wrong"])
    rerun(app)
    file = tmp_path / "tags" / "oxford_pet.csv"
    command = app.code[-1].value.splitlines()[-1]
    assert f"python train.py --data.root {tmp_path / 'pets'}" in command
    assert f"--data.exclude {file}" in command


def test_two_runs_are_paired(open_page: Open, pets: Path):
    app = open_page("errors")
    app.selectbox(key="run").set_value("first")
    app.selectbox(key="against").set_value("second")
    rerun(app)
    first, second = scores(pets), scores(pets, run="second")
    differences = {name: first[name] - second[name] for name in first}
    mean = float(np.mean(list(differences.values())))
    assert f"first minus second: **{mean:+.3f}**" in texts(app)
    app.button_group(key="order").set_value("losses")
    rerun(app)
    losses = {name: -value for name, value in differences.items() if value < 0}
    assert tiles(app) == sorted(losses, key=lambda name: -losses[name])


def test_what_passed_the_filters_is_taken_away_as_a_table(
    open_page: Open, pets: Path, offered: Offered
):
    app = open_page("errors")
    app.selectbox(key="of_breed").set_value("Abyssinian")
    rerun(app)
    names = tiles(app)
    taken = pandas.read_csv(io.BytesIO(offered["These photos (CSV)"]()))
    assert taken["Photo"].tolist() == names
    assert taken["IoU"].tolist() == pytest.approx([scores(pets)[name] for name in names])
    assert set(taken["Breed"]) == {"Abyssinian"}


def test_the_address_says_it_all(open_page: Open, pets: Path):
    app = AppTest.from_file(str(PROJECT / "st_app.py"), default_timeout=60)
    name = next(iter(scores(pets)))
    told = {"run": "second", "measure": "Boundary F1", "photo": name, "of_breed": "Abyssinian"}
    for key, value in told.items():
        app.query_params[key] = value
    app.query_params["between"] = ["0.1", "0.9"]
    app.switch_page("src/seglab/app/pages/errors.py")
    rerun(app)
    found = {key: app.session_state[key] for key in told}
    assert found == told | {"measure": "boundary_f1"}
    assert app.slider(key="between").value == (0.1, 0.9)


def test_chosen_runs_are_the_two_that_are_compared(open_page: Open, pets: Path):
    app = AppTest.from_file(str(PROJECT / "st_app.py"), default_timeout=60)
    app.query_params["runs"] = ["second", "first"]
    app.switch_page("src/seglab/app/pages/errors.py")
    rerun(app)
    assert (app.selectbox(key="run").value, app.selectbox(key="against").value) == (
        "second",
        "first",
    )


def test_without_photos_the_numbers_stay(open_page: Open, pets: Path, tmp_path: Path):
    shutil.move(tmp_path / "pets", tmp_path / "elsewhere")
    app = open_page("errors")
    assert "is not under" in texts(app)
    assert "python train.py" in texts(app)
    by_iou = scores(pets)
    assert app.dataframe[0].value["Photo"].tolist() == sorted(by_iou, key=lambda name: by_iou[name])
    app.text_input(key="photos_root").set_value(str(tmp_path / "elsewhere"))
    rerun(app)
    assert len(app.image) == 8


def test_without_weights_the_numbers_stay(open_page: Open, pets: Path):
    Run.open(pets / "first").checkpoint_path.unlink()
    app = open_page("errors")
    assert "the weights" in texts(app)
    assert len(app.dataframe[0].value) == 8


def test_other_photos_than_measured_are_a_warning(open_page: Open, pets: Path, tmp_path: Path):
    part = tmp_path / "pets" / "annotations" / "test.txt"
    part.write_text("\n".join(part.read_text().splitlines()[1:]) + "\n")
    app = open_page("errors")
    assert "not quite the photos that were measured" in app.warning[0].value
    assert "is not among the photos" in texts(app)


def test_a_table_of_few_columns_is_enough(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    models = tmp_path / "models"
    write_evaluated_run(models / "bare", [0.2, 0.9, 0.5])
    monkeypatch.setenv("SEGLAB_MODELS", str(models))
    app = open_page("errors")
    assert app.dataframe[0].value["Photo"].tolist() == ["pet_0", "pet_2", "pet_1"]
    assert not app.error


def test_a_broken_evaluation_is_a_sentence(open_page: Open, pets: Path):
    Run.open(pets / "first").evaluation_path("test").write_text("{")
    app = open_page("errors")
    assert len(app.error) == 1
    assert "evaluation-test.json" in texts(app)


def test_runs_that_were_not_measured_are_told_how(open_page: Open, models: Path):
    app = open_page("errors")
    assert "python evaluate.py" in texts(app)
    assert not app.error
