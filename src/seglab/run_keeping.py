"""What a person does to a run afterwards: note something, rename it, delete it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from seglab.errors import RunError, UsageError
from seglab.files import write_text
from seglab.run_activity import is_training
from seglab.run_list import DEFAULT_FILE
from seglab.runs import Run
from seglab.untrusted_files import read_text

NAME = re.compile(r"[^\W_][\w.+=-]{0,99}")
"""One folder's name: no separator can be in it, and none that lists of runs leave out."""


def notes(run: Run) -> str:
    """What was noted about the run, Markdown; empty where nothing was. Raises ``RunError``."""
    try:
        return read_text(run.notes_path, run.folder)
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{run.notes_path}: cannot be read ({error})") from error


def write_notes(run: Run, text: str) -> None:
    """Replace the notes; empty ones leave no file. Raises ``RunError``."""
    try:
        if text.strip():
            write_text(run.notes_path, text.strip() + "\n")
        else:
            run.notes_path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"{run.notes_path}: cannot be written ({error.strerror})") from error


def rename(run: Run, name: str) -> Run:
    """The run under another name, in the same folder of runs.

    Raises ``UsageError`` for a name that is none, ``RunError`` when the run cannot be renamed.
    """
    name = name.strip()
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name or 'nothing'}: is no name for a run; begin with a letter or digit and use "
            "letters, digits and . _ + = - only, at most 100"
        )
    _refuse_in_training(run, "rename")
    if _is_default(run):
        raise RunError(
            f"{run.name}: {_default_file(run)} names it as the run to use; name another there first"
        )
    target = run.folder.with_name(name)
    if target.exists() or target.is_symlink():
        raise UsageError(f"{name}: there is something of this name already; choose another")
    try:
        run.folder.rename(target)
    except OSError as error:
        raise RunError(f"{run.folder}: cannot be renamed ({error.strerror})") from error
    return Run.open(target)


def delete(run: Run) -> None:
    """Remove the run's folder, or, where it is a link, the link alone. Raises ``RunError``."""
    _refuse_in_training(run, "delete")
    try:
        if run.folder.is_symlink():
            run.folder.unlink()
            return
        # Out of sight in one step: nobody meets half a run.
        doomed = run.folder.with_name(f".deleted-{run.folder.name}-{os.getpid()}")
        run.folder.rename(doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        raise RunError(f"{run.folder}: cannot be deleted ({error})") from error


def shipped_because(run: Run) -> str:
    """Why others rely on the run being there, as a clause; empty where nobody does."""
    if _is_default(run):
        return f"{_default_file(run).name} names it as the run that is used when none is named"
    if _in_git(run.folder):
        return "its files are kept in git and come with the project"
    return ""


def _refuse_in_training(run: Run, what: str) -> None:
    if is_training(run):
        raise RunError(f"{run.name}: is being trained; stop that first, then {what} it")


def _default_file(run: Run) -> Path:
    return run.folder.parent / DEFAULT_FILE


def _is_default(run: Run) -> bool:
    try:
        return _default_file(run).read_text(encoding="utf-8").strip() == run.folder.name
    except (OSError, UnicodeDecodeError):
        return False


def _in_git(folder: Path) -> bool:
    command = ["git", "-C", str(folder), "ls-files", "--", "."]
    try:
        finished = subprocess.run(command, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0 and bool(finished.stdout)
