"""Trunk, legs and tail of a drawn animal, in one of its poses."""

from typing import Literal, get_args

import numpy as np

from seglab.data.drawing.beads import BeadMaker, Frame, Part
from seglab.data.drawing.looks import Breed
from seglab.data.drawing.texture import FloatArray

Pose = Literal["standing", "walking", "sitting", "lying", "sprawling"]
POSES: tuple[Pose, ...] = get_args(Pose)


def add_body(
    maker: BeadMaker, generator: np.random.Generator, breed: Breed, pose: Pose, body: Frame
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
    maker: BeadMaker,
    generator: np.random.Generator,
    breed: Breed,
    pose: Pose,
    body: Frame,
    chest: FloatArray,
    side: float,
    stride: float,
) -> None:
    thick, out = breed.leg_radius, side * breed.chest * 0.55
    top = np.array([chest[0] + 0.01, chest[1] - 0.3 * breed.chest, out * 0.9])
    if pose in ("lying", "sprawling"):
        ahead = generator.uniform(0.55, 0.85) * breed.leg
        away = out * 1.25
        knots = [
            top.tolist(),
            [chest[0] - 0.06, thick * 1.6, away],
            [chest[0] + ahead * 0.5, thick * 1.0, away],
            [chest[0] + ahead, thick * 0.9, away * 0.9],
        ]
    else:
        height = top[1]
        swing = height * np.sin(stride)
        raised = max(0.0, stride) * 0.25 * height if pose == "walking" else 0.0
        knots = [
            top.tolist(),
            [top[0] - 0.05 + swing * 0.35, height * 0.55, out],
            [top[0] - 0.01 + swing * 0.8, height * 0.2 + raised, out],
            [top[0] + swing, thick * 0.9 + raised, out],
        ]
    maker.chain(Part.LEG, knots, np.array([1.9, 1.3, 0.95, 1.0]) * thick, body)
    _add_paw(maker, body, np.asarray(knots[-1]), thick)


def _add_hind_leg(
    maker: BeadMaker,
    generator: np.random.Generator,
    breed: Breed,
    pose: Pose,
    body: Frame,
    hip: FloatArray,
    side: float,
    stride: float,
) -> None:
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


def _add_paw(maker: BeadMaker, body: Frame, wrist: FloatArray, thick: float) -> None:
    for toe in (-0.6, 0.0, 0.6):
        tip = wrist + np.array([thick * (1.25 - 0.3 * abs(toe)), -0.15 * thick, toe * thick])
        maker.chain(
            Part.LEG, [wrist + (tip - wrist) * 0.4, tip], [thick * 0.85, thick * 0.62], body
        )


def _add_tail(
    maker: BeadMaker,
    generator: np.random.Generator,
    breed: Breed,
    pose: Pose,
    body: Frame,
    root: FloatArray,
) -> None:
    """A tail of nine joints; on the ground for sitting and lying animals."""
    grounded = pose not in ("standing", "walking")
    side = generator.choice([-1.0, 1.0])
    heading = generator.uniform(-0.9, 0.9) if breed.tail_curl < 2 else 1.0
    rise = breed.tail_curl / 8 * (1 if heading > -0.2 else -0.3)
    swerve = generator.uniform(0.1, 0.4) if grounded else generator.uniform(0.0, 0.05)
    joints, turn, step = [root], 0.0, breed.tail / 8
    for _ in range(8):
        heading, turn = heading + rise, turn + swerve
        lies_down = grounded and breed.tail_curl < 2
        pitch = 0.0 if lies_down else heading
        ahead = np.array(
            [-np.cos(pitch) * np.cos(turn), np.sin(pitch), side * np.cos(pitch) * np.sin(turn)]
        )
        joint = joints[-1] + ahead * step
        joint[1] = max(joint[1] * (0.55 if lies_down else 1.0), breed.tail_radius * 0.8)
        joints.append(joint)
    bushy = np.sin(np.linspace(0.5, 2.7, 9)) if breed.tail_radius > 0.06 else np.linspace(1, 0.7, 9)
    maker.chain(Part.TAIL, joints, bushy * breed.tail_radius, body)
