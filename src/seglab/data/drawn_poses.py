"""Bodies of drawn animals: chains of beads (spheres in space) posed over a skeleton.

Space: x to the right, y up from the ground (y = 0), z towards the viewer. A body or a head has
its own frame with x forward, y up and z to the animal's right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from seglab.data.drawn_breeds import Breed
from seglab.data.drawn_texture import FloatArray

Pose = Literal["standing", "walking", "sitting", "lying", "sprawling"]
POSES: tuple[Pose, ...] = get_args(Pose)
_BEADS_PER_RADIUS = 2.5


class Part(IntEnum):
    """What a bead belongs to."""

    TRUNK = 0
    NECK = 1
    LEG = 2
    TAIL = 3
    HEAD = 4
    MUZZLE = 5
    EAR = 6
    INNER_EAR = 7
    NOSE = 8
    TONGUE = 9
    COLLAR = 10


@dataclass(frozen=True)
class Frame:
    """Where a body or a head is: its origin, its three unit axes (rows) and its scale."""

    origin: FloatArray
    axes: FloatArray
    scale: float = 1.0

    def place(self, points: npt.ArrayLike) -> FloatArray:
        """Points of the frame (N x 3) in space."""
        return (np.asarray(points, np.float32) @ self.axes * self.scale + self.origin).astype(
            np.float32
        )

    def locate(self, points: FloatArray) -> FloatArray:
        """Points in space (N x 3) in the frame's own coordinates."""
        return ((points - self.origin) @ self.axes.T / self.scale).astype(np.float32)


@dataclass(frozen=True)
class Beads:
    """N beads: centres and fur flow N x 3, the rest N.

    along is the distance down the chain, reach goes from 0 at a limb's root to 1 at its end.
    """

    centres: FloatArray
    radii: FloatArray
    parts: npt.NDArray[np.int16]
    flow: FloatArray
    along: FloatArray
    reach: FloatArray


@dataclass(frozen=True)
class Animal:
    """One posed animal: its beads and the frames of its trunk and head."""

    breed: Breed
    beads: Beads
    body: Frame
    head: Frame


def turned_axes(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> FloatArray:
    """Axes (rows forward, up, right) of a frame turned from facing right; radians."""
    forward = np.array(
        [np.cos(yaw) * np.cos(pitch), np.sin(pitch), np.sin(yaw) * np.cos(pitch)]
    )
    right = np.array([-np.sin(yaw), 0.0, np.cos(yaw)])
    up = np.cross(right, forward)
    tilted_up = up * np.cos(roll) + right * np.sin(roll)
    return np.stack([forward, tilted_up, np.cross(forward, tilted_up)]).astype(np.float32)


def build_animal(
    generator: np.random.Generator, breed: Breed, pose: Pose, yaw: float, attention: float
) -> Animal:
    """Pose an animal whose body faces `yaw` (0 right, pi/2 the viewer, pi left).

    attention, 0 to 1, is how far the head turns towards the viewer.
    """
    maker = _BeadMaker()
    body = Frame(np.zeros(3, np.float32), turned_axes(yaw))
    chest, neck_direction = _add_trunk_and_legs(maker, generator, breed, pose, body)
    head_turn = np.clip((np.pi / 2 - yaw) * attention, -1.25, 1.25)
    head_axes = turned_axes(
        yaw + head_turn + generator.normal(0, 0.1),
        generator.normal(-0.05, 0.12),
        generator.normal(0, 0.1),
    )
    neck_start = chest + np.array([0.25, 0.35, 0]) * breed.chest
    head_centre = chest + neck_direction * (breed.neck + breed.chest * 0.45)
    head = Frame(
        body.place(head_centre) + head_axes[0] * breed.head * 0.3, head_axes, breed.head
    )
    collar = Part.COLLAR if generator.random() < 0.25 else Part.NECK
    base = head.place([[-0.25, -0.25, 0]])[0]
    neck = body.place([neck_start - neck_direction * breed.chest * 0.3])[0]
    widths = np.array([0.80, 0.74]) * breed.head, np.array([0.92]) * breed.chest
    maker.chain(Part.NECK, [base, base * 0.5 + neck * 0.5, neck], np.concatenate(widths))
    if collar == Part.COLLAR:
        ring = base * 0.62 + neck * 0.38
        maker.chain(collar, [ring, ring * 0.9 + neck * 0.1], [breed.head * 0.9, breed.head * 0.9])
    _add_head(maker, generator, breed, head)
    return Animal(breed, maker.beads(), body, head)


class _BeadMaker:
    """Collects beads chain by chain."""

    def __init__(self) -> None:
        self._rows: list[FloatArray] = []

    def chain(
        self,
        part: Part,
        points: Sequence[npt.ArrayLike] | FloatArray,
        radii: npt.ArrayLike,
        frame: Frame | None = None,
        flow: npt.ArrayLike | None = None,
    ) -> None:
        """A smooth tube through K points (K x 3) with K radii; flow defaults to its direction."""
        knots = np.asarray(points, np.float32)
        widths = np.asarray(radii, np.float32)
        if frame is not None:
            knots, widths = frame.place(knots), widths * frame.scale
            flow = None if flow is None else np.asarray(flow, np.float32) @ frame.axes
        length = float(np.linalg.norm(np.diff(knots, axis=0), axis=1).sum())
        count = 2 + int(_BEADS_PER_RADIUS * length / float(widths.mean()))
        curve = _smooth_curve(np.column_stack([knots, widths]), count)
        directions = _slopes(curve[:, :3])
        directions /= np.linalg.norm(directions, axis=1, keepdims=True) + 1e-6
        if flow is not None:
            directions = np.broadcast_to(np.asarray(flow, np.float32), directions.shape)
        reach = np.linspace(0, 1, count)
        self._rows.append(
            np.column_stack(
                [curve, np.full(count, part), directions, reach * length, reach]
            ).astype(np.float32)
        )

    def sheet(
        self,
        part: Part,
        frame: Frame,
        spine: npt.ArrayLike,
        half_widths: npt.ArrayLike,
        thickness: float,
    ) -> None:
        """A flap such as an ear: K spine points and K half-width vectors (K x 3)."""
        knots = np.column_stack([np.asarray(spine), np.asarray(half_widths)]).astype(np.float32)
        height = float(np.linalg.norm(np.diff(knots[:, :3], axis=0), axis=1).sum())
        rows = _smooth_curve(knots, 2 + int(1.6 * height / thickness))
        places, reach = [], []
        for row, share in zip(rows, np.linspace(0, 1, len(rows)), strict=True):
            count = 1 + int(2.4 * float(np.linalg.norm(row[3:])) / thickness)
            across = np.linspace(-1, 1, count)[:, None] if count > 1 else np.zeros((1, 1))
            places.append(row[:3] + row[3:] * across)
            reach.append(np.full(count, share))
        centres, shares = np.concatenate(places), np.concatenate(reach)
        flow = ((knots[-1, :3] - knots[0, :3]) / height) @ frame.axes
        total = len(centres)
        self._rows.append(
            np.column_stack(
                [
                    frame.place(centres), np.full(total, thickness * frame.scale),
                    np.full(total, part), np.broadcast_to(flow, (total, 3)),
                    shares * height * frame.scale, shares,
                ]
            ).astype(np.float32)
        )  # fmt: skip

    def beads(self) -> Beads:
        """All beads so far."""
        rows = np.concatenate(self._rows)
        return Beads(
            rows[:, :3], rows[:, 3], rows[:, 4].astype(np.int16), rows[:, 5:8], rows[:, 8],
            rows[:, 9],
        )  # fmt: skip


def _smooth_curve(knots: FloatArray, count: int) -> FloatArray:
    """Cubic curve through K knots (K x D), sampled at `count` places."""
    slopes = _slopes(knots)
    places = np.linspace(0, len(knots) - 1, count)
    left = np.minimum(places.astype(int), len(knots) - 2)
    step = (places - left)[:, None]
    square, cube = step**2, step**3
    curve = (
        (2 * cube - 3 * square + 1) * knots[left]
        + (cube - 2 * square + step) * slopes[left]
        + (3 * square - 2 * cube) * knots[left + 1]
        + (cube - square) * slopes[left + 1]
    )
    return np.asarray(curve, np.float32)


def _slopes(knots: FloatArray) -> FloatArray:
    """Differences along K knots (K x D), central inside; numpy's gradient is slow on few."""
    slopes = np.empty_like(knots)
    slopes[0], slopes[-1] = knots[1] - knots[0], knots[-1] - knots[-2]
    slopes[1:-1] = (knots[2:] - knots[:-2]) / 2
    return slopes


def _add_trunk_and_legs(
    maker: _BeadMaker, generator: np.random.Generator, breed: Breed, pose: Pose, body: Frame
) -> tuple[FloatArray, FloatArray]:
    """Adds trunk, legs and tail; returns the chest's place and the neck's direction (body)."""
    half = breed.trunk / 2
    if pose in ("standing", "walking"):
        chest = np.array([half, breed.leg + 0.25 * breed.chest, 0])
        hip = np.array([-half, breed.leg + 0.22 * breed.hip, 0])
        lift = generator.uniform(0.5, 1.15)
    elif pose == "sitting":
        slope = generator.uniform(0.82, 1.08)
        hip = np.array([-half * 0.5, breed.hip * 0.95, 0])
        chest = hip + breed.trunk * 0.82 * np.array([np.cos(slope), np.sin(slope), 0])
        lift = generator.uniform(1.0, 1.3)
    else:
        chest = np.array([half, breed.chest * 1.02, 0])
        hip = np.array([-half * 0.9, breed.hip * 0.97, 0])
        lift = generator.uniform(0.25, 1.1)
    middle = (chest + hip) / 2 + np.array([0, 0.02 if pose != "sitting" else -0.02, 0])
    widths = [breed.chest * 0.9, breed.chest, breed.waist, breed.hip, breed.hip * 0.8]
    spine = (chest - hip) / np.linalg.norm(chest - hip)
    knots = [chest + spine * breed.chest * 0.3, chest, middle, hip, hip - spine * breed.hip * 0.3]
    maker.chain(Part.TRUNK, knots, widths, body)
    if breed.species == "dog" or pose != "sitting":
        keel = np.array([-spine[1], spine[0], 0]) * -0.28
        lower = [knots[1] + keel * breed.chest, middle + keel * breed.waist * 0.6]
        maker.chain(Part.TRUNK, lower, [breed.chest * 0.94, breed.waist * 0.9], body)
    for side in (-1.0, 1.0):
        stride = 0.0
        if pose == "walking":
            stride = side * generator.uniform(0.3, 0.6)
        elif pose == "standing":
            stride = generator.normal(0, 0.08)
        _add_front_leg(maker, generator, breed, pose, body, chest, side, stride)
        _add_hind_leg(maker, generator, breed, pose, body, hip, side, -stride)
    _add_tail(maker, generator, breed, pose, body, hip - spine * breed.hip * 0.75)
    return chest, np.array([np.cos(lift), np.sin(lift), 0])


def _add_front_leg(
    maker: _BeadMaker, generator: np.random.Generator, breed: Breed, pose: Pose, body: Frame,
    chest: FloatArray, side: float, stride: float,
) -> None:  # fmt: skip
    thick, out = breed.leg_radius, side * breed.chest * 0.55
    top = np.array([chest[0] + 0.01, chest[1] - 0.3 * breed.chest, out * 0.9])
    if pose in ("lying", "sprawling"):
        ahead = generator.uniform(0.55, 0.85) * breed.leg
        away = out * 1.25
        knots = [
            top,
            [chest[0] - 0.06, thick * 1.6, away],
            [chest[0] + ahead * 0.5, thick * 1.0, away],
            [chest[0] + ahead, thick * 0.9, away * 0.9],
        ]
    else:
        height = top[1]
        swing = height * np.sin(stride)
        raised = max(0.0, stride) * 0.25 * height if pose == "walking" else 0.0
        knots = [
            top,
            [top[0] - 0.05 + swing * 0.35, height * 0.55, out],
            [top[0] - 0.01 + swing * 0.8, height * 0.2 + raised, out],
            [top[0] + swing, thick * 0.9 + raised, out],
        ]
    maker.chain(Part.LEG, knots, np.array([1.9, 1.3, 0.95, 1.0]) * thick, body)
    _add_paw(maker, body, np.asarray(knots[-1]), thick)


def _add_hind_leg(
    maker: _BeadMaker, generator: np.random.Generator, breed: Breed, pose: Pose, body: Frame,
    hip: FloatArray, side: float, stride: float,
) -> None:  # fmt: skip
    thick, out = breed.leg_radius, side * breed.hip * 0.5
    if pose in ("standing", "walking"):
        height = hip[1]
        swing = height * np.sin(stride)
        raised = max(0.0, stride) * 0.2 * height if pose == "walking" else 0.0
        knots = [
            [hip[0] + 0.02, height - 0.1 * breed.hip, out],
            [hip[0] + 0.10 + swing * 0.3, height * 0.66, out * 1.1],
            [hip[0] - 0.09 + swing * 0.7, height * 0.33 + raised, out * 1.1],
            [hip[0] - 0.05 + swing, thick * 0.9 + raised, out * 1.1],
        ]
        widths = np.array([breed.hip * 0.85, thick * 2.0, thick * 0.95, thick])
    elif pose == "sprawling":
        away = side * breed.hip * generator.uniform(1.0, 1.5)
        knots = [
            [hip[0], hip[1] * 0.8, out],
            [hip[0] - 0.02, breed.hip * 0.5, away],
            [hip[0] - 0.16, thick * 1.2, away * 1.1],
            [hip[0] - 0.28, thick * 0.9, away],
        ]
        widths = np.array([breed.hip * 0.85, thick * 2.2, thick * 1.1, thick])
    else:
        away = side * breed.hip * 0.95
        knots = [
            [hip[0], hip[1], out],
            [hip[0] + breed.hip * 0.55, breed.hip * 0.85, away * 0.9],
            [hip[0] + breed.hip * 0.2, thick * 1.3, away * 1.2],
            [hip[0] + breed.hip * 1.25, thick * 0.9, away * 1.25],
        ]
        widths = np.array([breed.hip * 0.9, breed.hip * 0.72, thick * 1.5, thick])
    maker.chain(Part.LEG, knots, widths, body)
    _add_paw(maker, body, np.asarray(knots[-1]), thick)


def _add_paw(maker: _BeadMaker, body: Frame, wrist: FloatArray, thick: float) -> None:
    for toe in (-0.6, 0.0, 0.6):
        tip = wrist + np.array([thick * (1.25 - 0.3 * abs(toe)), -0.15 * thick, toe * thick])
        maker.chain(Part.LEG, [wrist + (tip - wrist) * 0.4, tip], [thick * 0.85, thick * 0.62],
                    body)  # fmt: skip


def _add_tail(
    maker: _BeadMaker, generator: np.random.Generator, breed: Breed, pose: Pose, body: Frame,
    root: FloatArray,
) -> None:  # fmt: skip
    """A tail of nine joints; on the ground for sitting and lying animals."""
    grounded = pose not in ("standing", "walking")
    side = generator.choice([-1.0, 1.0])
    carriage = generator.uniform(-0.9, 0.9) if breed.tail_curl < 2 else 1.0
    sideways = generator.uniform(0.1, 0.35) if grounded else generator.uniform(0.0, 0.12)
    joints = [root]
    heading = carriage
    step = breed.tail / 8
    for _ in range(8):
        heading += breed.tail_curl / 8 * (1 if carriage > -0.2 or breed.tail_curl > 2 else -0.3)
        ahead = np.array([-np.cos(heading), np.sin(heading), side * sideways])
        joint = joints[-1] + ahead * step
        joint[1] = max(joint[1], breed.tail_radius * 0.8)
        if grounded and breed.tail_curl < 2:
            joint[1] = max(breed.tail_radius * 0.8, joints[-1][1] * 0.55)
            joint[2] = joints[-1][2] + side * step * 0.55
        joints.append(joint)
    bushy = np.sin(np.linspace(0.5, 2.7, 9)) if breed.tail_radius > 0.06 else np.linspace(1, 0.7, 9)
    maker.chain(Part.TAIL, joints, bushy * breed.tail_radius, body)


def _add_head(
    maker: _BeadMaker, generator: np.random.Generator, breed: Breed, head: Frame
) -> None:
    back = (-1.0, 0.1, 0.0)
    length, thick = breed.muzzle, breed.muzzle_radius
    tip = 0.62 + 0.6 * length
    skull = 0.94 if breed.species == "cat" else 0.88
    maker.chain(Part.HEAD, [[-0.1, 0, -0.14], [-0.1, 0, 0.14]], [skull, skull], head, back)
    for side in (-1.0, 1.0):
        maker.chain(
            Part.HEAD, [[0.1, -0.25, side * 0.4], [0.3, -0.3, side * 0.36]], [0.6, 0.5], head, back
        )
        pad = [[0.45, -0.28, side * 0.16], [tip, -0.34, side * thick * 0.42]]
        maker.chain(Part.MUZZLE, pad, [thick * 1.1, thick * 0.74], head, back)
        _add_ear(maker, breed, head, side)
    bridge = [[0.42, 0.14, 0], [0.66, 0.02, 0], [tip, -0.12, 0]]
    maker.chain(Part.MUZZLE, bridge, [0.46, thick * 0.9, thick * 0.62], head, back)
    panting = breed.species == "dog" and generator.random() < 0.4
    jaw = -0.72 if panting else -0.56
    maker.chain(
        Part.MUZZLE, [[0.3, -0.5, 0], [tip - 0.12, jaw, 0]], [thick, thick * 0.55], head, back
    )
    if panting:
        tongue = [[tip - 0.2, -0.52, 0], [tip + 0.08, -0.62, 0], [tip + 0.12, -0.95, 0]]
        maker.chain(Part.TONGUE, tongue, [0.17, 0.17, 0.13], head, (0, -1, 0))
    wide = 0.11 if breed.species == "cat" else 0.17
    ahead = tip + thick * 0.5
    maker.chain(
        Part.NOSE, [[ahead, -0.1, -wide * 0.8], [ahead, -0.1, wide * 0.8]], [wide, wide], head, back
    )
    maker.chain(Part.NOSE, [[ahead, -0.1, 0], [ahead, -0.2, 0]], [wide, wide * 0.7], head, back)


def _add_ear(maker: _BeadMaker, breed: Breed, head: Frame, side: float) -> None:
    flip = np.array([1, 1, side])
    if breed.ear in ("flopped", "long"):
        drop = -0.15 if breed.ear == "flopped" else -0.95
        spine = np.array(
            [[-0.1, 0.66, 0.5], [-0.05, 0.66, 0.86], [0.05, drop * 0.4, 1.06], [0.12, drop, 1.0]]
        )
        widths = np.array([[0.26, 0, 0], [0.36, 0, 0], [0.42, 0, 0], [0.16, 0, 0]])
        maker.sheet(Part.EAR, head, spine * flip, widths * flip, 0.13)
        return
    if breed.species == "dog":
        spine = np.array([[-0.15, 0.5, 0.5], [-0.05, 1.1, 0.62], [0.05, 1.68, 0.66]])
        widths = np.array([[0.05, -0.1, 0.34], [0.03, 0, 0.25], [0, 0, 0.02]])
    else:
        tall = 1.5 if breed.ear == "tufted" else 1.62
        spine = np.array([[-0.1, 0.5, 0.5], [-0.04, 1.05, 0.68], [0.0, tall, 0.84]])
        widths = np.array([[0.05, -0.22, 0.40], [0.02, -0.07, 0.28], [0, 0, 0.02]])
    maker.sheet(Part.EAR, head, spine * flip, widths * flip, 0.11)
    inner = spine[:2] * [1, 1, 1] + np.array([[0.11, 0.08, 0.02], [0.09, 0.1, 0.02]])
    maker.sheet(Part.INNER_EAR, head, inner * flip, widths[:2] * [1, 1, 0.5] * flip, 0.11)
