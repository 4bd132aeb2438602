"""Seeded, stratified splits: the same for the same names, whatever the order on disk."""

import math
from collections.abc import Sequence

import numpy as np

from seglab.data.sample import Record


def hold_out(
    records: Sequence[Record], share: float, seed: int
) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """Split into (kept, held out), each breed in proportion; both sorted by name.

    ``share`` of the records is held out, at least one where there are two or more, never all.
    """
    ordered = _breed_after_breed(records, seed)
    count = min(max(round(share * len(ordered)), 1), max(len(ordered) - 1, 0))
    # Evenly spaced through the breeds one after the other: every breed gives its share.
    held = {math.floor((place + 0.5) * len(ordered) / count) for place in range(count)}
    kept = [record for place, record in enumerate(ordered) if place not in held]
    out = [record for place, record in enumerate(ordered) if place in held]
    return _by_name(kept), _by_name(out)


def deal(records: Sequence[Record], count: int, seed: int) -> list[tuple[Record, ...]]:
    """``count`` folds, each breed in proportion; their sizes differ by one at most."""
    ordered = _breed_after_breed(records, seed)
    return [_by_name(ordered[place::count]) for place in range(count)]


def _breed_after_breed(records: Sequence[Record], seed: int) -> list[Record]:
    """The records, shuffled within each breed."""
    generator = np.random.default_rng(seed)
    ordered: list[Record] = []
    for breed in sorted({record.breed or "" for record in records}):
        group = sorted((r for r in records if (r.breed or "") == breed), key=lambda r: r.name)
        ordered += [group[place] for place in generator.permutation(len(group))]
    return ordered


def _by_name(records: Sequence[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=lambda record: record.name))
