"""What keeps a training from harm: one at a time in a folder, and every failure in one line."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from seglab import hardware
from seglab.config import Experiment
from seglab.errors import DataError, SeglabError, TrainingError, UsageError, reason_of
from seglab.files import remove_leftovers
from seglab.locks import exclusive
from seglab.ranks import Ranks

LONGEST_TEMPORARY_FOLDER = 75
"""Characters: what multiprocessing adds for a socket, 32, has to fit into the system's 107."""


@contextmanager
def guarded(folder: Path, experiment: Experiment, ranks: Ranks) -> Iterator[Path]:
    """All of the below. Gives the run folder, of several processes the first one's, which holds
    the lock."""
    check_loader_processes(experiment)
    folder = Path(ranks.gathered(str(folder))[0])  # its name may hold the time
    lock = only_training(folder) if ranks.is_first else nullcontext()
    with lock, explained(folder, experiment.trainer.batch_size):
        yield folder


def check_loader_processes(experiment: Experiment) -> None:
    """Loader processes send batches through sockets in the temporary folder. Where its name is too
    long for that the batch is lost in a thread of theirs, and training would wait for ever.

    Raises ``UsageError``.
    """
    settings, folder = experiment.trainer, tempfile.gettempdir()
    workers = hardware.resolve_workers(settings.workers, hardware.resolve_device(settings.device))
    if workers > 0 and len(folder.encode()) > LONGEST_TEMPORARY_FOLDER:
        raise UsageError(
            f"TMPDIR {folder}: is too long for loader processes (at most "
            f"{LONGEST_TEMPORARY_FOLDER} characters); name another one, or --trainer.workers 0"
        )


@contextmanager
def only_training(folder: Path) -> Iterator[None]:
    """Hold the run folder's lock for the block. Raises ``TrainingError`` where another has it.

    What a killed training left half-written in the folder goes.

    The lock lies beside the folder, under a name that git ignores should a killed process leave it.
    """
    with exclusive(folder.with_name(f".{folder.resolve().name}.training.partial.lock")) as lock:
        if lock is None:
            raise TrainingError(f"{folder}: is being trained by another process")
        remove_leftovers(folder)
        yield


@contextmanager
def explained(folder: Path, batch_size: int) -> Iterator[None]:
    """Failures of disk and memory, and those in a loader's process, as one line."""
    try:
        yield
    except SeglabError as error:
        if "\n" not in str(error):
            raise
        # From a loader's process, with its traceback; the last line is what was said there.
        said = str(error).strip().splitlines()[-1]
        raise DataError(said.partition("Error: ")[2] or said) from error
    except MemoryError as error:
        raise _out_of_memory(batch_size) from error
    except OSError as error:
        if error.filename and not Path(str(error.filename)).is_relative_to(folder):
            raise TrainingError(f"{error.filename}: {reason_of(error)}") from error
        raise TrainingError(
            f"{folder}: cannot be written ({error.strerror or error}); free space or permission "
            f"is needed, then --resume {folder}"
        ) from error
    except RuntimeError as error:
        if "out of memory" in str(error) or "can't allocate memory" in str(error):
            raise _out_of_memory(batch_size) from error
        reason = _storage_reason(error)
        if reason:
            raise TrainingError(
                f"{folder}: cannot be written ({reason}); free space or permission is needed, "
                f"then --resume {folder}"
            ) from error
        raise


def check_still_there(folder: Path) -> None:
    """Refuse to write into a folder that somebody took away. Raises ``TrainingError``."""
    if not folder.is_dir():
        raise TrainingError(f"{folder}: is gone; its training cannot go on")


def _out_of_memory(batch_size: int) -> TrainingError:
    return TrainingError(
        f"the device is out of memory with --trainer.batch_size {batch_size}; "
        f"try --trainer.batch_size {max(batch_size // 2, 1)}"
    )


def _storage_reason(error: RuntimeError) -> str:
    """torch's own writer knows no ``OSError``: it says that a file could not be written whole."""
    signs = ("PytorchStreamWriter failed", "unexpected pos", "iostream error", "No space left")
    return "the file could not be written whole" if any(s in str(error) for s in signs) else ""
