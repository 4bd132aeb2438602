"""From what a person named to what is to be done: which photos, and under which names."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seglab.decoding import IMAGE_SUFFIXES, suffix_of
from seglab.stored_images import ImageSource

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Job:
    """One photo and where its results go: ``folder / (stem + "_mask.png")`` and so on."""

    source: ImageSource
    shown: str
    folder: Path
    stem: str
    suffix: str

    def output(self, kind: str) -> Path:
        """The path of a result; ``copy`` is the photo itself."""
        ending = self.suffix if kind == "copy" else f"_{kind}.png"
        return self.folder / f"{self.stem}{ending}"


@dataclass(frozen=True)
class Missing:
    """What was named and is not there, with the reason."""

    shown: str
    reason: str


def plan(
    named: Sequence[str], results: Path, kinds: Sequence[str], standard_input: bytes | None = None
) -> tuple[list[Job], list[Missing]]:
    """The jobs for files, folders and globs (the tree below them kept), and ``-``.

    No two jobs write the same file: the later of two with one name gets its suffix, then a
    number, behind its stem. ``kinds`` are the results to be written.
    """
    jobs: list[Job] = []
    missing: list[Missing] = []
    folders = [name for name in named if name != STANDARD_INPUT and Path(name).is_dir()]
    taken: set[str] = set()

    def add(source: ImageSource, shown: str, folder: Path, stem: str, suffix: str) -> None:
        for candidate in _stems(stem, suffix):
            job = Job(source, shown, folder, candidate, suffix)
            paths = {str(job.output(kind)).casefold() for kind in kinds}
            if not paths & taken:
                taken.update(paths)
                jobs.append(job)
                return

    for name in named:
        if name == STANDARD_INPUT:
            photo = standard_input or b""
            add(photo, "standard input", results, "stdin", suffix_of(photo))
        elif name in folders:
            below = results / Path(name).resolve().name if len(folders) > 1 else results
            found = False
            for path in _photos_below(Path(name), results):
                found = True
                folder = below / path.relative_to(name).parent
                add(path, str(path), folder, path.stem, path.suffix)
            if not found:
                missing.append(Missing(name, "the folder holds no photos"))
        else:
            found = False
            for path, beside in _named(name, results):
                found = True
                add(path, str(path), results / beside, path.stem, path.suffix)
            if not found:
                missing.append(Missing(name, "there is no such file"))
    return jobs, missing


def _stems(stem: str, suffix: str) -> Iterator[str]:
    yield stem
    if suffix:
        yield f"{stem}-{suffix[1:].lower()}"
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _named(name: str, results: Path) -> Iterable[tuple[Path, Path]]:
    """A file, or those that a glob finds, each with its folder below the glob's first ``*``."""
    if os.path.lexists(name):
        yield Path(name), Path()
        return
    parts = Path(name).parts
    fixed = next((at for at, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    above, ours = Path(*parts[:fixed]), results.resolve()
    for path in map(Path, sorted(glob.glob(name, recursive=True))):
        beside = path.relative_to(above).parent
        within = [above / beside, *(above / folder for folder in beside.parents)]
        # As below: not our own results of an earlier call.
        if not path.is_dir() and ours not in [folder.resolve() for folder in within[:-1]]:
            yield path, beside


def _photos_below(folder: Path, results: Path) -> Iterable[Path]:
    ours = results.resolve()
    for parent, folders, files in os.walk(folder):
        # Not our own results of an earlier call, where they lie inside the folder.
        folders[:] = sorted(name for name in folders if (Path(parent) / name).resolve() != ours)
        for file in sorted(files):
            if Path(file).suffix.lower() in IMAGE_SUFFIXES and not file.startswith("."):
                yield Path(parent) / file
