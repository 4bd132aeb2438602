"""A comparison as text in its four forms."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas
import pytest

from seglab.comparison import Comparison, compare
from seglab.comparison_text import FORMS, render
from seglab.errors import UsageError
from tests.run_folders import write_evaluated_run

IOUS = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    """Two seeds of one experiment, a single run, one of another size, one not evaluated."""
    return compare(
        [
            write_evaluated_run(tmp_path / "bce-seed-0", IOUS),
            write_evaluated_run(tmp_path / "bce-seed-1", IOUS + 0.02, seed=1),
            write_evaluated_run(tmp_path / "dice", IOUS + 0.2, loss={"name": "dice"}),
            write_evaluated_run(tmp_path / "large", IOUS, data={"image_size": 32}),
            write_evaluated_run(tmp_path / "waiting", IOUS, split="val"),
        ]
    )


def line_of(text: str, beginning: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(beginning))


def test_the_terminals_columns_stand_under_each_other(comparison: Comparison) -> None:
    text = render(comparison, "table")
    header, group = line_of(text, "run "), line_of(text, "bce ")
    member, single = line_of(text, "  bce-seed-1"), line_of(text, "dice ")
    assert "0.7200 ± 0.0141" in group
    assert "0.7300 [0.7100, 0.7500]" in member
    assert "0.9100 [0.8900, 0.9300] *" in single
    assert "*" not in group
    assert single.count("*") == 2  # boundary IoU, sizes and times are the same
    end = header.index("parameters") + len("parameters")
    assert [line[:end].split()[-2:] for line in (group, member, single)] == [["1.94", "M"]] * 3
    assert "CPU ms" not in text


def test_of_several_classes_each_has_its_figure(tmp_path: Path) -> None:
    several = {"data": {"target": "trimap"}, "loss": {"name": "cross_entropy"}}
    runs = [
        write_evaluated_run(tmp_path / "three-seed-0", IOUS, **several),
        write_evaluated_run(tmp_path / "three-seed-1", IOUS + 0.02, seed=1, **several),
    ]
    for form in ("table", "markdown"):
        lines = render(compare(runs), form).splitlines()
        (start,) = [at for at, line in enumerate(lines) if "dataset IoU of" in line]
        assert lines[start].replace("|", " ").replace("`", "").split()[3:] == [
            *("background", "pet", "border"),
        ]
        mean, first = (
            next(line for line in lines[start + 1 :] if word in line)
            for word in ("three", "three-seed-0")
        )
        assert "0.7100 ± 0.0141" in mean  # 0.7 and 0.72
        assert "0.6100 ± 0.0141" in mean
        assert "0.5000 [0.0000, 1.0000]" in first
    (row,) = json.loads(render(compare(runs), "json"))["tables"][0]["rows"]
    assert row["figures"]["dataset_iou of border"]["mean"] == pytest.approx(0.51)
    (cells,) = csv.DictReader(io.StringIO(render(compare(runs), "csv")))
    assert float(cells["dataset_iou of border"]) == pytest.approx(0.51)
    assert float(cells["dataset_iou of border_sd"]) == pytest.approx(0.02 / 2**0.5)
    (cells,) = csv.DictReader(io.StringIO(render(compare(runs[:1]), "csv")))
    assert float(cells["dataset_iou of pet_high"]) == 1.0


def test_the_best_of_each_class_is_marked(tmp_path: Path) -> None:
    trimap = {"target": "trimap"}
    runs = [
        write_evaluated_run(
            tmp_path / name, IOUS + more, data=trimap, loss={"name": "cross_entropy"}, **options
        )
        for name, more, options in (
            ("poor", 0.0, {}),
            ("good", 0.1, {"optimizer": {"learning_rate": 0.5}}),
        )
    ]
    lines = render(compare(runs), "markdown").splitlines()
    (start,) = [at for at, line in enumerate(lines) if "dataset IoU of" in line]
    poor, good = lines[start + 2 : start + 4]
    assert poor.count("**") == 0
    assert good.count("**") == 6
    starred = render(compare(runs), "table").splitlines()
    assert any(line.startswith("good") and line.count("*") == 3 for line in starred)


def test_two_classes_have_no_table_of_them(comparison: Comparison) -> None:
    assert "dataset IoU of" not in render(comparison, "table")


def test_what_is_not_ranked_says_why(comparison: Comparison) -> None:
    for form in ("table", "markdown"):
        text = render(comparison, form)
        assert "Not ranked with the table above: measured at 32 pixels, not 16 pixels." in text
        assert "waiting" in text
        assert "evaluate.py" in text


def test_pairs_say_what_their_interval_covers(comparison: Comparison) -> None:
    line = line_of(render(comparison, "table"), "bce  dice")
    # Only the seeds differ: Student's t of five images, 2.776, times the error of their mean, 0.01.
    assert "-0.1900 [-0.2178, -0.1622]" in line
    assert "0 / 0 / 5" in line
    assert line.endswith("worse  images and a's seeds")
    text = " ".join(render(comparison, "table").split())
    assert "not the randomness of its training" in text
    assert "below 0.001" in text


@pytest.mark.parametrize(("images", "said"), [(60, "bootstrap"), (8, "jackknife (Student's t)")])
def test_the_notes_say_how_intervals_are_made(images: int, said: str, tmp_path: Path) -> None:
    runs = [
        write_evaluated_run(tmp_path / name, np.random.default_rng(seed).uniform(0.5, 0.9, images))
        for seed, name in enumerate("ab")
    ]
    text = render(compare(runs), "table")
    assert f"[ , ]: 95 % {said} interval over images" in text
    assert ("Student's t over the images" in text) == (images < 50)


def test_markdown_is_a_table_with_the_best_in_bold(comparison: Comparison) -> None:
    lines = render(comparison, "markdown").splitlines()
    tables = [line for line in lines if line.startswith("|")]
    header = next(line for line in tables if "dataset IoU" in line)
    single = next(line for line in tables if line.startswith("| `dice`"))
    assert header.count("|") == single.count("|") == tables[1].count("|")
    assert "| **0.9100 [0.8900, 0.9300]** |" in single
    assert sum(line.startswith("| ↳ `bce-seed-") for line in tables) == 2


def test_names_cannot_break_a_markdown_table(tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "a|b`c", IOUS)
    line = line_of(render(compare([run]), "markdown"), "| `a")
    assert line.startswith("| `a\\|b'c` |")


def test_csv_has_a_row_an_experiment(comparison: Comparison) -> None:
    text = render(comparison, "csv")
    group, single, other = csv.DictReader(io.StringIO(text))
    assert (group["run"], group["seeds"], group["table"]) == ("bce", "0 1", "1")
    assert float(group["mean_image_iou_sd"]) == pytest.approx(0.02 / 2**0.5)
    assert group["mean_image_iou_low"] == ""
    assert float(single["dataset_iou_high"]) == pytest.approx(0.93)
    assert single["parameters"] == "1942577"
    assert other["table"] == "2"
    assert len(pandas.read_csv(io.StringIO(text))) == 3


def test_json_holds_everything(comparison: Comparison) -> None:
    content = json.loads(render(comparison, "json"))
    first, second = content["tables"]
    group, single = first["rows"]
    assert group["figures"]["dataset_iou"] == {
        "mean": pytest.approx(0.72),
        "sd": pytest.approx(0.02 / 2**0.5),
        "seeds": 2,
    }
    assert single["figures"]["dataset_iou"] == {
        "value": pytest.approx(0.91),
        "low": pytest.approx(0.89),
        "high": pytest.approx(0.93),
    }
    assert [run["name"] for run in group["runs"]] == ["bce-seed-0", "bce-seed-1"]
    assert single["best"] == ["dataset_iou", "mean_image_iou"]
    assert (content["flip"], content["scales"]) == (False, [1.0])
    (pair,) = first["pairs"]
    assert (pair["a"], pair["b"], pair["verdict"]) == ("bce", "dice", "worse")
    assert (pair["wins"], pair["ties"], pair["losses"]) == (0, 0, 5)
    assert second["differs_from_first"] == ["measured at 32 pixels, not 16 pixels"]
    assert [apart["run"] for apart in content["apart"]] == ["waiting"]


def test_measured_milliseconds_and_their_origin(comparison: Comparison) -> None:
    folder = comparison.tables[0].rows[1].runs[0].folder
    text = render(
        comparison.with_cpu_milliseconds({folder: 4.26}, "Measured on a toaster."), "table"
    )
    assert "CPU ms an image" in line_of(text, "run ")
    assert " 4.3 " in line_of(text, "dice ")
    assert " – " in line_of(text, "bce ")
    assert "Measured on a toaster." in text


def test_an_epoch_chosen_on_the_test_part_is_said(tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "a", IOUS, data={"validation": "test"})
    assert "chosen on the test part" in render(compare([run]), "table")


def test_first_weights_of_other_runs_are_said(tmp_path: Path) -> None:
    scratch = write_evaluated_run(tmp_path / "scratch", IOUS)
    assert " began with " not in render(compare([scratch]), "table")
    tuned = write_evaluated_run(tmp_path / "tuned", IOUS)
    for first, told in (
        ("a", "tuned began with the weights of a: "),
        (["a", "b", "c"], "tuned began with the mean of the weights of a, b and c: "),
    ):
        tuned.write_config(tuned.config | {"init_from": first})
        for form in ("table", "markdown"):
            assert told in render(compare([scratch, tuned]), form)


def test_one_run_alone(tmp_path: Path) -> None:
    comparison = compare([write_evaluated_run(tmp_path / "a", IOUS)])
    for form in FORMS:
        assert "0.71" in render(comparison, form)
    assert "interval covers" not in render(comparison, "table")


def test_an_unknown_form(comparison: Comparison) -> None:
    with pytest.raises(UsageError, match="table, markdown, csv, json"):
        render(comparison, "latex")
