"""Suites whose runs were written by hand, and what stands in for the scripts of a suite."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from seglab.child_processes import ChildProcesses
from seglab.config import Experiment
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.runs import Run
from seglab.suites import PlannedRun, Suite, plan
from tests.helpers import TINY
from tests.run_folders import write_evaluated_run, write_evaluation


def write_experiments(folder: Path, **sections: dict[str, Any]) -> Path:
    """``bce.yaml`` and ``dice.yaml``, tiny experiments; ``sections`` are laid over both."""
    folder.mkdir(parents=True)
    for loss in ("dice", "bce"):
        content = TINY | {"loss": {"name": loss}} | sections
        (folder / f"{loss}.yaml").write_text(yaml.safe_dump(content))
    return folder


def planned_suite(named: Path, seeds: Sequence[int] = (0,), *overrides: str) -> Suite:
    """The suite of ``named``, its runs in ``results`` beside it."""
    return plan([named], seeds, overrides, Path("no-defaults.yaml"), named.parent / "runs")


def begin(folder: Path, experiment: Experiment, **config: Any) -> Run:
    """A run that was interrupted after its first epoch; ``config`` lies over its own."""
    sections = experiment.as_dict()
    seed = sections["trainer"].pop("seed")
    run = write_evaluated_run(folder, [0.5, 0.7], seed=seed, **sections)
    assert run.experiment == experiment
    for suffix in (".json", ".csv"):
        run.evaluation_path("test", suffix=suffix).unlink()
    run.write_rows(run.rows()[:1])
    content = {key: value for key, value in run.config.items() if key != "result"}
    run.write_config(content | config)
    return run


def end(run: Run, weights: bool = True) -> Run:
    """The run comes to its end, not yet evaluated."""
    run.write_config(run.config | {"result": {"epochs": 2, "seconds": 1.0, "best": {}}})
    if weights:
        run.checkpoint_path.write_bytes(b"weights")
    return run


def measure(run: Run) -> Run:
    """The run is evaluated on test: dataset IoU 0.61, mean image IoU 0.6."""
    write_evaluation(run, [0.5, 0.7])
    return run


def make_done(planned: PlannedRun) -> Run:
    """The planned run as it may be committed: without weights."""
    return measure(end(begin(planned.folder, planned.experiment), weights=False))


class Scripts:
    """Stands in for ``train.py`` and ``evaluate.py``: does to a run folder what they would do.

    ``calls`` holds each command line; one that contains a key of ``failing`` ends with its value
    and does nothing.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.failing: dict[str, int] = {}
        monkeypatch.setattr(
            ChildProcesses, "run", lambda _processes, command, lock: self._run(command[1:], lock)
        )

    def _run(self, command: Sequence[str], lock: Sequence[int]) -> int:
        assert lock, "a script keeps the lock of its run should the suite be killed"
        self.calls.append(" ".join([Path(command[0]).name, *command[1:]]))
        for part, code in self.failing.items():
            if part in self.calls[-1]:
                return code
        if Path(command[0]).name == "train.py":
            self._train(command[1:])
        elif "test" in command:
            measure(Run.open(command[1]))
        return 0

    def _train(self, arguments: Sequence[str]) -> None:
        parser = experiment_parser("", None)
        parser.add_argument("--run_dir")
        parser.add_argument("--resume")
        experiment, options = parse_experiment(parser, arguments)
        run_dir, resumed = options["run_dir"], options["resume"]
        end(begin(Path(run_dir), experiment) if run_dir else Run.open(resumed))
