"""Optimisers and learning-rate schedules by name."""

from collections.abc import Iterable
from typing import Any

from torch import nn
from torch.nn import Parameter
from torch.optim import SGD, Adam, AdamW
from torch.optim import Optimizer as TorchOptimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR

from seglab.config import Optimizer

SCHEDULES_WITH_AN_END = ("onecycle", "cosine")
"""Their rate at a step depends on the total: a training cannot be made longer afterwards."""


def parameter_groups(
    network: nn.Module, encoder: nn.Module | None, rate: float, encoder_rate: float
) -> Iterable[Parameter] | list[dict[str, Any]]:
    """All weights, or, where the encoder's rate differs, the others' and then the encoder's.

    ``rate``: learning rate; ``encoder_rate``: the factor on it for the encoder.
    """
    if encoder is None or encoder_rate == 1:
        return network.parameters()
    own = {id(weights) for weights in encoder.parameters()}
    others = [weights for weights in network.parameters() if id(weights) not in own]
    return [
        {"params": others, "lr": rate},
        {"params": list(encoder.parameters()), "lr": rate * encoder_rate},
    ]


def build_optimizer(
    settings: Optimizer,
    parameters: Iterable[Parameter] | list[dict[str, Any]],
    fused: bool = True,
) -> TorchOptimizer:
    """The optimiser at its highest learning rate; groups may have rates of their own. ``fused``:
    all its arithmetic in one pass over the weights, the same but for rounding."""
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.name == "sgd":
        momentum = settings.momentum
        return SGD(parameters, lr=rate, weight_decay=decay, momentum=momentum, fused=fused)
    kind = Adam if settings.name == "adam" else AdamW
    return kind(parameters, lr=rate, weight_decay=decay, fused=fused)


def build_schedule(
    settings: Optimizer, optimizer: TorchOptimizer, steps: int
) -> LRScheduler | None:
    """The schedule over ``steps`` steps, to be moved on after each; ``None`` is constant.

    ``onecycle``: Smith and Topin 2018 (arXiv:1708.07120) as in torch, momentum cycled too.
    """
    if settings.schedule == "onecycle":
        return OneCycleLR(
            optimizer,
            max_lr=[group["lr"] for group in optimizer.param_groups],
            # One step more: torch's last scheduled step is then never asked for twice.
            total_steps=max(steps, 2) + 1,
            pct_start=settings.pct_start,
            div_factor=settings.div_factor,
        )
    if settings.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=steps)
    return None
