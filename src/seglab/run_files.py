"""Names of the files in a run folder."""

from functools import cached_property
from pathlib import Path

from seglab.views import ONE_LOOK, Views


class RunFiles:
    """Where each file of a run folder is, whether it is there or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @property
    def config_path(self) -> Path:
        """``config.json``."""
        return self.folder / "config.json"

    @property
    def checkpoint_path(self) -> Path:
        """Best weights: tensors and plain values."""
        return self.folder / "checkpoint.pth"

    @property
    def onnx_path(self) -> Path:
        """The network for ONNX Runtime."""
        return self.folder / "model.onnx"

    @property
    def int8_path(self) -> Path:
        """The same in whole numbers of 8 bits, where ``seglab.quantization`` made it."""
        return self.folder / "model-int8.onnx"

    @property
    def int8_record_path(self) -> Path:
        """What it was made from, and what it gains and loses."""
        return self.folder / "model-int8.json"

    @property
    def last_path(self) -> Path:
        """Everything that going on needs."""
        return self.folder / "last.ckpt"

    @property
    def first_path(self) -> Path:
        """The weights it began with, where they were other runs', until training is finished."""
        return self.folder / "first.ckpt"

    @property
    def metrics_path(self) -> Path:
        """A row an epoch."""
        return self.folder / "metrics.csv"

    @property
    def log_path(self) -> Path:
        """What the terminal showed."""
        return self.folder / "train.log"

    @property
    def samples_path(self) -> Path:
        """Which samples it was trained and validated on: never to be tested on."""
        return self.folder / "training-samples.csv"

    @property
    def notes_path(self) -> Path:
        """What a person wrote about it."""
        return self.folder / "notes.md"

    def epoch_path(self, epoch: int) -> Path:
        """The weights after an epoch, where ``trainer.checkpoint_every`` asks for them."""
        return self.folder / f"checkpoint-epoch-{epoch:04d}.pth"

    @property
    def threshold_path(self) -> Path:
        """The threshold swept on validation, and its curve."""
        return self.folder / "threshold.json"

    def evaluation_path(
        self, split: str, size: str = "network", views: Views = ONE_LOOK, suffix: str = ".json"
    ) -> Path:
        """Results on a split: ``.json`` the reductions, ``.csv`` a row an image.

        ``size``: measured at the ``network``'s size, or at the photos' ``original`` one, as the
        mean over ``views``.
        """
        ending = ("" if size == "network" else f"-{size}") + views.ending
        return self.folder / f"evaluation-{split}{ending}{suffix}"

    def lasting_files(self) -> list[Path]:
        """The files that are there, but for what only going on with the training needs."""
        names = [
            self.config_path,
            self.checkpoint_path,
            self.onnx_path,
            self.metrics_path,
            self.log_path,
            self.samples_path,
            self.threshold_path,
            *sorted(self.folder.glob("evaluation-*.json")),
            *sorted(self.folder.glob("evaluation-*.csv")),
        ]
        return [path for path in names if path.exists()]
