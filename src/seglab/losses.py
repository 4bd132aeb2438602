"""Losses, from scratch. All take logits and class ids, skip ``IGNORE`` and compute in float32."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seglab.config import Experiment
from seglab.labels import IGNORE

LossFunction = Callable[[Tensor, Tensor], Tensor]


def binary_cross_entropy(logits: Tensor, targets: Tensor, positive_weight: float = 1.0) -> Tensor:
    """Mean over counted pixels of −[w·y·log p + (1−y)·log(1−p)] with p = sigmoid(logit).

    ``logits`` N×1×H×W; ``targets`` long N×H×W with 0, 1 or ``IGNORE``. A pixel of the foreground
    weighs ``positive_weight``. 0 where no pixel is counted.
    """
    scores = logits[:, 0].float()
    counted = targets != IGNORE
    truth = (targets == 1).float()
    # log p = −softplus(−x) and log(1−p) = −softplus(x): finite for any logit.
    losses = positive_weight * truth * nn.functional.softplus(-scores)
    losses = losses + (1 - truth) * nn.functional.softplus(scores)
    return (losses * counted).sum() / counted.sum().clamp(min=1)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean over counted pixels of −log softmax(logits)[class].

    ``logits`` N×C×H×W; ``targets`` long N×H×W of class ids or ``IGNORE``.
    """
    scores = logits.float()
    counted = targets != IGNORE
    classes = targets.masked_fill(~counted, 0)
    chosen = scores.gather(1, classes[:, None])[:, 0]
    losses = torch.logsumexp(scores, dim=1) - chosen
    return (losses * counted).sum() / counted.sum().clamp(min=1)


def dice_loss(logits: Tensor, targets: Tensor, smooth: float = 1.0, over: str = "image") -> Tensor:
    """1 − Dice of probabilities (Milletari, Navab and Ahmadi 2016, without their squares).

    Dice = (2·Σpy + smooth) / (Σp + Σy + smooth) over the counted pixels. ``over`` is ``image``
    (one Dice an image, then the mean) or ``batch`` (sums pooled first). One logit channel is a
    sigmoid's foreground; of several, a softmax's, the classes but the background are averaged.
    """
    scores = logits.float()
    counted = (targets != IGNORE)[:, None].float()
    if scores.shape[1] == 1:
        predicted = torch.sigmoid(scores)
        truth = (targets == 1)[:, None].float()
    else:
        predicted = torch.softmax(scores, dim=1)[:, 1:]
        class_ids = torch.arange(1, scores.shape[1], device=targets.device)
        truth = (targets[:, None] == class_ids[None, :, None, None]).float()
    summed = (2, 3) if over == "image" else (0, 2, 3)
    overlap = (predicted * truth * counted).sum(summed)
    total = (predicted * counted).sum(summed) + (truth * counted).sum(summed)
    # Without smoothing an empty image with an empty prediction is 0/0: nothing to learn from it.
    dice = (2 * overlap + smooth) / (total + smooth).clamp(min=1e-12)
    return 1 - dice.mean()


def build_loss(experiment: Experiment, positive_weight: float = 1.0) -> LossFunction:
    """The loss an experiment names, as a function of logits and targets.

    ``positive_weight`` is what ``weighted_bce`` uses. Autocast is switched off inside, so half
    precision never reaches a sum over pixels.
    """
    settings = experiment.loss

    def dice(logits: Tensor, targets: Tensor) -> Tensor:
        return dice_loss(logits, targets, settings.dice_smooth, settings.dice_over)

    def weighted(logits: Tensor, targets: Tensor) -> Tensor:
        return binary_cross_entropy(logits, targets, positive_weight)

    parts: dict[str, tuple[LossFunction, ...]] = {
        "bce": (binary_cross_entropy,),
        "weighted_bce": (weighted,),
        "dice": (dice,),
        "bce_dice": (binary_cross_entropy, dice),
        "cross_entropy": (cross_entropy,),
        "cross_entropy_dice": (cross_entropy, dice),
    }
    chosen = parts[settings.name]

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        with torch.autocast(logits.device.type, enabled=False):
            return torch.stack([part(logits, targets) for part in chosen]).sum()

    return loss
