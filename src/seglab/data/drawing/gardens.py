"""What grows in a garden behind a drawn pet.

Each maker gets the canvas's side and the first row of the lawn, in pixels.
"""

import numpy as np

from seglab.data.drawing.texture import Shape, ellipse_points
from seglab.data.drawing.things import leaf_colour, rectangle, scene_colour


def _trees(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    shapes = []
    for _ in range(int(generator.integers(1, 5))):
        x, thick = generator.uniform(0, canvas), canvas * generator.uniform(0.02, 0.09)
        base, bark = horizon + canvas * generator.uniform(0, 0.08), scene_colour(generator)
        trunk = [[x - thick * 0.7, -2], [x + thick * 0.6, -2], [x + thick, base], [x - thick, base]]
        shapes.append(Shape(np.array(trunk, np.float32), bark, 0.7, 0.36))
    return shapes


def _bushes(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    shapes = []
    for _ in range(int(generator.integers(4, 14))):
        radius = canvas * generator.uniform(0.05, 0.16)
        centre = generator.uniform(0, canvas), horizon - generator.uniform(-0.2, 1.2) * radius
        bush = ellipse_points(centre, (radius, radius * generator.uniform(0.6, 1.1)))
        ragged = bush + generator.normal(0, radius * 0.06, bush.shape)
        shapes.append(Shape(ragged.astype(np.float32), leaf_colour(generator), 0.8, 0.38))
    return shapes


def _fence(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colour = scene_colour(generator)
    step = canvas * generator.uniform(0.07, 0.16)
    wide, high = step * generator.uniform(0.35, 0.8), canvas * generator.uniform(0.2, 0.45)
    shapes = [
        Shape(
            rectangle(-2, horizon - high * at, canvas + 2, horizon - high * at + step * 0.2),
            colour * 0.85,
        )
        for at in (0.75, 0.3)
    ]
    for x in np.arange(-step * generator.random(), canvas, step):
        tall = high * generator.normal(1, 0.02)
        board = [
            [x, horizon + 3],
            [x, horizon - tall],
            [x + wide / 2, horizon - tall - wide * 0.5],
            [x + wide, horizon - tall],
            [x + wide, horizon + 3],
        ]
        tone = colour * generator.normal(1, 0.06)
        shapes.append(Shape(np.array(board, np.float32), tone, 0.3, 0.25))
    return shapes


def _stones(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """Stones, logs and heaps of leaves on the ground, the far ones first."""
    shapes = []
    for row in np.sort(generator.uniform(horizon, canvas, int(generator.integers(3, 12)))):
        radius = canvas * generator.uniform(0.02, 0.13)
        stone = ellipse_points(
            (generator.uniform(0, canvas), row),
            (radius, radius * generator.uniform(0.4, 0.8)),
            generator.uniform(-0.4, 0.4),
            14,
        )
        ragged = stone + generator.normal(0, radius * 0.05, stone.shape)
        grain = generator.choice([0.1, 0.36])
        shapes.append(Shape(ragged.astype(np.float32), scene_colour(generator), 0.9, grain))
    return shapes


def _path(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    near, far = generator.uniform(0, canvas, 2)
    wide = canvas * generator.uniform(0.2, 0.5)
    path = [
        [far - wide * 0.2, horizon],
        [far + wide * 0.2, horizon],
        [near + wide, canvas],
        [near - wide, canvas],
    ]
    return [Shape(np.array(path, np.float32), scene_colour(generator), 0.1, 0.2)]


GARDEN = (
    (_bushes, 0.7),
    (_fence, 0.4),
    (_trees, 0.6),
    (_path, 0.35),
    (_stones, 0.7),
    (_bushes, 0.15),
)
