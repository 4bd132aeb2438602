"""One drawn picture of a cat or a dog in a scene, with its trimap."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from seglab.data.drawing.breeds import breed_of_pair
from seglab.data.drawing.looks import Breed, Species
from seglab.data.drawing.occluders import choose_occluders, relight
from seglab.data.drawing.pets import draw_animal
from seglab.data.drawing.scenes import draw_scene, scene_grain
from seglab.data.drawing.texture import ByteArray, FloatArray, blend, paint_shape

PET, BACKGROUND, BORDER = 1, 2, 3
SMALLEST_SIZE = 32

# Drawn larger and then shrunk: that smooths all edges, and makes small sizes the same pictures.
_DRAWING_SIZE = 288
_OVERSIZE = 1.125


@dataclass(frozen=True)
class DrawnPair:
    """One picture and its mask.

    image is uint8 H x W x 3, RGB; trimap is uint8 H x W with 1 pet, 2 background, 3 border.
    """

    image: ByteArray
    trimap: ByteArray
    breed: str
    species: Species


def draw_pair(seed: int, index: int, size: int) -> DrawnPair:
    """Draw pair number `index` (from 0) of the dataset `seed`, size x size pixels.

    The same arguments always give the same bytes; the breeds take turns with the index.
    Raises ValueError for a negative seed or index and for a size under 32.
    """
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must not be negative, got {seed} and {index}")
    if size < SMALLEST_SIZE:
        raise ValueError(f"size must be at least {SMALLEST_SIZE}, got {size}")
    generator = np.random.default_rng([seed, index])
    breed = breed_of_pair(index)
    canvas = max(_DRAWING_SIZE, round(_OVERSIZE * size))
    image, visible = _draw_large(generator, breed, canvas)
    shrunk = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    coverage = cv2.resize(visible, (size, size), interpolation=cv2.INTER_AREA)
    lit = relight(generator, np.asarray(shrunk, np.float32))
    return DrawnPair(
        np.round(lit * 255).astype(np.uint8),
        _trimap(coverage > 0.5, size),
        breed.name,
        breed.species,
    )


def _draw_large(
    generator: np.random.Generator, breed: Breed, canvas: int
) -> tuple[FloatArray, FloatArray]:
    """The picture (canvas x canvas x 3) and the coverage of the animal's visible part."""
    side, height = generator.uniform(0.2, 0.65), generator.uniform(0.6, 1.0)
    light = np.array([side * generator.choice([-1.0, 1.0]), height, generator.uniform(0.3, 0.7)])
    light = (light / np.linalg.norm(light)).astype(np.float32)
    animal = draw_animal(generator, breed, canvas, light)
    grain = scene_grain(generator, canvas)
    indoors = bool(generator.random() < 0.55)
    image = draw_scene(generator, grain, animal.ground_row, light, indoors)
    image *= 1 - np.float32(generator.uniform(0.35, 0.6)) * animal.shadow[..., None]
    blend(image[animal.window], animal.colour, animal.silhouette)
    blend(image[animal.window], (0.93, 0.92, 0.90), animal.whiskers)
    visible = np.zeros((canvas, canvas), np.float32)
    visible[animal.window] = animal.silhouette
    occluders, hidden = choose_occluders(generator, visible, animal.ground_row, indoors)
    for shape in occluders:
        paint_shape(image, shape, grain, (float(light[0]), -float(light[1])))
    return image, visible * (1 - hidden)


def _trimap(visible: npt.NDArray[np.bool_], size: int) -> ByteArray:
    reach = max(2, round(size / 60))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    mask = visible.astype(np.uint8)
    # Outside the picture counts as more of the same, so its edge is no outline.
    padded = cv2.copyMakeBorder(mask, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    inner = cv2.erode(padded, disc)[reach:-reach, reach:-reach]
    outer = cv2.dilate(padded, disc)[reach:-reach, reach:-reach]
    trimap = np.full(mask.shape, BORDER, np.uint8)
    trimap[inner == 1] = PET
    trimap[outer == 0] = BACKGROUND
    return trimap
