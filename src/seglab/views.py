"""Looking at a photo more than once, mirrored and at other sizes; the answers are averaged."""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Views:
    """Which views are averaged: with ``flip`` each one mirrored as well; one for each of
    ``scales``, which are times the network's size."""

    flip: bool = False
    scales: tuple[float, ...] = (1.0,)

    @property
    def ending(self) -> str:
        """What is added to a file's name: nothing, ``-flip``, ``-scales-1-1.25`` or both."""
        scales = "" if self.scales == (1.0,) else "-".join(["-scales", *self._scales_in_words()])
        return ("-flip" if self.flip else "") + scales

    @classmethod
    def from_ending(cls, ending: str) -> "Views | None":
        """What ``ending`` stands for, ``None`` where it is none."""
        found = re.fullmatch(r"(-flip)?(?:-scales((?:-[0-9.]+)+))?", ending)
        if found is None:
            return None
        flip, scales = found.groups(default="")
        try:
            return cls(bool(flip), tuple(float(scale) for scale in (scales or "-1")[1:].split("-")))
        except ValueError:
            return None

    def options(self) -> list[str]:
        """The words of a command line that ask for it."""
        scales = [] if self.scales == (1.0,) else ["--scales", *self._scales_in_words()]
        return (["--flip"] if self.flip else []) + scales

    def in_words(self) -> str:
        """For a person; empty for a single look."""
        scales = "" if self.scales == (1.0,) else "sizes × " + ", ".join(self._scales_in_words())
        return ", ".join(words for words in ("flip averaging" * self.flip, scales) if words)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"flip": self.flip, "scales": list(self.scales)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Views":
        """The reverse; one scale where none is named."""
        return cls(bool(values["flip"]), tuple(map(float, values.get("scales", [1.0]))))

    def _scales_in_words(self) -> list[str]:
        return [f"{scale:g}" for scale in self.scales]


ONE_LOOK = Views()
