"""Building blocks of drawn pictures: smooth noise, fields of short strokes, and layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
ByteArray = npt.NDArray[np.uint8]

_STROKE_TONES = (40, 216, 84, 176, 60, 200, 104, 156)
_NEUTRAL_TONE = 128
_SUBPIXEL_BITS = 3


def smooth_noise(
    generator: np.random.Generator, canvas: int, cells: int, octaves: int = 3
) -> FloatArray:
    """Clouds of noise, canvas x canvas, about -1 to 1, with `cells` lumps across the picture."""
    noise = np.zeros((canvas, canvas), np.float32)
    for octave in range(octaves):
        side = min(cells * 2**octave + 1, canvas)
        grid = generator.uniform(-1, 1, (side, side)).astype(np.float32)
        lumps = cv2.resize(grid, (canvas, canvas), interpolation=cv2.INTER_CUBIC)
        noise += lumps.astype(np.float32) * np.float32(0.6**octave)
    return np.clip(noise, -1, 1)


def stroke_tones(curves: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """N strokes (N x 3 x 2 pixels) of many tones, as for fur or grass.

    Returns tones of the given shape from -1 (dark) to 1 (light), 0 where no stroke passes.
    """
    tones = np.full(shape, _NEUTRAL_TONE, np.uint8)
    for tone, group in zip(_STROKE_TONES, np.array_split(curves, len(_STROKE_TONES)), strict=True):
        draw_curves(tones, group, tone)
    return (tones.astype(np.float32) - _NEUTRAL_TONE) / _NEUTRAL_TONE


def stroke_curves(
    generator: np.random.Generator, roots: FloatArray, steps: FloatArray
) -> FloatArray:
    """N bent strokes (N x 3 x 2: root, middle, tip) in pixels (x, y).

    roots and steps are N x 2: where each stroke begins and how far it goes.
    """
    across = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
    bend = generator.normal(0, 0.12, (len(roots), 1)).astype(np.float32)
    return np.stack([roots, roots + steps * 0.55 + across * bend, roots + steps], axis=1)


def draw_curves(target: ByteArray, curves: FloatArray, value: int, thickness: int = 1) -> None:
    """Draw N open curves of K points (N x K x 2, pixels) into a one-channel picture in place."""
    fixed_point = np.round(curves * 2**_SUBPIXEL_BITS).astype(np.int32)
    cv2.polylines(
        target, list(fixed_point), False, (value,), thickness, cv2.LINE_AA, _SUBPIXEL_BITS
    )


@dataclass(frozen=True)
class Shape:
    """A polygon (K x 2 pixels) of one colour (0 to 1).

    relief (0 to 1) is how rounded it looks; grain is how strongly the picture's strokes show.
    """

    polygon: FloatArray
    colour: npt.ArrayLike
    relief: float = 0.0
    grain: float = 0.0
    opacity: float = 1.0


def paint_shape(
    image: FloatArray,
    shape: Shape,
    grain: FloatArray | None = None,
    light: tuple[float, float] = (0.0, -1.0),
) -> None:
    """Paint one shape over an H x W x 3 picture in place.

    grain is an H x W field of stroke tones; light is the direction towards the light, in pixels.
    """
    low = np.floor(shape.polygon.min(axis=0)).astype(int) - 1
    high = np.ceil(shape.polygon.max(axis=0)).astype(int) + 2
    left, top = np.maximum(low, 0).tolist()
    right, bottom = np.minimum(high, (image.shape[1], image.shape[0])).tolist()
    if left >= right or top >= bottom:
        return
    box = (slice(top, bottom), slice(left, right))
    alpha = np.zeros((bottom - top, right - left), np.uint8)
    fill_polygon(alpha, shape.polygon - np.array([left, top], np.float32))
    cover = alpha.astype(np.float32) / 255
    shade = np.ones_like(cover)
    if shape.relief > 0:
        reach = max(3, round(0.3 * min(cover.shape)))
        soft = cv2.blur(cv2.blur(cover, (reach, reach)), (reach, reach))
        slope_x = cv2.Sobel(soft, cv2.CV_32F, 1, 0)
        slope_y = cv2.Sobel(soft, cv2.CV_32F, 0, 1)
        steep = float(max(abs(slope_x).max(), abs(slope_y).max())) + 1e-4
        # Slopes rise towards the inside, so the lit edge is where they point away from the light.
        facing = -(slope_x * light[0] + slope_y * light[1]) / steep
        shade += np.float32(shape.relief * 0.6) * facing
    if grain is not None and shape.grain > 0:
        shade *= 1 + shape.grain * grain[box]
    colours = np.asarray(shape.colour, np.float32) * shade[..., None]
    blend(image[box], colours, cover * np.float32(shape.opacity))


def fill_polygon(target: ByteArray, polygon: FloatArray) -> None:
    """Fill a polygon (K x 2 pixels) with 255 in a one-channel picture in place."""
    points = np.round(polygon * 2**_SUBPIXEL_BITS).astype(np.int32)
    cv2.fillPoly(target, [points], (255,), cv2.LINE_AA, _SUBPIXEL_BITS)


def ellipse_points(
    centre: Sequence[float], radii: Sequence[float], turn: float = 0.0, count: int = 40
) -> FloatArray:
    """count x 2 points of an ellipse with two radii, turned by `turn` radians."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    flat = np.stack([np.cos(angles) * radii[0], np.sin(angles) * radii[1]], axis=1)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(flat @ rotation + np.asarray(centre), np.float32)


def blend(image: FloatArray, colour: npt.ArrayLike, alpha: FloatArray) -> None:
    """Lay a colour (3 values or H x W x 3, 0 to 1) over an H x W x 3 picture in place."""
    image += (np.asarray(colour, np.float32) - image) * alpha[..., None]


def blur(field: FloatArray, radius: float) -> FloatArray:
    """Gaussian blur of an H x W or H x W x C field; radius is the deviation in pixels."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(radius, 0.3)), np.float32)
