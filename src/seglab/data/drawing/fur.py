"""The coat in the light: shading of a drawn animal's surface, and the hairs that stand on it."""

import cv2
import numpy as np
import numpy.typing as npt

from seglab.data.drawing.beads import Part
from seglab.data.drawing.looks import Breed
from seglab.data.drawing.texture import FloatArray, blur, stroke_curves

_HAIRS_PER_PIXEL = 1 / 18
_RIM_HAIRS = 1 / 6
_NO_DIVISION_BY_ZERO = np.float32(1e-4)


def shade_surface(
    form: FloatArray, coat: FloatArray, view_light: FloatArray, canvas: int
) -> tuple[FloatArray, FloatArray]:
    """Lit colours (h x w x 3), spread beyond the outline for the fur, and smooth view normals.

    form holds coverage and normals, coat the colours and the depth, each h x w x 4, all of them 0
    where the animal is not.
    """
    rows, columns = form.shape[:2]
    # Light changes smoothly, so half of the pixels each way are enough for it.
    half = ((columns + 1) // 2, (rows + 1) // 2)
    small_form, small_coat = (
        np.asarray(cv2.resize(field, half, interpolation=cv2.INTER_AREA), np.float32)
        for field in (form, coat)
    )
    smooth = blur(small_form, canvas / 220)
    normals = smooth[..., 1:] / (smooth[..., :1] + _NO_DIVISION_BY_ZERO)
    # Hairs reach well over the outline, so what they are made of comes from further away.
    reach = 2 * round(0.0175 * canvas) + 1
    around = cv2.blur(small_form, (reach, reach))
    share = around[..., :1] + _NO_DIVISION_BY_ZERO
    distant = smooth[..., 0] < 0.05
    normals[distant] = (around[..., 1:] / share)[distant]
    spread = cv2.blur(small_coat, (reach, reach))[..., :3] / share
    lambert = np.maximum(normals @ view_light.astype(np.float32), 0)
    cover, depth = small_form[..., 0].copy(), small_coat[..., 3].copy()
    nearby = blur(depth, canvas / 140) / (blur(cover, canvas / 140) + _NO_DIVISION_BY_ZERO)
    crease = np.clip((nearby * cover - depth) * np.float32(20 / canvas), 0, 1)
    light = (0.42 + 0.14 * normals[..., 1] + 0.72 * lambert) * (1 - 0.55 * crease)
    albedo = np.where(form[..., :1] > 0, coat[..., :3], _enlarged(spread, (columns, rows)))
    lit = albedo * _enlarged(light, (columns, rows))[..., None]
    return lit, _enlarged(normals, (columns, rows))


def _enlarged(field: FloatArray, size: tuple[int, int]) -> FloatArray:
    return np.asarray(cv2.resize(field, size), np.float32)


def grow_hairs(
    generator: np.random.Generator,
    breed: Breed,
    scale: float,
    parts: npt.NDArray[np.int16],
    points: FloatArray,
    flow: FloatArray,
    normals: FloatArray,
) -> FloatArray:
    """N hairs (N x 3 x 2, pixels) along the fur's flow, splayed at the outline.

    All others are per visible point; flow and normals have x right and y down.
    """
    rim = np.nonzero(normals[:, 2] < 0.45)[0]
    chosen = generator.integers(0, len(points), int(len(points) * _HAIRS_PER_PIXEL))
    if len(rim):
        chosen = np.concatenate([chosen, generator.choice(rim, int(len(rim) * _RIM_HAIRS))])
        generator.shuffle(chosen)
    chosen = chosen[~np.isin(parts[chosen], (Part.NOSE, Part.TONGUE, Part.COLLAR))]
    heading = flow[chosen, :2] + 0.7 * normals[chosen, :2]
    heading += generator.normal(0, 0.2, heading.shape)
    heading /= np.linalg.norm(heading, axis=1, keepdims=True) + 0.15
    on_trunk = np.isin(parts[chosen], (Part.TRUNK, Part.NECK, Part.TAIL))
    lengths = breed.fur * scale * np.where(on_trunk, 1.0, 0.55)
    lengths *= generator.uniform(0.5, 1.2, len(chosen))
    steps = heading * np.maximum(lengths, 2.5)[:, None]
    return stroke_curves(generator, points[chosen, :2], steps.astype(np.float32))
