"""The U-Net."""

import itertools
import math
from collections import Counter

import pytest
import torch
from torch import nn

from seglab.losses import binary_cross_entropy, cross_entropy
from seglab.networks.unet import UNet, pad_to_stride

DOWNS, UPS = ("maxpool", "strided"), ("transpose", "bilinear", "nearest")
SAMPLINGS = list(itertools.product(DOWNS, UPS))


def parameters(network: nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())


@pytest.mark.parametrize(("down", "up"), SAMPLINGS)
@pytest.mark.parametrize(("height", "width"), [(16, 16), (33, 47), (47, 33), (17, 1), (64, 96)])
def test_any_size_comes_out_as_it_went_in(down: str, up: str, height: int, width: int) -> None:
    network = UNet(classes=3, base_channels=2, depth=4, down=down, up=up).eval()
    with torch.no_grad():
        logits = network(torch.randn(2, 3, height, width))
    assert logits.shape == (2, 3, height, width)
    assert torch.isfinite(logits).all()


def test_padding_is_cropped_where_it_was_added() -> None:
    network = UNet(base_channels=2, depth=4).eval()
    images = torch.randn(1, 3, 33, 47)
    with torch.no_grad():
        expected = network(pad_to_stride(images, 16))[..., :33, :47]
        torch.testing.assert_close(network(images), expected, rtol=0, atol=0)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_every_depth(depth: int) -> None:
    network = UNet(base_channels=2, depth=depth).eval()
    assert network(torch.randn(1, 3, 33, 47)).shape == (1, 1, 33, 47)
    assert network.head.in_channels == 2
    assert network.encoders[-1][0].out_channels == 2 * 2**depth


def test_the_classic_network_s_parameters_counted_by_hand() -> None:
    def double(inside: int, outside: int) -> int:
        # Two 3×3 convolutions without bias, each with a batch norm's weight and bias.
        return 9 * inside * outside + 9 * outside * outside + 4 * outside

    widths = [64, 128, 256, 512, 1024]
    down = double(3, 64) + sum(double(width, 2 * width) for width in widths[:-1])
    up = sum((2 * width) * width * 4 + width + double(2 * width, width) for width in widths[:-1])
    head = 64 + 1
    network = UNet(in_channels=3, classes=1, base_channels=64, depth=4)
    assert parameters(network) == down + up + head == 31_037_633


def kinds(network: nn.Module) -> Counter[str]:
    return Counter(type(module).__name__ for module in network.modules())


@pytest.mark.parametrize(("down", "up"), SAMPLINGS)
def test_the_samplings_are_the_layers_they_claim(down: str, up: str) -> None:
    network = UNet(base_channels=4, depth=3, down=down, up=up)
    halvings, doublings = kinds(network.halvings), kinds(network.doublings)
    assert halvings["MaxPool2d"] == (3 if down == "maxpool" else 0)
    assert halvings["Conv2d"] == (3 if down == "strided" else 0)
    assert doublings["ConvTranspose2d"] == (3 if up == "transpose" else 0)
    assert doublings["Upsample"] == (0 if up == "transpose" else 3)
    for module in network.modules():
        if isinstance(module, nn.Upsample):
            assert (module.mode, module.scale_factor) == (up, 2)
        if isinstance(module, nn.ConvTranspose2d) or (
            isinstance(module, nn.Conv2d) and module.kernel_size == (2, 2)
        ):
            assert (module.kernel_size, module.stride) == ((2, 2), (2, 2))
    assert kinds(network)["BatchNorm2d"] == 2 * 7
    assert kinds(network)["ReLU"] == 2 * 7


def test_the_weights_names_are_those_of_every_saved_run() -> None:
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    double = ["0.weight", *(f"1.{name}" for name in norm), "3.weight", *(f"4.{n}" for n in norm)]
    names = [
        *(f"stem.{name}" for name in double),
        *(f"encoders.0.{name}" for name in double),
        "doublings.0.weight",
        "doublings.0.bias",
        *(f"decoders.0.{name}" for name in double),
        "head.weight",
        "head.bias",
    ]
    assert list(UNet(base_channels=2, depth=1).state_dict()) == names


def shapes_outside(network: nn.Module, part: str) -> dict[str, torch.Size]:
    return {
        name: weights.shape
        for name, weights in network.state_dict().items()
        if not name.startswith(part)
    }


def test_swapping_a_sampling_changes_nothing_else() -> None:
    networks = [UNet(base_channels=4, depth=3, up=up) for up in UPS]
    first, *others = (shapes_outside(network, "doublings") for network in networks)
    assert first
    assert all(first == other for other in others)
    sampled = {tuple(kinds(network.doublings).items()) for network in networks}
    assert len(sampled) == 2
    networks = [UNet(base_channels=4, depth=3, down=down) for down in DOWNS]
    assert shapes_outside(networks[0], "halvings") == shapes_outside(networks[1], "halvings")
    assert parameters(networks[0].halvings) == 0 < parameters(networks[1].halvings)


@pytest.mark.parametrize("seed", range(3))
def test_the_loss_of_a_fresh_network_is_that_of_guessing(seed: int) -> None:
    torch.manual_seed(seed)
    images = torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        binary = binary_cross_entropy(
            UNet(classes=1, base_channels=16)(images), torch.randint(0, 2, (4, 32, 32))
        )
        several = cross_entropy(
            UNet(classes=5, base_channels=16)(images), torch.randint(0, 5, (4, 32, 32))
        )
    assert binary.item() == pytest.approx(math.log(2), abs=0.15)
    assert several.item() == pytest.approx(math.log(5), abs=0.2)


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_one_batch_is_learned_by_heart(norm: str) -> None:
    torch.manual_seed(0)
    network = UNet(base_channels=8, depth=2, norm=norm)
    images = torch.randn(4, 3, 24, 24)
    targets = (images[:, 0].roll(3, 1) + images[:, 1] > 0.5).long()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        loss = binary_cross_entropy(network(images), targets)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_every_weight_gets_a_gradient() -> None:
    for down, up in SAMPLINGS:
        network = UNet(base_channels=4, depth=2, down=down, up=up)
        network(torch.randn(2, 3, 16, 16)).square().sum().backward()
        without = [
            name
            for name, weights in network.named_parameters()
            if weights.grad is None or not weights.grad.any()
        ]
        assert without == []


def test_group_norm_does_not_depend_on_the_batch() -> None:
    torch.manual_seed(0)
    images = torch.randn(3, 3, 16, 16)
    network = UNet(base_channels=4, depth=2, norm="group").train()
    torch.testing.assert_close(network(images)[:1], network(images[:1]), rtol=1e-4, atol=1e-5)
    network = UNet(base_channels=4, depth=2, norm="batch").train()
    assert not torch.allclose(network(images)[:1], network(images[:1]), rtol=1e-2, atol=1e-2)


def test_dropout_drops_whole_channels_in_training_only() -> None:
    network = UNet(base_channels=4, depth=1, dropout=0.5)
    dropped = network.dropout(torch.ones(1, 200, 3, 3))
    shares = dropped.mean((2, 3)).unique().tolist()
    assert shares == [0, 2]
    images = torch.randn(2, 3, 16, 16)
    network.train()
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))


def test_padding_repeats_the_edge_and_only_where_needed() -> None:
    images = torch.arange(6.0).reshape(1, 1, 2, 3)
    padded = pad_to_stride(images, 4)
    assert padded[0, 0].tolist() == [[0, 1, 2, 2], [3, 4, 5, 5], [3, 4, 5, 5], [3, 4, 5, 5]]
    assert torch.equal(pad_to_stride(padded, 4), padded)
