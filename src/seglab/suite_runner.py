"""Running a suite: each run trained and evaluated by the scripts a person would call.

They are processes of their own, so that the crash of one does not take the others.
"""

import sys
from pathlib import Path

from seglab.child_processes import ChildProcesses
from seglab.console import Console
from seglab.errors import RunError
from seglab.locks import exclusive
from seglab.runs import Run
from seglab.suites import PlannedRun, Suite, nearby, standing


def run_suite(suite: Suite, project: Path, console: Console) -> dict[str, str]:
    """Bring every run to ``done``: train, resume or evaluate it, whatever it lacks.

    ``project`` holds ``train.py`` and ``evaluate.py``. A failure does not end the suite; a run
    that another process works on is left to it. Returns the reason of each failure by the run's
    name. Raises ``Interrupted`` once Ctrl-C or SIGTERM reached the script that ran and it ended.
    """
    failures = {}
    with ChildProcesses() as processes:
        for number, planned in enumerate(suite.runs, start=1):
            title = f"[{number}/{len(suite.runs)}] {planned.name}"
            if standing(planned).state == "done":
                console.line(f"{title}: done before")
                continue
            try:
                with exclusive(_lock_path(planned)) as lock:
                    if lock is None:
                        console.line(f"{title}: is being trained by another process")
                    else:
                        scripts = _Scripts(suite, planned, project, processes, lock)
                        _complete(planned, title, scripts, console)
            except RunError as error:
                failures[planned.name] = str(error)
                console.line(f"{title}: failed: {error}")
    return failures


def _complete(planned: PlannedRun, title: str, scripts: "_Scripts", console: Console) -> None:
    """Bring the run to ``done``, or raise ``RunError``."""
    before = standing(planned)
    if before.stuck:
        raise RunError(before.note)
    data = planned.experiment.data
    if before.state != "done" and data.source == "folder" and not Path(data.root).is_dir():
        # Said without starting a process: in a whole suite that takes minutes.
        raise RunError(f"{data.root}: there is no such folder; name it with --data.root")
    if before.state == "missing":
        console.line(f"{title}: training")
        scripts.train()
    elif before.state == "interrupted":
        console.line(f"{title}: going on {before.note}")
        scripts.resume()
    if before.state != "done":  # another process may have ended it just now
        console.line(f"{title}: evaluating")
        scripts.evaluate("val")  # finds the threshold that the test is measured with
        scripts.evaluate("test")
    after = standing(planned)
    if after.state != "done":
        raise RunError(f"its scripts ended well, yet it is {after.state} ({after.note})")
    console.line(f"{title}: {after.note}")


class _Scripts:
    """The scripts for one run; each raises ``RunError`` when its script does not end well."""

    def __init__(
        self,
        suite: Suite,
        planned: PlannedRun,
        project: Path,
        processes: ChildProcesses,
        lock: tuple[int, ...],
    ) -> None:
        self._overrides, self._planned, self._project = suite.overrides, planned, project
        self._processes, self._lock = processes, lock

    def train(self) -> None:
        planned = self._planned
        experiment = planned.experiment
        flags = ["--config", str(planned.file), *self._overrides]
        flags += ["--trainer.seed", str(experiment.trainer.seed)]
        if experiment.data.folds:
            flags += ["--data.fold", str(experiment.data.fold)]
        self._call("train.py", *flags, "--run_dir", str(planned.folder))

    def resume(self) -> None:
        self._call("train.py", "--resume", str(self._planned.folder))

    def evaluate(self, split: str) -> None:
        asked_root = self._planned.experiment.data.root
        trained_root = Run.open(self._planned.folder).experiment.data.root
        # Trained elsewhere: the data lies where this suite was told.
        elsewhere = [] if asked_root == trained_root else ["--data.root", asked_root]
        self._call("evaluate.py", str(self._planned.folder), "--split", split, *elsewhere)

    def _call(self, script: str, *arguments: str) -> None:
        command = [sys.executable, str(nearby(self._project / script)), *arguments]
        code = self._processes.run(command, self._lock)
        if code < 0:
            raise RunError(f"{script} was ended by signal {-code}; the same command goes on")
        if code > 0:
            raise RunError(f"{script} ended with exit code {code}; what it said stands above")


def _lock_path(planned: PlannedRun) -> Path:
    """Beside the run folder, under a name that git ignores should a killed process leave it."""
    return planned.folder.with_name(f".{planned.name}.partial.lock")
