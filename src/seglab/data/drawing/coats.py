"""The coat of a drawn animal: which colour each visible point of its surface has."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seglab.data.drawing.beads import Part
from seglab.data.drawing.looks import Breed, Colour
from seglab.data.drawing.texture import FloatArray

_FLESH: Colour = (0.72, 0.47, 0.43)
_TONGUE: Colour = (0.80, 0.40, 0.42)
_COLLARS: tuple[Colour, ...] = (
    (0.65, 0.12, 0.12),
    (0.15, 0.25, 0.55),
    (0.13, 0.13, 0.13),
    (0.20, 0.45, 0.25),
)


@dataclass(frozen=True)
class Surface:
    """M visible points of an animal: N values from their beads and M x 3 coordinates.

    on_body and on_head are in the frames of the trunk and the head; normals are in the body's
    frame; along and reach are as for Beads.
    """

    parts: npt.NDArray[np.int16]
    along: FloatArray
    reach: FloatArray
    on_body: FloatArray
    on_head: FloatArray
    normals: FloatArray


def coat_colours(generator: np.random.Generator, breed: Breed, surface: Surface) -> FloatArray:
    """Colours (M x 3, 0 to 1) of the surface's points for one random variety of the breed."""
    coat = breed.coats[int(generator.integers(len(breed.coats)))]
    jitter = generator.normal(1, 0.06) * generator.normal(1, 0.025, 3)
    base, marking, pale = (
        (np.asarray(colour) * jitter).astype(np.float32)
        for colour in (coat.base, coat.marking, coat.pale)
    )
    colours = base * (1 + 0.12 * _lumps(generator, surface.on_body, 7.0))[:, None]
    _paint(colours, marking, _markings(generator, breed, surface))
    _paint(colours, pale, _pale_share(generator, breed, surface))
    parts = surface.parts
    head_like = (parts == Part.EAR) & (breed.ear == "long") & (breed.pattern == "patches")
    colours[head_like] = marking
    colours[parts == Part.INNER_EAR] = np.asarray(_FLESH) * 0.6 + base * 0.35
    colours[parts == Part.NOSE] = breed.nose
    colours[parts == Part.TONGUE] = _TONGUE
    colours[parts == Part.COLLAR] = _COLLARS[int(generator.integers(len(_COLLARS)))]
    return np.clip(colours, 0.02, 1).astype(np.float32)


def _paint(colours: FloatArray, colour: FloatArray, share: FloatArray) -> None:
    colours += (colour - colours) * share[:, None].astype(np.float32)


def _lumps(generator: np.random.Generator, points: FloatArray, frequency: float) -> FloatArray:
    """Smooth noise in space at M x 3 points, about -1 to 1."""
    waves = generator.normal(0, frequency, (3, 4)).astype(np.float32)
    phases = generator.uniform(0, 2 * np.pi, 4).astype(np.float32)
    return np.asarray(np.sin(points @ waves + phases).sum(axis=1) / 2.0, np.float32)


def _step(value: FloatArray, edge: float, softness: float) -> FloatArray:
    """0 below the edge, 1 above it, with a soft change between."""
    return np.asarray(np.clip((value - edge) / softness + 0.5, 0, 1), np.float32)


def _is_head(parts: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    return np.isin(parts, (Part.HEAD, Part.MUZZLE))


def _markings(generator: np.random.Generator, breed: Breed, surface: Surface) -> FloatArray:
    """Share (M values, 0 to 1) of the marking colour."""
    parts, body, face = surface.parts, surface.on_body, surface.on_head
    head = _is_head(parts)
    ear = (parts == Part.EAR) | (parts == Part.INNER_EAR)
    limb = (parts == Part.LEG) | (parts == Part.TAIL)
    if breed.pattern == "plain":
        return _step(_lumps(generator, body, 4.0), 0.9, 1.2) * 0.5
    if breed.pattern == "points":
        share = _step(surface.reach, 0.6, 0.5) * limb
        share = np.maximum(share, 0.95 * (parts == Part.TAIL) * _step(surface.reach, 0.2, 0.4))
        centre = np.array([0.95, -0.2, 0.0], np.float32)
        mask = 1 - np.linalg.norm(face - centre, axis=1)
        share = np.maximum(share, _step(mask, 0.22, 0.5) * head)
        return np.asarray(np.where(ear, 0.9, share), np.float32)
    if breed.pattern == "stripes":
        wobble = _lumps(generator, body, 5.0)
        rings = np.sin(surface.along * generator.uniform(48, 60) + 2.0 * wobble)
        forehead = np.sin(face[:, 2] * 16 + 0.8 * wobble) * _step(face[:, 1], 0.25, 0.3)
        cheeks = np.sin(face[:, 1] * 13 + wobble) * _step(np.abs(face[:, 2]), 0.5, 0.2)
        wave = np.where(head, np.maximum(forehead, cheeks), rings)
        dark_back = 0.35 * _step(surface.normals[:, 1], 0.75, 0.5) * (parts == Part.TRUNK)
        return np.asarray(np.clip(_step(wave, 0.35, 0.7) * 0.85 + dark_back, 0, 1) * ~ear)
    if breed.pattern == "spots":
        cell = 0.085 if breed.species == "cat" else 0.10
        spots = _spots(generator, body, cell)
        faint = np.where(head, 0.55 if breed.species == "cat" else 0.75, 1.0)
        dark_ear = ear & (breed.species == "dog")
        return np.where(dark_ear, 1.0, spots * faint * ~ear).astype(np.float32)
    if breed.pattern == "saddle":
        height = surface.normals[:, 1] + 0.25 * _lumps(generator, body, 6.0)
        share = _step(height, 0.05, 0.4) * ((parts == Part.TRUNK) | (parts == Part.NECK))
        share = np.maximum(share, _step(surface.normals[:, 1], 0.1, 0.5) * (parts == Part.TAIL))
        muzzle = _step(face[:, 0], 0.95, 0.4) * head + 0.6 * ear
        return np.asarray(np.maximum(share, muzzle), np.float32)
    if breed.pattern == "mask":
        crown = _step(face[:, 1] + 0.35 * np.abs(face[:, 2]), 0.22, 0.2) * head
        back = 0.5 * _step(surface.normals[:, 1], 0.3, 0.6)
        return np.asarray(np.maximum(crown * 0.6, back) * ~ear, np.float32)
    patches = _step(_lumps(generator, body, 5.5), generator.uniform(0.0, 0.4), 0.12)
    split = _step(np.abs(face[:, 2]) + 0.3 * face[:, 1], 0.3, 0.1)
    return np.where(head | ear, np.maximum(split, ear), patches).astype(np.float32)


def _spots(generator: np.random.Generator, points: FloatArray, cell: float) -> FloatArray:
    """Round spots on a jittered lattice in space, 0 or 1 with soft edges, at M x 3 points."""
    place = points / cell
    corner = np.floor(place).astype(np.int64)
    table = generator.uniform(0, 1, (512, 4)).astype(np.float32)
    lot = table[(corner @ np.array([73, 157, 311])) % 512]
    gap = np.linalg.norm(place - corner - (0.3 + 0.4 * lot[:, :3]), axis=1)
    return _step(0.28 + 0.22 * lot[:, 3] - gap, 0.0, 0.12)


def _pale_share(generator: np.random.Generator, breed: Breed, surface: Surface) -> FloatArray:
    """Share (M values, 0 to 1) of the pale colour: belly, chest, paws, muzzle and blaze."""
    parts, face = surface.parts, surface.on_head
    trunk = (parts == Part.TRUNK) | (parts == Part.NECK)
    wobble = 0.15 * _lumps(generator, surface.on_body, 8.0)
    below = -surface.normals[:, 1] + 0.35 * surface.normals[:, 0] + wobble
    paleness = breed.paleness * generator.uniform(0.6, 1.3)
    share = _step(below, 0.85 - 0.75 * paleness, 0.35) * trunk
    if breed.pattern in ("saddle", "plain") and breed.species == "dog":
        share = np.maximum(share, 0.5 * _step(below, 0.4, 0.5) * (parts != Part.EAR))
    if paleness > 0.2:
        socks = _step(surface.reach + wobble, 1.1 - 0.55 * paleness, 0.15) * (parts == Part.LEG)
        tip = _step(surface.reach + wobble, 1.1 - 0.3 * paleness, 0.1) * (parts == Part.TAIL)
        muzzle = _step(-face[:, 1] + 0.5 * face[:, 0], 0.62 - 0.2 * paleness, 0.25)
        blaze = _step(0.34 * paleness - np.abs(face[:, 2]) + 0.1 * face[:, 0], 0.05, 0.1)
        front = np.maximum(muzzle, blaze * (face[:, 0] > 0)) * _is_head(parts)
        share = np.maximum.reduce([share, socks, tip, front])
    return np.asarray(share, np.float32)
