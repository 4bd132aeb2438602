"""Decoded, checked, resized pairs on disk, memory-mapped: no epoch decodes a JPEG again."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from platformdirs import user_cache_path

from seglab.data.crops import WholePhotos
from seglab.data.mapped import new_array
from seglab.data.pairs import CropPairs, Pairs
from seglab.data.sample import Dataset, Record, Split, read_sample
from seglab.errors import DataError, reason_of
from seglab.files import draft_folder
from seglab.preprocessing import Preprocessing
from seglab.untrusted_files import read_array, read_text

FORMAT = 2
"""Counted up when the content of a cache changes for the same key."""

Progress = Callable[[int, int], None]


def open_pairs(
    dataset: Dataset,
    split: Split,
    preprocessing: Preprocessing,
    use_cache: bool = True,
    progress: Progress | None = None,
) -> Pairs:
    """Check every pair of a split once and give it at the network's size, or squares of it.

    The first time all files are read: unreadable ones, sizes that disagree and mask values
    outside the label map are gathered and raised together as one ``DataError``. The outcome is
    remembered with the files' sizes and times; with ``use_cache`` the pixels too.
    """
    records = dataset.records(split)
    key = _key(dataset, records, preprocessing)
    home = cache_root() / f"{key}{'' if use_cache else '-checked'}"
    if not home.is_dir():
        _build(home, dataset, split, preprocessing, use_cache, progress)
    try:
        problems = _read_problems(home)
        pairs = None if problems else _read(home, dataset, split, preprocessing, use_cache)
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise DataError(f"{home}: is a broken cache ({reason_of(error)}); delete it") from error
    if pairs is None:
        raise DataError(
            f"{dataset.root}: {len(problems)} of {len(records)} {split} pairs cannot be used; "
            "mend or remove these files",
            tuple(problems),
        )
    return pairs


def _read_problems(home: Path) -> list[str]:
    """What is wrong with the pairs. Raises ``OSError``, ``ValueError`` where it is none of ours."""
    problems = json.loads(read_text(home / "problems.json", home))
    if not isinstance(problems, list) or not all(isinstance(line, str) for line in problems):
        raise ValueError("problems.json is no list of sentences")
    return problems


def _read(
    home: Path, dataset: Dataset, split: Split, preprocessing: Preprocessing, use_cache: bool
) -> Pairs:
    """The pairs of a cache. Raises ``OSError``, ``ValueError`` where it is none of ours."""
    if preprocessing.takes_crops:
        photos = WholePhotos.open(home) if use_cache else None
        return CropPairs(dataset, split, preprocessing, photos)
    if not use_cache:
        return Pairs(dataset, split, preprocessing, None, None)
    count, size = len(dataset.records(split)), preprocessing.image_size
    images = read_array(home / "images.npy", (count, size, size, 3))
    masks = read_array(home / "masks.npy", (count, size, size))
    return Pairs(dataset, split, preprocessing, images, masks, home)


def cache_root() -> Path:
    """Where caches stand: ``SEGLAB_CACHE``, else the user's cache folder."""
    named = os.environ.get("SEGLAB_CACHE")
    return Path(named) if named else user_cache_path("seglab")


def _key(dataset: Dataset, records: Sequence[Record], preprocessing: Preprocessing) -> str:
    digest = hashlib.sha256()
    # Whole photos are the same for squares of any size.
    side = 0 if preprocessing.takes_crops else preprocessing.image_size
    described = [FORMAT, dataset.labels.as_dict(), side, preprocessing.resize]
    digest.update(json.dumps(described).encode())
    folders: dict[Path, Path] = {}  # resolving each file would look at every folder above it
    for record in records:
        for path in (record.image, record.mask):
            try:
                status = path.stat()
                folder = folders.get(path.parent) or path.parent.resolve()
                folders[path.parent] = folder
                place = folder / path.name
                digest.update(f"{place} {status.st_size} {status.st_mtime_ns}".encode())
            except OSError:
                digest.update(f"{path} absent".encode())
    return digest.hexdigest()[:24]


def _build(
    home: Path,
    dataset: Dataset,
    split: Split,
    preprocessing: Preprocessing,
    keep_pixels: bool,
    progress: Progress | None,
) -> None:
    """Write into a folder of another name and rename it: two runs at once are safe."""
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with draft_folder(home.parent) as draft:
            _fill(draft, dataset, split, preprocessing, keep_pixels, progress)
            try:
                draft.rename(home)
            except OSError:
                if not home.is_dir():
                    raise  # not the other run that was quicker
    except OSError as error:
        raise DataError(
            f"{home.parent}: cannot be written ({reason_of(error)}); name another folder in "
            "SEGLAB_CACHE"
        ) from error


def _fill(
    folder: Path,
    dataset: Dataset,
    split: Split,
    preprocessing: Preprocessing,
    keep_pixels: bool,
    progress: Progress | None,
) -> None:
    records = dataset.records(split)
    size = preprocessing.image_size
    photos: WholePhotos | None = None
    if keep_pixels and preprocessing.takes_crops:
        photos = WholePhotos.create(folder, records)
    elif keep_pixels:
        images = new_array(folder / "images.npy", (len(records), size, size, 3))
        masks = new_array(folder / "masks.npy", (len(records), size, size))

    def check(index: int) -> str | None:
        try:
            sample = read_sample(records[index], dataset.labels, split)
            if photos:
                photos.put(index, sample)
        except DataError as error:
            return str(error)
        if keep_pixels and not photos:
            images[index], masks[index] = sample.at_network_size(preprocessing)
        return None

    problems = []
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for done, problem in enumerate(executor.map(check, range(len(records))), start=1):
            if problem:
                problems.append(problem)
            if progress:
                progress(done, len(records))
    if photos:
        photos.flush()
    elif keep_pixels:
        images.flush()
        masks.flush()
    (folder / "problems.json").write_text(json.dumps(problems), encoding="utf-8")
