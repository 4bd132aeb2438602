"""What can be added to the U-Net: residual blocks, gates, deep supervision, a limit of width."""

from typing import Any

import cv2
import pytest
import torch

from seglab.losses import binary_cross_entropy
from seglab.networks.unet import UNet, level_widths
from seglab.training_module import supervised_loss

OPTIONS: dict[str, dict[str, Any]] = {
    "residual": {"block": "residual"},
    "gate": {"attention": "gate"},
    "deep supervision": {"deep_supervision": True},
    "narrow": {"max_channels": 6},
    "half stem": {"stem": "half"},
    "all": {
        "block": "residual",
        "attention": "gate",
        "deep_supervision": True,
        "max_channels": 6,
        "stem": "half",
    },
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize(("height", "width"), [(16, 16), (33, 47), (17, 1)])
def test_any_size_with_every_option(options: dict[str, Any], height: int, width: int) -> None:
    network = UNet(classes=3, base_channels=4, depth=3, **options)
    images = torch.randn(2, 3, height, width)
    found = network.supervised_logits(images)
    assert len(found) == (3 if options.get("deep_supervision") else 1)
    for logits in found:
        assert logits.shape == (2, 3, height, width)
        assert torch.isfinite(logits).all()
    torch.testing.assert_close(found[0], network(images), rtol=0, atol=0)


def test_gates_and_auxiliary_heads_leave_the_other_first_weights() -> None:
    drawn = []
    for options in ({}, {"attention": "gate", "deep_supervision": True}):
        torch.manual_seed(0)
        drawn.append(UNet(base_channels=4, depth=3, **options).state_dict())
    plain, more = drawn
    assert len(more) > len(plain)
    assert all(torch.equal(weights, more[name]) for name, weights in plain.items())


def test_the_first_skip_has_no_gate_and_the_last_level_no_auxiliary_head() -> None:
    network = UNet(base_channels=4, depth=3, attention="gate", deep_supervision=True)
    assert [gate.from_skip.in_channels for gate in network.gates] == [16, 8]
    assert [head.in_channels for head in network.auxiliary_heads] == [16, 8]


def test_levels_stop_growing_at_the_most_channels() -> None:
    assert level_widths(64, 4) == [64, 128, 256, 512, 1024]
    assert level_widths(16, 5, 256) == [16, 32, 64, 128, 256, 256]
    network = UNet(base_channels=4, depth=3, max_channels=8)
    assert [encoder[0].out_channels for encoder in network.encoders] == [8, 8, 8]
    assert [decoder[0].in_channels for decoder in network.decoders] == [16, 16, 8]


def test_coarser_logits_are_enlarged_bilinearly() -> None:
    network = UNet(base_channels=2, depth=2, deep_supervision=True)
    head = network.auxiliary_heads[0]
    seen: list[torch.Tensor] = []
    head.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    _, coarse = network.supervised_logits(torch.randn(1, 3, 12, 8))
    expected = cv2.resize(seen[0][0, 0].detach().numpy(), (8, 12), interpolation=1)
    torch.testing.assert_close(coarse[0, 0].detach(), torch.from_numpy(expected))


def test_one_batch_is_learned_by_heart_with_every_option() -> None:
    torch.manual_seed(0)
    network = UNet(base_channels=8, depth=2, **(OPTIONS["all"] | {"max_channels": 12}))
    images = torch.randn(4, 3, 24, 24)
    targets = (images[:, 0].roll(3, 1) + images[:, 1] > 0.5).long()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        loss = supervised_loss(binary_cross_entropy, network.supervised_logits(images), targets)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        assert binary_cross_entropy(network(images), targets).item() < 0.1


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_every_weight_of_every_option_gets_a_gradient(options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    network = UNet(base_channels=4, depth=3, **options)
    found = network.supervised_logits(torch.randn(2, 3, 16, 16))
    torch.stack(found).square().sum().backward()
    without = [
        name
        for name, weights in network.named_parameters()
        if weights.grad is None or not weights.grad.any()
    ]
    assert without == []


def test_unknown_attention_is_refused() -> None:
    with pytest.raises(ValueError, match="'cubic' is not one of none, gate"):
        UNet(attention="cubic")


@pytest.mark.parametrize("up", ["transpose", "bilinear", "nearest"])
def test_a_half_stem_makes_every_level_twice_as_coarse(up: str) -> None:
    network, shapes = UNet(base_channels=4, depth=2, stem="half", up=up), []
    for part in (network.stem, *network.encoders):
        part.register_forward_hook(lambda _part, _in, out: shapes.append(tuple(out.shape[1:])))
    assert network(torch.zeros(1, 3, 32, 48)).shape == (1, 1, 32, 48)
    assert shapes == [(4, 16, 24), (8, 8, 12), (16, 4, 6)]
    assert network.stride == 8


def test_unknown_stem_is_refused() -> None:
    with pytest.raises(ValueError, match="stem: 'quarter' is not one of full, half"):
        UNet(base_channels=2, depth=1, stem="quarter")
