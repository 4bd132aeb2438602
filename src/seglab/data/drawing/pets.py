"""Draws one cat or dog with fur, light and shadow; its silhouette is exact by construction."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from seglab.data.drawing.beads import Beads, Part
from seglab.data.drawing.bodies import POSES
from seglab.data.drawing.coats import Surface, coat_colours
from seglab.data.drawing.faces import draw_face
from seglab.data.drawing.fur import grow_hairs, shade_surface
from seglab.data.drawing.looks import Breed
from seglab.data.drawing.poses import Animal, build_animal
from seglab.data.drawing.texture import (
    FloatArray,
    blur,
    draw_curves,
    stroke_tones,
)

_POSE_SHARES = (0.24, 0.18, 0.28, 0.16, 0.14)
_CLOSE_UP_SHARE = 0.22
_FLIP = np.array([1, -1, 1], np.float32)


@dataclass(frozen=True)
class DrawnAnimal:
    """An animal on a square canvas; its fields are float32, 0 to 1.

    window is the part of the canvas that the animal may touch. In it lie colour (h x w x 3),
    which covers more than the silhouette, silhouette (h x w), the coverage of body and fur, and
    whiskers (h x w), which lie over everything. shadow (H x W, all of the canvas) is the darkness
    of the cast shadow; ground_row is the row of the nearest paw, perhaps below the canvas.
    """

    window: tuple[slice, slice]
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

    def moved(self, right: float, down: float) -> "Camera":
        """The same view with the picture moved by some pixels."""
        return replace(self, shift=(self.shift[0] + right, self.shift[1] + down))

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
    radii = beads.radii * np.float32(camera.scale)
    window = _window(camera.project(beads.centres), radii, canvas)
    near = camera.moved(-window[1].start, -window[0].start)
    centres = near.project(beads.centres)
    shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)
    depth, owners = _rasterise(centres, radii, shape)
    rows, columns = np.nonzero(owners >= 0)
    owned = owners[rows, columns]
    points = np.stack([columns, rows, depth[rows, columns]], axis=1).astype(np.float32)
    normals = (points - centres[owned]) / radii[owned, None] * _FLIP
    form, coat = np.zeros((*shape, 4), np.float32), np.zeros((*shape, 4), np.float32)
    form[rows, columns, 0] = 1
    form[rows, columns, 1:] = normals
    coat[rows, columns, :3] = coat_colours(
        generator, breed, _surface(animal, owned, normals @ near.turn())
    )
    coat[rows, columns, 3] = points[:, 2]
    shades, smooth_normals = shade_surface(form, coat, near.turn() @ light, canvas)
    hairs = grow_hairs(
        generator,
        breed,
        near.scale,
        beads.parts[owned],
        points,
        (beads.flow @ near.turn().T * _FLIP)[owned],
        smooth_normals[rows, columns] * _FLIP,
    )
    silhouette = _silhouette(centres, radii, hairs, shape)
    tones = stroke_tones(hairs, shape) * np.float32(generator.uniform(0.26, 0.40))
    colour = np.clip(shades * (1 + tones)[..., None], 0, 1)
    whiskers = draw_face(generator, animal, near.project, colour, depth)
    shadow = _cast_shadow(beads, camera, light, canvas)
    lowest = float((centres[:, 1] + radii * np.cos(camera.elevation)).max()) + window[0].start
    return DrawnAnimal(window, colour, silhouette, whiskers, shadow, lowest)


def _pose_before_camera(
    generator: np.random.Generator, breed: Breed, canvas: int
) -> tuple[Animal, Camera]:
    """A posed animal and a camera that frames all of it, or its head for a close-up."""
    pose = POSES[int(generator.choice(len(POSES), p=_POSE_SHARES))]
    close_up = generator.random() < _CLOSE_UP_SHARE
    turns = (0.1, 1.45) if pose == "sitting" or close_up else (-0.2, 1.0)
    side = generator.uniform(*turns)
    yaw = side if generator.random() < 0.5 else np.pi - side
    animal = build_animal(generator, breed, pose, yaw, generator.uniform(0.25, 0.95))
    grounded = pose in ("lying", "sprawling")
    camera = Camera(generator.uniform(0.15, 0.6) if grounded else generator.uniform(0.05, 0.32))
    beads = animal.beads
    framed = beads.parts >= Part.HEAD if close_up else beads.parts >= 0
    flat = camera.project(beads.centres)[framed, :2]
    low = (flat - beads.radii[framed, None]).min(axis=0)
    high = (flat + beads.radii[framed, None]).max(axis=0)
    # Long animals may lose the tip of the tail, lest they look small.
    extent = float((high - low).max()) * (1.0 if close_up else 0.9)
    share = generator.uniform(0.45, 0.62) if close_up else generator.uniform(0.72, 1.0)
    scale = share * canvas / extent
    room = canvas - (high - low) * scale
    spread = ((0.3, 0.15), (0.7, 0.4)) if close_up else ((0.15, 0.15), (0.85, 0.85))
    place = room * generator.uniform(*spread)
    if room[0] < 0:
        faces_right = camera.project(animal.head.origin[None])[0, 0] > (low[0] + high[0]) / 2
        place[0] = room[0] if faces_right else 0.0
    shift = place - low * scale
    return animal, replace(camera, scale=scale, shift=(float(shift[0]), float(shift[1])))


def _window(centres: FloatArray, radii: FloatArray, canvas: int) -> tuple[slice, slice]:
    """Rows and columns of the canvas that hold all beads, with room for fur and whiskers."""
    room = round(0.06 * canvas)
    low = (centres[:, :2] - radii[:, None]).min(axis=0).astype(int) - room
    high = (centres[:, :2] + radii[:, None]).max(axis=0).astype(int) + room
    (left, top), (right, bottom) = np.clip(low, 0, canvas), np.clip(high, 0, canvas)
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def _rasterise(
    centres: FloatArray, radii: FloatArray, shape: tuple[int, int]
) -> tuple[FloatArray, npt.NDArray[np.int16]]:
    """Nearest surface of all beads: its depth (-inf for none) and its bead (-1 for none)."""
    depth = np.full(shape, -np.inf, np.float32)
    owners = np.full(shape, -1, np.int16)
    places = np.arange(max(shape), dtype=np.float32)
    beads = np.column_stack([centres, radii]).tolist()
    # Outside a bead the root is not a number, which is never nearer than anything.
    with np.errstate(invalid="ignore"):
        for number, (x, y, z, radius) in enumerate(beads):
            left, right = max(int(x - radius), 0), min(int(x + radius) + 2, shape[1])
            top, bottom = max(int(y - radius), 0), min(int(y + radius) + 2, shape[0])
            if left >= right or top >= bottom:
                continue
            across = (places[left:right] - x) ** 2
            down = radius * radius - (places[top:bottom] - y) ** 2
            surface = np.sqrt(down[:, None] - across)
            surface += z
            window = depth[top:bottom, left:right]
            nearer = surface > window
            np.copyto(window, surface, where=nearer)
            np.copyto(owners[top:bottom, left:right], number, where=nearer, casting="unsafe")
    return depth, owners


def _surface(animal: Animal, owned: npt.NDArray[np.int16], normals: FloatArray) -> Surface:
    """The visible points, given their beads and their normals in space."""
    beads = animal.beads
    offsets = normals * beads.radii[owned, None]
    points = beads.centres[owned] + offsets
    lead = np.einsum("ij,ij->i", offsets, beads.flow[owned])
    return Surface(
        beads.parts[owned],
        beads.along[owned] + lead,
        beads.reach[owned],
        animal.body.locate(points),
        animal.head.locate(points),
        normals @ animal.body.axes.T,
    )


def _silhouette(
    centres: FloatArray, radii: FloatArray, hairs: FloatArray, shape: tuple[int, int]
) -> FloatArray:
    """Coverage (0 to 1) of all beads and hairs."""
    cover = np.zeros(shape, np.uint8)
    for x, y, radius in np.column_stack([centres[:, :2] * 8, radii * 8]).astype(int).tolist():
        cv2.circle(cover, (x, y), radius, (255,), -1, cv2.LINE_AA, 3)
    draw_curves(cover, hairs, 255)
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
