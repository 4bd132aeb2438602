"""seglab: train, compare and use networks for image segmentation."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seglab.inference import Predictor

__version__ = "0.1.0"

# ONNX Runtime reports its use to its maker and keeps a file for that beside the temporary ones;
# it looks for this when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def load(
    run: str,
    backend: str = "auto",
    device: str = "auto",
    flip: bool = False,
    scales: Sequence[float] = (1.0,),
    tile: bool = False,
) -> "Predictor":
    """A trained run, ready to segment photos: ``seglab.load("models/x").segment("photo.jpg")``.

    ``run``: a run folder or a checkpoint in one; ``backend``: ``auto``, ``onnx``, ``int8`` (see
    ``seglab.quantization``) or ``torch``; ``flip``: average with the mirror image's answer;
    ``scales``: average over these times the network's size. Each view costs as much as a single
    look. ``tile``: overlapping tiles at the photo's own resolution, as networks trained on crops
    are always used.
    Raises ``seglab.errors.RunError``.
    """
    from seglab.inference import load as load_predictor
    from seglab.views import Views

    return load_predictor(run, backend, device, Views(flip, tuple(scales)), tile=tile)
