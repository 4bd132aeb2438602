"""How far a training is, read from its run folder and from what it printed."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from seglab.console import duration
from seglab.runs import Row, Run


@dataclass(frozen=True)
class Progress:
    """``epochs`` of ``total`` (0 before the run folder exists), the rows so far, a sentence, and
    what went wrong where it ended without a result."""

    epochs: int
    total: int
    rows: list[Row]
    sentence: str
    failure: str


def progress(run: Run, output: Sequence[str], running: bool) -> Progress:
    """Where ``run`` stands; ``output`` are the last lines its process printed.

    Raises ``RunError`` when the run folder is damaged.
    """
    if not run.config_path.exists():
        sentence = "Reading the data …" if running else "It ended before its first epoch."
        return Progress(0, 0, [], sentence, "" if running else _failure(output))
    run = Run.open(run.folder)
    rows, total = run.rows(), run.experiment.trainer.max_epochs
    best = max((row["val_dataset_iou"] for row in rows), default=0.0)
    figures = f", best validation dataset IoU {best:.3f}" if rows else ""
    if run.finished:
        sentence = f"Finished: {len(rows)} epochs{figures}."
    elif running:
        sentence = f"Epoch {len(rows)} of {total}{figures}{_expected_end(rows, total)}"
    else:
        sentence = f"Interrupted after {len(rows)} of {total} epochs{figures}."
    failed = not running and not run.finished
    return Progress(len(rows), total, rows, sentence, _failure(output) if failed else "")


def _expected_end(rows: Sequence[Row], total: int) -> str:
    if not rows:
        return ""
    left = statistics.median(row["seconds"] for row in rows) * (total - len(rows))
    return f"; {duration(left)} left, ends about {datetime.now() + timedelta(seconds=left):%H:%M}"


def _failure(output: Sequence[str]) -> str:
    """What it said last in the way of an error."""
    errors = [line for line in output if line.startswith("error: ")]
    return errors[-1].removeprefix("error: ") if errors else ""
