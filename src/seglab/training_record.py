"""What happens around an epoch: rows, best weights, the state to go on from, what is shown."""

import math
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import lightning

from seglab.config import Experiment
from seglab.console import Bar, Console, duration
from seglab.files import replacing
from seglab.metrics import CLASS_IOU
from seglab.ranks import Ranks
from seglab.runs import Row, Run
from seglab.tally import Tally
from seglab.training_guards import check_still_there
from seglab.training_module import TrainingModule
from seglab.untrusted_files import load_tensors
from seglab.weight_average import WeightAverage

ALONE = Ranks()
MOST_CLASSES = 8
"""So many classes have their IoU told after an epoch; of more the lowest."""


class Recorder(lightning.Callback):
    """Writes the run folder at the end of each epoch, in this order: row, best, last.

    A run killed in between is cut back to ``last.ckpt`` when it is resumed. The weights saved are
    those validated: the ``average``'s where there is one. Of several processes all know the same
    figures, and decide the same from them; only the first one writes.
    """

    def __init__(
        self,
        run: Run,
        experiment: Experiment,
        console: Console,
        average: WeightAverage | None = None,
        ranks: Ranks = ALONE,
    ) -> None:
        self.run, self.experiment, self.console = run, experiment, console
        self._average, self._ranks = average, ranks
        self.rows: list[Row] = []
        self.best_value: float | None = None
        self.best_epoch = 0
        self._bar: Bar | None = None
        self._epoch_start = self._training_end = self._validation_start = 0.0
        self._epochs_here = 0
        self.begun = False
        self._begin = time.monotonic()

    # The state in last.ckpt: plain values only.

    def state_dict(self) -> dict[str, Any]:
        """Best so far and the number of rows."""
        return {
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "rows": len(self.rows),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint: rows written after it are cut off."""
        self.best_value, self.best_epoch = state_dict["best_value"], state_dict["best_epoch"]
        self.rows = self.run.rows()[: state_dict["rows"]]

    # The course of an epoch.

    def on_fit_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """A run that was killed after it had stopped early is not gone on with."""
        if self._out_of_patience():
            trainer.should_stop = True

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """Empty tallies, a fresh bar."""
        if trainer.current_epoch > 0 and not self.rows:
            raise ValueError("the state is of a later epoch, but the rows before it are gone")
        self.begun = True
        module.training_tally, module.validation_tally = Tally(), Tally()
        label = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}"
        self._bar = self.console.bar(label, int(trainer.num_training_batches))
        self._epoch_start = time.monotonic()

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move the bar."""
        if self._bar and self.console.interactive:
            self._bar.to(batch_idx + 1, note=f"loss {module.training_tally.last_loss:.3f}")
        self._training_end = time.monotonic()

    def on_validation_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """Show that validation runs."""
        self._validation_start = time.monotonic()
        if self._bar and self.console.interactive:
            self._bar.to(int(trainer.num_training_batches), note="validating")

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        """Write what the epoch gave."""
        self._close_bar()
        check_still_there(self.run.folder)
        row = self._row(trainer, module)
        self.rows.append(row)
        if self._ranks.is_first:
            self.run.write_rows(self.rows)
        value = row[self.experiment.trainer.monitor]
        epoch = trainer.current_epoch + 1
        if self._is_better(value):
            self.best_value, self.best_epoch = value, epoch
            self._save_weights(module, self.run.checkpoint_path, epoch)
        every = self.experiment.trainer.checkpoint_every
        if every and epoch % every == 0:
            self._save_weights(module, self.run.epoch_path(epoch), epoch)
        self._epochs_here += 1
        self._show(trainer, row)
        if self._out_of_patience():
            trainer.should_stop = True
            self.console.line(
                f"stopped early: {self.experiment.trainer.monitor} has not improved for "
                f"{self.experiment.trainer.early_stopping} epochs"
            )
        if self._ranks.is_first:
            with replacing(self.run.last_path) as temporary:
                trainer.save_checkpoint(temporary)
        else:
            trainer.save_checkpoint(self.run.last_path)  # takes part, and writes nothing

    def on_exception(self, trainer: lightning.Trainer, module: Any, exception: Any) -> None:
        """Leave a clean terminal."""
        self._close_bar()

    def _row(self, trainer: lightning.Trainer, module: TrainingModule) -> Row:
        now = time.monotonic()
        training = self._training_end - self._epoch_start
        trained = module.training_tally.of_all(self._ranks)
        validated = module.validation_tally.of_all(self._ranks)
        names = self.experiment.class_names
        return {
            "epoch": trainer.current_epoch + 1,
            **trained.figures("train", names),
            **validated.figures("val", names),
            "learning_rate": float(trainer.optimizers[0].param_groups[0]["lr"]),
            "seconds": now - self._epoch_start,
            "seconds_training": training,
            "seconds_validation": now - self._validation_start,
            "images_per_second_training": trained.images / max(training, 1e-9),
        }

    def _is_better(self, value: float) -> bool:
        if self.best_value is None:
            return True
        lower = self.experiment.trainer.monitor.endswith("loss")
        return value < self.best_value if lower else value > self.best_value

    def _out_of_patience(self) -> bool:
        patience = self.experiment.trainer.early_stopping
        return patience > 0 and len(self.rows) - self.best_epoch >= patience

    def _save_weights(self, module: TrainingModule, path: Any, epoch: int) -> None:
        if not self._ranks.is_first:
            return
        validated = self._average.module if self._average else module
        weights = validated.photo_network.network.state_dict()
        self.run.save_weights(
            path,
            {
                "weights": {name: tensor.detach().cpu() for name, tensor in weights.items()},
                "epoch": epoch,
                "monitor": self.experiment.trainer.monitor,
                "value": self.best_value,
                "config": self.run.config,
            },
        )

    def _show(self, trainer: lightning.Trainer, row: Row) -> None:
        epoch, total = int(row["epoch"]), int(trainer.max_epochs or 0)
        line = (
            f"epoch {epoch:>{len(str(total))}}/{total}  loss {row['train_loss']:.4f} → validation "
            f"{row['val_loss']:.4f}  dataset IoU {row['val_dataset_iou']:.4f}  mean image IoU "
            f"{row['val_mean_image_iou']:.4f}  accuracy {row['val_accuracy']:.4f}  rate "
            f"{row['learning_rate']:.2e}  {row['images_per_second_training']:.0f} images/s  "
            f"{duration(row['seconds'])}"
        )
        left = (time.monotonic() - self._begin) / self._epochs_here * (total - epoch)
        if left:
            end = datetime.now() + timedelta(seconds=left)
            line += f"  ends {end:%H:%M}"
        self.console.line(line + ("  best" if epoch == self.best_epoch else ""))
        if words := classes_in_words(row):
            self.console.line(f"{'':{len(f'epoch {total}/{total}')}}  {words}")

    def _close_bar(self) -> None:
        if self._bar:
            self._bar.close()
            self._bar = None


def classes_in_words(row: Row) -> str:
    """Validation IoU of each class in a row, the lowest ones of many; empty for two classes."""
    beginning = f"val_{CLASS_IOU}"
    found = {
        name.removeprefix(beginning): value
        for name, value in row.items()
        if name.startswith(beginning) and not math.isnan(value)
    }
    shown = [*found] if len(found) <= MOST_CLASSES else sorted(found, key=found.__getitem__)
    listed = ", ".join(f"{name} {found[name]:.4f}" for name in shown[:MOST_CLASSES])
    left = len(found) - MOST_CLASSES
    if not found:
        return ""
    return f"IoU of {listed}" + (f"; {left} classes are higher" if left > 0 else "")


def weights_only_state(path: Path) -> dict[str, Any]:
    """The content of ``last.ckpt``: tensors, plain values. Raises ``OSError``, ``ValueError``."""
    content = load_tensors(path, path.parent)
    if not isinstance(content, dict):
        raise ValueError("it is no state of a training")
    return content
