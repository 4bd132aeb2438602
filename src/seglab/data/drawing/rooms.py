"""What stands in a room behind a drawn pet.

Each maker gets the canvas's side and the first row of the floor, in pixels.
"""

from itertools import pairwise

import numpy as np

from seglab.data.drawing.texture import Shape, ellipse_points
from seglab.data.drawing.things import rectangle, rounded_box, scene_colour


def _wallpaper(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colour = scene_colour(generator)
    step = canvas * generator.uniform(0.05, 0.14)
    if generator.random() < 0.5:
        width = step * generator.uniform(0.2, 0.6)
        return [
            Shape(rectangle(x, 0, x + width, horizon), colour, grain=0.15, opacity=0.8)
            for x in np.arange(0, canvas, step)
        ]
    radius = step * generator.uniform(0.15, 0.3)
    return [
        Shape(ellipse_points((x, y), (radius, radius * 1.4), count=8), colour, opacity=0.8)
        for y in np.arange(step / 2, horizon - radius, step)
        for x in np.arange(step / 2, canvas, step)
    ]


def _skirting(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    height = canvas * generator.uniform(0.02, 0.06)
    return [
        Shape(rectangle(-2, horizon - height, canvas + 2, horizon), scene_colour(generator), 0.4)
    ]


def _planks(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """Boards running away from the viewer, their sides meeting far behind."""
    colour = scene_colour(generator)
    step = canvas * generator.uniform(0.08, 0.2)
    vanishing = generator.uniform(0.2, 0.8) * canvas
    shapes = []
    for number in range(-8, 9):
        near = canvas / 2 + (number + np.array([0, 0.94])) * step * 1.5
        far = vanishing + (near - vanishing) * 0.55
        board = np.array(
            [[far[0], horizon], [far[1], horizon], [near[1], canvas], [near[0], canvas]]
        )
        tone = generator.normal(1, 0.09)
        shapes.append(Shape(board.astype(np.float32), colour * tone, 0.1, 0.2))
    return shapes


def _tiles(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colours = (scene_colour(generator), scene_colour(generator))
    rows = horizon + (canvas * 1.05 - horizon) * np.linspace(0, 1, 6) ** 1.5
    shapes = []
    for row, (top, bottom) in enumerate(pairwise(rows)):
        for column in range(-5, 5):
            far, near = 0.6 + 0.08 * row, 0.6 + 0.08 * (row + 1)
            edges = canvas * 0.28 * (column + np.array([0, 0.97, 0.97, 0]))
            x = canvas / 2 + edges * [far, far, near, near]
            tile = np.stack([x, [top, top, bottom, bottom]], axis=1).astype(np.float32)
            shapes.append(Shape(tile, colours[(row + column) % 2], 0.08, 0.08))
    return shapes


def _rug(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """A round or long rug with rings or stripes."""
    colours = [scene_colour(generator) for _ in range(3)]
    middle = generator.uniform(0.25, 0.75) * canvas, (horizon + canvas) / 2
    wide, high = (
        canvas * generator.uniform(0.35, 0.6),
        (canvas - horizon) * generator.uniform(0.3, 0.5),
    )
    squareness = generator.choice([2.0, 2.0, 8.0])
    return [
        Shape(
            rounded_box(
                middle[0] - wide * size,
                middle[1] - high * size,
                middle[0] + wide * size,
                middle[1] + high * size,
                squareness,
            ),
            colours[ring % 3],
            0.15,
            0.36,
        )
        for ring, size in enumerate(np.linspace(1, 0.2, int(generator.integers(2, 7))))
    ]


def _frame(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """A picture or a window on the wall."""
    wide, high = canvas * generator.uniform(0.15, 0.4, 2)
    left = generator.uniform(-0.1, 0.9) * canvas
    top = horizon - high - canvas * generator.uniform(0.1, 0.4)
    rim = canvas * 0.02
    inner = rectangle(left + rim, top + rim, left + wide - rim, top + high - rim)
    return [
        Shape(rectangle(left, top, left + wide, top + high), scene_colour(generator), 0.5),
        Shape(inner, scene_colour(generator), 0.0, 0.2),
    ]


def _bookshelf(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    left, wide = generator.uniform(-0.1, 0.8) * canvas, canvas * generator.uniform(0.25, 0.5)
    high = canvas * 0.16
    shapes = []
    for level in range(int(generator.integers(1, 4))):
        base = horizon - level * high
        back = rectangle(left, base - high, left + wide, base)
        shapes.append(Shape(back, scene_colour(generator) * 0.5))
        x = left
        while x < left + wide - 4:
            thick, tall = (
                canvas * generator.uniform(0.012, 0.04),
                high * generator.uniform(0.5, 0.9),
            )
            book = rectangle(x, base - tall, min(x + thick, left + wide), base)
            shapes.append(Shape(book, scene_colour(generator), 0.3))
            x += thick
    return shapes


def _sofa(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colour = scene_colour(generator)
    left, wide = generator.uniform(-0.3, 0.5) * canvas, canvas * generator.uniform(0.5, 0.9)
    seat = horizon + canvas * generator.uniform(-0.05, 0.05)
    high = canvas * generator.uniform(0.2, 0.35)
    arm = wide * 0.14
    parts = [
        rounded_box(left, seat - high, left + wide, seat + high * 0.3, 6),
        rounded_box(left + arm * 0.5, seat - high * 0.15, left + wide / 2, seat + high * 0.35, 5),
        rounded_box(
            left + wide / 2, seat - high * 0.15, left + wide - arm * 0.5, seat + high * 0.35, 5
        ),
        rounded_box(left - arm * 0.3, seat - high * 0.55, left + arm, seat + high * 0.5, 4),
        rounded_box(
            left + wide - arm, seat - high * 0.55, left + wide + arm * 0.3, seat + high * 0.5, 4
        ),
    ]
    return [Shape(part, colour, 0.6, 0.2) for part in parts]


def _table(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colour = scene_colour(generator)
    left, wide = generator.uniform(-0.2, 0.8) * canvas, canvas * generator.uniform(0.2, 0.5)
    floor = horizon + canvas * generator.uniform(0.02, 0.15)
    top = floor - canvas * generator.uniform(0.15, 0.4)
    leg = canvas * generator.uniform(0.015, 0.04)
    places = (left + leg, left + wide * 0.25, left + wide * 0.75, left + wide - 2 * leg)
    legs = [Shape(rectangle(x, top, x + leg, floor), colour * 0.85, 0.5, 0.1) for x in places]
    board = rectangle(left, top - leg, left + wide, top + leg)
    return [*legs, Shape(board, colour, 0.4, 0.15)]


def _cushions(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """Furry or patterned cushions lying about."""
    shapes = []
    for _ in range(int(generator.integers(1, 4))):
        wide = canvas * generator.uniform(0.12, 0.4)
        high = wide * generator.uniform(0.5, 1.0)
        x, y = generator.uniform(0, canvas), generator.uniform(horizon, canvas * 1.05)
        colour, second = scene_colour(generator), scene_colour(generator)
        shape = rounded_box(x - wide / 2, y - high, x + wide / 2, y, generator.uniform(2, 4))
        shapes.append(Shape(shape, colour, 0.9, 0.34))
        if generator.random() < 0.6:
            for spot in generator.uniform(0.2, 0.8, (int(generator.integers(2, 9)), 2)):
                centre = (x + (spot[0] - 0.5) * wide, y - spot[1] * high)
                radii = (wide * generator.uniform(0.03, 0.12, 2)).tolist()
                shapes.append(Shape(ellipse_points(centre, radii), second, 0.0, 0.34, 0.9))
    return shapes


ROOM = (
    (_wallpaper, 0.4),
    (_frame, 0.5),
    (_planks, 0.4),
    (_tiles, 0.25),
    (_skirting, 0.6),
    (_bookshelf, 0.35),
    (_sofa, 0.4),
    (_rug, 0.5),
    (_table, 0.45),
    (_cushions, 0.7),
)
