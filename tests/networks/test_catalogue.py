"""From an experiment to its network."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from seglab.networks.catalogue import (
    PhotoNetwork,
    build_network,
    layer_table,
    multiply_adds,
    parameter_count,
    probabilities,
    probability_network,
)
from seglab.networks.unet import UNet
from seglab.preprocessing import Preprocessing
from seglab.run_list import default_run
from tests.helpers import PROJECT, tiny_experiment


def test_every_key_of_the_network_reaches_it() -> None:
    settings = {
        "base_channels": 3,
        "depth": 2,
        "down": "strided",
        "up": "nearest",
        "norm": "group",
        "dropout": 0.25,
        "block": "residual",
        "attention": "gate",
        "deep_supervision": True,
        "max_channels": 5,
    }
    experiment = tiny_experiment(
        network=settings, data={"target": "trimap"}, loss={"name": "cross_entropy"}
    )
    network = build_network(experiment)
    assert str(network) == str(UNet(classes=3, **settings))
    assert network.dropout.p == 0.25


@pytest.mark.parametrize(
    ("loss", "target", "channels"),
    [("bce", "binary", 1), ("cross_entropy", "binary", 2), ("dice", "trimap", 3)],
)
def test_the_task_decides_the_channels(loss: str, target: str, channels: int) -> None:
    experiment = tiny_experiment(loss={"name": loss}, data={"target": target})
    assert build_network(experiment).head.out_channels == channels


def test_a_photo_network_normalises_as_the_one_path_does() -> None:
    torch.manual_seed(0)
    network, treatment = UNet(base_channels=2, depth=1).eval(), Preprocessing(16)
    photos = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    normalised = treatment.normalise(photos.astype(np.float32)).transpose(0, 3, 1, 2)
    photo_network = PhotoNetwork(network, treatment).eval()
    with torch.no_grad():
        expected = network(torch.from_numpy(normalised))
        by_bytes = photo_network(torch.from_numpy(photos))
        by_floats = photo_network(torch.from_numpy(photos).float())
    torch.testing.assert_close(by_bytes, expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(by_bytes, by_floats)
    assert by_bytes.dtype == torch.float32


def test_every_level_s_logits_are_float32_and_the_first_are_the_photo_network_s() -> None:
    network = UNet(base_channels=2, depth=2, deep_supervision=True)
    photo_network = PhotoNetwork(network, Preprocessing(16)).eval()
    photos = torch.randint(0, 256, (2, 16, 16, 3), dtype=torch.uint8)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        found = photo_network.supervised_logits(photos)
        expected = photo_network(photos)
    assert [logits.dtype for logits in found] == [torch.float32] * 2
    assert torch.equal(found[0], expected)
    other = PhotoNetwork(torch.nn.Conv2d(3, 1, 1), Preprocessing(16))
    (only,) = other.supervised_logits(photos)
    assert torch.equal(only, other(photos))


def test_probabilities() -> None:
    logits = torch.tensor([[[[0.0, 2.0]]]])
    two = probabilities(logits, "sigmoid")
    expected = 1 / (1 + np.exp(-2))
    np.testing.assert_allclose(two[0, :, 0], [[0.5, 1 - expected], [0.5, expected]], rtol=1e-6)
    logits = torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(probabilities(logits, "softmax"), logits.softmax(1))


@pytest.mark.parametrize(
    ("loss", "target", "classes"),
    [("bce", "binary", 2), ("cross_entropy", "binary", 2), ("dice", "trimap", 3)],
)
def test_a_probability_network_sums_to_1(loss: str, target: str, classes: int) -> None:
    experiment = tiny_experiment(loss={"name": loss}, data={"target": target})
    network = probability_network(experiment, Preprocessing(16)).eval()
    photos = torch.randint(0, 256, (2, 16, 16, 3), dtype=torch.uint8)
    with torch.no_grad():
        found = network(photos)
    assert found.shape == (2, classes, 16, 16)
    torch.testing.assert_close(found.sum(1), torch.ones(2, 16, 16))


@pytest.mark.parametrize("up", ["transpose", "bilinear"])
@pytest.mark.parametrize("down", ["maxpool", "strided"])
def test_multiply_adds_are_half_of_torch_s_operations(down: str, up: str) -> None:
    network = UNet(base_channels=4, depth=3, down=down, up=up).eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network(torch.zeros(1, 3, 32, 32))
    assert multiply_adds(network, 32) == counter.get_total_flops() // 2


def test_multiply_adds_of_every_option() -> None:
    options = {"block": "residual", "attention": "gate", "max_channels": 8}
    network = UNet(base_channels=4, depth=3, **options).eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network(torch.zeros(1, 3, 32, 32))
    found = multiply_adds(network, 32)
    assert found == counter.get_total_flops() // 2
    rows = layer_table(network, 32)
    assert sum(row["parameters"] for row in rows) == parameter_count(network)
    assert {row["kind"] for row in rows} == {
        "Conv2d",
        "BatchNorm2d",
        "MaxPool2d",
        "ConvTranspose2d",
    }
    # The auxiliary heads are weights, and prediction does not run them.
    supervised = UNet(base_channels=4, depth=3, deep_supervision=True, **options)
    assert multiply_adds(supervised, 32) == found
    assert parameter_count(supervised) == parameter_count(network) + 2 * (8 + 1)


def test_the_layer_table_accounts_for_every_parameter() -> None:
    network = UNet(base_channels=4, depth=2)
    rows = layer_table(network, 32)
    assert sum(row["parameters"] for row in rows) == parameter_count(network)
    assert rows[0]["layer"] == "stem.0"
    assert rows[0]["output"] == "4×32×32"
    assert rows[-1] == {
        "layer": "head",
        "kind": "Conv2d",
        "output": "1×32×32",
        "parameters": 5,
        "multiply_adds": 4 * 32 * 32,
    }
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())


def test_the_shipped_weights_fit_the_network_of_their_configuration() -> None:
    run = default_run(PROJECT / "models")
    build_network(run.experiment).load_state_dict(run.load_weights()["weights"])


def test_frozen_weights_are_not_counted() -> None:
    network = UNet(base_channels=2, depth=1)
    before = parameter_count(network)
    network.head.weight.requires_grad_(False)
    assert parameter_count(network) == before - 2
