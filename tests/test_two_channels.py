"""Two softmax channels mean what one sigmoid channel means: loss, prediction, ONNX, threshold."""

from typing import Any

import numpy as np
import pytest
import torch

import seglab
from seglab.console import Console
from seglab.data.sources import open_dataset
from seglab.evaluation import evaluate
from seglab.inference import Predictor
from seglab.labels import IGNORE
from seglab.losses import LossFunction, binary_cross_entropy, cross_entropy, dice_loss
from seglab.measuring import threshold_on_validation
from seglab.networks.export import export_onnx
from seglab.runs import Run
from seglab.training_module import predict_classes
from tests.helpers import disk_pair, tiny_experiment, write_disks, write_run

BACKENDS = ("onnx", "torch")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Runs with a sigmoid and with a softmax whose foreground's logit is the sigmoid's, the
    background's 0."""
    root = tmp_path_factory.mktemp("channels")
    data = {"source": "folder", "root": str(write_disks(root / "disks")), "cache": False}
    data |= {"image_size": 32}
    network = {"base_channels": 4, "depth": 2}
    one = write_run(root / "one", tiny_experiment(data=data, network=network))
    loss = {"name": "cross_entropy"}
    two = write_run(root / "two", tiny_experiment(data=data, network=network, loss=loss))
    weights = one.load_weights()["weights"]
    for name in ("head.weight", "head.bias"):
        weights[name] = torch.cat([torch.zeros_like(weights[name]), weights[name]])
    two.save_weights(two.checkpoint_path, {"weights": weights, "epoch": 1})
    for run in (one, two):
        export_onnx(run, run.experiment)
        fingerprint = open_dataset(run.experiment).fingerprint()
        run.write_config(run.config | {"data": run.config["data"] | {"fingerprint": fingerprint}})
    return one, two


def predictors(pair: tuple[Run, Run], backend: str) -> list[Predictor]:
    return [seglab.load(str(run.folder), backend) for run in pair]


@pytest.mark.parametrize(("one", "two"), [(binary_cross_entropy, cross_entropy), (dice_loss,) * 2])
def test_losses_and_their_gradients_are_the_same(one: LossFunction, two: LossFunction) -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(2, 1, 5, 6, generator=generator, requires_grad=True)
    targets = torch.randint(0, 2, (2, 5, 6), generator=generator)
    targets[0, 0] = IGNORE
    both = torch.cat([torch.zeros_like(scores), scores], dim=1)
    values = one(scores, targets), two(both, targets)
    torch.testing.assert_close(*values)
    torch.testing.assert_close(*(torch.autograd.grad(value, scores) for value in values))
    assert torch.equal(predict_classes(scores), predict_classes(both))


@pytest.mark.parametrize("backend", BACKENDS)
def test_photos_get_the_same_probabilities_and_masks(pair: Any, backend: str) -> None:
    photo, _ = disk_pair(3)
    for threshold in (0.2, 0.5, 0.8):
        one, two = (
            predictor.segment(photo, threshold=threshold) for predictor in predictors(pair, backend)
        )
        np.testing.assert_allclose(one.probabilities, two.probabilities, atol=1e-5)
        near = np.abs(one.probabilities[1] - threshold) < 1e-5
        assert np.array_equal(one.mask[~near], two.mask[~near])
    assert one.probabilities[1].std() > 0


@pytest.mark.parametrize("threshold", [0.3, 0.5])
def test_figures_are_the_same(pair: Any, threshold: float) -> None:
    dataset = open_dataset(pair[0].experiment)
    one, two = (
        evaluate(predictor, dataset, "test", threshold=threshold)
        for predictor in predictors(pair, "onnx")
    )
    assert np.abs(one.counts - two.counts).max() <= 1
    np.testing.assert_allclose(one.image_figures["iou"], two.image_figures["iou"], atol=0.01)


def test_the_threshold_found_on_validation_is_the_same(pair: Any) -> None:
    dataset = open_dataset(pair[0].experiment)
    found = [
        threshold_on_validation(predictor, dataset, Console())
        for predictor in predictors(pair, "onnx")
    ]
    assert found[0] == found[1] is not None
    assert [run.threshold for run in pair] == found
