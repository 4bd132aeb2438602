"""What every dataset is made of: records on disk, samples in memory."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from seglab.decoding import decode_image, decode_mask
from seglab.errors import DataError, SeglabError
from seglab.labels import LabelMap
from seglab.preprocessing import Preprocessing

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True)
class Record:
    """Where one pair lies and what is known of it before it is read."""

    name: str
    image: Path
    mask: Path
    breed: str | None = None
    species: str | None = None


@dataclass(frozen=True)
class Sample:
    """One pair in memory: ``image`` uint8 H×W×3 RGB, ``mask`` uint8 H×W class ids."""

    image: np.ndarray
    mask: np.ndarray
    record: Record
    split: Split

    @property
    def name(self) -> str:
        """The record's name."""
        return self.record.name

    def at_network_size(self, preprocessing: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
        """Image uint8 S×S×3 and mask uint8 S×S as a network gets them, from the same file or the
        pixels here: whatever prediction would do. Raises ``ImageError``."""
        image, _, _ = preprocessing.network_image(self.record.image, decoded=self.image)
        return image, preprocessing.resize_mask(self.mask)

    def foreground_share(self) -> float:
        """Share of the counted pixels that are not background, 0–1; 0 where none is counted."""
        counted = self.mask != 255
        return float((self.mask[counted] > 0).mean()) if counted.any() else 0.0


@dataclass(frozen=True)
class Unpaired:
    """A file that belongs to no pair, and why: ``problem`` goes on where the path stops."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{self.path} {self.problem}"


@dataclass(frozen=True)
class Dataset:
    """A dataset before a pixel is read: its splits, label map, and what the disk lacks.

    ``missing`` names what a split file lists and the disk does not hold; ``unpaired`` are files
    without a partner; ``excluded`` are the names left out on request, ``notes`` sentences on that.
    """

    source: str
    root: Path
    labels: LabelMap
    splits: dict[Split, tuple[Record, ...]]
    missing: tuple[str, ...] = field(default=())
    unpaired: tuple[Unpaired, ...] = field(default=())
    excluded: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def records(self, split: Split) -> tuple[Record, ...]:
        """The records of a split. Raises ``DataError`` when it has none."""
        found = self.splits.get(split, ())
        if not found:
            raise DataError(f"{self.root}: the {split} split of this dataset is empty")
        return found

    def read(self, split: Split, index: int) -> Sample:
        """One sample at its own size. Raises ``DataError`` that names the file."""
        return read_sample(self.records(split)[index], self.labels, split)

    def reports(self) -> list[str]:
        """What a person must know before using it, a sentence each."""
        missing = self.missing_report()
        return [*([missing] if missing else []), *self.notes]

    def missing_report(self) -> str | None:
        """One line about what the disk lacks, or ``None``."""
        if not self.missing:
            return None
        shown = ", ".join(self.missing[:5]) + (", …" if len(self.missing) > 5 else "")
        return (
            f"{len(self.missing)} pairs that the split files name are not under {self.root} "
            f"and are left out: {shown}"
        )

    def fingerprint(self) -> str:
        """Digest of which names stand in which split: equal means comparable."""
        digest = hashlib.sha256(self.source.encode())
        for split in SPLITS:
            names = sorted(record.name for record in self.splits.get(split, ()))
            digest.update("\n".join([split, *names]).encode())
        return digest.hexdigest()[:16]

    def breed_counts(self, split: Split) -> Counter[str]:
        """Number of records of each breed."""
        return Counter(record.breed or "unknown" for record in self.splits.get(split, ()))


def read_sample(record: Record, labels: LabelMap, split: Split) -> Sample:
    """Decode a pair and map its mask. Raises ``DataError`` that names the file."""
    try:
        image = decode_image(record.image)
    except SeglabError as error:
        raise DataError(f"{record.image} {error}") from error
    try:
        mask = labels.apply(decode_mask(record.mask))
    except SeglabError as error:
        joint = ": " if isinstance(error, DataError) else " "
        raise DataError(f"{record.mask}{joint}{error}") from error
    if image.shape[:2] != mask.shape:
        raise DataError(
            f"{record.image} is {image.shape[1]}×{image.shape[0]} pixels, its mask "
            f"{record.mask.name} {mask.shape[1]}×{mask.shape[0]}"
        )
    return Sample(image, mask, record, split)
