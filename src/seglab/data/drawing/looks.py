"""How drawn animals may differ: colours, coats, ears and proportions."""

from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float]
Species = Literal["cat", "dog"]
EarShape = Literal["pointed", "tufted", "pricked", "flopped", "long"]
CoatPattern = Literal["plain", "stripes", "points", "patches", "spots", "saddle", "mask"]

BLACK: Colour = (0.11, 0.10, 0.10)
CHARCOAL: Colour = (0.24, 0.23, 0.24)
SLATE: Colour = (0.42, 0.44, 0.48)
SILVER: Colour = (0.66, 0.66, 0.66)
WHITE: Colour = (0.92, 0.90, 0.87)
CREAM: Colour = (0.87, 0.79, 0.66)
SAND: Colour = (0.76, 0.61, 0.42)
GOLD: Colour = (0.76, 0.53, 0.27)
GINGER: Colour = (0.74, 0.43, 0.19)
RUST: Colour = (0.52, 0.27, 0.14)
BROWN: Colour = (0.38, 0.24, 0.15)
COCOA: Colour = (0.24, 0.16, 0.12)

COAT_COLOURS = (
    BLACK,
    CHARCOAL,
    SLATE,
    SILVER,
    WHITE,
    CREAM,
    SAND,
    GOLD,
    GINGER,
    RUST,
    BROWN,
    COCOA,
)


@dataclass(frozen=True)
class Coat:
    """One colour variety: the base, the markings' colour, and the belly's and chest's colour."""

    base: Colour
    marking: Colour
    pale: Colour


@dataclass(frozen=True)
class Breed:
    """Looks of one breed. Lengths are in body units: a cat's trunk is about 0.7 long.

    muzzle and muzzle_radius are in head radii; paleness (0 to 1) is how far the pale colour
    climbs up the chest, the paws and the face.
    """

    name: str
    species: Species
    ear: EarShape
    pattern: CoatPattern
    coats: tuple[Coat, ...]
    eyes: tuple[Colour, ...]
    trunk: float = 0.70
    chest: float = 0.19
    waist: float = 0.165
    hip: float = 0.18
    leg: float = 0.40
    leg_radius: float = 0.052
    head: float = 0.205
    neck: float = 0.23
    muzzle: float = 0.42
    muzzle_radius: float = 0.34
    tail: float = 0.72
    tail_radius: float = 0.045
    tail_curl: float = 0.5
    fur: float = 0.05
    paleness: float = 0.0
    nose: Colour = (0.62, 0.38, 0.36)
