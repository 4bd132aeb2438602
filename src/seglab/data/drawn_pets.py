"""Draws one cat or dog with fur, light and shadow; its silhouette is exact by construction."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from seglab.data.drawn_breeds import Breed
from seglab.data.drawn_coats import Surface, coat_colours
from seglab.data.drawn_faces import draw_face
from seglab.data.drawn_poses import POSES, Animal, Beads, Part, build_animal
from seglab.data.drawn_texture import (
    FloatArray,
    blur,
    draw_curves,
    stroke_curves,
    stroke_tones,
)

_POSE_SHARES = (0.24, 0.18, 0.28, 0.16, 0.14)
_CLOSE_UP_SHARE = 0.22
_STROKES_PER_PIXEL = 1 / 16


@dataclass(frozen=True)
class DrawnAnimal:
    """An animal on a square canvas; all fields are float32, H x W (colour H x W x 3), 0 to 1.

    colour covers more than the silhouette, so that it can be laid over a scene; silhouette is the
    coverage of body and fur; whiskers lie over everything; shadow is the cast shadow's darkness
    on the ground; ground_row is the row of the nearest paw.
    """

    colour: FloatArray
    silhouette: FloatArray
    whiskers: FloatArray
    shadow: FloatArray
    ground_row: float


@dataclass(frozen=True)
class Camera:
    """A parallel projection looking down by `elevation` radians; pixels are x right, y down."""

    elevation: float
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def project(self, points: npt.ArrayLike) -> FloatArray:
        """N x 3 points in space to N x 3 pixels: x, y and depth towards the viewer."""
        turned = np.asarray(points, np.float32) @ self.turn().T * self.scale
        return np.stack(
            [turned[:, 0] + self.shift[0], self.shift[1] - turned[:, 1], turned[:, 2]], axis=1
        ).astype(np.float32)

    def turn(self) -> FloatArray:
        """Rows: the view's right, up and towards the viewer, in space."""
        cosine, sine = np.cos(self.elevation), np.sin(self.elevation)
        return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]], np.float32)


def draw_animal(
    generator: np.random.Generator, breed: Breed, canvas: int, light: FloatArray
) -> DrawnAnimal:
    """Draw the breed in a random pose and view on canvas x canvas pixels.

    light is the unit vector towards the light in space (x right, y up, z to the viewer).
    """
    animal, camera = _pose_before_camera(generator, breed, canvas)
    beads = animal.beads
    centres = camera.project(beads.centres)
    radii = beads.radii * np.float32(camera.scale)
    depth, owners = _rasterise(centres, radii, canvas)
    rows, columns = np.nonzero(owners >= 0)
    owned = owners[rows, columns]
    points = np.stack([columns, rows, depth[rows, columns]], axis=1).astype(np.float32)
    normals = (points - centres[owned]) / radii[owned, None] * np.float32([1, -1, 1])
    in_space = (normals @ camera.turn()).astype(np.float32)
    colours = coat_colours(
        generator, breed, _surface(animal, owned, in_space)
    )
    covered = np.zeros((canvas, canvas), np.float32)
    covered[rows, columns] = 1
    layers = np.zeros((canvas, canvas, 6), np.float32)
    layers[rows, columns, :3] = colours
    layers[rows, columns, 3:] = normals
    shades, normal_map = _shade(layers, covered, depth, camera, light)
    flow = (beads.flow @ camera.turn().T)[owned][:, :2] * np.float32([1, -1])
    strands = _fur_strands(
        generator, breed, camera, beads.parts[owned], points, flow, normal_map[rows, columns]
    )
    tones = stroke_tones(generator, canvas, *strands)
    silhouette = _silhouette(generator, centres, radii, strands, canvas)
    colour = shades * (1 + generator.uniform(0.26, 0.40) * tones[..., None])
    whiskers = draw_face(generator, animal, camera.project, colour, depth)
    return DrawnAnimal(
        np.clip(colour, 0, 1), silhouette, whiskers, _cast_shadow(beads, camera, light, canvas),
        float((centres[:, 1] + radii * np.cos(camera.elevation)).max()),
    )  # fmt: skip


def _pose_before_camera(
    generator: np.random.Generator, breed: Breed, canvas: int
) -> tuple[Animal, Camera]:
    """A posed animal and a camera that frames all of it, or its head for a close-up."""
    pose = POSES[int(generator.choice(len(POSES), p=_POSE_SHARES))]
    close_up = generator.random() < _CLOSE_UP_SHARE
    side = generator.uniform(-0.2, 1.0) if pose != "sitting" and not close_up else (
        generator.uniform(0.1, 1.45))  # fmt: skip
    yaw = side if generator.random() < 0.5 else np.pi - side
    animal = build_animal(generator, breed, pose, yaw, generator.uniform(0.25, 0.95))
    grounded = pose in ("lying", "sprawling")
    camera = Camera(generator.uniform(0.15, 0.6) if grounded else generator.uniform(0.05, 0.32))
    beads = animal.beads
    framed = beads.parts >= Part.HEAD if close_up else beads.parts >= 0
    flat = camera.project(beads.centres)[framed, :2]
    low = (flat - beads.radii[framed, None]).min(axis=0)
    high = (flat + beads.radii[framed, None]).max(axis=0)
    extent = float((high - low).max())
    share = generator.uniform(0.45, 0.62) if close_up else generator.uniform(0.72, 1.0)
    scale = share * canvas / extent
    room = np.maximum(canvas - (high - low) * scale, 0)
    place = room * (generator.uniform(0.15, 0.85, 2) if not close_up else
                    np.array([generator.uniform(0.3, 0.7), generator.uniform(0.15, 0.4)]))  # fmt: skip
    shift = place - low * scale
    return animal, replace(camera, scale=scale, shift=(float(shift[0]), float(shift[1])))


def _rasterise(
    centres: FloatArray, radii: FloatArray, canvas: int
) -> tuple[FloatArray, npt.NDArray[np.int16]]:
    """Nearest surface of all beads: its depth (-inf for none) and its bead (-1 for none)."""
    depth = np.full((canvas, canvas), -np.inf, np.float32)
    owners = np.full((canvas, canvas), -1, np.int16)
    places = np.arange(canvas, dtype=np.float32)
    beads = np.column_stack([centres, radii]).tolist()
    for number, (x, y, z, radius) in enumerate(beads):
        left, right = max(int(x - radius), 0), min(int(x + radius) + 2, canvas)
        top, bottom = max(int(y - radius), 0), min(int(y + radius) + 2, canvas)
        if left >= right or top >= bottom:
            continue
        across = (places[left:right] - x) ** 2
        down = radius * radius - (places[top:bottom] - y) ** 2
        dome = down[:, None] - across
        surface = np.sqrt(np.maximum(dome, 0)) + z
        window = depth[top:bottom, left:right]
        nearer = (dome > 0) & (surface > window)
        np.copyto(window, surface, where=nearer)
        np.copyto(owners[top:bottom, left:right], number, where=nearer, casting="unsafe")
    return depth, owners


def _surface(
    animal: Animal, owned: npt.NDArray[np.int16], normals: FloatArray
) -> Surface:
    """The visible points, given their beads and their normals in space."""
    beads = animal.beads
    offsets = normals * beads.radii[owned, None]
    points = beads.centres[owned] + offsets
    lead = np.einsum("ij,ij->i", offsets, beads.flow[owned])
    return Surface(
        beads.parts[owned], beads.along[owned] + lead, beads.reach[owned],
        animal.body.locate(points), animal.head.locate(points), normals @ animal.body.axes.T,
    )  # fmt: skip


def _shade(
    layers: FloatArray, covered: FloatArray, depth: FloatArray, camera: Camera, light: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Lit colours (H x W x 3), spread a little beyond the outline, and smooth view normals."""
    canvas = len(covered)
    wide = max(1.0, canvas / 110)
    spread = blur(covered, wide) + 1e-4
    normal_map = blur(layers[..., 3:], wide) / spread[..., None]
    around = blur(layers[..., :3], wide) / spread[..., None]
    albedo = np.where(covered[..., None] > 0, layers[..., :3], around)
    view_light = camera.turn() @ light
    lambert = np.maximum(normal_map @ view_light.astype(np.float32), 0)
    floor = depth[covered > 0].min() if covered.any() else 0.0
    filled = np.where(covered > 0, depth, floor).astype(np.float32)
    nearby = blur(filled * covered, wide * 1.6) / (blur(covered, wide * 1.6) + 1e-4)
    crease = np.clip((nearby - filled) / (canvas * 0.05), 0, 1) * covered
    light_share = (0.42 + 0.14 * normal_map[..., 1] + 0.72 * lambert) * (1 - 0.55 * crease)
    return albedo * light_share[..., None].astype(np.float32), normal_map


def _fur_strands(
    generator: np.random.Generator, breed: Breed, camera: Camera, parts: npt.NDArray[np.int16],
    points: FloatArray, flow: FloatArray, normals: FloatArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Roots and steps (N x 2, pixels) of hairs along the fur's flow, splayed at the outline."""
    count = int(len(points) * _STROKES_PER_PIXEL)
    chosen = generator.integers(0, len(points), count)
    chosen = chosen[~np.isin(parts[chosen], (Part.NOSE, Part.TONGUE, Part.COLLAR))]
    outward = normals[chosen][:, :2] * np.float32([1, -1])
    heading = flow[chosen] + 0.75 * outward + generator.normal(0, 0.22, (len(chosen), 2))
    heading /= np.linalg.norm(heading, axis=1, keepdims=True) + 0.15
    short = np.where(np.isin(parts[chosen], (Part.TRUNK, Part.NECK, Part.TAIL)), 1.0, 0.55)
    lengths = breed.fur * camera.scale * short * generator.uniform(0.6, 1.3, len(chosen))
    steps = heading * np.maximum(lengths, 2.5)[:, None]
    return points[chosen, :2], steps.astype(np.float32)


def _silhouette(
    generator: np.random.Generator, centres: FloatArray, radii: FloatArray,
    strands: tuple[FloatArray, FloatArray], canvas: int,
) -> FloatArray:  # fmt: skip
    """Coverage (0 to 1) of all beads and hairs."""
    cover = np.zeros((canvas, canvas), np.uint8)
    for x, y, radius in np.column_stack([centres[:, :2] * 8, radii * 8]).astype(int).tolist():
        cv2.circle(cover, (x, y), radius, (255,), -1, cv2.LINE_AA, 3)
    draw_curves(cover, stroke_curves(generator, *strands), 255)
    return cover.astype(np.float32) / 255


def _cast_shadow(beads: Beads, camera: Camera, light: FloatArray, canvas: int) -> FloatArray:
    """Darkness (0 to 1) of the shadow that the beads cast on the ground."""
    # A shadow is soft, so a quarter of the pixels each way is enough.
    heights = beads.centres[:, 1:2]
    on_ground = camera.project(beads.centres - light * heights / light[1]) / 4
    widths = np.maximum(beads.radii * camera.scale / 4, 1)
    flat = max(float(np.sin(camera.elevation)), 0.2)
    shadow = np.zeros((canvas // 4, canvas // 4), np.uint8)
    rows = np.round(np.column_stack([on_ground[:, :2], widths, widths * flat])).astype(int)
    for x, y, wide, high in np.unique(rows, axis=0).tolist():
        cv2.ellipse(shadow, (x, y), (wide, max(high, 1)), 0, 0, 360, (255,), -1)
    soft = blur(shadow.astype(np.float32) / 255, canvas / 260)
    return np.asarray(cv2.resize(soft, (canvas, canvas)), np.float32)
