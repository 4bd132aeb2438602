"""Tags that a person puts on samples, in a small CSV of their own: ``name,tag``, a row a tag.

They stand in ``data-tags/`` of the project, not inside the dataset: that may be read-only, shared,
or a copy that is downloaded again. ``data.exclude`` takes such a file as it is.
"""

import csv
import hashlib
import io
import re
import threading
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from seglab.config import Experiment
from seglab.data.synthetic import folder_name
from seglab.errors import DataError
from seglab.files import write_text
from seglab.untrusted_files import MOST_MEGABYTES_OF_TEXT, check

TAGS = ("label wrong", "hard", "exclude")
"""What a sample can be tagged with; a file written by hand may hold others."""

LEFT_OUT = ("label wrong", "exclude")
"""Tags that ``data.exclude`` leaves out. Hard samples stay: they are what training is for."""

HEADER = ["name", "tag"]

_writing = threading.Lock()


def tags_file(folder: Path, experiment: Experiment) -> Path:
    """The file in ``folder`` for the experiment's dataset; neither of them must be there.

    Oxford's names are the same in every copy; drawn pets are named by their count, size and seed,
    a folder of your own by its name and where it lies.
    """
    data = experiment.data
    if data.source == "oxford_pet":
        return folder / "oxford_pet.csv"
    if data.source == "synthetic":
        drawn = folder_name(data.drawn_count, data.drawn_size, data.drawn_seed)
        return folder / f"{drawn}.csv"
    root = Path(data.root).resolve()
    place = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    return folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', root.name) or 'root'}-{place}.csv"


def read_tags(path: Path) -> dict[str, tuple[str, ...]]:
    """Sample name to its tags, both in the file's order; empty where there is no file.

    Raises ``DataError``.
    """
    try:
        check(path, most_megabytes=MOST_MEGABYTES_OF_TEXT)
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not a CSV in UTF-8"
        raise DataError(f"{path}: cannot be read ({reason}); mend or remove it") from error
    if not rows or rows[0] != HEADER:
        raise DataError(f"{path}: does not begin with the line {','.join(HEADER)}; mend it")
    found: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(HEADER):
            raise DataError(f"{path}: row {number} is not a name and a tag; mend it")
        name, tag = row
        if tag not in found.get(name, ()):
            found[name] = (*found.get(name, ()), tag)
    return found


def write_tag(path: Path, name: str, tag: str, present: bool = True) -> None:
    """Put a tag on a sample, or take it off. Raises ``DataError``."""
    write_tags(path, [name], tag, present)


def write_tags(path: Path, names: Iterable[str], tag: str, present: bool = True) -> None:
    """The same for many samples at once."""
    with _writing:  # two pages of one dashboard
        tagged = read_tags(path)
        for name in names:
            others = tuple(other for other in tagged.get(name, ()) if other != tag)
            tagged[name] = (*others, tag) if present else others
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((name, tag) for name in sorted(tagged) for tag in tagged[name])
        try:
            write_text(path, text.getvalue())
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror})") from error


def left_out(tagged: Mapping[str, Collection[str]]) -> set[str]:
    """The names with a tag of ``LEFT_OUT``."""
    return {name for name, of_name in tagged.items() if any(tag in LEFT_OUT for tag in of_name)}
