"""The invented breeds of drawn cats and dogs: proportions, ears, coats and colours."""

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
    BLACK, CHARCOAL, SLATE, SILVER, WHITE, CREAM, SAND, GOLD, GINGER, RUST, BROWN, COCOA,
)  # fmt: skip


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


_GREEN: Colour = (0.62, 0.70, 0.25)
_YELLOW: Colour = (0.85, 0.66, 0.16)
_COPPER: Colour = (0.78, 0.44, 0.12)
_BLUE: Colour = (0.42, 0.62, 0.82)
_HAZEL: Colour = (0.45, 0.29, 0.12)
_DARK: Colour = (0.22, 0.14, 0.09)
_NOSE_BLACK: Colour = (0.09, 0.08, 0.09)

BREEDS: tuple[Breed, ...] = (
    Breed(
        "Grey_Longtail", "cat", "pointed", "plain",
        (Coat(SLATE, CHARCOAL, SILVER), Coat(CHARCOAL, BLACK, SLATE), Coat(BLACK, BLACK, CHARCOAL)),
        (_YELLOW, _GREEN, _COPPER), trunk=0.74, chest=0.175, waist=0.15, hip=0.165, leg=0.44,
        leg_radius=0.045, tail=0.95, tail_radius=0.035, fur=0.035, nose=(0.25, 0.22, 0.24),
    ),
    Breed(
        "Amber_Stripe", "cat", "pointed", "stripes",
        (Coat(GOLD, RUST, CREAM), Coat(SAND, COCOA, CREAM), Coat(SILVER, CHARCOAL, WHITE)),
        (_GREEN, _YELLOW), paleness=0.45, fur=0.045,
    ),
    Breed(
        "Cream_Mask", "cat", "pointed", "points",
        (Coat(CREAM, COCOA, WHITE), Coat(WHITE, SLATE, WHITE), Coat(CREAM, RUST, WHITE)),
        (_BLUE,), trunk=0.72, chest=0.165, waist=0.145, hip=0.16, leg=0.45, leg_radius=0.043,
        head=0.19, tail=0.85, tail_radius=0.034, fur=0.035, nose=(0.30, 0.22, 0.20),
    ),
    Breed(
        "Patchwork_Fluff", "cat", "tufted", "patches",
        (Coat(WHITE, GINGER, WHITE), Coat(WHITE, CHARCOAL, WHITE), Coat(GINGER, BLACK, WHITE)),
        (_COPPER, _GREEN), chest=0.225, waist=0.205, hip=0.215, leg=0.36, leg_radius=0.062,
        head=0.225, neck=0.20, muzzle=0.32, tail=0.62, tail_radius=0.095, fur=0.085,
        paleness=0.6,
    ),
    Breed(
        "Dusky_Spot", "cat", "pointed", "spots",
        (Coat(SAND, COCOA, CREAM), Coat(GOLD, BLACK, CREAM), Coat(SILVER, BLACK, WHITE)),
        (_GREEN, _YELLOW), trunk=0.78, leg=0.44, head=0.19, tail=0.75, tail_radius=0.05,
        paleness=0.3, fur=0.038,
    ),
    Breed(
        "brown_flopear", "dog", "long", "patches",
        (Coat(WHITE, BROWN, WHITE), Coat(RUST, BLACK, WHITE), Coat(BROWN, RUST, CREAM)),
        (_HAZEL, _DARK), trunk=0.78, chest=0.215, waist=0.175, hip=0.195, leg=0.40,
        leg_radius=0.062, head=0.19, neck=0.29, muzzle=0.95, muzzle_radius=0.47, tail=0.55,
        tail_radius=0.035, tail_curl=1.1, fur=0.035, paleness=0.75, nose=_NOSE_BLACK,
    ),
    Breed(
        "spotted_runner", "dog", "flopped", "spots",
        (Coat(WHITE, BLACK, WHITE), Coat(WHITE, BROWN, WHITE), Coat(SILVER, BLACK, WHITE)),
        (_HAZEL, _DARK), trunk=0.80, chest=0.205, waist=0.135, hip=0.165, leg=0.60,
        leg_radius=0.052, head=0.165, neck=0.36, muzzle=1.15, muzzle_radius=0.42, tail=0.62,
        tail_radius=0.028, tail_curl=0.6, fur=0.03, nose=_NOSE_BLACK,
    ),
    Breed(
        "saddle_shepherd", "dog", "pricked", "saddle",
        (Coat(GOLD, BLACK, SAND), Coat(SAND, CHARCOAL, CREAM), Coat(RUST, BLACK, GOLD)),
        (_HAZEL, _DARK), trunk=0.84, chest=0.22, waist=0.17, hip=0.19, leg=0.52,
        leg_radius=0.06, head=0.18, neck=0.33, muzzle=1.15, muzzle_radius=0.42, tail=0.66,
        tail_radius=0.07, tail_curl=0.1, fur=0.06, nose=_NOSE_BLACK,
    ),
    Breed(
        "cream_woolly", "dog", "long", "plain",
        (Coat(CREAM, SAND, WHITE), Coat(GOLD, GINGER, CREAM), Coat(COCOA, BLACK, BROWN)),
        (_DARK, _HAZEL), trunk=0.70, chest=0.235, waist=0.215, hip=0.22, leg=0.44,
        leg_radius=0.082, head=0.215, neck=0.30, muzzle=0.80, muzzle_radius=0.46, tail=0.48,
        tail_radius=0.085, tail_curl=0.9, fur=0.09, nose=_NOSE_BLACK,
    ),
    Breed(
        "white_curltail", "dog", "pricked", "mask",
        (Coat(SLATE, CHARCOAL, WHITE), Coat(GINGER, RUST, WHITE), Coat(WHITE, CREAM, WHITE)),
        (_BLUE, _DARK, _HAZEL), trunk=0.66, chest=0.22, waist=0.185, hip=0.20, leg=0.43,
        leg_radius=0.064, head=0.20, neck=0.25, muzzle=0.82, muzzle_radius=0.38, tail=0.62,
        tail_radius=0.085, tail_curl=2.6, fur=0.07, paleness=0.7, nose=_NOSE_BLACK,
    ),
)  # fmt: skip


def breed_of_pair(index: int) -> Breed:
    """The breed of pair number `index` (from 0): the breeds take turns."""
    return BREEDS[index % len(BREEDS)]


def name_of_pair(index: int) -> str:
    """The file name, without its ending, of pair number `index`, such as Cream_Mask_3."""
    return f"{breed_of_pair(index).name}_{index // len(BREEDS) + 1}"
