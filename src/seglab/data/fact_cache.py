"""The facts of a dataset, kept on disk: a file is read again only when its size or time changed."""

import contextlib
import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import Any

from seglab.data.cache import Progress, cache_root
from seglab.data.facts import Facts, FileFacts, read_facts
from seglab.data.sample import SPLITS, Dataset, Record
from seglab.files import write_text
from seglab.untrusted_files import read_text

FORMAT = 1
"""Counted up when the facts of the same files change."""

MOST_MEGABYTES = 500
"""A larger file is not read: a hundred thousand pairs take a tenth of it."""

Known = dict[Record, Facts]


def gather(dataset: Dataset, progress: Progress | None = None) -> Known:
    """The facts of every pair of the dataset; what is not known yet is read from the files.

    When it is stopped (whatever ``progress`` raises), what was read until then is kept, and the
    next call goes on from there.
    """
    records = all_records(dataset)
    found = known(dataset)
    unread = [record for record in records if record not in found]
    if not unread:
        return found
    stamps = _stamps(dataset)
    executor = ThreadPoolExecutor(os.cpu_count())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of damaged headers: the facts tell them
            read = executor.map(lambda record: read_facts(record, dataset.labels), unread)
            for record, facts in zip(unread, read, strict=True):
                found[record] = facts
                if progress:
                    progress(len(found), len(records))
    finally:
        executor.shutdown(cancel_futures=True)
        _keep(facts_file(dataset), {stamps[record]: facts for record, facts in found.items()})
    return found


def known(dataset: Dataset) -> Known:
    """The facts that are known without reading an image, of the files as they are now."""
    kept = _kept(facts_file(dataset))
    if not kept:
        return {}
    found = {record: kept.get(stamp) for record, stamp in _stamps(dataset).items()}
    try:
        return {record: _from_plain(facts) for record, facts in found.items() if facts is not None}
    except (TypeError, ValueError, IndexError, KeyError):
        return {}  # not written by us: nothing is lost that cannot be read again


def all_records(dataset: Dataset) -> list[Record]:
    """Every pair once, in the order of the splits: validation may be the test part itself."""
    records = [record for split in SPLITS for record in dataset.splits.get(split, ())]
    return list(dict.fromkeys(records))


def facts_file(dataset: Dataset) -> Path:
    """Where a dataset's facts are kept, there already or not."""
    described = [FORMAT, str(dataset.root.resolve()), dataset.labels.as_dict()]
    key = hashlib.sha256(json.dumps(described).encode()).hexdigest()[:24]
    return cache_root() / f"facts-{key}.json"


def _stamps(dataset: Dataset) -> dict[Record, str]:
    return {record: _stamp(record, dataset.root) for record in all_records(dataset)}


def _stamp(record: Record, root: Path) -> str:
    """Changes with the files; the same whether the root was named from here or from ``/``."""
    digest = hashlib.sha256()
    for path in (record.image, record.mask):
        try:
            status = path.stat()
            text = f"{path.relative_to(root)}\0{status.st_size}\0{status.st_mtime_ns}\0"
        except OSError:
            text = f"{path.relative_to(root)}\0absent\0"
        digest.update(text.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:24]


def _kept(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path, path.parent, MOST_MEGABYTES))
    except (OSError, ValueError, RecursionError):
        return {}  # nothing is lost that cannot be read again
    return content if isinstance(content, dict) else {}


def _keep(path: Path, facts: Mapping[str, Facts]) -> None:
    # The same files may have been opened with other splits, or some left out.
    plain = _kept(path) | {stamp: _to_plain(of_pair) for stamp, of_pair in facts.items()}
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, no answer
        write_text(path, json.dumps(plain, separators=(",", ":")))


def _to_plain(facts: Facts) -> list[Any]:
    pixels = [[class_id, number] for class_id, number in facts.pixels.items()]
    return [
        astuple(facts.image),
        astuple(facts.mask),
        facts.hashes,
        pixels,
        facts.unknown,
        facts.foreground,
    ]


def _from_plain(plain: list[Any]) -> Facts:
    image, mask, hashes, pixels, unknown, foreground = plain
    return Facts(
        FileFacts(*image),
        FileFacts(*mask),
        None if hashes is None else (hashes[0], hashes[1]),
        dict(pixels),
        tuple(unknown),
        foreground,
    )
