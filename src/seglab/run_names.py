"""What runs and experiments are called where several stand beside each other."""

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from seglab.runs import Run

SEED_ENDING = re.compile(r"[-_./ ]+(seed|s|fold)[-_. ]*\d*$", re.IGNORECASE)


def unique_names(runs: Sequence[Run]) -> dict[Path, str]:
    """By folder its name, with its parents' before it where two would be called the same."""
    parts = {run.folder: run.folder.resolve().parts for run in runs}
    length = 1
    while len({names[-length:] for names in parts.values()}) < len(set(parts.values())):
        length += 1
    return {folder: "/".join(names[-length:]) for folder, names in parts.items()}


def common_name(names: Sequence[str]) -> str:
    """The experiment's name from its runs': ``unet-seed-0`` and ``unet-seed-1`` are ``unet``."""
    places = takewhile(lambda signs: len(set(signs)) == 1, zip(*names, strict=False))
    prefix = "".join(signs[0] for signs in places)
    common = SEED_ENDING.sub("", prefix)
    if common == prefix and prefix not in names:
        common = prefix.rstrip("-_./ 0123456789")
    return common or f"{names[0]} and {len(names) - 1} more"


def numbered(names: Sequence[str]) -> list[str]:
    """The same names, a number behind those that were there before."""
    found: list[str] = []
    for name in names:
        candidate, number = name, 2
        while candidate in found:
            candidate, number = f"{name} ({number})", number + 1
        found.append(candidate)
    return found
