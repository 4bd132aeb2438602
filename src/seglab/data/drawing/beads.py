"""Beads: spheres in space, in chains and sheets, of which drawn animals are made.

Space: x to the right, y up from the ground (y = 0), z towards the viewer. A body or a head has
its own frame with x forward, y up and z to the animal's right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from seglab.data.drawing.texture import FloatArray

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


def turned_axes(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> FloatArray:
    """Axes (rows forward, up, right) of a frame turned from facing right; radians."""
    forward = np.array([np.cos(yaw) * np.cos(pitch), np.sin(pitch), np.sin(yaw) * np.cos(pitch)])
    right = np.array([-np.sin(yaw), 0.0, np.cos(yaw)])
    up = np.cross(right, forward)
    tilted_up = up * np.cos(roll) + right * np.sin(roll)
    return np.stack([forward, tilted_up, np.cross(forward, tilted_up)]).astype(np.float32)


class BeadMaker:
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
                    frame.place(centres),
                    np.full(total, thickness * frame.scale),
                    np.full(total, part),
                    np.broadcast_to(flow, (total, 3)),
                    shares * height * frame.scale,
                    shares,
                ]
            ).astype(np.float32)
        )

    def beads(self) -> Beads:
        """All beads so far."""
        rows = np.concatenate(self._rows)
        return Beads(
            rows[:, :3],
            rows[:, 3],
            rows[:, 4].astype(np.int16),
            rows[:, 5:8],
            rows[:, 8],
            rows[:, 9],
        )


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
