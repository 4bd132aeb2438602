"""Cluttered rooms and gardens to stand drawn pets in."""

import numpy as np

from seglab.data.drawing.gardens import GARDEN
from seglab.data.drawing.rooms import ROOM
from seglab.data.drawing.texture import (
    FloatArray,
    Shape,
    paint_shape,
    smooth_noise,
    stroke_curves,
    stroke_tones,
)
from seglab.data.drawing.things import leaf_colour, scene_colour

_SKY = np.array([0.62, 0.75, 0.88], np.float32)


def draw_scene(
    generator: np.random.Generator,
    grain: FloatArray,
    ground_row: float,
    light: FloatArray,
    indoors: bool,
) -> FloatArray:
    """A room or a garden, canvas x canvas x 3 float32, 0 to 1.

    grain is scene_grain's. ground_row is the row of the animal's nearest paw: the floor begins
    well above it. light is the unit vector towards the light in space.
    """
    canvas = len(grain)
    horizon = min(ground_row - generator.uniform(0.12, 0.7) * canvas, 0.85 * canvas)
    shapes: list[Shape] = []
    makers = ROOM if indoors else GARDEN
    image = _ground(generator, canvas, horizon, grain, indoors)
    for maker, chance in makers:
        if generator.random() < chance:
            shapes.extend(maker(generator, canvas, horizon))
    for shape in shapes:
        paint_shape(image, shape, grain, (float(light[0]), -float(light[1])))
    return np.clip(image, 0, 1)


def scene_grain(generator: np.random.Generator, canvas: int) -> FloatArray:
    """Strokes all over the picture (canvas x canvas, -1 to 1), of fur's length and tones."""
    count = canvas * canvas // 22
    roots = generator.uniform(0, canvas, (count, 2)).astype(np.float32)
    swirl = smooth_noise(generator, canvas, 3, 1) * generator.uniform(0.2, 2.5)
    places = np.minimum(roots.astype(int), canvas - 1)
    angles = swirl[places[:, 1], places[:, 0]] + generator.normal(0, 0.3, count)
    angles += generator.uniform(0, 2 * np.pi)
    lengths = canvas * generator.uniform(0.015, 0.04) * generator.uniform(0.6, 1.3, count)
    steps = np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths[:, None]
    curves = stroke_curves(generator, roots, steps.astype(np.float32))
    return stroke_tones(curves, (canvas, canvas))


def _ground(
    generator: np.random.Generator, canvas: int, horizon: float, grain: FloatArray, indoors: bool
) -> FloatArray:
    """Wall and floor, or sky and lawn, each of two mingled colours."""
    lumps = smooth_noise(generator, canvas, int(generator.integers(3, 12)), 2)
    share = np.clip(0.5 + lumps * np.float32(generator.uniform(0.5, 2.5)), 0, 1)[..., None]
    pick = scene_colour if indoors else leaf_colour
    near, far, tint = pick(generator), pick(generator), scene_colour(generator)
    rough, fine = np.float32(generator.uniform(0.15, 0.38)), np.float32(generator.uniform(0, 0.15))
    edge = int(np.clip(horizon, 0, canvas))
    image = np.empty((canvas, canvas, 3), np.float32)
    image[edge:] = (near + (far - near) * share[edge:]) * (1 + rough * grain[edge:, :, None])
    if indoors:
        wall = tint * (1 - np.float32(0.1) * (share[:edge] > generator.uniform(0.3, 1)))
    else:
        sky = _SKY if generator.random() < 0.6 else tint
        wall = sky + (1 - sky) * (0.3 * share[:edge])
    image[:edge] = wall * (1 + fine * grain[:edge, :, None])
    return image
