"""What one step of training and of validation is, for Lightning."""

from collections.abc import Sequence
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor

from seglab import metrics
from seglab.config import Experiment
from seglab.data.loaders import Batch
from seglab.errors import TrainingError
from seglab.losses import LossFunction
from seglab.networks.catalogue import PhotoNetwork
from seglab.optimization import build_optimizer, build_schedule


class Tally:
    """Losses and pixel counts of an epoch, image by image, whatever the batch size."""

    def __init__(self) -> None:
        self._losses: list[tuple[Tensor, int]] = []
        self._counts: list[np.ndarray] = []

    def add(self, loss: Tensor, counts: np.ndarray) -> None:
        """A batch's mean loss and its counts N×classes×4."""
        self._losses.append((loss.detach(), len(counts)))
        self._counts.append(counts)

    def figures(self, prefix: str) -> dict[str, float]:
        """``<prefix>_loss`` (mean over images) and the metrics of ``metrics.reduce``."""
        images = sum(count for _, count in self._losses)
        total = sum(float(loss) * count for loss, count in self._losses)
        counts = np.concatenate(self._counts) if self._counts else np.zeros((0, 2, 4))
        figures = {"loss": total / max(images, 1)} | metrics.reduce(counts)
        return {f"{prefix}_{name}": value for name, value in figures.items()}

    @property
    def images(self) -> int:
        """Images added so far."""
        return sum(count for _, count in self._losses)

    @property
    def last_loss(self) -> float:
        """The latest batch's loss."""
        return float(self._losses[-1][0]) if self._losses else float("nan")


class TrainingModule(lightning.LightningModule):
    """A photo network with its loss, optimiser and tallies."""

    def __init__(self, network: PhotoNetwork, loss: LossFunction, experiment: Experiment) -> None:
        super().__init__()
        self.photo_network = network
        self.experiment = experiment
        self._loss = loss
        self.training_tally = Tally()
        self.validation_tally = Tally()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Seed what the network draws by step: a resumed run draws the same."""
        torch.manual_seed(_step_seed(self.experiment.trainer.seed, self.global_step))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Loss of a batch, with that of the decoder's coarser levels under deep supervision."""
        images, targets = batch
        loss, counts = self._step(self.photo_network.supervised_logits(images), targets.long())
        self.training_tally.add(loss, counts)
        return loss

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

    def configure_optimizers(self) -> Any:
        """Optimiser, and the schedule moved on at every step."""
        settings = self.experiment.optimizer
        optimizer = build_optimizer(settings, self.photo_network.parameters())
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


def _step_seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1)[0])
