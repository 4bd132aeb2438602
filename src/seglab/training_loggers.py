"""A training told to its loggers, none of which can stop it."""

from collections.abc import Callable, Sequence
from typing import Any

import lightning
import numpy as np
import torch

from seglab.console import Console
from seglab.data.pairs import Pairs
from seglab.errors import Interrupted
from seglab.loggers import LOGGERS, Logger
from seglab.overlays import contours, overlay
from seglab.runs import Run
from seglab.training_module import TrainingModule, predict_classes
from seglab.training_record import Recorder

SAMPLES = 4
"""How many validation samples are shown after every epoch."""


class LoggerCallback(lightning.Callback):
    """Hands each epoch's figures and pictures to the loggers of ``names``.

    Stands behind the recorder, whose rows it reads. A logger that raises, from the import of its
    package on, is named in one line and left out from then on.
    """

    def __init__(
        self, names: Sequence[str], run: Run, recorder: Recorder, samples: Pairs, console: Console
    ) -> None:
        self._names, self._run, self._recorder = names, run, recorder
        self._samples, self._console = samples, console
        self._loggers: dict[str, Logger] = {}
        self._pictures: dict[str, np.ndarray] = {}
        self._no_pictures = False

    def on_train_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """Open all; a resumed training goes on where its checkpoint stands."""
        for name in dict.fromkeys(self._names):

            def begin(name: str = name) -> None:
                self._loggers[name] = LOGGERS[name](self._run, trainer.current_epoch + 1)

            self._guarded(name, begin)

    def on_validation_batch_end(
        self,
        trainer: lightning.Trainer,
        module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Draw the pictures while the validated weights are in place."""
        if batch_idx == 0 and self._loggers and not self._no_pictures:
            self._no_pictures = not self._guarded("pictures", lambda: self._draw(module))

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        """Tell the epoch."""
        row = {name: value for name, value in self._recorder.rows[-1].items() if name != "epoch"}
        epoch = trainer.current_epoch + 1
        for name, logger in list(self._loggers.items()):

            def tell(logger: Logger = logger) -> None:
                logger.figures(row, epoch)
                logger.images(self._pictures, epoch)

            self._guarded(name, tell)

    def teardown(self, trainer: lightning.Trainer, module: Any, stage: str) -> None:
        """Close all at the end."""
        self._close()

    def on_exception(self, trainer: lightning.Trainer, module: Any, exception: Any) -> None:
        """Close all after Ctrl-C too."""
        self._close()

    def _close(self) -> None:
        for name, logger in list(self._loggers.items()):
            self._guarded(name, logger.close)
        self._loggers.clear()

    def _guarded(self, name: str, work: Callable[[], None]) -> bool:
        """Whether it went well."""
        try:
            work()
            return True
        except Interrupted:
            raise
        except Exception as error:  # whatever a logger does, the training goes on
            self._loggers.pop(name, None)
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            hint = f"; install it: pip install {name}" if isinstance(error, ImportError) else ""
            self._console.line(f"warning: logger {name} is left out ({reason}{hint})")
            return False

    @torch.no_grad()
    def _draw(self, module: TrainingModule) -> None:
        """Photo with the prediction tinted and the truth outlined, of evenly spaced samples."""
        records = self._samples.records
        count = min(SAMPLES, len(records))
        places = [place * len(records) // count for place in range(count)]
        images, truths = zip(*(self._samples[place] for place in places), strict=True)
        photos = torch.from_numpy(np.stack(images)).to(module.device)
        predicted = predict_classes(module.photo_network(photos)).cpu().numpy().astype(np.uint8)
        colours = self._run.class_colours
        self._pictures = {
            records[place].name: contours(
                overlay(image, mask, colours=colours), truth, thickness=1, colours=colours
            )
            for place, image, mask, truth in zip(places, images, predicted, truths, strict=True)
        }
