"""Seeded, stratified splits."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from seglab.data.sample import Record
from seglab.data.splits import hold_out


def records(**breeds: int) -> list[Record]:
    return [
        Record(f"{breed}_{number}", Path(), Path(), breed=breed)
        for breed, count in breeds.items()
        for number in range(count)
    ]


def names(part: tuple[Record, ...]) -> list[str]:
    return [record.name for record in part]


def test_disjoint_complete_and_sorted() -> None:
    everything = records(siamese=20, beagle=35, pug=5)
    kept, held = hold_out(everything, 0.2, seed=0)
    assert not set(names(kept)) & set(names(held))
    assert sorted(names(kept) + names(held)) == sorted(record.name for record in everything)
    assert names(kept) == sorted(names(kept))
    assert names(held) == sorted(names(held))
    assert len(held) == 12


@pytest.mark.parametrize("seed", range(5))
def test_every_breed_gives_its_share(seed: int) -> None:
    _, held = hold_out(records(siamese=40, beagle=80, pug=20, persian=60), 0.1, seed)
    counts = Counter(record.breed for record in held)
    expected = {"siamese": 4, "beagle": 8, "pug": 2, "persian": 6}
    assert all(abs(counts[breed] - share) <= 1 for breed, share in expected.items())


def test_the_same_whatever_the_order_on_disk() -> None:
    everything = records(siamese=20, beagle=20)
    expected = hold_out(everything, 0.2, seed=3)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(40)
        assert hold_out([everything[place] for place in order], 0.2, seed=3) == expected


def test_the_seed_decides() -> None:
    everything = records(siamese=20, beagle=20)
    chosen = {tuple(names(hold_out(everything, 0.2, seed)[1])) for seed in range(6)}
    assert len(chosen) == 6


def test_the_names_are_not_taken_in_their_order() -> None:
    _, held = hold_out(records(pug=100), 0.1, seed=0)
    places = np.array([int(record.name.split("_")[1]) for record in held])
    assert len(set(np.diff(np.sort(places)))) > 1


@pytest.mark.parametrize(
    ("count", "share", "held"),
    [(2, 0.01, 1), (2, 0.99, 1), (3, 0.5, 2), (10, 0.95, 9), (1, 0.5, 0)],
)
def test_at_least_one_and_never_all(count: int, share: float, held: int) -> None:
    kept, out = hold_out(records(pug=count), share, seed=0)
    assert (len(kept), len(out)) == (count - held, held)
