"""Photo in, segmentation out: through ONNX Runtime on a CPU, torch on a GPU.

The torch-free half of the package: on a CPU nothing here imports torch.
"""

import time
from collections.abc import Collection
from pathlib import Path

import numpy as np

from seglab.averaging import Network, averaged
from seglab.decoding import MAX_MEGAPIXELS
from seglab.errors import RunError, UsageError
from seglab.onnx_networks import checked_int8, onnx_network
from seglab.photos import Photo
from seglab.preprocessing import Preprocessing
from seglab.runs import Run
from seglab.segmentation import Bands, PhotoMask, Segmentation, Spread, gather, planes_of, whole
from seglab.tiles import blended
from seglab.views import ONE_LOOK, Views


class Predictor:
    """A trained run, ready to segment photos. Made by ``seglab.load``.

    Every answer is the mean over ``views``; a call's own win. With ``tile`` photos are segmented
    in tiles at their own resolution; a network that was trained on crops always does that.
    """

    def __init__(
        self,
        run: Run,
        network: Network,
        backend: str,
        views: Views = ONE_LOOK,
        tile: bool = False,
    ) -> None:
        self.run, self.backend, self.views = run, backend, views
        self.preprocessing: Preprocessing = run.preprocessing
        self.tile = tile or self.preprocessing.takes_crops
        self.class_names = run.class_names
        self.colours = run.class_colours
        self.threshold = run.threshold
        self._network = network

    def with_views(self, views: Views) -> "Predictor":
        """The same network, averaged over other views."""
        return Predictor(self.run, self._network, self.backend, views, self.tile)

    def segment(
        self,
        photo: str | Path | bytes | np.ndarray,
        threshold: float | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
    ) -> Segmentation:
        """Segment a photo: a path, an image file's bytes, or RGB uint8 H×W×3.

        Raises ``ImageError`` when it cannot be decoded.
        """
        opened = Photo(photo, max_megapixels)
        image = opened.pixels
        bands, height, width, start = self._bands(opened, None)
        probabilities = whole(bands, height, width, len(self.class_names))
        seconds = time.perf_counter() - start
        chosen = self.threshold if threshold is None else threshold
        names = self.class_names
        return Segmentation(image, probabilities, names, chosen, seconds, self.colours)

    def mask(
        self, photo: Photo, threshold: float | None = None, kept: Collection[int] = ()
    ) -> tuple[PhotoMask, float]:
        """A photo's mask, with the probabilities of the class ids ``kept`` in 0–255, and the
        seconds from the network's input to it.

        Nothing else of the photo's size is made, but for its pixels where it is cut into tiles.
        Raises ``ImageError``.
        """
        chosen = self.threshold if threshold is None else threshold
        if not self.tile and len(self.class_names) == 2 and not kept:
            small, height, width = photo.network_image(self.preprocessing)
            start = time.perf_counter()
            foreground = self.network_probabilities(small[None])[0, 1]
            mask, low, high = self.preprocessing.restored_mask(foreground, height, width, chosen)
            return PhotoMask(mask, {}, Spread(low, high, high)), time.perf_counter() - start
        bands, height, width, start = self._bands(photo, None)
        found = gather(bands, height, width, len(self.class_names), chosen, kept)
        return found, time.perf_counter() - start

    def probabilities(self, photo: Path | np.ndarray, views: Views | None = None) -> np.ndarray:
        """Probabilities float32 classes×H×W of a photo, a file or uint8 H×W×3, at its own size.

        Raises ``ImageError``.
        """
        bands, height, width, _ = self._bands(Photo(photo), views)
        return whole(bands, height, width, len(self.class_names))

    def network_probabilities(self, images: np.ndarray, views: Views | None = None) -> np.ndarray:
        """Probabilities float32 N×classes×S×S of images uint8 N×S×S×3 at the network's size."""
        views = self.views if views is None else views
        # Reading the experiment takes longer than predicting: only where other sizes need it.
        stride = 1 if views.scales == (1.0,) else self.run.experiment.network.stride
        return averaged(self._network, images, views, stride)

    def _bands(self, photo: Photo, views: Views | None) -> tuple[Bands, int, int, float]:
        """The photo's probabilities in bands, its height and width, and when it was read."""

        def network(images: np.ndarray) -> np.ndarray:
            return np.stack(list(map(planes_of, self.network_probabilities(images, views))))

        if self.tile:
            height, width = photo.pixels.shape[:2]
            start = time.perf_counter()
            bands = blended(photo.pixels, self.preprocessing.image_size, network)
        else:
            small, height, width = photo.network_image(self.preprocessing)
            start = time.perf_counter()
            bands = self.preprocessing.restored_bands(network(small[None])[0], height, width)
        return bands, height, width, start


def load(
    run: str | Path | Run,
    backend: str = "auto",
    device: str = "auto",
    views: Views = ONE_LOOK,
    threads: int = 0,
    tile: bool = False,
) -> Predictor:
    """A ``Predictor`` of a run folder, or of a checkpoint in one.

    ``backend``: ``onnx`` (CPU), ``int8`` (CPU, what ``seglab.quantization`` made), ``torch``, or
    ``auto``: onnx on a CPU where ``model.onnx`` is there, else torch. ``device``: ``auto``,
    ``cpu``, ``cuda`` or ``mps``. A checkpoint named by its path is always run by torch unless it
    is the best one. ``views``: what to average over; each costs as much as a single look.
    ``threads`` of a call with onnx, 0: all cores. ``tile``: in tiles at the photo's own resolution,
    as networks trained on crops always are. Raises ``RunError``.
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
    if backend in ("onnx", "int8"):
        if not is_best:
            raise RunError(f"{checkpoint}: only the best checkpoint is exported; --backend torch")
        path = run.onnx_path if backend == "onnx" else checked_int8(run)
        return Predictor(run, onnx_network(run, path, threads, views), backend, views, tile)
    if backend == "torch":
        return Predictor(run, _torch_network(run, checkpoint, device), "torch", views, tile)
    raise RunError(f"backend: {backend!r} is not one of auto, onnx, int8, torch")


def _has_gpu() -> bool:
    """Whether a CUDA driver is there, without importing torch."""
    return Path("/proc/driver/nvidia/version").exists()


def _torch_network(run: Run, checkpoint: Path | None, device: str) -> Network:
    import torch

    from seglab.hardware import resolve_device
    from seglab.networks.catalogue import probability_network
    from seglab.networks.plausible import check_network_size

    place = resolve_device(device)
    weights = run.load_weights(checkpoint)["weights"]
    try:
        check_network_size(run.experiment, checkpoint or run.checkpoint_path)
        module = probability_network(run.experiment, run.preprocessing)
    except UsageError as error:
        raise RunError(f"{run.config_path}: {error}") from error
    try:
        module.photo_network.network.load_state_dict(weights)
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
