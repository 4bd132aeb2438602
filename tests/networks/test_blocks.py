"""What a U-Net is built of."""

import itertools

import pytest
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock

from seglab.networks.blocks import (
    AttentionGate,
    ResidualBlock,
    convolution_block,
    doubling,
    halving,
    normalisation,
)

DOWNS, UPS = ("maxpool", "strided"), ("transpose", "bilinear", "nearest")
SAMPLINGS = list(itertools.product(DOWNS, UPS))


@pytest.mark.parametrize(("down", "up"), SAMPLINGS)
def test_halvings_and_doublings_do_what_their_names_say(down: str, up: str) -> None:
    features = torch.randn(1, 6, 8, 10)
    assert halving(down, 6)(features).shape == (1, 6, 4, 5)
    assert doubling(up, 6, 5)(features).shape == (1, 5, 16, 20)


def test_interpolations_are_bilinear_and_nearest() -> None:
    step = torch.zeros(1, 2, 1, 4)
    step[..., 2:] = 1
    values = {}
    for up in ("bilinear", "nearest"):
        layer = doubling(up, 2, 1)
        nn.init.constant_(layer[0].weight, 0.5)
        nn.init.zeros_(layer[0].bias)
        values[up] = layer(step)[0, 0, 0].tolist()
    assert values["nearest"] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert values["bilinear"] == [0, 0, 0, 0.25, 0.75, 1, 1, 1]


@pytest.mark.parametrize(
    ("channels", "groups"), [(2, 2), (6, 6), (7, 7), (12, 6), (64, 8), (11, 1)]
)
def test_the_groups_divide_the_channels(channels: int, groups: int) -> None:
    layer = normalisation("group", channels)
    assert isinstance(layer, nn.GroupNorm)
    assert layer.num_groups == groups


@pytest.mark.parametrize(("inside", "outside"), [(6, 6), (6, 10)])
@pytest.mark.parametrize("training", [True, False])
def test_a_residual_block_is_torchvision_s(inside: int, outside: int, training: bool) -> None:
    torch.manual_seed(0)
    ours = ResidualBlock(inside, outside, "batch").train(training)
    shortcut = None
    if inside != outside:
        convolution = nn.Conv2d(inside, outside, kernel_size=1, bias=False)
        shortcut = nn.Sequential(convolution, nn.BatchNorm2d(outside))
    theirs = BasicBlock(inside, outside, downsample=shortcut).train(training)
    with torch.no_grad():
        for weights in ours.parameters():
            weights.copy_(torch.randn_like(weights))
    # Both list convolution, norm, convolution, norm, shortcut in this order.
    names = zip(theirs.state_dict(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict(dict(names))
    features = torch.randn(3, inside, 9, 7)
    expected = theirs(features.clone())
    torch.testing.assert_close(ours(features), expected)
    assert expected.min() == 0
    torch.testing.assert_close(list(ours.state_dict().values()), list(theirs.state_dict().values()))


def test_a_gate_scales_each_pixel_between_0_and_1() -> None:
    torch.manual_seed(0)
    gate = AttentionGate(4, 6)
    skip, signal = torch.randn(2, 4, 8, 12), torch.randn(2, 6, 4, 6)
    share = gate(skip, signal) / skip
    torch.testing.assert_close(share, share[:, :1].expand_as(share))
    assert ((share > 0) & (share < 1)).all()
    assert not torch.allclose(gate(skip, signal + 1), gate(skip, signal))
    for logit, expected in ((-30.0, 0.0), (0.0, 0.5), (30.0, 1.0)):
        nn.init.zeros_(gate.coefficient.weight)
        nn.init.constant_(gate.coefficient.bias, logit)
        torch.testing.assert_close(gate(skip, signal), expected * skip)


def test_a_gate_by_hand() -> None:
    """Two channels, one signal channel, weights of ones: every number can be followed."""
    gate = AttentionGate(2, 1)
    for weights in gate.parameters():
        nn.init.ones_(weights)
    skip, signal = torch.full((1, 2, 2, 2), 0.1), torch.full((1, 1, 1, 1), -0.5)
    # 8 values of the skip 0.8, signal and its bias 0.5: 1.3, and the coefficient's bias.
    expected = 0.1 * torch.sigmoid(torch.tensor(2.3))
    torch.testing.assert_close(gate(skip, signal), expected.expand(1, 2, 2, 2))
    # Below 0 the ReLU leaves the bias alone.
    expected = 0.1 * torch.sigmoid(torch.tensor(1.0))
    torch.testing.assert_close(gate(skip, signal - 9), expected.expand(1, 2, 2, 2))


@pytest.mark.parametrize(
    "build",
    [
        lambda name: halving(name, 4),
        lambda name: doubling(name, 4, 2),
        lambda name: normalisation(name, 4),
        lambda name: convolution_block(name, 4, 4, "batch"),
    ],
)
def test_unknown_names_are_refused(build) -> None:
    with pytest.raises(ValueError, match="'cubic' is not one of"):
        build("cubic")
