"""What can be wrong with a dataset, in words: kinds of findings, and what to do about each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seglab.data.sample import Split

Severity = Literal["error", "warning"]
"""``error``: training refuses it, or a figure would be wrong; ``warning``: a person should look."""

Kind = Literal[
    "missing",
    "unreadable",
    "mask values",
    "size",
    "exif",
    "blank",
    "duplicate",
    "near-duplicate",
    "name",
]

TITLES: dict[Kind, str] = {
    "missing": "Missing files",
    "unreadable": "Unreadable files",
    "mask values": "Wrong mask values",
    "size": "Image and mask of different sizes",
    "exif": "EXIF orientation of the image alone",
    "blank": "Blank masks",
    "duplicate": "The same picture twice",
    "near-duplicate": "Perhaps the same picture in two splits",
    "name": "The same name in two splits",
}
"""In the order in which they are told."""


@dataclass(frozen=True)
class Finding:
    """One finding: the ``sample`` and its ``split`` (``None`` for a file of no pair), the
    ``files`` to look at, what the ``problem`` is and what to do about it, a sentence each.

    ``leave_out``: samples without which training would be free of it; none of the test.
    """

    kind: Kind
    severity: Severity
    sample: str
    split: Split | None
    files: tuple[Path, ...]
    problem: str
    remedy: str
    leave_out: tuple[str, ...] = ()


def remedy(kind: Kind, source: str) -> str:
    """What to do about a kind of finding in a dataset of ``source``."""
    if kind == "mask values" and source != "folder":
        return "A trimap holds 1 (pet), 2 (background) and 3 (border): fetch the file again."
    return _REMEDIES[kind]


_LEFT_OUT = "data.exclude leaves it out of training and validation; from the test remove its files."
_REMEDIES: dict[Kind, str] = {
    "missing": "Put the missing file back, or remove what is left of the pair.",
    "unreadable": "Fetch the file again or save it anew; or do without the sample: " + _LEFT_OUT,
    "mask values": "Save the mask with one gray value a class, or name these values in "
    "data.classes or data.ignore_values.",
    "size": "Save the mask at the size of its image, pixel on pixel.",
    "exif": "Save the image upright and without the EXIF orientation, or turn the mask with it.",
    "blank": "Look at it: mend the mask, or do without the sample: " + _LEFT_OUT,
    "duplicate": "Keep one of them: in two splits it makes the figures too good, in one it counts "
    "twice; leave it out of training with data.exclude.",
    "near-duplicate": "Look at both: the same scene belongs into one split; leave it out of "
    "training with data.exclude.",
    "name": "Rename one of them, or keep the sample in one split.",
}
