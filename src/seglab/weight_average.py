"""The moving average of the weights, which is what is validated and saved where it is on."""

from typing import Any

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor

from seglab.ranks import Ranks
from seglab.training_module import TrainingModule, average_buffers


class WeightAverage(WeightAveraging):
    """Exponential moving average of the weights (after Polyak and Juditsky 1992), by Lightning.

    The first step's weights are copied; after each later one, ``average`` becomes
    ``kept · average + (1 − kept) · weights`` with ``average_share`` as ``kept``. Validation runs on
    the average; training goes on with the weights themselves, which it never changes. Both are in
    ``last.ckpt``.

    The running statistics of batch norm are averaged the same way, not copied: they belong to the
    weights that produced them, and the latest step's would fit the averaged weights less well.
    """

    def __init__(self, decay: float, device: str, ranks: Ranks) -> None:
        # The device is named: Lightning copies the module before it has moved it there.
        super().__init__(device=device, use_buffers=True, multi_avg_fn=self._update)
        self.decay, self._ranks = decay, ranks

    def on_validation_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Validate the average; each of several processes has averaged statistics of its own."""
        average_buffers(self.module, self._ranks)
        super().on_validation_epoch_start(trainer, pl_module)

    @property
    def module(self) -> TrainingModule:
        """The module with the averaged weights, once the training has begun."""
        assert self._average_model is not None
        averaged = self._average_model.module
        assert isinstance(averaged, TrainingModule)
        return averaged

    @torch.no_grad()
    def _update(self, averaged: list[Tensor], current: list[Tensor], count: Tensor | int) -> None:
        """Move tensors of one dtype; ``count`` steps were averaged before this one."""
        if not averaged[0].is_floating_point():
            torch._foreach_copy_(averaged, current)  # batch norm's counter of batches
            return
        torch._foreach_lerp_(averaged, current, 1 - average_share(self.decay, int(count)))


def average_share(decay: float, count: int) -> float:
    """Share of the average that is kept when ``count`` steps are in it already.

    min(decay, (1 + count) / (10 + count)): the first steps' weights, far from any good ones, are
    forgotten soon.
    """
    return min(decay, (1 + count) / (10 + count))
