"""The commands that make a run again."""

import json
import shlex
from typing import Any

from seglab.config import Experiment

MACHINE_KEYS = ("data.root", "data.cache", "trainer.device", "trainer.workers")
"""Where and with what, not what: they change no figure."""


def train_command(experiment: Experiment) -> str:
    """``python train.py`` with every key that differs from the defaults."""
    words = ["python", "train.py"]
    for name, value in differences(experiment).items():
        words += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
    return shlex.join(words)


def differences(experiment: Experiment, base: Experiment | None = None) -> dict[str, Any]:
    """``section.key`` to value, where it is not ``base``'s (default: ``config.yaml``'s)."""
    mine, theirs = experiment.as_dict(), (base or Experiment()).as_dict()
    return {
        f"{section}.{key}": value
        for section, keys in mine.items()
        for key, value in keys.items()
        if value != theirs[section][key] and f"{section}.{key}" not in MACHINE_KEYS
    }
