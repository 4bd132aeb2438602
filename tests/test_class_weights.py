"""Class weights: counted on the training split, given, refused."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from seglab import fitting
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import DataError, UsageError
from seglab.experiment_parser import validate
from seglab.preprocessing import Preprocessing
from seglab.training import resume, train
from seglab.training_setup import class_weights
from tests.helpers import tiny_experiment, write_disks, write_png

CLASSES = {"background": [0], "disk": [255], "stripe": [100]}


@pytest.fixture
def striped(tmp_path: Path) -> dict[str, Any]:
    """Disks with a stripe as a third class and a corner that is not counted."""
    root = write_disks(tmp_path / "striped")
    for path in (root / "masks").iterdir():
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        mask[30:33] = 100
        mask[:6, :6] = 7
        write_png(path, mask)
    return {"source": "folder", "root": str(root), "classes": CLASSES, "ignore_values": [7]}


def test_counted_ones_are_scikit_learn_s_balanced_without_ignored_pixels(
    striped: dict[str, Any],
) -> None:
    experiment = tiny_experiment(data=striped, loss={"name": "weighted_cross_entropy"})
    pairs = open_pairs(open_dataset(experiment), "train", Preprocessing(16))
    pixels = np.concatenate([pairs[place][1].ravel() for place in range(len(pairs))])
    assert (pixels == 255).any()
    counted = pixels[pixels != 255]
    expected = compute_class_weight("balanced", classes=np.arange(3), y=counted)
    found = class_weights(experiment, pairs)
    assert found == pytest.approx(expected)
    assert found[2] > found[1] > found[0]
    assert np.asarray(found)[counted].mean() == pytest.approx(1)


def test_a_run_keeps_them_and_goes_on_with_them(
    tmp_path: Path, striped: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []
    built = fitting.build_loss

    def watch(experiment: Any, weights: Any) -> Any:
        used.append(tuple(weights))
        return built(experiment, weights)

    monkeypatch.setattr(fitting, "build_loss", watch)
    monkeypatch.setattr(fitting, "export_onnx", lambda *_: 0.0)
    parts = {"weighted_cross_entropy": 1, "dice": 0.5}
    experiment = tiny_experiment(
        data=striped,
        loss={"name": "sum", "parts": parts},
        optimizer={"schedule": "constant"},
        trainer={"max_epochs": 1},
    )
    run = train(experiment, tmp_path / "run", tmp_path, Console())
    resume(run, Console(), max_epochs=2)
    assert len(used[0]) == 3
    assert used[0] == used[1] == tuple(run.config["data"]["class_weights"])


def test_given_ones_are_taken_as_they_are(striped: dict[str, Any]) -> None:
    loss = {"name": "weighted_cross_entropy", "class_weights": [1, 2, 0.5]}
    experiment = tiny_experiment(data=striped, loss=loss)
    pairs = open_pairs(open_dataset(experiment), "train", Preprocessing(16))
    assert class_weights(experiment, pairs) == (1, 2, 0.5)
    plain = tiny_experiment(data=striped, loss={"name": "cross_entropy"})
    assert class_weights(plain, pairs) == ()


def test_a_class_that_never_occurs_cannot_be_weighed(striped: dict[str, Any]) -> None:
    data = striped | {"classes": CLASSES | {"unicorn": [200]}}
    experiment = tiny_experiment(data=data, loss={"name": "weighted_cross_entropy"})
    pairs = open_pairs(open_dataset(experiment), "train", Preprocessing(16))
    with pytest.raises(DataError, match="the training split has no pixel of unicorn"):
        class_weights(experiment, pairs)


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ({"name": "dice", "class_weights": [1, 2]}, "loss.class_weights: dice does not use it"),
        (
            {"name": "weighted_cross_entropy", "class_weights": [1, 2, 3]},
            "loss.class_weights: 3 weights for 2 classes",
        ),
        ({"name": "weighted_cross_entropy", "class_weights": [1, 0]}, "loss.class_weights: "),
    ],
)
def test_contradictions_are_refused(loss: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        validate({"loss": loss})


def test_for_two_classes_it_asks_for_two_channels() -> None:
    assert tiny_experiment(loss={"name": "weighted_cross_entropy"}).output_channels == 2
    with pytest.raises(UsageError, match=r"needs network\.output softmax"):
        validate({"loss": {"name": "weighted_cross_entropy"}, "network": {"output": "sigmoid"}})
