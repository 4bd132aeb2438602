"""One colour and symbol a run, the same in every picture that shows it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seglab.labels import CLASS_COLOURS
from seglab.runs import Run

YELLOW = 5
"""Position of the colour that is pale on white: used last."""

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")


@dataclass(frozen=True)
class Mark:
    """How a run is drawn: ``colour`` as ``#rrggbb``, ``symbol`` by plotly's name."""

    colour: str
    symbol: str


def marks(runs: Sequence[Run]) -> dict[Path, Mark]:
    """Run folder to its mark.

    Given out in the order of training, so that a new run takes no colour from an older one. Runs
    that differ only in the seed share a colour and are told apart by the symbol.
    """
    palette = [hex_colour(colour) for colour in CLASS_COLOURS]
    palette.append(palette.pop(YELLOW))
    groups: dict[str, int] = {}
    members: dict[str, int] = {}
    result = {}
    for run in sorted(runs, key=_started):
        key = _without_seed(run.config["experiment"])
        group = groups.setdefault(key, len(groups))
        member = members[key] = members.get(key, -1) + 1
        # Once the colours repeat, the symbols move on: a pair of both is met again much later.
        symbol = SYMBOLS[(member + group // len(palette)) % len(SYMBOLS)]
        result[run.folder] = Mark(palette[group % len(palette)], symbol)
    return result


def hex_colour(colour: tuple[int, int, int]) -> str:
    """RGB as ``#RRGGBB``."""
    return "#{:02X}{:02X}{:02X}".format(*colour)


def _started(run: Run) -> tuple[str, str]:
    return str(run.config["environment"].get("started", "")), run.name


def _without_seed(experiment: dict[str, Any]) -> str:
    trainer = experiment.get("trainer")
    rest = dict(trainer) if isinstance(trainer, dict) else {}
    rest.pop("seed", None)
    return json.dumps(experiment | {"trainer": rest}, sort_keys=True)
