"""seglab: train, compare and use networks for image segmentation."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seglab.inference import Predictor

__version__ = "0.1.0"


def load(run: str, backend: str = "auto", device: str = "auto", flip: bool = False) -> "Predictor":
    """A trained run, ready to segment photos: ``seglab.load("models/x").segment("photo.jpg")``.

    ``run``: a run folder or a checkpoint in one; ``backend``: ``auto``, ``onnx`` or ``torch``;
    ``flip``: average with the mirror image's answer, for twice the time.
    Raises ``seglab.errors.RunError``.
    """
    from seglab.inference import load as load_predictor

    return load_predictor(run, backend, device, flip)
