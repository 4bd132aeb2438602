"""Head and ears of a drawn animal, in beads; eyes and mouth are drawn over them later."""

import numpy as np

from seglab.data.drawing.beads import BeadMaker, Frame, Part
from seglab.data.drawing.looks import Breed


def add_head(maker: BeadMaker, generator: np.random.Generator, breed: Breed, head: Frame) -> None:
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


def _add_ear(maker: BeadMaker, breed: Breed, head: Frame, side: float) -> None:
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
