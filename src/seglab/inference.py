"""Photo in, segmentation out: through ONNX Runtime on a CPU, torch on a GPU.

The torch-free half of the package: on a CPU nothing here imports torch.
"""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from seglab import overlays
from seglab.averaging import Network, averaged
from seglab.errors import ImageError, RunError
from seglab.preprocessing import MAX_MEGAPIXELS, ImageSource, Preprocessing, decode_image
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views

ALMOST_NOTHING = 1e-3


@dataclass(frozen=True)
class Segmentation:
    """What a network says of one photo, at the photo's own size.

    ``image`` uint8 H×W×3 RGB; ``probabilities`` float32 classes×H×W; ``class_names`` background
    first; ``threshold`` 0–1 applies to two classes; ``seconds`` from pixels to probabilities.
    """

    image: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    threshold: float
    seconds: float

    @cached_property
    def mask(self) -> np.ndarray:
        """Class ids uint8 H×W: foreground from the threshold on, of several the most likely."""
        return mask_from(self.probabilities, self.threshold)

    @property
    def foreground(self) -> np.ndarray:
        """Probability of not being background, float32 H×W."""
        foreground: np.ndarray = 1 - self.probabilities[0]
        return foreground

    @cached_property
    def foreground_share(self) -> float:
        """Share of pixels that are not background, 0–1."""
        return float((self.mask > 0).mean())

    @cached_property
    def probability_range(self) -> tuple[float, float]:
        """Lowest and highest probability of the foreground."""
        return float(self.foreground.min()), float(self.foreground.max())

    def mask_png(self) -> bytes:
        """The mask as a file: 0/255 for two classes, else ids with a palette."""
        return overlays.mask_png(self.mask, len(self.class_names))

    def overlay(self, opacity: float = 0.5) -> np.ndarray:
        """The photo tinted and outlined, uint8 H×W×3."""
        return overlays.outlined_overlay(self.image, self.mask, opacity)

    def cutout(self) -> np.ndarray:
        """The foreground with soft alpha, uint8 H×W×4."""
        return overlays.cutout(self.image, self.foreground)

    def warning(self) -> str | None:
        """A sentence when the result tells nothing: all one class, or not a number."""
        low, high = self.probability_range
        if not np.isfinite(self.probabilities).all():
            return "the network's output is not a number: its weights are broken, train it again"
        if high - low < ALMOST_NOTHING:
            return (
                f"the network's output is the same everywhere ({low:.3f}): it was hardly trained, "
                "or the photo is empty"
            )
        if not self.mask.any() and len(self.class_names) > 2:
            likely = float(self.probabilities[1:].max())
            return (
                "nothing found: background is the most likely class everywhere, the others reach "
                f"a probability of {likely:.2f}"
            )
        if not self.mask.any():
            return (
                f"nothing found: the highest probability is {high:.2f}, below the threshold "
                f"{self.threshold:g}; a lower --threshold would show more"
            )
        return None


def mask_from(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Class ids uint8 H×W from probabilities float32 classes×H×W."""
    if len(probabilities) == 2:
        mask: np.ndarray = (probabilities[1] >= threshold).astype(np.uint8)
        return mask
    classes: np.ndarray = probabilities.argmax(axis=0).astype(np.uint8)
    return classes


class Predictor:
    """A trained run, ready to segment photos. Made by ``seglab.load``.

    Every answer is the mean over ``views``; a call's own win.
    """

    def __init__(self, run: Run, network: Network, backend: str, views: Views = ONE_LOOK) -> None:
        self.run, self.backend, self.views = run, backend, views
        self.preprocessing: Preprocessing = run.preprocessing
        self.class_names = run.class_names
        self.threshold = run.threshold
        self._network = network

    def segment(
        self,
        photo: str | Path | bytes | np.ndarray,
        threshold: float | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
    ) -> Segmentation:
        """Segment a photo: a path, an image file's bytes, or RGB uint8 H×W×3.

        Raises ``ImageError`` when it cannot be decoded.
        """
        image = as_image(photo, max_megapixels)
        start = time.perf_counter()
        probabilities = self.probabilities(image)
        seconds = time.perf_counter() - start
        chosen = self.threshold if threshold is None else threshold
        return Segmentation(image, probabilities, self.class_names, chosen, seconds)

    def probabilities(self, image: np.ndarray, views: Views | None = None) -> np.ndarray:
        """Probabilities float32 classes×H×W of an image uint8 H×W×3 at its own size."""
        small = self.network_probabilities(self.preprocessing.resize_image(image)[None], views)[0]
        return self.preprocessing.restore(small, image.shape[0], image.shape[1])

    def network_probabilities(self, images: np.ndarray, views: Views | None = None) -> np.ndarray:
        """Probabilities float32 N×classes×S×S of images uint8 N×S×S×3 at the network's size."""
        views = self.views if views is None else views
        # Reading the experiment takes longer than predicting: only where other sizes need it.
        stride = 1 if views.scales == (1.0,) else self.run.experiment.network.stride
        return averaged(self._network, images, views, stride)


def as_image(photo: str | Path | bytes | np.ndarray, max_megapixels: float) -> np.ndarray:
    """RGB uint8 H×W×3 of whatever a photo is given as. Raises ``ImageError``."""
    if isinstance(photo, np.ndarray):
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
            shape = "×".join(map(str, photo.shape))
            raise ImageError(f"an array must be uint8 H×W×3 RGB, not {photo.dtype} {shape}")
        return photo
    source: ImageSource = Path(photo) if isinstance(photo, str) else photo
    try:
        return decode_image(source, max_megapixels)
    except ImageError as error:
        name = "the photo" if isinstance(source, bytes) else str(source)
        raise ImageError(f"{name} {error}") from error


def load(
    run: str | Path | Run,
    backend: str = "auto",
    device: str = "auto",
    views: Views = ONE_LOOK,
    threads: int = 0,
) -> Predictor:
    """A ``Predictor`` of a run folder, or of a checkpoint in one.

    ``backend``: ``onnx`` (CPU), ``torch``, or ``auto``: onnx on a CPU where ``model.onnx`` is
    there, else torch. ``device``: ``auto``, ``cpu``, ``cuda`` or ``mps``. A checkpoint named by
    its path is always run by torch unless it is the best one. ``views``: what to average over;
    each costs as much as a single look. ``threads`` of a call with onnx, 0: all cores. Raises
    ``RunError``.
    """
    checkpoint: Path | None = None
    if not isinstance(run, Run):
        path = Path(run)
        if path.is_file():
            checkpoint, run = path, Run.open(path.parent)
        else:
            run = Run.open(path)
    is_best = checkpoint is None or checkpoint.name == run.checkpoint_path.name
    if backend == "auto":
        wants_gpu = device in ("cuda", "mps") or (device == "auto" and _has_gpu())
        backend = "onnx" if is_best and run.onnx_path.exists() and not wants_gpu else "torch"
    if backend == "onnx":
        if not is_best:
            raise RunError(f"{checkpoint}: only the best checkpoint is exported; --backend torch")
        return Predictor(run, _onnx_network(run, threads, views), "onnx", views)
    if backend == "torch":
        return Predictor(run, _torch_network(run, checkpoint, device), "torch", views)
    raise RunError(f"backend: {backend!r} is not one of auto, onnx, torch")


def _has_gpu() -> bool:
    """Whether a CUDA driver is there, without importing torch."""
    return Path("/proc/driver/nvidia/version").exists()


def _onnx_network(run: Run, threads: int, views: Views) -> Network:
    if not run.onnx_path.exists():
        raise RunError(f"{run.folder}: holds no {run.onnx_path.name}; use --backend torch")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    try:
        session: Any = onnxruntime.InferenceSession(
            str(run.onnx_path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its exceptions share no base class
        raise RunError(
            f"{run.onnx_path}: cannot be read; use --backend torch or train again"
        ) from error
    images_input = session.get_inputs()[0]
    if views.scales != (1.0,) and isinstance(images_input.shape[1], int):
        raise RunError(f"{run.onnx_path}: takes one size only; use --backend torch with --scales")
    name = images_input.name

    def network(images: np.ndarray) -> np.ndarray:
        probabilities: np.ndarray = session.run(None, {name: images})[0]
        return probabilities

    return network


def _torch_network(run: Run, checkpoint: Path | None, device: str) -> Network:
    import torch

    from seglab.hardware import resolve_device
    from seglab.networks.catalogue import probability_network

    place = resolve_device(device)
    module = probability_network(run.experiment, run.preprocessing)
    try:
        module.photo_network.network.load_state_dict(run.load_weights(checkpoint)["weights"])
    except RuntimeError as error:
        raise RunError(
            f"{checkpoint or run.checkpoint_path}: its weights do not fit the network that "
            "config.json describes"
        ) from error
    module.eval().to(place)

    def network(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            probabilities: np.ndarray = module(torch.from_numpy(images).to(place)).cpu().numpy()
        return probabilities

    return network
