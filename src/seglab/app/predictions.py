"""Networks, kept while the dashboard runs, and their answers, kept while a session lasts.

What is kept is at the network's size: small, and all that any threshold, picture or file needs.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import streamlit as st

from seglab import overlays
from seglab.app.photos import Photo
from seglab.app.pictures import LARGEST, encode_jpeg, shrink
from seglab.app.state import modified
from seglab.errors import RunError
from seglab.inference import Predictor, load
from seglab.run_list import default_run
from seglab.runs import Run
from seglab.segmentation import Segmentation, mask_from, planes_of, whole
from seglab.views import Views


@dataclass(frozen=True)
class Answer:
    """What a network said of a photo H×W: ``probabilities`` float32 classes×S×S, the
    ``network_image`` uint8 S×S×3 it was given, and the ``seconds`` that took.

    Of a network that was trained on crops the probabilities are those of all tiles, brought to the
    screen's size, and the image is the photo's middle.
    """

    run: Run
    probabilities: np.ndarray
    network_image: np.ndarray
    height: int
    width: int
    seconds: float
    flip: bool

    def at_size(self, height: int, width: int) -> np.ndarray:
        """Probabilities float32 classes×height×width, a size of the photo's proportions."""
        if self.run.preprocessing.takes_crops:
            return _resized(self.probabilities, height, width)
        planes = planes_of(self.probabilities)
        bands = self.run.preprocessing.restored_bands(planes, height, width)
        return whole(bands, height, width, len(self.probabilities))

    def full_size(self, photo: Photo) -> np.ndarray:
        """Probabilities float32 classes×H×W at the photo's own size, as ``predict.py`` has them.

        Those of tiles are made again: kept, they would fill the memory.
        """
        if self.run.preprocessing.takes_crops:
            return predictor(self.run).probabilities(photo.image, Views(self.flip))
        return self.at_size(self.height, self.width)

    def mask_png(self, photo: Photo, threshold: float) -> bytes:
        """The mask's file, byte for byte as ``predict.py`` writes it."""
        mask = mask_from(self.full_size(photo), threshold)
        return overlays.mask_png(mask, len(self.run.class_names), self.run.class_colours)

    def segmentation(self, photo: Photo, threshold: float) -> Segmentation:
        """All of it at the photo's own size."""
        run, found = self.run, self.full_size(photo)
        return Segmentation(
            photo.image, found, run.class_names, threshold, self.seconds, run.class_colours
        )


@dataclass(frozen=True)
class Screen:
    """A photo H×W as it is shown: ``image`` uint8 RGB, at most ``LARGEST`` pixels a side."""

    image: np.ndarray
    height: int
    width: int

    @cached_property
    def picture(self) -> bytes:
        """JPEG of it: the same at every step of a slider."""
        return encode_jpeg(self.image)


def usable(runs: Sequence[Run]) -> list[Run]:
    """The runs that have weights to predict with."""
    return [run for run in runs if run.onnx_path.exists() or run.checkpoint_path.exists()]


def preferred(runs: Sequence[Run], models: Path) -> int:
    """Position in ``runs`` of the one to begin with: the default run, else the first."""
    try:
        name = default_run(models).name
    except RunError:
        return 0
    return next((index for index, run in enumerate(runs) if run.name == name), 0)


def answer(run: Run, photo: Photo, flip: bool = False) -> Answer:
    """What ``run`` says of a photo, with ``flip`` averaged with its mirror image's answer.

    Raises ``ImageError`` that begins with the photo's name, and ``RunError``.
    """
    found: Answer = _answered(str(run.folder), stamp(run), photo.digest, flip, photo)
    return found


def on_screen(photo: Photo) -> Screen:
    """The photo for the screen. Raises ``ImageError`` that begins with the photo's name."""
    found: Screen = _on_screen(photo.digest, photo)
    return found


def predictor(run: Run) -> Predictor:
    """The run, ready to predict; loaded again when it trains on. Raises ``RunError``."""
    found: Predictor = _predictor(str(run.folder), stamp(run))
    return found


def stamp(run: Run) -> tuple[int, ...]:
    """Changes when the run gets other weights or another threshold."""
    paths = (run.config_path, run.onnx_path, run.checkpoint_path, run.threshold_path)
    return tuple(map(modified, paths))


# Resources, not data: nothing changes them, and they need no copies. Photos and answers belong to
# the session they were uploaded in: nobody else's page has them, and they end with it.
@st.cache_resource(max_entries=128, show_spinner="Segmenting …", scope="session")
def _answered(
    folder: str, stamp: tuple[int, ...], digest: str, flip: bool, _photo: Photo
) -> Answer:
    del digest  # the key: Streamlit would hash a large array from a sample of it
    network = _predictor(folder, stamp)
    small, height, width = _photo.network_image(network.preprocessing)
    start = time.perf_counter()
    if network.preprocessing.takes_crops:
        tiled = network.probabilities(_photo.image, Views(flip))
        scale = min(1.0, LARGEST / max(height, width))
        probabilities = _resized(tiled, max(1, round(height * scale)), max(1, round(width * scale)))
    else:
        probabilities = network.network_probabilities(small[None], Views(flip))[0]
    seconds = time.perf_counter() - start
    return Answer(network.run, probabilities, small, height, width, seconds, flip)


def _resized(probabilities: np.ndarray, height: int, width: int) -> np.ndarray:
    shrinks = height < probabilities.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.stack([cv2.resize(one, (width, height), interpolation=how) for one in probabilities])


@st.cache_resource(max_entries=4, show_spinner=False, scope="session")
def _on_screen(digest: str, _photo: Photo) -> Screen:
    del digest  # the key
    image = _photo.image
    return Screen(shrink(image, LARGEST), image.shape[0], image.shape[1])


@st.cache_resource(max_entries=8, show_spinner="Loading the network …")
def _predictor(folder: str, stamp: tuple[int, ...]) -> Predictor:
    del stamp  # the key: a run that trains on is loaded again
    network = load(folder)
    side = network.preprocessing.image_size
    # The first answer takes several times as long: not to be counted for a photo.
    network.network_probabilities(np.zeros((1, side, side, 3), np.uint8))
    return network
