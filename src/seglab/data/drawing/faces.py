"""Eyes, mouth and whiskers of a drawn animal, laid over its shaded head."""

from collections.abc import Callable

import numpy as np

from seglab.data.drawing.looks import Colour
from seglab.data.drawing.poses import Animal
from seglab.data.drawing.texture import (
    ByteArray,
    FloatArray,
    Shape,
    blend,
    draw_curves,
    ellipse_points,
    paint_shape,
)

Projection = Callable[[FloatArray], FloatArray]
_RIM: Colour = (0.07, 0.05, 0.05)
_MOUTH: Colour = (0.13, 0.08, 0.08)
_GLINT: Colour = (0.98, 0.98, 0.96)


def draw_face(
    generator: np.random.Generator,
    animal: Animal,
    project: Projection,
    colour: FloatArray,
    depth: FloatArray,
) -> FloatArray:
    """Draw eyes and mouth into the animal's colour (H x W x 3) in place.

    project maps N x 3 points in space to N x 3 pixels (x, y, depth); depth is the picture of the
    nearest surface. Returns the coverage (H x W, 0 to 1) of the whiskers, to lay over everything.
    """
    _draw_mouth(animal, project, colour, depth)
    breed = animal.breed
    iris = breed.eyes[int(generator.integers(len(breed.eyes)))]
    openness = generator.uniform(0.75, 1.0)
    slit = generator.uniform(0.25, 0.75) if breed.species == "cat" else 0.62
    for side in (-1.0, 1.0):
        _draw_eye(animal, project, colour, depth, side, iris, openness, slit)
    return _whiskers(generator, animal, project, depth)


def _draw_eye(
    animal: Animal,
    project: Projection,
    colour: FloatArray,
    depth: FloatArray,
    side: float,
    iris: Colour,
    openness: float,
    slit: float,
) -> None:
    cat = animal.breed.species == "cat"
    place = np.array([0.80, 0.12, side * 0.46] if cat else [0.76, 0.22, side * 0.40], np.float32)
    normal = np.array([0.88, 0.08, side * 0.46] if cat else [0.86, 0.12, side * 0.50], np.float32)
    normal /= np.linalg.norm(normal)
    upward = np.array([0, 1, 0], np.float32) - normal * normal[1]
    upward /= np.linalg.norm(upward)
    aside = np.cross(upward, normal).astype(np.float32)
    radius = 0.235 if cat else 0.155
    spot = project(animal.head.place(place[None]))[0]
    if not _is_visible(spot, depth, animal, project):
        return
    facing = (normal @ animal.head.axes)[2]
    if facing < 0.05:
        return

    def patch(flat: FloatArray) -> FloatArray:
        shape = place + flat[:, :1] * aside * radius + flat[:, 1:] * upward * radius
        return project(animal.head.place(shape))[:, :2]

    slant = side * -0.3 if cat else side * 0.12
    almond = ellipse_points((0, 0), (1.0, 0.86 * openness), slant)
    shaded = almond[almond[:, 1] > 0.3 * openness]
    pupil = (0.62 * slit + 0.1, 0.74 * openness) if cat else (slit, slit * 0.95)
    layers = (
        (ellipse_points((0, 0.05), (1.28, 1.12 * openness), slant), _RIM, 0.9),
        (almond, iris, 1.0),
        (shaded, np.asarray(iris) * 0.45, 0.8),
        (ellipse_points((0, 0), pupil), _RIM, 1.0),
        (ellipse_points((0.3, 0.34), (0.24, 0.24)), _GLINT, 0.95),
    )
    for flat, paint, opacity in layers:
        paint_shape(colour, Shape(patch(flat), paint, opacity=opacity))


def _is_visible(spot: FloatArray, depth: FloatArray, animal: Animal, project: Projection) -> bool:
    """Whether nothing of the animal lies well in front of a projected point of its head."""
    column, row = int(spot[0]), int(spot[1])
    if not (0 <= row < depth.shape[0] and 0 <= column < depth.shape[1]):
        return False
    centre, edge = project(animal.head.place(np.array([[0, 0, 0], [0, 1, 0]], np.float32)))[:, :2]
    head_pixels = float(np.linalg.norm(edge - centre))
    return bool(depth[row, column] < spot[2] + 0.35 * head_pixels)


def _draw_mouth(animal: Animal, project: Projection, colour: FloatArray, depth: FloatArray) -> None:
    breed = animal.breed
    tip = 0.62 + 0.6 * breed.muzzle + breed.muzzle_radius * 0.62
    thick = breed.muzzle_radius
    curves = [[[tip + 0.02, -0.22, 0], [tip + 0.02, -0.34, 0], [tip, -0.44, 0]]]
    for side in (-1.0, 1.0):
        curves.append(
            [
                [tip, -0.43, 0],
                [tip - 0.12, -0.52, side * thick * 0.62],
                [tip - 0.3 - 0.45 * breed.muzzle, -0.42, side * thick * 1.12],
            ]
        )
    line = np.zeros(depth.shape, np.uint8)
    for curve in curves:
        points = project(animal.head.place(curve))
        if all(_is_visible(point, depth, animal, project) for point in points):
            _draw_line(line, points, 1)
    blend(colour, _MOUTH, line.astype(np.float32) * (0.75 / 255))


def _draw_line(target: ByteArray, points: FloatArray, thickness: int) -> None:
    steps = np.linspace(0, 1, 8)[:, None]
    start, middle, end = points[:, :2]
    curve = (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * middle + steps**2 * end
    draw_curves(target, curve[None].astype(np.float32), 255, thickness)


def _whiskers(
    generator: np.random.Generator, animal: Animal, project: Projection, depth: FloatArray
) -> FloatArray:
    lines = np.zeros(depth.shape, np.uint8)
    if animal.breed.species == "cat":
        tip = 0.7 + 0.6 * animal.breed.muzzle
        for side in (-1.0, 1.0):
            for rise in (-0.3, -0.1, 0.12):
                spread = generator.normal(0, 0.05, 2)
                whisker = [
                    [tip, -0.36 + rise * 0.3, side * 0.36],
                    [tip - 0.1, -0.32 + rise + spread[0], side * 0.95],
                    [tip - 0.4, -0.5 + 1.6 * rise + spread[1], side * 1.5],
                ]
                points = project(animal.head.place(whisker))
                if _is_visible(points[0], depth, animal, project):
                    _draw_line(lines, points, 1)
    return lines.astype(np.float32) * np.float32(0.6 / 255)
