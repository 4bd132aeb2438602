"""Finding runs: all of a folder, one that a person named, the default."""

import os
from dataclasses import dataclass
from pathlib import Path

from seglab.errors import RunError
from seglab.runs import Run
from seglab.untrusted_files import read_text

DEFAULT_FILE = "DEFAULT"


@dataclass(frozen=True)
class BrokenRun:
    """A folder that breaks the contract, and the reason in a sentence."""

    folder: Path
    reason: str


def list_runs(folder: Path) -> tuple[list[Run], list[BrokenRun]]:
    """The runs of a folder such as ``models/``, by name, and those that are broken."""
    found = [read_run(path) for path in run_folders(folder)]
    runs = [one for one in found if isinstance(one, Run)]
    return runs, [one for one in found if isinstance(one, BrokenRun)]


def run_folders(folder: Path) -> list[Path]:
    """The folders of ``folder`` that may be runs, by name."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir()]
    return [folder / name for name in sorted(names) if not name.startswith((".", "_"))]


def read_run(folder: Path) -> Run | BrokenRun:
    """A run, all that its list shows checked."""
    try:
        run = Run.open(folder)
        run.rows()
        _ = run.class_names, run.experiment, run.preprocessing
        return run
    except RunError as error:
        return BrokenRun(folder, str(error))


def default_run(models: Path) -> Run:
    """The run that the tracked file ``DEFAULT`` in ``models`` names. Raises ``RunError``."""
    path = models / DEFAULT_FILE
    try:
        name = read_text(path).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path}: names no default run; choose one with --model") from error
    return Run.open(models / name)


def find_run(named: str | None, models: Path) -> Run:
    """The run a person named: its folder, a checkpoint in it, its name in ``models``, or the
    default. Raises ``RunError``."""
    if named is None:
        return default_run(models)
    path = Path(named)
    if path.is_file():
        if not Run(path.parent).config_path.exists():
            raise RunError(f"{named}: is no file of a run; name a run's folder or its checkpoint")
        return Run.open(path.parent)
    if not path.exists() and (models / named).is_dir():
        path = models / named
    return Run.open(path)
