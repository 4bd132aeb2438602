"""Pictures and names that stand twice in a dataset: between splits they make figures too good."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from seglab.data.facts import Facts
from seglab.data.findings import Finding, remedy
from seglab.data.sample import SPLITS, Dataset, Record, Split

MOST_BITS = 5
"""Both 64-bit hashes of a near-duplicate differ in no more bits than this.

On the 7,335 Oxford pets 25 held-out photos are that near to an earlier one, all the same photo by
eye; the next ones differ in 6 and more bits and are others. Of 300 photos, made smaller and saved
anew with JPEG quality 60, all stayed within 5.
"""

CHUNK = 512
"""Rows compared at once: bounds the memory, whatever the size of the dataset."""

Entry = tuple[Split, Record]


def doubles(dataset: Dataset, facts: Mapping[Record, Facts]) -> Iterator[Finding]:
    """Identical images, names in two splits, and images of nearly equal hashes in two splits.

    Identical: the same bytes. In two splits that is an error, in one a warning. Nearly equal: both
    hashes within ``MOST_BITS``; always a warning, for it may be chance.
    """
    entries = [
        (split, record) for split in own_splits(dataset) for record in dataset.splits.get(split, ())
    ]
    yield from _identical(dataset, entries, facts)
    yield from _same_names(dataset, entries, facts)
    yield from _nearly_equal(dataset, entries, facts)


def own_splits(dataset: Dataset) -> list[Split]:
    """The splits, without a validation that is the test part itself (``data.validation``)."""
    same = dataset.splits.get("val") == dataset.splits.get("test")
    return [split for split in SPLITS if not (split == "val" and same)]


def _identical(
    dataset: Dataset, entries: Sequence[Entry], facts: Mapping[Record, Facts]
) -> Iterator[Finding]:
    groups: dict[str, list[Entry]] = {}
    for split, record in entries:
        if record in facts and facts[record].image.digest:
            groups.setdefault(facts[record].image.digest, []).append((split, record))
    for group in groups.values():
        if len(group) < 2:
            continue
        splits = {split for split, _ in group}
        # Told at the last one: in two splits that is the held-out sample.
        split, record = group[-1]
        others = ", ".join(f"{other.name} ({where})" for where, other in group[:-1][:4])
        more = f" and {len(group) - 5} more" if len(group) > 5 else ""
        yield Finding(
            "duplicate",
            "error" if len(splits) > 1 else "warning",
            record.name,
            split,
            tuple(dict.fromkeys(other.image for _, other in group)),
            f"its image is byte for byte that of {others}{more}",
            remedy("duplicate", dataset.source),
            _all_but_one(group),
        )


def _same_names(
    dataset: Dataset, entries: Sequence[Entry], facts: Mapping[Record, Facts]
) -> Iterator[Finding]:
    of_name: dict[str, list[Entry]] = {}
    for split, record in entries:
        of_name.setdefault(record.name, []).append((split, record))
    for name, group in of_name.items():
        splits = list(dict.fromkeys(split for split, _ in group))
        if len(splits) < 2:
            continue
        digests = {facts[record].image.digest for _, record in group if record in facts}
        one_picture = len({record.image for _, record in group}) == 1 or len(digests) == 1
        which = "the same picture" if one_picture else "other pictures"
        yield Finding(
            "name",
            "error" if one_picture else "warning",
            name,
            splits[-1],
            tuple(dict.fromkeys(record.image for _, record in group)),
            f"stands in {' and '.join(splits)}: {which}",
            remedy("name", dataset.source),
            # By its name it leaves training and validation alike, never the test.
            (name,) if one_picture and "test" in splits else (),
        )


def _nearly_equal(
    dataset: Dataset, entries: Sequence[Entry], facts: Mapping[Record, Facts]
) -> Iterator[Finding]:
    """For each held-out image the nearest one of an earlier split, where it is near enough."""
    hashed = [entry for entry in entries if entry[1] in facts and facts[entry[1]].hashes]
    hashes = np.array([facts[record].hashes for _, record in hashed], np.uint64).reshape(-1, 2)
    position = 0
    for split in own_splits(dataset):
        rows = sum(of == split for of, _ in hashed)
        earlier, held = hashes[:position], hashes[position : position + rows]
        for first in range(0, rows if position else 0, CHUNK):
            distances = _distances(held[first : first + CHUNK], earlier)
            nearest = distances.argmin(axis=1)
            for offset, other in enumerate(nearest):
                distance = int(distances[offset, other])
                here, there = hashed[position + first + offset], hashed[int(other)]
                same_file = facts[here[1]].image.digest == facts[there[1]].image.digest
                if distance <= MOST_BITS and not same_file:
                    yield _near(dataset, here, there, distance)
        position += rows


def _distances(held: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """The larger of the two hashes' numbers of different bits, uint8 held×earlier."""
    different = [
        np.bitwise_count(held[:, which, None] ^ earlier[None, :, which]) for which in (0, 1)
    ]
    larger: np.ndarray = np.maximum(*different)
    return larger


def _near(dataset: Dataset, here: Entry, there: Entry, distance: int) -> Finding:
    return Finding(
        "near-duplicate",
        "warning",
        here[1].name,
        here[0],
        (here[1].image, there[1].image),
        f"maybe the picture of {there[1].name} ({there[0]}): their hashes differ in {distance} of "
        "64 bits",
        remedy("near-duplicate", dataset.source),
        _all_but_one([there, here]),
    )


def _all_but_one(group: Sequence[Entry]) -> tuple[str, ...]:
    """Names that training does without, so that each picture stands once; the last one stays."""
    last = group[-1][1].name
    names = [record.name for split, record in group[:-1] if split != "test"]
    return tuple(name for name in dict.fromkeys(names) if name != last)
