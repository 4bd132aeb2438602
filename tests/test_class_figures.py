"""Figures of each class while training: table, terminal, loggers, and older runs."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from seglab import figures, training
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import UsageError
from seglab.experiment_parser import validate
from seglab.runs import Run
from seglab.training_record import classes_in_words
from tests.helpers import tiny_experiment, write_disks, write_png
from tests.training_runs import fit

ODD = 'a, "b"/<i>c</i> $d$ [e] ü'
NAMES = ("soil", ODD, "stem")
COLUMNS = [f"val_iou_{name}" for name in NAMES]

pytestmark = pytest.mark.usefixtures("no_export")


def experiment(root: Path, **trainer: Any) -> Experiment:
    """Three classes, one of them oddly named, in a new folder."""
    for path in (write_disks(root) / "masks").iterdir():
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        mask[:, 20:25] = 7
        write_png(path, mask)
    classes = {"soil": [0], ODD: [255], "stem": [7]}
    return tiny_experiment(
        data={"source": "folder", "root": str(root), "classes": classes, "validation": 0.4},
        loss={"name": "cross_entropy"},
        optimizer={"schedule": "constant"},
        trainer=trainer,
    )


def test_a_column_a_class_is_scikit_learn_s_of_the_saved_weights(tmp_path: Path) -> None:
    import torch

    from seglab.networks.export import probability_network

    run = fit(tmp_path / "run", experiment(tmp_path / "data"))
    best = run.rows()[run.config["result"]["best_epoch"] - 1]
    assert [name for name in best if name.startswith("val_iou_")] == COLUMNS
    pairs = open_pairs(open_dataset(run.experiment), "val", run.preprocessing)
    network = probability_network(run.experiment, run.preprocessing).eval()
    network.photo_network.network.load_state_dict(run.load_weights()["weights"])
    images, masks = (np.stack(part) for part in zip(*[*pairs], strict=True))
    with torch.no_grad():
        found = network(torch.from_numpy(images)).argmax(1).numpy()
    expected = jaccard_score(masks.ravel(), found.ravel(), average=None, zero_division=1.0)
    assert [best[name] for name in COLUMNS] == pytest.approx(expected.tolist())
    assert best["val_dataset_iou"] == pytest.approx(expected.mean())
    assert best["train_iou_stem"] != best["val_iou_stem"]
    assert [run.config["result"]["best"][name] for name in COLUMNS] == pytest.approx(
        expected.tolist()
    )


def test_the_terminal_tells_each_class_after_each_epoch(tmp_path: Path) -> None:
    run = fit(tmp_path / "run", experiment(tmp_path / "data"))
    lines = run.log_path.read_text().splitlines()
    told = [line.strip() for line in lines if line.strip().startswith("IoU of soil ")]
    rows = run.rows()
    best = rows[run.config["result"]["best_epoch"] - 1]
    assert told == [
        f"IoU of soil {row[COLUMNS[0]]:.4f}, {ODD} {row[COLUMNS[1]]:.4f}, "
        f"stem {row[COLUMNS[2]]:.4f}"
        for row in [*rows, best]
    ]


def test_of_many_classes_the_lowest_are_told_and_of_two_none() -> None:
    row = {f"val_iou_{number}": number / 100 for number in range(20, 0, -1)}
    words = classes_in_words(row | {"val_dataset_iou": 0.1, "train_iou_x": 0.0})
    assert words.startswith("IoU of 1 0.0100, 2 0.0200, ")
    assert words.endswith("8 0.0800; 12 classes are higher")
    assert classes_in_words({"val_dataset_iou": 0.1}) == ""
    assert classes_in_words({"val_iou_a": float("nan")}) == ""


def test_two_classes_have_the_columns_they_had(trained: Run) -> None:
    assert not [name for name in trained.rows()[0] if "_iou_" in name]
    assert "IoU of" not in trained.log_path.read_text()


def test_a_run_begun_without_the_columns_goes_on_with_them(tmp_path: Path) -> None:
    run = fit(tmp_path / "run", experiment(tmp_path / "data", max_epochs=1))
    earlier = [
        {name: value for name, value in row.items() if "_iou_" not in name} for row in run.rows()
    ]
    run.write_rows(earlier)
    run = training.resume(Run.open(run.folder), Console(), max_epochs=2)
    first, second = run.rows()
    assert all(np.isnan(first[name]) for name in COLUMNS)
    assert all(0 <= second[name] <= 1 for name in COLUMNS)
    assert {name: first[name] for name in earlier[0]} == earlier[0]
    json.loads(run.config_path.read_text(), parse_constant=pytest.fail)  # no NaN in it


def test_tensorboard_has_a_chart_a_class(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    described = experiment(tmp_path / "data", loggers=["tensorboard"])
    run = fit(tmp_path / "run", described)
    found = EventAccumulator(str(run.folder / "tensorboard")).Reload()
    for name in NAMES:
        values = [event.value for event in found.Scalars(f"iou_{name}/val")]
        assert values == pytest.approx([row[f"val_iou_{name}"] for row in run.rows()])


def test_the_picture_of_a_run_has_a_panel_of_its_classes(tmp_path: Path) -> None:
    run = fit(tmp_path / "run", experiment(tmp_path / "data"))
    figures.draw_metrics(run, tmp_path / "several.png")
    run.write_rows([{name: row[name] for name in row if "_iou_" not in name} for row in run.rows()])
    figures.draw_metrics(run, tmp_path / "macro.png")
    several, macro = (cv2.imread(str(tmp_path / f"{name}.png")) for name in ("several", "macro"))
    assert several.shape[1] > 1.2 * macro.shape[1]


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\x1b[2J"])
def test_a_class_has_a_name_that_can_be_printed(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a class"):
        validate({"data": {"source": "folder", "classes": {"soil": [0], name: [1]}}})
