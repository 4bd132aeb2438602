"""The library's networks behind our interface: any size, any number of classes, no download."""

import socket
from typing import Any

import pytest
import torch

from seglab.errors import UsageError
from seglab.experiment_parser import validate
from seglab.networks.catalogue import build_network, multiply_adds, parameter_count
from seglab.networks.library import LibraryNetwork, encoder_names
from tests.helpers import tiny_experiment


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a network was asked for something")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_padding_is_cropped_away_where_it_was_put() -> None:
    network = LibraryNetwork("fpn", "resnet18", 1).eval()
    images = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(network(images), network.network(images))


def test_an_experiment_names_one_and_its_size_is_counted() -> None:
    experiment = tiny_experiment(
        network={"name": "fpn", "encoder": "resnet18", "base_channels": 16, "depth": 4},
        data={"image_size": 64},
    )
    network = build_network(experiment)
    assert isinstance(network, LibraryNetwork)
    assert parameter_count(network) == 13_047_233
    assert multiply_adds(network, 64) == pytest.approx(4 * multiply_adds(network, 32), rel=0.01)


def test_an_encoder_that_does_not_fit_is_one_line() -> None:
    for name, encoder in (
        ("unetplusplus", "mit_b0"),
        ("fpn", "tu-vit_tiny_patch16_224"),
        ("pan", "tu-swin_tiny_patch4_window7_224"),
    ):
        with pytest.raises(UsageError, match=f"network.encoder: {encoder} does not work with"):
            LibraryNetwork(name, encoder, 1)


@pytest.mark.parametrize(
    ("encoder", "near"),
    [
        ("resnet-50", r", did you mean resnet50\?"),
        ("tu-resnet19", r", did you mean tu-resnet18\?"),
        ("q", ";"),
        ("tu-hf-hub:somebody/something", ".*"),
        ("tu-local-dir:/etc", ".*"),
        ("tu-", ".*"),
    ],
)
def test_an_unknown_encoder_is_one_line_and_nothing_is_fetched(encoder: str, near: str) -> None:
    said = f"network.encoder: there is no encoder {encoder}{near} python -m seglab.networks --list"
    with pytest.raises(UsageError, match=said):
        LibraryNetwork("fpn", encoder, 1)


def test_an_encoder_for_images_of_another_size_is_one_line() -> None:
    network = LibraryNetwork("fpn", "tu-swin_tiny_patch4_window7_224", 1)
    with pytest.raises(UsageError, match=r"does not take images of 64 pixels \(Input height \(64"):
        multiply_adds(network, 64)
    assert network.training


@pytest.mark.parametrize(
    ("network", "problem"),
    [
        ({"name": "fpn", "down": "strided"}, "network.down: is no key of fpn"),
        ({"name": "segformer", "base_channels": 8}, "network.base_channels: is no key of"),
        ({"encoder": "mit_b0"}, "network.encoder: is no key of unet"),
        ({"encoder_weights": "imagenet"}, "network.encoder_weights: is no key of unet"),
    ],
)
def test_a_foreign_key_is_never_ignored(network: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        validate({"network": network})


def test_the_usual_encoders_are_there() -> None:
    assert {"resnet34", "efficientnet-b0", "mobilenet_v2", "mit_b0"} <= set(encoder_names())
