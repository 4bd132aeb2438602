"""Trainings as processes of their own: started, watched, stopped; one at a time in a folder.

The process outlives whoever started it. It holds a lock as long as it lives, so that anyone can
tell whether it still runs, even after the starter is gone and its process id is another's.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from seglab.errors import TrainingError
from seglab.files import write_text

try:
    import fcntl
except ImportError:  # Windows has no such locks: trainings are started from the shell there
    fcntl = None  # type: ignore[assignment]

AVAILABLE = fcntl is not None
LAST_LINES = 40
LOOK = 0.01
"""Seconds between two tries for the lock while others look whether a training runs."""


@dataclass(frozen=True)
class Training:
    """The latest training that was started: its process, run folder, command and beginning."""

    process: int
    run: str
    command: tuple[str, ...]
    started: str


class Trainings:
    """The trainings of one models folder; what it remembers lies in ``<models>/.trainings``."""

    def __init__(self, models: Path, project: Path) -> None:
        self._project = project
        home = models / ".trainings"
        self._lock, self._latest, self._output = (
            home / "lock",
            home / "latest.json",
            home / "output",
        )

    @property
    def latest(self) -> Training | None:
        """The training that was started last, running or not."""
        try:
            content = json.loads(self._latest.read_text(encoding="utf-8"))
            return Training(**content | {"command": tuple(content["command"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    @property
    def running(self) -> bool:
        """Whether a training that was started here still lives, whoever started it."""
        # Shared: others who look at the same moment are not taken for a training.
        descriptor = self._try_lock(fcntl.LOCK_SH)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def start(self, arguments: Sequence[str], run_folder: Path) -> Training:
        """Start ``python train.py <arguments>``, which writes into ``run_folder``.

        Raises ``TrainingError`` when one runs already or nothing can be written.
        """
        command = ("python", "train.py", *arguments)
        try:
            descriptor = self._lock_unless_running()
            if descriptor is None:
                raise TrainingError("a training runs already; stop it, or wait for its end")
            try:
                with self._output.open("wb") as output:
                    process = subprocess.Popen(
                        [sys.executable, str(self._project / "train.py"), *arguments],
                        cwd=self._project,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                        pass_fds=(descriptor,),
                    )
            finally:
                os.close(descriptor)  # the child keeps its own
            now = datetime.now(UTC).isoformat(timespec="seconds")
            training = Training(process.pid, str(run_folder), command, now)
            write_text(self._latest, json.dumps(asdict(training), indent=2) + "\n")
        except OSError as error:
            raise TrainingError(f"{self._output.parent}: cannot be written ({error})") from error
        _STARTED.append(process)
        return training

    def stop(self) -> None:
        """Ask the running training to end; what its last whole epoch gave is saved already."""
        latest = self.latest
        # While the lock is held the process lives, and its id is nobody else's.
        if latest and self.running:
            os.kill(latest.process, signal.SIGTERM)

    def output(self) -> list[str]:
        """The last lines that the latest training printed."""
        try:
            text = self._output.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-LAST_LINES:]

    def _lock_unless_running(self) -> int | None:
        """The exclusive lock, ``None`` while a training runs. Raises ``OSError``."""
        while (descriptor := self._try_lock(fcntl.LOCK_EX)) is None and not self.running:
            time.sleep(LOOK)  # somebody only looks, which takes no time
        return descriptor

    def _try_lock(self, kind: int) -> int | None:
        """A descriptor with the lock, ``None`` where another hinders it. Raises ``OSError``."""
        for process in _STARTED:
            process.poll()  # one that ended is not left as a zombie
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor


_STARTED: list["subprocess.Popen[bytes]"] = []
