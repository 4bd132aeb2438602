"""Samples that training and validation leave out: what ``data.exclude`` names."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from seglab.data import tags
from seglab.data.sample import Dataset, Record, Split
from seglab.errors import DataError
from seglab.untrusted_files import MOST_MEGABYTES_OF_TEXT, check

SHOWN = 5
"""How many names a sentence lists."""


def listed_names(path: Path) -> set[str]:
    """The names a file lists: one a line (lines that begin with # do not count), or, of a CSV of
    tags, those with a tag of ``tags.LEFT_OUT``. Raises ``DataError``."""
    try:
        check(path, most_megabytes=MOST_MEGABYTES_OF_TEXT)
        if path.suffix.lower() == ".csv":
            return tags.left_out(tags.read_tags(path))
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise DataError(
            f"data.exclude: {path} cannot be read ({reason}); it is a file of sample names, one "
            "a line, or empty for none"
        ) from error
    return {line for line in lines if line and not line.startswith("#")}


def leave_out(dataset: Dataset, names: Collection[str], origin: str) -> Dataset:
    """The dataset without these samples in training and validation.

    Splits are made before: what remains stands in the split it stood in. The test stays whole,
    whatever the list says, and with it a validation that is the test part itself: figures on
    fewer samples would be figures on another test. ``origin`` says in the notes where the names
    come from. Raises ``DataError`` when nothing remains.
    """
    unwanted, test = set(names), dataset.splits.get("test", ())
    tested = {record.name for record in test}
    splits: dict[Split, tuple[Record, ...]] = {}
    excluded: set[str] = set()
    for split, records in dataset.splits.items():
        kept = records
        if records != test:
            kept = tuple(record for record in records if record.name not in unwanted)
            excluded |= {record.name for record in records} & unwanted
        if records and not kept:
            raise DataError(f"data.exclude: {origin} leaves no {split} sample; shorten it")
        splits[split] = kept
    notes = []
    if excluded:
        notes.append(f"{origin}: {_samples(excluded)} left out of training and validation")
    if unwanted & tested:
        notes.append(
            f"{origin} names test samples, which stay: no sample ever leaves the test "
            f"({_shown(unwanted & tested)})"
        )
    unknown = unwanted - excluded - tested
    if unknown:
        notes.append(f"{origin} names what is in no split of {dataset.root} ({_shown(unknown)})")
    return replace(
        dataset,
        splits=splits,
        excluded=tuple(sorted(excluded)),
        notes=(*dataset.notes, *notes),
    )


def _samples(names: set[str]) -> str:
    return f"{len(names)} sample is" if len(names) == 1 else f"{len(names)} samples are"


def _shown(names: set[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN]) + (", …" if len(names) > SHOWN else "")
