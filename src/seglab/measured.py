"""Which of a run's evaluations is meant: its split, its size, its views."""

import re
from dataclasses import dataclass
from pathlib import Path

from seglab.run_files import RunFiles
from seglab.views import ONE_LOOK, Views


@dataclass(frozen=True)
class Measured:
    """Which of a run's evaluations: its split, size and views."""

    split: str
    size: str
    views: Views = ONE_LOOK

    @property
    def name(self) -> str:
        """As in the address: ``test``, ``test-original``, ``test-flip`` …"""
        size = "" if self.size == "network" else f"-{self.size}"
        return f"{self.split}{size}{self.views.ending}"

    @classmethod
    def named(cls, name: str) -> "Measured | None":
        """What a name such as ``test``, ``test-original`` or ``test-flip`` stands for."""
        found = re.fullmatch(r"(test|val|train)(-original)?(.*)", name)
        if found is None:
            return None
        views = Views.from_ending(found[3])
        return cls(found[1], "original" if found[2] else "network", views) if views else None

    def options(self) -> list[str]:
        """The flags of ``evaluate.py`` that measure this."""
        size = [] if self.size == "network" else ["--at", self.size]
        return ["--split", self.split, *size, *self.views.options()]

    def table_of(self, run: RunFiles) -> Path:
        """Where a run keeps it, a row an image."""
        return run.evaluation_path(self.split, self.size, self.views, ".csv")
