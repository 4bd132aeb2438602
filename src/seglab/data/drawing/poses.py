"""Whole drawn animals: a body in a pose, a neck, and a head that may look at the viewer."""

from dataclasses import dataclass

import numpy as np

from seglab.data.drawing.beads import BeadMaker, Beads, Frame, Part, turned_axes
from seglab.data.drawing.bodies import Pose, add_body
from seglab.data.drawing.heads import add_head
from seglab.data.drawing.looks import Breed


@dataclass(frozen=True)
class Animal:
    """One posed animal: its beads and the frames of its trunk and head."""

    breed: Breed
    beads: Beads
    body: Frame
    head: Frame


def build_animal(
    generator: np.random.Generator, breed: Breed, pose: Pose, yaw: float, attention: float
) -> Animal:
    """Pose an animal whose body faces `yaw` (0 right, pi/2 the viewer, pi left).

    attention, 0 to 1, is how far the head turns towards the viewer.
    """
    maker = BeadMaker()
    body = Frame(np.zeros(3, np.float32), turned_axes(yaw))
    chest, neck_direction = add_body(maker, generator, breed, pose, body)
    head_turn = np.clip((np.pi / 2 - yaw) * attention, -1.25, 1.25)
    head_axes = turned_axes(
        yaw + head_turn + generator.normal(0, 0.1),
        generator.normal(-0.05, 0.12),
        generator.normal(0, 0.1),
    )
    neck_start = chest + np.array([0.25, 0.35, 0]) * breed.chest
    head_centre = chest + neck_direction * (breed.neck + breed.chest * 0.45)
    head = Frame(body.place(head_centre) + head_axes[0] * breed.head * 0.3, head_axes, breed.head)
    collar = Part.COLLAR if generator.random() < 0.25 else Part.NECK
    base = head.place([[-0.25, -0.25, 0]])[0]
    neck = body.place([neck_start - neck_direction * breed.chest * 0.3])[0]
    widths = np.array([0.80, 0.74]) * breed.head, np.array([0.92]) * breed.chest
    maker.chain(Part.NECK, [base, base * 0.5 + neck * 0.5, neck], np.concatenate(widths))
    if collar == Part.COLLAR:
        ring = base * 0.62 + neck * 0.38
        maker.chain(collar, [ring, ring * 0.9 + neck * 0.1], [breed.head * 0.9, breed.head * 0.9])
    add_head(maker, generator, breed, head)
    return Animal(breed, maker.beads(), body, head)
