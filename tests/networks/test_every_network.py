"""What every entry of the catalogue must do, ours and the library's alike: one suite for all."""

import socket
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from seglab.config import Experiment
from seglab.losses import build_loss
from seglab.networks import export
from seglab.networks.catalogue import build_network, probability_network
from seglab.networks.entries import NETWORKS
from tests.helpers import tiny_experiment, write_run

ENCODERS = {"segformer": "mit_b0", "deeplabv3plus": "mobilenet_v2", "smp_unet": "efficientnet-b0"}
"""Others than resnet18, so that each family is met."""

EXPORTED = [
    pytest.param(name, marks=() if name in ("unet", *ENCODERS) else pytest.mark.long)
    for name in NETWORKS
]
"""Their exports take ten seconds each."""

TASKS: dict[int, dict[str, dict[str, str]]] = {
    1: {"loss": {"name": "bce"}},
    2: {"loss": {"name": "cross_entropy"}},
    3: {"loss": {"name": "cross_entropy"}, "data": {"target": "trimap"}},
}
"""Channels of logits to the task that asks for them."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a network was asked for something")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def experiment_of(name: str, channels: int) -> Experiment:
    settings: dict[str, Any] = {"name": name, "base_channels": 8, "depth": 2}
    if name != "unet":
        settings |= {"encoder": ENCODERS.get(name, "resnet18"), "base_channels": 16, "depth": 4}
    task = TASKS[channels]
    data = {"image_size": 32} | task.get("data", {})
    return tiny_experiment(network=settings, data=data, loss=task["loss"])


def built(name: str, channels: int) -> nn.Module:
    torch.manual_seed(0)
    return build_network(experiment_of(name, channels))


def answer(network: nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        logits: Tensor = network.eval()(images)
    return logits


@pytest.mark.parametrize("name", NETWORKS)
def test_any_size_and_number_of_classes(name: str) -> None:
    for classes, height, width in ((1, 64, 64), (2, 33, 47), (3, 65, 130)):
        logits = answer(built(name, classes), torch.randn(1, 3, height, width))
        assert logits.shape == (1, classes, height, width)
        assert torch.isfinite(logits).all()
        assert logits.std() > 0


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_one_batch_overfits(name: str, channels: int) -> None:
    experiment = experiment_of(name, channels)
    network = built(name, channels).train()
    loss = build_loss(experiment)
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(4, 3, 32, 32, generator=generator)
    targets = (images[:, 0] * 0).long()
    targets[:, 8:24, 8:24] = 1
    targets[:, 24:] = max(channels - 1, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    first = None
    for _ in range(80):
        value = loss(network(images), targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        first = first or float(value.detach())
        if value < 0.3 * first:
            return
    pytest.fail(f"from {first:.3f} the loss fell only to {float(value.detach()):.3f}")


@pytest.mark.parametrize("name", NETWORKS)
def test_saved_weights_give_the_same_answer(name: str, tmp_path: Path) -> None:
    network = built(name, 2).train()
    network(3 * torch.randn(4, 3, 32, 32))  # running statistics that are not 0 and 1
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    torch.manual_seed(1)
    other = build_network(experiment_of(name, 2))
    images = torch.randn(2, 3, 40, 33)
    assert not torch.equal(answer(other, images), answer(network, images))
    other.load_state_dict(torch.load(tmp_path / "weights.pth", weights_only=True))
    assert torch.equal(answer(other, images), answer(network, images))


@pytest.mark.parametrize("name", EXPORTED)
def test_onnx_equals_torch(name: str, tmp_path: Path) -> None:
    experiment = experiment_of(name, 3)
    run = write_run(tmp_path / "run", experiment)
    assert export.export_onnx(run, experiment) < export.TOLERANCE
    photos = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(str(run.onnx_path), providers=["CPUExecutionProvider"])
    (found,) = session.run(["probabilities"], {"images": photos})
    network = probability_network(experiment, run.preprocessing).eval()
    network.photo_network.network.load_state_dict(run.load_weights()["weights"])
    np.testing.assert_allclose(found, answer(network, torch.from_numpy(photos)), atol=1e-4)
    assert found.std() > 0.01
