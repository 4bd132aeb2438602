"""What a run was told, and the commands that make it again."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from seglab.config import Experiment

INCIDENTAL = (
    "data.root",
    "data.cache",
    "data.colours",
    "trainer.device",
    "trainer.workers",
    "trainer.tune",
    "trainer.loggers",
)
"""Keys of an experiment that say where, how fast and how coloured, not what was measured."""


def train_command(experiment: Experiment, init_from: Sequence[str] = ()) -> str:
    """``python train.py`` with every key that differs from the defaults.

    ``init_from``: names of the runs whose weights it began with.
    """
    first = ["--init_from", *init_from] if init_from else []
    return shlex.join(["python", "train.py", *flags(differences(experiment)), *first])


def flags(values: Mapping[str, Any]) -> list[str]:
    """``section.key`` to value as words of a command line."""
    words = []
    for name, value in values.items():
        words += [f"--{name}", as_written(value)]
    return words


def as_written(value: Any) -> str:
    """A value as a person writes it on the command line and in YAML."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def told(experiment: Experiment, first_runs: Sequence[str] = ()) -> dict[str, Any]:
    """``section.key`` to value, of every key, and the one option that no configuration holds."""
    keys = {
        f"{section}.{key}": value
        for section, keys in experiment.as_dict().items()
        for key, value in keys.items()
    }
    return keys | {"--init_from": " ".join(first_runs) or "none"}


def differences(
    experiment: Experiment, base: Experiment | None = None, machine: bool = False
) -> dict[str, Any]:
    """``section.key`` to value, where it is not ``base``'s (default: ``config.yaml``'s).

    ``machine``: the keys of ``INCIDENTAL`` too.
    """
    mine, theirs = experiment.as_dict(), (base or Experiment()).as_dict()
    return {
        f"{section}.{key}": value
        for section, keys in mine.items()
        for key, value in keys.items()
        if value != theirs[section][key] and (machine or f"{section}.{key}" not in INCIDENTAL)
    }
