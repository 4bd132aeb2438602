"""Class ids, the maps from mask values to them, and their colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seglab.config import Experiment
from seglab.errors import DataError

IGNORE = 255
"""Class id of the pixels that no loss and no metric counts."""

BACKGROUND = 0
TRIMAP_PET, TRIMAP_BACKGROUND, TRIMAP_BORDER = 1, 2, 3

Colour = tuple[int, int, int]

Colours = Mapping[int, Colour]
"""Class id to a colour chosen for it; a class that is not in it has its colour of the palette."""

NONE_CHOSEN: Colours = {}

CLASS_COLOURS: tuple[Colour, ...] = (
    (0x00, 0x72, 0xB2),
    (0xE6, 0x9F, 0x00),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
    (0x56, 0xB4, 0xE9),
    (0xF0, 0xE4, 0x42),
    (0xD5, 0x5E, 0x00),
)
"""RGB of classes 1, 2, …: Okabe and Ito 2008, told apart by colour-blind people."""

BACKGROUND_COLOUR: Colour = (0, 0, 0)
IGNORE_COLOUR: Colour = (0x99, 0x99, 0x99)


def class_colour(class_id: int, chosen: Colours = NONE_CHOSEN) -> Colour:
    """RGB of a class id; beyond the seventh class the colours repeat, unless others are chosen."""
    if class_id in chosen:
        return chosen[class_id]
    if class_id == BACKGROUND:
        return BACKGROUND_COLOUR
    if class_id == IGNORE:
        return IGNORE_COLOUR
    return CLASS_COLOURS[(class_id - 1) % len(CLASS_COLOURS)]


def palette(chosen: Colours = NONE_CHOSEN) -> np.ndarray:
    """RGB of all 256 class ids, uint8 256×3."""
    return np.array([class_colour(class_id, chosen) for class_id in range(256)], np.uint8)


def chosen_colours(class_names: Sequence[str], by_name: Mapping[str, str]) -> Colours:
    """The colours of ``data.colours`` (class name to ``#rrggbb``) by class id.

    Raises ``ValueError`` where one is not written like that.
    """
    chosen: dict[int, Colour] = {}
    for class_id, name in enumerate(class_names):
        if name in by_name:
            red, green, blue = bytes.fromhex(by_name[name].removeprefix("#"))
            chosen[class_id] = red, green, blue
    return chosen


@dataclass(frozen=True)
class LabelMap:
    """What a value in a mask file means. Explicit: never inferred from what a mask contains.

    ``class_names``: name of class id 0 (background), 1, …; ``values``: mask value (0–255) to
    class id or ``IGNORE``; ``colours`` as chosen for pictures: they change no figure.
    """

    class_names: tuple[str, ...]
    values: dict[int, int]
    colours: Colours = field(default_factory=dict, compare=False)

    def apply(self, mask: np.ndarray) -> np.ndarray:
        """Class ids (uint8 H×W) of a decoded mask (uint8 H×W).

        Raises ``DataError`` that lists the values outside the map.
        """
        table = np.full(256, -1, np.int16)
        table[list(self.values)] = list(self.values.values())
        present = np.flatnonzero(np.bincount(mask.ravel(), minlength=256))
        unknown = [int(value) for value in present if table[value] < 0]
        if unknown:
            shown = ", ".join(map(str, unknown[:8])) + (", …" if len(unknown) > 8 else "")
            raise DataError(
                f"mask values {shown} are not in the label map "
                f"({', '.join(map(str, sorted(self.values)))})"
            )
        class_ids: np.ndarray = table.astype(np.uint8)[mask]
        return class_ids

    @property
    def class_count(self) -> int:
        """Number of classes, background included."""
        return len(self.class_names)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``config.json``, but for the colours: they stand in the experiment."""
        return {
            "class_names": list(self.class_names),
            "values": {str(value): class_id for value, class_id in sorted(self.values.items())},
        }


def label_map(experiment: Experiment) -> LabelMap:
    """The label map an experiment describes."""
    names = experiment.class_names
    colours = chosen_colours(names, experiment.data.colours)
    if experiment.data.source == "folder":
        values = dict.fromkeys(experiment.data.ignore_values, IGNORE)
        for class_id, listed in enumerate(experiment.data.classes.values()):
            values.update(dict.fromkeys(listed, class_id))
        return LabelMap(names, values, colours)
    border_class = {"foreground": 1, "background": BACKGROUND, "ignore": IGNORE, "class": 2}
    border = border_class[experiment.border]
    return LabelMap(
        names,
        {TRIMAP_PET: 1, TRIMAP_BACKGROUND: BACKGROUND, TRIMAP_BORDER: border},
        colours,
    )
