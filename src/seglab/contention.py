"""Whether other programs hindered us while something was measured."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

HINDERED = 0.75
"""Below this share of the processor time that our threads could have had, something took it."""
NOTICED = 0.1
"""Least share of the cores' time that others must take to be that something: a program may also
leave threads idle of itself."""


@dataclass(frozen=True)
class Moment:
    """Seconds: of a clock, of processor time that this process has used, and that the cores it may
    run on were busy for anyone (``None``: the system does not tell)."""

    clock: float
    own: float
    busy: float | None


def now() -> Moment:
    """This moment; its differences to a later one say what happened between."""
    return Moment(time.perf_counter(), time.process_time(), _busy_seconds())


def taken_by_others(start: Moment, end: Moment, threads: int, cores: int) -> float:
    """Share (0–1) of the time of ``cores`` that others took between two moments in which this
    process computed with ``threads``; 0 where it got what it could use, or where nobody can tell.
    """
    seconds = end.clock - start.clock
    if start.busy is None or end.busy is None or seconds <= 0:
        return 0.0
    own = end.own - start.own
    others = (end.busy - start.busy - own) / (seconds * cores)
    hindered = own < HINDERED * seconds * min(threads, cores)
    return min(others, 1.0) if hindered and others > NOTICED else 0.0


def usable_cores() -> int:
    """Number of cores that this process may run on."""
    return len(_affinity())


def _affinity() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _busy_seconds() -> float | None:
    """Of all programs, other machines on the same processor included (steal), since the start."""
    ours = {f"cpu{core}" for core in _affinity()}
    try:
        lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
        ticks = 0
        for name, *counts in (line.split() for line in lines if line.startswith("cpu")):
            if name in ours:
                user, nice, system, _idle, _waiting, interrupt, soft, steal = map(int, counts[:8])
                ticks += user + nice + system + interrupt + soft + steal
        return ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return None  # not Linux
