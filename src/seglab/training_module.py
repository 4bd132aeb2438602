"""What one step of training and of validation is, for Lightning."""

from collections.abc import Sequence
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor

from seglab import metrics, step_choices
from seglab.config import Experiment
from seglab.data.loaders import Batch
from seglab.data.sharing import Sharing
from seglab.errors import TrainingError
from seglab.losses import LossFunction
from seglab.networks.catalogue import PhotoNetwork
from seglab.networks.library import LibraryNetwork
from seglab.optimization import build_optimizer, build_schedule, parameter_groups
from seglab.ranks import Ranks
from seglab.tally import Tally


class TrainingModule(lightning.LightningModule):
    """A photo network with its loss, optimiser and tallies.

    ``sharing``: which part of each step's images is this process's own; ``compiled``: training
    runs through torch.compile.
    """

    def __init__(
        self,
        network: PhotoNetwork,
        loss: LossFunction,
        experiment: Experiment,
        sharing: Sharing,
        ranks: Ranks,
        compiled: bool = False,
    ) -> None:
        super().__init__()
        self.photo_network = network
        self.experiment = experiment
        self._loss, self._sharing, self._ranks = loss, sharing, ranks
        forward = network.supervised_logits
        self._logits = step_choices.compiled(forward) if compiled else forward
        self.training_tally = Tally()
        self.validation_tally = Tally()

    @property
    def encoder(self) -> torch.nn.Module | None:
        """The part that ``network.encoder_…`` is about, where the network has one."""
        network = self.photo_network.network
        return network.encoder if isinstance(network, LibraryNetwork) else None

    def on_train_epoch_start(self) -> None:
        """Freeze the encoder during its warm-up: weights, and batch norm's statistics too."""
        if self.encoder is None:
            return
        frozen = self.current_epoch < self.experiment.network.encoder_warmup
        self.encoder.requires_grad_(not frozen)
        self.encoder.train(not frozen)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Seed what the network draws by step: a resumed run draws the same."""
        seed = self.experiment.trainer.seed
        torch.manual_seed(_step_seed(seed, self.global_step, self._ranks.rank))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Loss of a batch, with that of the decoder's coarser levels under deep supervision."""
        images, targets = batch
        # The last batch has another shape, which is not worth compiling once more.
        whole = len(images) == self._sharing.share
        forward = self._logits if whole else self.photo_network.supervised_logits
        loss, counts = self._step(forward(images), targets.long())
        self.training_tally.add(loss, counts[: len(self._sharing.positions(batch_idx))])
        weight = self._sharing.weight(batch_idx)
        return loss if weight == 1 else weight * loss

    def on_validation_start(self) -> None:
        """Every process validates with the same running statistics."""
        average_buffers(self, self._ranks)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Tally a batch."""
        images, targets = batch
        self.validation_tally.add(*self._step([self.photo_network(images)], targets.long()))

    def _step(self, logits: Sequence[Tensor], classes: Tensor) -> tuple[Tensor, np.ndarray]:
        """Loss of all logits, pixel counts of the first.

        Raises ``TrainingError`` when the loss is not finite.
        """
        loss = supervised_loss(self._loss, logits, classes)
        if not torch.isfinite(loss):
            rate = self.optimizers().param_groups[0]["lr"]  # type: ignore[union-attr]
            raise TrainingError(
                f"the {'training' if self.training else 'validation'} loss is {float(loss)} in "
                f"epoch {self.current_epoch + 1}, step {self.global_step}, at learning rate "
                f"{rate:.3g}; nothing was overwritten. Lower --optimizer.learning_rate, or use "
                "--trainer.precision fp32"
            )
        with torch.no_grad():
            predicted = predict_classes(logits[0])
            counts = metrics.count_pixels(predicted, classes, self.experiment.class_count)
        return loss, counts

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """By the L2 norm. Lightning's own refuses every fused optimiser under mixed precision."""
        if gradient_clip_val:
            torch.nn.utils.clip_grad_norm_(self.parameters(), gradient_clip_val)

    def configure_optimizers(self) -> Any:
        """Optimiser, and the schedule moved on at every step."""
        settings = self.experiment.optimizer
        # A fused one takes the scale of fp16's gradients out itself: too late for clipping.
        fused = self.trainer.precision != "16-mixed"
        rate = self.experiment.network.encoder_rate
        groups = parameter_groups(self.photo_network, self.encoder, settings.learning_rate, rate)
        optimizer = build_optimizer(settings, groups, fused)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = build_schedule(settings, optimizer, steps)
        if schedule is None:
            return optimizer
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def supervised_loss(loss: LossFunction, logits: Sequence[Tensor], classes: Tensor) -> Tensor:
    """Mean of the losses of a decoder's levels (Lee et al. 2015, arXiv:1409.5185), finest first.

    ``logits`` each N×C×H×W, ``classes`` long N×H×W. A level weighs half of the one before it;
    the weights sum to 1, so that the learning rate means the same for any number of levels.
    """
    weights = [0.5**level for level in range(len(logits))]
    losses = [weight * loss(found, classes) for weight, found in zip(weights, logits, strict=True)]
    return torch.stack(losses).sum() / sum(weights)


def predict_classes(logits: Tensor) -> Tensor:
    """Class ids N×H×W: one channel is the foreground's sigmoid at 0.5, of more the largest."""
    if logits.shape[1] == 1:
        return (logits[:, 0] > 0).long()
    return logits.argmax(dim=1)


def average_buffers(module: torch.nn.Module, ranks: Ranks) -> None:
    """Give each floating-point buffer its mean over the processes: what batch norm has seen."""
    if ranks.count == 1:
        return
    for buffer in module.buffers():
        if buffer.is_floating_point():
            torch.distributed.all_reduce(buffer)
            buffer /= ranks.count


def _step_seed(seed: int, step: int, rank: int) -> int:
    drawn = [seed, step, rank] if rank else [seed, step]
    return int(np.random.SeedSequence(drawn).generate_state(1)[0])
