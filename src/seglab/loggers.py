"""Where a training's figures go besides ``metrics.csv``: TensorBoard, Weights & Biases.

Both packages are optional extras, imported only where ``trainer.loggers`` names them.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from seglab.runs import Run

Images = Mapping[str, np.ndarray]
"""Name of a sample to its picture, uint8 H×W×3 RGB."""


class Logger(Protocol):
    """One place where figures go; any call may raise anything."""

    def figures(self, values: Mapping[str, float], epoch: int) -> None:
        """An epoch's row of ``metrics.csv``."""

    def images(self, pictures: Images, epoch: int) -> None:
        """How the network sees a few fixed samples after an epoch."""

    def close(self) -> None:
        """Write what is left."""


class TensorBoard:
    """Event files in the run folder's ``tensorboard/``."""

    def __init__(self, run: Run, first_epoch: int) -> None:
        """``first_epoch``: what an interrupted run wrote from there on is taken back."""
        from torch.utils.tensorboard import SummaryWriter

        folder = str(run.folder / "tensorboard")
        self._writer: Any = SummaryWriter(folder, purge_step=first_epoch)  # type: ignore[no-untyped-call]

    def figures(self, values: Mapping[str, float], epoch: int) -> None:
        """A chart for each."""
        for name, value in values.items():
            self._writer.add_scalar(_in_groups(name), value, epoch)
        self._writer.flush()

    def images(self, pictures: Images, epoch: int) -> None:
        """One picture a sample, an epoch behind the other."""
        for name, picture in pictures.items():
            self._writer.add_image(f"predictions/{name}", picture, epoch, dataformats="HWC")

    def close(self) -> None:
        """End the event file."""
        self._writer.close()


class WeightsAndBiases:
    """A run of the project ``seglab`` (or ``WANDB_PROJECT``); ``WANDB_MODE`` is respected.

    Without an account, and where the service cannot be reached, it is kept offline in the run
    folder's ``wandb/`` until ``wandb sync`` brings it there.
    """

    def __init__(self, run: Run, first_epoch: int) -> None:
        import os

        import wandb

        settings = wandb.Settings(console="off", silent=True, disable_git=True, init_timeout=30)
        begun = json.dumps([run.name, run.config["environment"]], sort_keys=True)
        options: dict[str, Any] = {
            "project": os.environ.get("WANDB_PROJECT", "seglab"),
            "name": run.name,
            "id": hashlib.sha256(begun.encode()).hexdigest()[:12],
            "resume": "allow",
            "dir": str(run.folder),
            "config": run.experiment.as_dict(),
            "settings": settings,
        }
        self._picture: Any = wandb.Image
        if "WANDB_MODE" in os.environ:
            self._run: Any = wandb.init(**options)
            return
        try:
            mode = "online" if wandb.login(prompt=False) else "offline"
            self._run = wandb.init(**options, mode=mode)
        except Exception:  # no route to the service, or an account it does not know
            self._run = wandb.init(**options, mode="offline")

    def figures(self, values: Mapping[str, float], epoch: int) -> None:
        """A chart for each."""
        named = {_in_groups(name): value for name, value in values.items()}
        self._run.log(named, step=epoch)

    def images(self, pictures: Images, epoch: int) -> None:
        """One panel with a picture a sample."""
        shown = [self._picture(picture, caption=name) for name, picture in pictures.items()]
        self._run.log({"predictions": shown}, step=epoch)

    def close(self) -> None:
        """End the run."""
        self._run.finish()


LOGGERS: dict[str, Any] = {"tensorboard": TensorBoard, "wandb": WeightsAndBiases}
"""What ``trainer.loggers`` may name: called with a run and the first epoch that is logged."""


def _in_groups(name: str) -> str:
    """``val_loss`` as ``loss/val``: training and validation of one figure beside each other."""
    for part in ("train", "val"):
        if name.startswith(f"{part}_"):
            return f"{name.removeprefix(f'{part}_')}/{part}"
    return f"training/{name}"
