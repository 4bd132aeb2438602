"""The mean of a network's answers over several views of the same images."""

from collections.abc import Callable

import cv2
import numpy as np

from seglab.views import Views

Network = Callable[[np.ndarray], np.ndarray]
"""Images uint8 N×S×S×3 to probabilities float32 N×classes×S×S."""


def averaged(network: Network, images: np.ndarray, views: Views, stride: int = 1) -> np.ndarray:
    """Mean probabilities float32 N×classes×S×S over the views of images uint8 N×S×S×3.

    Other sizes are multiples of ``stride``, which the network need not pad.
    """
    size = images.shape[1]
    answers = []
    for scale in views.scales:
        side = size if scale == 1 else max(round(size * scale / stride), 1) * stride
        view = _resized(images, side)
        answers.append(_resized_back(network(view), size))
        if views.flip:
            mirrored = network(np.ascontiguousarray(view[:, :, ::-1]))
            answers.append(_resized_back(mirrored[..., ::-1], size))
    total: np.ndarray = sum(answers[1:], answers[0])
    return total / np.float32(len(answers))


def _resized(images: np.ndarray, side: int) -> np.ndarray:
    size = images.shape[1]
    if side == size:
        return images
    how = cv2.INTER_AREA if side < size else cv2.INTER_LINEAR
    return np.stack([cv2.resize(image, (side, side), interpolation=how) for image in images])


def _resized_back(probabilities: np.ndarray, size: int) -> np.ndarray:
    """Each class's map at ``size``; between them they still sum to 1."""
    if probabilities.shape[-1] == size:
        return probabilities
    return np.stack(
        [
            np.stack([cv2.resize(np.ascontiguousarray(one), (size, size)) for one in image])
            for image in probabilities
        ]
    )
