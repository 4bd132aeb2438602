"""Cluttered rooms and gardens to stand drawn pets in, in the same colours as their coats."""

from collections.abc import Callable

import numpy as np

from seglab.data.drawn_breeds import COAT_COLOURS
from seglab.data.drawn_texture import (
    FloatArray,
    Shape,
    ellipse_points,
    paint_shape,
    smooth_noise,
    stroke_curves,
    stroke_tones,
)

_COAT_SHARE = 0.8
_SKY = (0.62, 0.75, 0.88)
_LEAF_COLOURS = ((0.28, 0.38, 0.16), (0.42, 0.48, 0.20), (0.20, 0.28, 0.15))


def draw_scene(
    generator: np.random.Generator, grain: FloatArray, ground_row: float, light: FloatArray
) -> FloatArray:
    """A room or a garden, canvas x canvas x 3 float32, 0 to 1.

    grain is scene_grain's. ground_row is the row of the animal's nearest paw: the floor begins
    well above it. light is the unit vector towards the light in space.
    """
    canvas = len(grain)
    horizon = min(ground_row - generator.uniform(0.12, 0.7) * canvas, 0.85 * canvas)
    indoors = generator.random() < 0.55
    shapes: list[Shape] = []
    makers = _ROOM if indoors else _GARDEN
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


def scene_colour(generator: np.random.Generator) -> FloatArray:
    """A colour for a thing: mostly one of the coats', at times any muted colour."""
    if generator.random() < _COAT_SHARE:
        colour = np.asarray(COAT_COLOURS[int(generator.integers(len(COAT_COLOURS)))])
        colour = colour * generator.normal(1, 0.1) * generator.normal(1, 0.03, 3)
    else:
        colour = generator.uniform(0.15, 0.85) + generator.normal(0, 0.07, 3)
    return np.clip(colour, 0.04, 0.97).astype(np.float32)


def leaf_colour(generator: np.random.Generator) -> FloatArray:
    """A green, or the colour of dry grass."""
    if generator.random() < 0.35:
        return scene_colour(generator)
    colour = np.asarray(_LEAF_COLOURS[int(generator.integers(len(_LEAF_COLOURS)))])
    return np.clip(colour * generator.normal(1, 0.15), 0.03, 0.9).astype(np.float32)


def rounded_box(
    left: float, top: float, right: float, bottom: float, squareness: float = 3.0
) -> FloatArray:
    """A superellipse in a box: a cushion for squareness 3, an ellipse for 2."""
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    power = 2 / squareness
    x = (left + right) / 2 + (right - left) / 2 * np.sign(cosine) * np.abs(cosine) ** power
    y = (top + bottom) / 2 + (bottom - top) / 2 * np.sign(sine) * np.abs(sine) ** power
    return np.stack([x, y], axis=1).astype(np.float32)


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
        sky = np.float32(_SKY) if generator.random() < 0.6 else tint
        wall = sky + (1 - sky) * (0.3 * share[:edge])
    image[:edge] = wall * (1 + fine * grain[:edge, :, None])
    return image


def _rectangle(left: float, top: float, right: float, bottom: float) -> FloatArray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _wallpaper(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colour = scene_colour(generator)
    step = canvas * generator.uniform(0.05, 0.14)
    if generator.random() < 0.5:
        width = step * generator.uniform(0.2, 0.6)
        return [
            Shape(_rectangle(x, 0, x + width, horizon), colour, grain=0.15, opacity=0.8)
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
    return [Shape(_rectangle(-2, horizon - height, canvas + 2, horizon), scene_colour(generator), 0.4)]


def _planks(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """Boards running away from the viewer, their sides meeting far behind."""
    colour = scene_colour(generator)
    step = canvas * generator.uniform(0.08, 0.2)
    vanishing = generator.uniform(0.2, 0.8) * canvas
    shapes = []
    for number in range(-8, 9):
        near = canvas / 2 + (number + np.array([0, 0.94])) * step * 1.5
        far = vanishing + (near - vanishing) * 0.55
        board = np.array([[far[0], horizon], [far[1], horizon], [near[1], canvas], [near[0], canvas]])
        tone = generator.normal(1, 0.09)
        shapes.append(Shape(board.astype(np.float32), colour * tone, 0.1, 0.2))
    return shapes


def _tiles(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colours = (scene_colour(generator), scene_colour(generator))
    rows = horizon + (canvas * 1.05 - horizon) * np.linspace(0, 1, 6) ** 1.5
    shapes = []
    for row, (top, bottom) in enumerate(zip(rows[:-1], rows[1:], strict=True)):
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
    wide, high = canvas * generator.uniform(0.35, 0.6), (canvas - horizon) * generator.uniform(0.3, 0.5)
    squareness = generator.choice([2.0, 2.0, 8.0])
    return [
        Shape(
            rounded_box(middle[0] - wide * size, middle[1] - high * size, middle[0] + wide * size,
                     middle[1] + high * size, squareness),
            colours[ring % 3], 0.15, 0.36,
        )
        for ring, size in enumerate(np.linspace(1, 0.2, int(generator.integers(2, 7))))
    ]  # fmt: skip


def _frame(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """A picture or a window on the wall."""
    wide, high = canvas * generator.uniform(0.15, 0.4, 2)
    left = generator.uniform(-0.1, 0.9) * canvas
    top = horizon - high - canvas * generator.uniform(0.1, 0.4)
    rim = canvas * 0.02
    inner = _rectangle(left + rim, top + rim, left + wide - rim, top + high - rim)
    return [
        Shape(_rectangle(left, top, left + wide, top + high), scene_colour(generator), 0.5),
        Shape(inner, scene_colour(generator), 0.0, 0.2),
    ]


def _bookshelf(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    left, wide = generator.uniform(-0.1, 0.8) * canvas, canvas * generator.uniform(0.25, 0.5)
    high = canvas * 0.16
    shapes = []
    for level in range(int(generator.integers(1, 4))):
        base = horizon - level * high
        back = _rectangle(left, base - high, left + wide, base)
        shapes.append(Shape(back, scene_colour(generator) * 0.5))
        x = left
        while x < left + wide - 4:
            thick, tall = canvas * generator.uniform(0.012, 0.04), high * generator.uniform(0.5, 0.9)
            book = _rectangle(x, base - tall, min(x + thick, left + wide), base)
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
        rounded_box(left + wide / 2, seat - high * 0.15, left + wide - arm * 0.5, seat + high * 0.35, 5),
        rounded_box(left - arm * 0.3, seat - high * 0.55, left + arm, seat + high * 0.5, 4),
        rounded_box(left + wide - arm, seat - high * 0.55, left + wide + arm * 0.3, seat + high * 0.5, 4),
    ]
    return [Shape(part, colour, 0.6, 0.2) for part in parts]


def _table(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    colour = scene_colour(generator)
    left, wide = generator.uniform(-0.2, 0.8) * canvas, canvas * generator.uniform(0.2, 0.5)
    floor = horizon + canvas * generator.uniform(0.02, 0.15)
    top = floor - canvas * generator.uniform(0.15, 0.4)
    leg = canvas * generator.uniform(0.015, 0.04)
    places = (left + leg, left + wide * 0.25, left + wide * 0.75, left + wide - 2 * leg)
    legs = [Shape(_rectangle(x, top, x + leg, floor), colour * 0.85, 0.5, 0.1) for x in places]
    board = _rectangle(left, top - leg, left + wide, top + leg)
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
                radii = wide * generator.uniform(0.03, 0.12, 2)
                shapes.append(Shape(ellipse_points(centre, radii), second, 0.0, 0.34, 0.9))
    return shapes


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
        Shape(_rectangle(-2, horizon - high * at, canvas + 2, horizon - high * at + step * 0.2), colour * 0.85)
        for at in (0.75, 0.3)
    ]
    for x in np.arange(-step * generator.random(), canvas, step):
        tall = high * generator.normal(1, 0.02)
        board = [
            [x, horizon + 3], [x, horizon - tall], [x + wide / 2, horizon - tall - wide * 0.5],
            [x + wide, horizon - tall], [x + wide, horizon + 3],
        ]  # fmt: skip
        tone = colour * generator.normal(1, 0.06)
        shapes.append(Shape(np.array(board, np.float32), tone, 0.3, 0.25))
    return shapes


def _stones(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    """Stones, logs and heaps of leaves on the ground, the far ones first."""
    shapes = []
    for row in np.sort(generator.uniform(horizon, canvas, int(generator.integers(3, 12)))):
        radius = canvas * generator.uniform(0.02, 0.13)
        stone = ellipse_points(
            (generator.uniform(0, canvas), row), (radius, radius * generator.uniform(0.4, 0.8)),
            generator.uniform(-0.4, 0.4), 14,
        )  # fmt: skip
        ragged = stone + generator.normal(0, radius * 0.05, stone.shape)
        grain = generator.choice([0.1, 0.36])
        shapes.append(Shape(ragged.astype(np.float32), scene_colour(generator), 0.9, grain))
    return shapes


def _path(generator: np.random.Generator, canvas: int, horizon: float) -> list[Shape]:
    near, far = generator.uniform(0, canvas, 2)
    wide = canvas * generator.uniform(0.2, 0.5)
    path = [[far - wide * 0.2, horizon], [far + wide * 0.2, horizon], [near + wide, canvas], [near - wide, canvas]]
    return [Shape(np.array(path, np.float32), scene_colour(generator), 0.1, 0.2)]


_Maker = Callable[[np.random.Generator, int, float], list[Shape]]
_ROOM: tuple[tuple[_Maker, float], ...] = (
    (_wallpaper, 0.4), (_frame, 0.5), (_planks, 0.4), (_tiles, 0.25), (_skirting, 0.6),
    (_bookshelf, 0.35), (_sofa, 0.4), (_rug, 0.5), (_table, 0.45), (_cushions, 0.7),
)  # fmt: skip
_GARDEN: tuple[tuple[_Maker, float], ...] = (
    (_bushes, 0.7), (_fence, 0.4), (_trees, 0.6), (_path, 0.35), (_stones, 0.7), (_bushes, 0.15),
)  # fmt: skip
