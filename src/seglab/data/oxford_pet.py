"""The Oxford-IIIT Pet dataset (Parkhi et al., Cats and Dogs, CVPR 2012) in its official layout."""

import os
from pathlib import Path

from seglab.config import Experiment
from seglab.data.sample import Dataset, Record
from seglab.data.splits import hold_out
from seglab.errors import DataError, reason_of
from seglab.labels import label_map
from seglab.untrusted_files import read_text

OFFICIAL_COUNTS = {"trainval": 3680, "test": 3669}
SPECIES = {"1": "cat", "2": "dog"}


def open_oxford_pet(experiment: Experiment) -> Dataset:
    """The official splits under ``data.root``, downloaded first when nothing is there.

    Raises ``DataError``.
    """
    root = Path(experiment.data.root)
    home = find_home(root)
    if home is None:
        download(root)
        home = find_home(root)
    if home is None:
        raise DataError(f"{root}: the download left no images/ and annotations/ there; delete it")
    return read_official_layout(home, "oxford_pet", experiment)


def find_home(root: Path) -> Path | None:
    """The folder with ``images/`` and ``annotations/``: ``root`` or torchvision's below it."""
    for home in (root, root / "oxford-iiit-pet"):
        if (home / "images").is_dir() and (home / "annotations" / "trimaps").is_dir():
            return home
    return None


def read_official_layout(home: Path, source: str, experiment: Experiment) -> Dataset:
    """The dataset of a folder in the official layout. Raises ``DataError``."""
    images = _stems(home / "images")
    masks = _stems(home / "annotations" / "trimaps")
    parts: dict[str, tuple[Record, ...]] = {}
    missing: list[str] = []
    for part in OFFICIAL_COUNTS:
        records = []
        for record in _read_part(home, part):
            if record.name in images and record.name in masks:
                records.append(record)
            else:
                missing.append(record.name)
        parts[part] = tuple(records)
        if not records:
            raise DataError(f"{home}: none of the pairs that {part}.txt names is there")
    validation, data = experiment.data.validation, experiment.data
    if validation == "test":
        train, val = parts["trainval"], parts["test"]
    else:
        train, val = hold_out(parts["trainval"], validation, data.split_seed)
    return Dataset(
        source,
        home,
        label_map(experiment),
        {"train": train, "val": val, "test": parts["test"]},
        tuple(missing),
    )


def download(root: Path) -> None:
    """Fetch the official archives with torchvision and verify the counts.

    Raises ``DataError`` with what to do instead when that fails.
    """
    from torchvision.datasets import OxfordIIITPet

    print(f"Downloading the Oxford-IIIT Pet dataset (about 800 MB) into {root} …", flush=True)
    try:
        root.mkdir(parents=True, exist_ok=True)
        OxfordIIITPet(str(root), target_types="segmentation", download=True)
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"the Oxford-IIIT Pet dataset is not under {root} and cannot be downloaded "
            f"({' '.join(str(error).split())[:120]}): unpack images.tar.gz and annotations.tar.gz "
            f"there, or train on drawn pets with --data.source synthetic"
        ) from error
    home = find_home(root)
    for part, count in OFFICIAL_COUNTS.items():
        found = len(_read_part(home, part)) if home else 0
        if found != count:
            raise DataError(f"{root}: {part}.txt lists {found} pairs, not {count}; delete it")


def _read_part(home: Path, part: str) -> list[Record]:
    path = home / "annotations" / f"{part}.txt"
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({reason_of(error)})") from error
    images, trimaps = home / "images", home / "annotations" / "trimaps"
    records = []
    for line in lines:
        words = line.split()
        if not words or line.startswith("#"):
            continue
        name = words[0]
        records.append(
            Record(
                name,
                images / f"{name}.jpg",
                trimaps / f"{name}.png",
                breed=name.rpartition("_")[0] or None,
                species=SPECIES.get(words[2]) if len(words) > 2 else None,
            )
        )
    return sorted(records, key=lambda record: record.name)


def _stems(folder: Path) -> set[str]:
    with os.scandir(folder) as entries:
        return {entry.name.rpartition(".")[0] for entry in entries}
