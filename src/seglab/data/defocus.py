"""A background out of focus, as a wide aperture leaves it."""

from typing import Any

import albumentations
import cv2
import numpy as np

from seglab.labels import BACKGROUND

SIGMA = (0.01, 0.04)
"""Least and most blur of the background: standard deviation, share of the longer side."""

EDGE = 0.005
"""How softly objects end, likewise: masks are drawn, and their steps are not to be learnt."""


class BackgroundBlur(albumentations.ImageOnlyTransform):  # type: ignore[misc]  # untyped library
    """Step that reads the mask and changes the image alone."""

    @property
    def targets_as_params(self) -> list[str]:
        return ["mask"]

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        sigma = self.py_random.uniform(*SIGMA) * max(params["shape"][:2])
        return {"sigma": sigma, "mask": data["mask"]}

    def apply(self, img: np.ndarray, sigma: float, mask: np.ndarray, **_: Any) -> np.ndarray:
        return blur_background(img, mask, sigma)


def blur_background(image: np.ndarray, mask: np.ndarray, sigma: float) -> np.ndarray:
    """Image uint8 H×W×3 with what the mask (class ids, uint8 H×W) calls background blurred.

    ``sigma``: of the Gaussian, pixels. The mean is over background alone (normalised convolution,
    Knutsson and Westin 1993), so that objects cast no halo. What an object's class takes in
    around it (the trimap's border, where that is foreground) stays sharp with it.
    """
    background = (mask == BACKGROUND).astype(np.float32)
    weight = cv2.GaussianBlur(background, (0, 0), sigma)[..., None]
    blurred = cv2.GaussianBlur(image * background[..., None], (0, 0), sigma)
    share = cv2.GaussianBlur(background, (0, 0), EDGE * max(mask.shape))[..., None]
    known = share * (weight > 0)
    mixed = (1 - known) * image + known * blurred / np.maximum(weight, 1e-6)
    changed: np.ndarray = np.rint(mixed).clip(0, 255).astype(np.uint8)
    return changed
