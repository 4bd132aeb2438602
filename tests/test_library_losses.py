"""The library's losses behind our interface, and weighted sums."""

from typing import Any

import pytest
import torch
from torch import Tensor

from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import validate
from seglab.labels import IGNORE
from seglab.losses import binary_cross_entropy, build_loss, dice_loss, library_loss


def drawn(channels: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(channels)
    logits = torch.randn(3, channels, 12, 14, generator=generator, requires_grad=True)
    targets = torch.randint(0, max(channels, 2), (3, 12, 14), generator=generator)
    return logits, targets


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["focal", "tversky", "lovasz", "jaccard"])
def test_ignored_pixels_do_not_reach_the_library_s_losses(name: str, channels: int) -> None:
    output = "sigmoid" if channels == 1 else "softmax"
    loss = library_loss(Experiment().loss, name, output)
    logits, targets = drawn(channels)
    targets[:, :, 7:] = IGNORE
    value = loss(logits, targets)
    value.backward()
    assert value > 0
    assert logits.grad is not None
    assert (logits.grad[..., 7:] == 0).all()
    assert (logits.grad[..., :7] != 0).any()
    changed = logits.detach().clone()
    changed[..., 7:] = 50
    torch.testing.assert_close(loss(changed, targets), value.detach())
    nothing = loss(logits, torch.full_like(targets, IGNORE))
    assert nothing == 0


@pytest.mark.parametrize("name", ["tversky", "jaccard"])
def test_a_perfect_answer_costs_next_to_nothing(name: str) -> None:
    targets = torch.randint(0, 2, (2, 8, 8), generator=torch.Generator().manual_seed(0))
    logits = (targets[:, None].float() - 0.5) * 60
    assert library_loss(Experiment().loss, name, "sigmoid")(logits, targets) < 1e-4


def test_focal_without_an_exponent_is_cross_entropy() -> None:
    logits, targets = drawn(1)
    settings = Experiment.model_validate({"loss": {"name": "focal", "focal_gamma": 0}}).loss
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0], targets.float())
    torch.testing.assert_close(
        library_loss(settings, "focal", "sigmoid")(logits, targets), expected
    )


def test_a_sum_weighs_its_parts() -> None:
    described = {"name": "sum", "parts": {"bce": 0.25, "dice": 2, "lovasz": 0.5}}
    experiment = Experiment.model_validate({"loss": described})
    logits, targets = drawn(1)
    expected = (
        0.25 * binary_cross_entropy(logits, targets)
        + 2 * dice_loss(logits, targets)
        + 0.5 * library_loss(experiment.loss, "lovasz", "sigmoid")(logits, targets)
    )
    torch.testing.assert_close(build_loss(experiment)(logits, targets), expected)


@pytest.mark.parametrize(
    ("loss", "problem"),
    [
        ({"name": "sum"}, "sum needs at least one part"),
        ({"parts": {"bce": 1}}, "loss.parts: is no key of bce_dice"),
        ({"name": "sum", "parts": {"bce": 1, "cross_entropy": 1}}, "bce|softmax"),
        ({"name": "sum", "parts": {"bce": -1}}, "parts"),
        ({"name": "sum", "parts": {"hinge": 1}}, "parts"),
    ],
)
def test_sums_that_make_no_sense_are_one_line(loss: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        validate({"loss": loss})
    assert "\n" not in str(caught.value)
