"""What a network's probabilities say of a photo: the mask, what is seen on it, and warnings."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from seglab import overlays
from seglab.labels import Colours

Bands = Iterable[tuple[int, np.ndarray]]
"""A photo's probabilities in bands of rows from the top: the first row, and float32 planes×h×W.
Of two classes there is one plane, the foreground's; of more one each, background first. A band may
be overwritten by the next one."""

ALMOST_NOTHING = 1e-3


@dataclass(frozen=True)
class Spread:
    """Lowest and highest probability of the foreground, and the highest of any one class but the
    background, 0–1; not finite where one is not a number."""

    low: float = 1.0
    high: float = 0.0
    likely: float = 0.0

    def joined(self, foreground: np.ndarray, others: np.ndarray) -> "Spread":
        """With these probabilities too: of the foreground, and of all classes but background."""
        return Spread(
            float(np.minimum(self.low, foreground.min())),
            float(np.maximum(self.high, foreground.max())),
            float(np.maximum(self.likely, others.max())),
        )

    def warning(self, anything: bool, classes: int, threshold: float) -> str | None:
        """A sentence when the result tells nothing: all one class, or not a number.

        ``anything``: whether any pixel is not background.
        """
        if not np.isfinite(self.low + self.high + self.likely):
            return "the network's output is not a number: its weights are broken, train it again"
        if self.high - self.low < ALMOST_NOTHING:
            return (
                f"the network's output is the same everywhere ({self.low:.3f}): it was hardly "
                "trained, or the photo is empty"
            )
        if not anything and classes > 2:
            return (
                "nothing found: background is the most likely class everywhere, the others reach "
                f"a probability of {self.likely:.2f}"
            )
        if not anything:
            return (
                f"nothing found: the highest probability is {self.high:.2f}, below the threshold "
                f"{threshold:g}; a lower --threshold would show more"
            )
        return None


@dataclass(frozen=True)
class Segmentation:
    """What a network says of one photo, at the photo's own size.

    ``image`` uint8 H×W×3 RGB; ``probabilities`` float32 classes×H×W; ``class_names`` background
    first; ``threshold`` 0–1 applies to two classes; ``seconds`` from the network's input to
    probabilities; ``colours`` those chosen for classes.
    """

    image: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    threshold: float
    seconds: float
    colours: Colours = field(default_factory=dict)

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
    def spread(self) -> Spread:
        """How far the probabilities reach."""
        return Spread().joined(self.foreground, self.probabilities[1:])

    @property
    def probability_range(self) -> tuple[float, float]:
        """Lowest and highest probability of the foreground."""
        return self.spread.low, self.spread.high

    def mask_png(self) -> bytes:
        """The mask as a file: 0/255 for two classes, else ids with a palette."""
        return overlays.mask_png(self.mask, len(self.class_names), self.colours)

    def overlay(self, opacity: float = 0.5) -> np.ndarray:
        """The photo tinted and outlined, uint8 H×W×3."""
        return overlays.outlined_overlay(self.image, self.mask, opacity, colours=self.colours)

    def cutout(self) -> np.ndarray:
        """The foreground with soft alpha, uint8 H×W×4."""
        return overlays.cutout(self.image, self.foreground)

    def warning(self) -> str | None:
        """A sentence when the result tells nothing: all one class, or not a number."""
        return self.spread.warning(bool(self.mask.any()), len(self.class_names), self.threshold)


@dataclass(frozen=True)
class PhotoMask:
    """The same without probabilities of the photo's size: for photos of any size.

    ``mask`` uint8 H×W class ids; ``levels``: probability in 0–255, uint8 H×W, of the class ids
    that were asked for; ``spread`` of the probabilities.
    """

    mask: np.ndarray
    levels: dict[int, np.ndarray]
    spread: Spread

    @cached_property
    def foreground_share(self) -> float:
        """Share of pixels that are not background, 0–1."""
        return np.count_nonzero(self.mask) / self.mask.size

    def class_shares(self, class_names: Sequence[str]) -> dict[str, float]:
        """Share of pixels of each class, 0–1, by its name."""
        # One class after the other: a histogram would need eight bytes a pixel of a large photo.
        return {
            name: np.count_nonzero(self.mask == class_id) / self.mask.size
            for class_id, name in enumerate(class_names)
        }


def gather(
    bands: Bands, height: int, width: int, classes: int, threshold: float, kept: Collection[int]
) -> PhotoMask:
    """Make the mask of a photo H×W as its probabilities come, and the levels of the ``kept``."""
    mask = np.empty((height, width), np.uint8)
    levels = {class_id: np.empty((height, width), np.uint8) for class_id in kept}
    spread = Spread()
    for top, planes in bands:
        rows = slice(top, top + planes.shape[1])
        if classes == 2:
            foreground = planes[0]
            np.greater_equal(foreground, threshold, out=mask[rows].view(bool))
            spread = spread.joined(foreground, foreground)
        else:
            mask[rows] = planes.argmax(axis=0)
            spread = spread.joined(1 - planes[0], planes[1:])
        for class_id, level in levels.items():
            level[rows] = overlays.eight_bits(_plane(planes, class_id, classes))
    return PhotoMask(mask, levels, spread)


def planes_of(probabilities: np.ndarray) -> np.ndarray:
    """What ``Bands`` hold of probabilities classes×H×W."""
    return probabilities[1:] if len(probabilities) == 2 else probabilities


def whole(bands: Bands, height: int, width: int, classes: int) -> np.ndarray:
    """Probabilities float32 classes×H×W of all bands."""
    found = np.empty((classes, height, width), np.float32)
    for top, planes in bands:
        for class_id in range(classes):
            found[class_id, top : top + planes.shape[1]] = _plane(planes, class_id, classes)
    return found


def mask_from(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Class ids uint8 H×W from probabilities float32 classes×H×W."""
    if len(probabilities) == 2:
        mask: np.ndarray = (probabilities[1] >= threshold).astype(np.uint8)
        return mask
    classes: np.ndarray = probabilities.argmax(axis=0).astype(np.uint8)
    return classes


def _plane(planes: np.ndarray, class_id: int, classes: int) -> np.ndarray:
    """The probability of a class, h×W."""
    if classes > 2:
        return np.asarray(planes[class_id])
    return np.asarray(planes[0] if class_id == 1 else 1 - planes[0])
