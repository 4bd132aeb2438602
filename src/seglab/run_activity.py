"""Which runs are being trained right now, told from their files: no process is asked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from seglab.errors import RunError
from seglab.runs import Row, Run

QUIET = 120.0
"""Seconds without a change after which an unfinished run counts as left alone."""
INTERRUPTED = "interrupted: "
"""How the last line of a log begins after Ctrl-C or SIGTERM."""
LAST_BYTES = 4096
"""More than a log's last line has."""


@dataclass(frozen=True)
class Progress:
    """How far a run in training is: ``epochs`` done of ``planned``, and the ``best`` value of its
    monitored figure so far, ``None`` before the first epoch's end."""

    run: Run
    epochs: int
    planned: int
    best: float | None


def in_training(runs: Sequence[Run], now: float | None = None) -> list[Progress]:
    """The runs that are being trained, the one written to last first.

    ``now``: seconds since 1970, default the clock's.
    """
    moment = time.time() if now is None else now
    found = []
    for run in runs:
        try:
            if not run.finished:
                rows = run.rows()
                silence = moment - _last_change(run)
                if silence < _patience(rows) and not _was_stopped(run):
                    found.append((silence, _progress(run, rows)))
        except RunError:
            continue  # whoever lists the run says what is wrong with it
    return [progress for _, progress in sorted(found, key=lambda entry: entry[0])]


def is_training(run: Run) -> bool:
    """Whether this run is being trained."""
    return bool(in_training([run]))


def _patience(rows: Sequence[Row]) -> float:
    """An epoch of a large network may take longer than ``QUIET``."""
    last = rows[-1].get("seconds", 0.0) if rows else 0.0
    return max(QUIET, 2 * last)


def _was_stopped(run: Run) -> bool:
    """Whether a person stopped it: then nobody has to wait until it counts as left alone."""
    try:
        with run.log_path.open("rb") as log:
            log.seek(max(0, run.log_path.stat().st_size - LAST_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return False
    return bool(lines) and lines[-1].startswith(INTERRUPTED)


def _progress(run: Run, rows: Sequence[Row]) -> Progress:
    trainer = run.experiment.trainer
    values = [row[trainer.monitor] for row in rows if trainer.monitor in row]
    choose = min if trainer.monitor.endswith("loss") else max
    best = choose(values) if values else None
    return Progress(run, len(rows), trainer.max_epochs, best)


def _last_change(run: Run) -> float:
    changes = [0.0]
    for path in (run.config_path, run.metrics_path, run.log_path):
        try:
            changes.append(path.stat().st_mtime)
        except OSError:
            continue
    return max(changes)
