"""Losses against independent implementations."""

import itertools

import numpy as np
import pytest
import torch
from segmentation_models_pytorch.losses import DiceLoss
from torch import Tensor
from torch.nn import functional

from seglab.labels import IGNORE
from seglab.losses import (
    binary_cross_entropy,
    build_loss,
    cross_entropy,
    dice_loss,
)
from tests.helpers import tiny_experiment

BINARY = ("bce", "weighted_bce", "dice", "bce_dice")
MULTICLASS = ("cross_entropy", "weighted_cross_entropy", "cross_entropy_dice", "dice")


def draw(channels: int, ignored: float = 0.2, images: int = 3) -> tuple[Tensor, Tensor]:
    """Random logits N×C×7×9 and targets with a share of ignored pixels."""
    generator = torch.Generator().manual_seed(channels)
    logits = 2 * torch.randn(images, channels, 7, 9, generator=generator)
    targets = torch.randint(0, max(channels, 2), (images, 7, 9), generator=generator)
    targets[torch.rand(targets.shape, generator=generator) < ignored] = IGNORE
    return logits, targets


def loss_named(name: str, channels: int, weight: float = 2.5):
    """The loss an experiment names, for so many channels."""
    loss = {"name": name}
    if channels == 1:
        return build_loss(tiny_experiment(loss=loss), (1.0, weight))
    classes = {f"class{number}": [number] for number in range(channels)}
    data = {"source": "folder", "classes": classes}
    weights = [weight ** (number - 1) for number in range(channels)]
    experiment = tiny_experiment(loss=loss, data=data, network={"output": "softmax"})
    return build_loss(experiment, weights)


@pytest.mark.parametrize("weight", [1.0, 0.3, 4.0])
def test_binary_cross_entropy_equals_torch_s(weight: float) -> None:
    logits, targets = draw(1)
    counted = targets != IGNORE
    expected = functional.binary_cross_entropy_with_logits(
        logits[:, 0][counted], targets[counted].float(), pos_weight=torch.tensor(weight)
    )
    torch.testing.assert_close(binary_cross_entropy(logits, targets, weight), expected)


@pytest.mark.parametrize("channels", [2, 3, 5])
def test_cross_entropy_equals_torch_s(channels: int) -> None:
    logits, targets = draw(channels)
    expected = functional.cross_entropy(logits, targets, ignore_index=IGNORE)
    torch.testing.assert_close(cross_entropy(logits, targets), expected)


@pytest.mark.parametrize("channels", [2, 3, 5])
def test_weighted_cross_entropy_equals_torch_s(channels: int) -> None:
    logits, targets = draw(channels)
    weights = [0.5 + number for number in range(channels)]
    expected = functional.cross_entropy(
        logits, targets, weight=torch.tensor(weights), ignore_index=IGNORE
    )
    torch.testing.assert_close(cross_entropy(logits, targets, weights), expected)
    plain = loss_named("cross_entropy", channels)(logits, targets)
    torch.testing.assert_close(plain, cross_entropy(logits, targets))
    assert loss_named("weighted_cross_entropy", channels)(logits, targets) != plain


@pytest.mark.parametrize("smooth", [0.0, 1.0, 7.5])
@pytest.mark.parametrize("ignored", [0.0, 0.3])
def test_dice_over_the_batch_equals_segmentation_models_pytorch_s(
    smooth: float, ignored: float
) -> None:
    logits, targets = draw(1, ignored)
    # Theirs is written as Tversky's fraction, half of ours above and below the line.
    reference = DiceLoss("binary", smooth=smooth / 2, ignore_index=IGNORE)
    expected = reference(logits, targets[:, None])
    torch.testing.assert_close(dice_loss(logits, targets, smooth, "batch"), expected)


def test_dice_of_classes_equals_segmentation_models_pytorch_s_without_background() -> None:
    logits, targets = draw(4)
    reference = DiceLoss("multiclass", classes=[1, 2, 3], smooth=1.0, ignore_index=IGNORE)
    torch.testing.assert_close(dice_loss(logits, targets, 2.0, "batch"), reference(logits, targets))


def test_dice_of_each_image_by_hand() -> None:
    logits, targets = draw(1)
    dice = []
    for scores, truth in zip(logits[:, 0].numpy(), targets.numpy(), strict=True):
        overlap = predicted = wanted = 0.0
        for row, column in itertools.product(*map(range, truth.shape)):
            if truth[row, column] != IGNORE:
                probability = 1 / (1 + np.exp(-float(scores[row, column])))
                overlap += probability * truth[row, column]
                predicted += probability
                wanted += truth[row, column]
        dice.append((2 * overlap + 1) / (predicted + wanted + 1))
    assert dice_loss(logits, targets, 1.0, "image").item() == pytest.approx(1 - np.mean(dice))


def test_dice_of_each_image_is_the_mean_of_single_images() -> None:
    logits, targets = draw(3)
    alone = [dice_loss(logits[[n]], targets[[n]], 1.0, "batch").item() for n in range(3)]
    assert dice_loss(logits, targets, 1.0, "image").item() == pytest.approx(np.mean(alone))
    assert dice_loss(logits, targets, 1.0, "batch").item() != pytest.approx(np.mean(alone))


def test_sums_are_plain_sums() -> None:
    logits, targets = draw(1)
    both = binary_cross_entropy(logits, targets) + dice_loss(logits, targets)
    torch.testing.assert_close(loss_named("bce_dice", 1)(logits, targets), both)
    logits, targets = draw(3)
    both = cross_entropy(logits, targets) + dice_loss(logits, targets)
    torch.testing.assert_close(loss_named("cross_entropy_dice", 3)(logits, targets), both)


def test_the_experiment_s_dice_settings_reach_the_loss() -> None:
    logits, targets = draw(1)
    settings = {"name": "dice", "dice_smooth": 3.0, "dice_over": "batch"}
    built = build_loss(tiny_experiment(loss=settings))
    torch.testing.assert_close(built(logits, targets), dice_loss(logits, targets, 3.0, "batch"))
    assert built(logits, targets) != dice_loss(logits, targets, 1.0, "batch")
    assert built(logits, targets) != dice_loss(logits, targets, 3.0, "image")


def test_only_weighted_bce_is_weighted() -> None:
    logits, targets = draw(1)
    plain, weighted = loss_named("bce", 1, 2.5), loss_named("weighted_bce", 1, 2.5)
    torch.testing.assert_close(plain(logits, targets), binary_cross_entropy(logits, targets))
    torch.testing.assert_close(
        weighted(logits, targets), binary_cross_entropy(logits, targets, 2.5)
    )


def test_the_weight_of_the_foreground_is_its_share_of_the_background_s() -> None:
    logits, targets = draw(1)
    experiment = tiny_experiment(loss={"name": "weighted_bce"})
    expected = binary_cross_entropy(logits, targets, 3.0)
    torch.testing.assert_close(build_loss(experiment, (0.5, 1.5))(logits, targets), expected)
    unweighted = build_loss(experiment)(logits, targets)
    torch.testing.assert_close(unweighted, binary_cross_entropy(logits, targets))


def test_weights_of_classes_may_be_as_small_as_one_likes() -> None:
    logits, targets = (part[:1, ..., :2, :2] for part in draw(3, ignored=0))
    weights = (0.001, 0.003, 0.002)
    expected = functional.cross_entropy(logits, targets, torch.tensor(weights))
    torch.testing.assert_close(cross_entropy(logits, targets, weights), expected)


def test_dice_without_smoothing_of_a_faint_answer_is_exact() -> None:
    logits = torch.full((1, 1, 1, 2), -3.0)
    targets = torch.tensor([[[0, IGNORE]]])
    assert dice_loss(logits, targets, smooth=0) == 1
    logits, targets = torch.full((1, 1, 1, 2), -20.0), torch.tensor([[[0, 0]]])
    chance = float(torch.sigmoid(torch.tensor(-20.0)))
    found = float(dice_loss(logits, targets, smooth=1e-9))
    assert found == pytest.approx(1 - 1e-9 / (2 * chance + 1e-9))


ALL = [(name, 1) for name in BINARY] + [(name, 3) for name in MULTICLASS]


@pytest.mark.parametrize(("name", "channels"), ALL)
def test_ignored_pixels_change_nothing(name: str, channels: int) -> None:
    loss = loss_named(name, channels)
    logits, targets = draw(channels)
    ignored = (targets == IGNORE)[:, None].expand_as(logits)
    assert ignored.any()
    disturbed = logits.clone()
    disturbed[ignored] = 100 * torch.randn(int(ignored.sum()))
    torch.testing.assert_close(loss(disturbed, targets), loss(logits, targets))
    disturbed.requires_grad_()
    loss(disturbed, targets).backward()
    assert disturbed.grad is not None
    assert (disturbed.grad[ignored] == 0).all()
    assert (disturbed.grad[~ignored] != 0).any()


@pytest.mark.parametrize(("name", "channels"), ALL)
def test_all_pixels_ignored_is_finite_and_teaches_nothing(name: str, channels: int) -> None:
    logits, targets = draw(channels, ignored=2.0)
    logits.requires_grad_()
    value = loss_named(name, channels)(logits, targets)
    value.backward()
    assert torch.isfinite(value)
    assert logits.grad is not None
    assert (logits.grad == 0).all()


@pytest.mark.parametrize(("name", "channels"), ALL)
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_extreme_logits_are_finite(name: str, channels: int, size: float) -> None:
    logits, targets = draw(channels)
    logits = (logits.sign() * size).requires_grad_()
    value = loss_named(name, channels)(logits, targets)
    value.backward()
    assert torch.isfinite(value)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("over", ["image", "batch"])
def test_dice_without_smoothing_of_an_empty_image_is_finite(over: str) -> None:
    logits = torch.full((2, 1, 4, 4), -1e4, requires_grad=True)
    value = dice_loss(logits, torch.zeros(2, 4, 4, dtype=torch.long), 0.0, over)
    value.backward()
    assert torch.isfinite(value)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize(("name", "channels"), ALL)
def test_losses_are_computed_in_float32_under_autocast(name: str, channels: int) -> None:
    loss = loss_named(name, channels)
    logits, targets = draw(channels)
    half = logits.bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(half, targets)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss(half.float(), targets), rtol=0, atol=0)


@pytest.mark.parametrize(("name", "channels"), ALL)
def test_a_perfect_prediction_costs_almost_nothing_and_the_opposite_much(
    name: str, channels: int
) -> None:
    _, targets = draw(channels, ignored=0)
    one_hot = functional.one_hot(targets, max(channels, 2)).permute(0, 3, 1, 2).float()
    perfect = 40 * (one_hot[:, -channels:] - 0.5)
    loss = loss_named(name, channels)
    assert loss(perfect, targets) < 0.001
    assert loss(-perfect, targets) > 0.5
