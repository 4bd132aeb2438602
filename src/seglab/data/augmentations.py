"""Augmentation of image and mask: one call for both, seeded by (seed, epoch, index)."""

import os
from typing import Any

import numpy as np

from seglab.config import Augmentation
from seglab.labels import IGNORE
from seglab.preprocessing import Preprocessing

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it asks the network at import otherwise

IMAGE_FILL = 0
MASK_FILL = IGNORE
"""What geometry leaves uncovered: never a class by accident."""

CLOSE_UP_CUT = 0.4
"""Most that a close-up cuts off from each side, share of the image's; each side draws its own."""

ERASED_SIDE = (0.1, 0.4)
"""Shortest and longest side of the erased rectangle, share of the image's."""
ERASED_FILL = tuple(round(255 * value) for value in Preprocessing.mean)
"""Becomes 0 when normalised, so that what is erased says nothing."""


class Augmenter:
    """What training does to a pair; ``strength`` 0 leaves it as it is (evaluation's preset)."""

    def __init__(self, settings: Augmentation, seed: int) -> None:
        self.seed = seed
        self._compose = _compose(settings) if settings.strength > 0 else None

    def __call__(
        self, image: np.ndarray, mask: np.ndarray, epoch: int, index: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Image uint8 H×W×3 and mask uint8 H×W as training sees them; same shapes and dtypes.

        The same (seed, epoch, index) gives the same result in any process.
        """
        if self._compose is None:
            return image, mask
        # Per sample: albumentations 2.0.8 repeats itself across workers and epochs otherwise.
        self._compose.set_random_seed(_draw_seed(self.seed, epoch, index))
        changed = self._compose(image=image, mask=mask)
        return changed["image"], changed["mask"]

    def drawn(self) -> list[tuple[str, dict[str, Any]]]:
        """What the last call did: the steps that were applied, each with what it drew.

        By albumentations' names, in the order of application; read off after the fact, so that
        looking at it changes nothing.
        """
        steps = self._compose.transforms if self._compose else []
        return [(type(step).__name__, dict(step.params)) for step in steps if step.params]


def _draw_seed(seed: int, epoch: int, index: int) -> int:
    return int(np.random.SeedSequence([seed, epoch, index]).generate_state(1)[0])


def _compose(settings: Augmentation) -> Any:
    import albumentations
    import cv2

    from seglab.data.defocus import BackgroundBlur

    strength = settings.strength

    def probability(value: float) -> float:
        return min(value * strength, 1.0)

    scale = min(settings.scale * strength, 0.9)
    shift = min(settings.translate * strength, 0.9)
    colour = min(settings.colour * strength, 1.0)
    steps: list[Any] = [
        albumentations.HorizontalFlip(p=min(settings.flip, 1.0)),
        # Parts of objects that fill the picture and are cut by its edges: a random crop, enlarged
        # (as Szegedy et al. 2015, arXiv:1409.4842, trained), which `scale` about the centre is not.
        albumentations.CropAndPad(
            percent=(-CLOSE_UP_CUT, 0.0),
            interpolation=cv2.INTER_LINEAR,
            mask_interpolation=cv2.INTER_NEAREST_EXACT,  # pixel centres as for the image
            p=probability(settings.close_up),
        ),
        albumentations.Affine(
            scale=(1 - scale, 1 + scale),
            translate_percent=(-shift, shift),
            rotate=(-settings.rotate * strength, settings.rotate * strength),
            interpolation=cv2.INTER_LINEAR,
            mask_interpolation=cv2.INTER_NEAREST,
            fill=IMAGE_FILL,
            fill_mask=MASK_FILL,
            p=1.0 if scale or shift or settings.rotate else 0.0,
        ),
        BackgroundBlur(p=probability(settings.background_blur)),
        albumentations.ColorJitter(
            brightness=(1 - colour, 1 + colour),
            contrast=(1 - colour, 1 + colour),
            saturation=(1 - colour, 1 + colour),
            hue=(-colour / 10, colour / 10),
            p=1.0 if colour else 0.0,
        ),
        albumentations.GaussianBlur(blur_limit=(3, 5), p=probability(settings.blur)),
        albumentations.GaussNoise(std_range=(0.01, 0.05), p=probability(settings.noise)),
        # Cutout (DeVries and Taylor 2017, arXiv:1708.04552); the mask stays: what is hidden is
        # to be guessed from around it. Last, so that the other draws are the same without it.
        albumentations.CoarseDropout(
            num_holes_range=(1, 1),
            hole_height_range=ERASED_SIDE,
            hole_width_range=ERASED_SIDE,
            fill=ERASED_FILL,
            fill_mask=None,
            p=probability(settings.erase),
        ),
    ]
    return albumentations.Compose([step for step in steps if step.p > 0])
