"""Losses: ours from scratch, others from a library; all take logits and class ids.

All skip ``IGNORE`` and compute in float32.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from seglab.config import Experiment, Loss
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


def cross_entropy(logits: Tensor, targets: Tensor, class_weights: Sequence[float] = ()) -> Tensor:
    """Mean over counted pixels of −log softmax(logits)[class].

    ``logits`` N×C×H×W; ``targets`` long N×H×W of class ids or ``IGNORE``. With ``class_weights``
    (a number above 0 for each class) a weighted mean: a pixel weighs as its true class does.
    """
    scores = logits.float()
    counted = targets != IGNORE
    classes = targets.masked_fill(~counted, 0)
    chosen = scores.gather(1, classes[:, None])[:, 0]
    losses = torch.logsumexp(scores, dim=1) - chosen
    if not class_weights:
        return (losses * counted).sum() / counted.sum().clamp(min=1)
    weights = torch.tensor(class_weights, device=scores.device)[classes] * counted
    return (losses * weights).sum() / weights.sum().clamp(min=1e-12)


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


def library_loss(settings: Loss, name: str, output: str) -> LossFunction:
    """A loss of segmentation-models-pytorch, pooled over the batch's counted pixels.

    ``focal`` (Lin et al. 2017, arXiv:1708.02002), ``tversky`` (Salehi et al. 2017,
    arXiv:1706.05721), ``lovasz`` (Berman et al. 2018, arXiv:1705.08790), ``jaccard``. 0 where no
    pixel is counted. ``output``: ``sigmoid`` or ``softmax``. Of several classes the library's focal
    loss is that of one sigmoid a class against the rest, whereas prediction takes their softmax:
    the likeliest class is the same, its probability is not that of training.
    """
    from segmentation_models_pytorch import losses as library

    mode = "binary" if output == "sigmoid" else "multiclass"
    alpha = settings.tversky_alpha
    built: Any = {
        "focal": lambda: library.FocalLoss(mode, gamma=settings.focal_gamma, ignore_index=IGNORE),
        "tversky": lambda: library.TverskyLoss(
            mode, alpha=alpha, beta=1 - alpha, ignore_index=IGNORE
        ),
        "lovasz": lambda: library.LovaszLoss(mode, ignore_index=IGNORE),
        "jaccard": lambda: library.JaccardLoss(mode, ignore_index=IGNORE),
    }[name]()

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        if not (targets != IGNORE).any():
            return logits.float().sum() * 0
        truth = targets[:, None] if mode == "binary" else targets
        value: Tensor = built(logits.float(), truth)
        return value

    return loss


def build_loss(experiment: Experiment, class_weights: Sequence[float] = ()) -> LossFunction:
    """The loss an experiment names, as a function of logits and targets.

    ``class_weights``, one for each class, are what ``weighted_bce`` and ``weighted_cross_entropy``
    use. Autocast is switched off inside, so half precision never reaches a sum over pixels.
    """
    parts = [
        (weight, _single(experiment, name, class_weights))
        for name, weight in experiment.loss.weights.items()
    ]

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        with torch.autocast(logits.device.type, enabled=False):
            return torch.stack([weight * part(logits, targets) for weight, part in parts]).sum()

    return loss


def _single(experiment: Experiment, name: str, class_weights: Sequence[float]) -> LossFunction:
    settings = experiment.loss
    if name == "bce":
        return binary_cross_entropy
    if name == "weighted_bce":
        background, foreground = class_weights or (1.0, 1.0)
        return partial(binary_cross_entropy, positive_weight=foreground / background)
    if name == "cross_entropy":
        return cross_entropy
    if name == "weighted_cross_entropy":
        return partial(cross_entropy, class_weights=class_weights)
    if name == "dice":
        return partial(dice_loss, smooth=settings.dice_smooth, over=settings.dice_over)
    return library_loss(settings, name, experiment.output)
