"""What stands before a drawn pet, and the light that falls on the whole picture."""

import numpy as np

from seglab.data.drawing.texture import (
    ByteArray,
    FloatArray,
    Shape,
    blur,
    ellipse_points,
    fill_polygon,
    smooth_noise,
)
from seglab.data.drawing.things import leaf_colour, rounded_box, scene_colour

_MOST_HIDDEN = 0.28


def choose_occluders(
    generator: np.random.Generator, silhouette: FloatArray, ground_row: float, indoors: bool
) -> tuple[list[Shape], FloatArray]:
    """Things in front of the animal, and their coverage (H x W, 0 to 1).

    silhouette is the animal's coverage, H x W, 0 to 1. Things that would hide more than about a
    quarter of it are left out.
    """
    canvas = len(silhouette)
    kept: list[Shape] = []
    cover: ByteArray = np.zeros(silhouette.shape, np.uint8)
    seen = silhouette > 0.5
    for maker, chance in _INDOORS if indoors else _OUTDOORS:
        if generator.random() >= chance:
            continue
        shapes = maker(generator, canvas, ground_row)
        trial = cover.copy()
        for shape in shapes:
            fill_polygon(trial, shape.polygon)
        if np.count_nonzero(seen & (trial > 127)) <= _MOST_HIDDEN * np.count_nonzero(seen):
            kept, cover = kept + shapes, trial
    return kept, cover.astype(np.float32) / 255


def relight(generator: np.random.Generator, image: FloatArray) -> FloatArray:
    """The picture (H x W x 3, 0 to 1) under another light and through another lens."""
    side = len(image)
    places = np.linspace(-1, 1, side, dtype=np.float32)
    x, y = places[None, :], places[:, None]
    angle = generator.uniform(0, 2 * np.pi)
    slope = generator.uniform(0, 0.22)
    field = 1 + slope * (np.cos(angle) * x + np.sin(angle) * y)
    field -= generator.uniform(0, 0.25) * (x**2 + y**2) / 2
    cast = np.clip(generator.normal(1, 0.06, 3), 0.85, 1.15) * generator.uniform(0.8, 1.25)
    contrast = generator.uniform(0.8, 1.2)
    lit = image * (field[..., None] * (cast * contrast).astype(np.float32))
    if generator.random() < 0.3:
        lit = blur(lit, side / 256 * generator.uniform(0.3, 0.8))
    offset = smooth_noise(generator, side, 6, 1) * np.float32(0.02) + np.float32(
        0.45 - 0.45 * contrast
    )
    noise = generator.random(lit.shape, np.float32)
    noise -= np.float32(0.5)
    noise *= np.float32(generator.uniform(0.02, 0.1))
    lit += noise + offset[..., None]
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _blades(generator: np.random.Generator, canvas: int, ground_row: float) -> list[Shape]:
    """Blades of grass in front of the paws."""
    base = min(ground_row + 0.04 * canvas, canvas + 4.0)
    colour = leaf_colour(generator)
    shapes = []
    middle, reach = generator.uniform(0, canvas), canvas * generator.uniform(0.15, 0.5)
    for _ in range(int(generator.integers(12, 45))):
        x = middle + generator.uniform(-1, 1) * reach
        wide, high = canvas * generator.uniform(0.006, 0.014), canvas * generator.uniform(0.06, 0.2)
        lean, foot = (
            high * generator.normal(0, 0.35),
            base + canvas * generator.uniform(-0.02, 0.05),
        )
        blade = [
            [x - wide, foot],
            [x + lean * 0.3 - wide * 0.7, foot - high * 0.6],
            [x + lean, foot - high],
            [x + lean * 0.3 + wide * 0.7, foot - high * 0.6],
            [x + wide, foot],
        ]
        shapes.append(Shape(np.array(blade, np.float32), colour * generator.normal(1, 0.15), 0.3))
    return shapes


def _ball(generator: np.random.Generator, canvas: int, ground_row: float) -> list[Shape]:
    radius = canvas * generator.uniform(0.04, 0.1)
    centre = generator.uniform(0.1, 0.9) * canvas, min(ground_row, canvas) - radius * 0.6
    stripe = ellipse_points(centre, (radius * 0.95, radius * 0.3), generator.uniform(-1, 1))
    return [
        Shape(ellipse_points(centre, (radius, radius)), scene_colour(generator), 1.0, 0.15),
        Shape(stripe, scene_colour(generator), 0.3, 0.1),
    ]


def _bar(generator: np.random.Generator, canvas: int, _ground_row: float) -> list[Shape]:
    """A post of a fence, or a leg of a chair, from top to bottom; at times a rail across."""
    wide = canvas * generator.uniform(0.02, 0.05)
    start, tilt = generator.uniform(0.1, 0.9) * canvas, generator.normal(0, 0.04) * canvas
    ends = np.array(
        [
            [start - wide, -3],
            [start + wide, -3],
            [start + tilt + wide, canvas + 3],
            [start + tilt - wide, canvas + 3],
        ],
        np.float32,
    )
    across = generator.random() < 0.35
    return [Shape(ends[:, ::-1].copy() if across else ends, scene_colour(generator), 0.6, 0.2)]


def _cushion(generator: np.random.Generator, canvas: int, ground_row: float) -> list[Shape]:
    """The edge of a cushion or a blanket at the bottom of the picture."""
    top = min(ground_row, canvas) - canvas * generator.uniform(0.0, 0.1)
    middle, wide = generator.uniform(0, 1) * canvas, canvas * generator.uniform(0.25, 0.6)
    colours = scene_colour(generator), scene_colour(generator)
    bands = int(generator.choice([1, 5, 9]))
    return [
        Shape(
            rounded_box(middle - wide * size, top, middle + wide * size, top + canvas * 0.7, 4.5),
            colours[band % 2],
            0.5 if band == 0 else 0.1,
            0.34,
        )
        for band, size in enumerate(np.linspace(1, 0.1, bands))
    ]


def _plant(generator: np.random.Generator, canvas: int, _ground_row: float) -> list[Shape]:
    """Leaves that reach into the picture from a side."""
    side = generator.choice([0.0, 1.0])
    root = np.array([side * canvas, canvas * generator.uniform(0.3, 1.0)])
    colour = leaf_colour(generator)
    shapes = []
    for _ in range(int(generator.integers(4, 9))):
        angle = (np.pi if side else 0.0) + generator.normal(0, 0.6)
        length = canvas * generator.uniform(0.1, 0.2)
        centre = root + length * np.array([np.cos(angle), np.sin(angle)])
        leaf = ellipse_points(centre.tolist(), (length, length * 0.25), angle)
        shapes.append(Shape(leaf, colour * generator.normal(1, 0.15), 0.6, 0.1))
    return shapes


_INDOORS = ((_ball, 0.25), (_bar, 0.14), (_cushion, 0.3), (_plant, 0.2))
_OUTDOORS = ((_blades, 0.5), (_ball, 0.15), (_bar, 0.14), (_plant, 0.25))
