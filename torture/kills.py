"""Trainings killed at fifty moments: readable every time, and resumed to the same metrics.

``python -m torture.kills [--moments 50]``. Half of the kills come at a random time, half while a
file of the run folder is being written: its temporary file cut in half, or whole and not yet
renamed.
"""

import argparse
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from seglab import fitting, training
from seglab.config import Experiment
from seglab.console import Console
from seglab.run_list import list_runs
from seglab.runs import Run
from tests.helpers import PROJECT, tiny_experiment, write_disks
from tests.training_runs import equal, untimed, weights
from torture.forked import in_child

EPOCHS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=50)
    moments = parser.parse_args().moments
    torch.set_num_threads(1)  # threads do not live through a fork
    fitting.export_onnx = lambda _run, _experiment: 0.0  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["SEGLAB_CACHE"] = str(root / "cache")
        experiment = _experiment(root)
        start = time.monotonic()
        assert in_child(lambda: _train(experiment, root / "models" / "whole")) == 0
        seconds = time.monotonic() - start
        whole = Run.open(root / "models" / "whole")
        writes = _count_writes(experiment, root / "counted")
        chance = random.Random(0)
        latest = seconds
        for number in range(moments):
            killed = False
            while not killed:
                if number % 2:
                    moment = _Writing(chance.randrange(writes), half=number % 4 == 1)
                else:
                    moment = _Later(chance.uniform(0, latest))
                killed = _kill_and_resume(experiment, root / "models" / "killed", whole, moment)
                if not killed:  # it ended first: trainings take less time now than the first did
                    latest *= 0.9
            print(f"\r{number + 1}/{moments} kills", end="", flush=True)
    print(
        f"\r{moments} kills (-9) before the training's end: every folder readable, every resumed "
        f"run with the metrics and weights of the uninterrupted one ({writes} writes and "
        f"{seconds:.1f} s a training)"
    )


class _Later:
    """Killed after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def prepare(self) -> None:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, max(self.seconds, 0.001))


class _Writing:
    """Killed when file number so-and-so is about to get its name; ``half``: of it is written."""

    def __init__(self, number: int, half: bool) -> None:
        self.number, self.half = number, half

    def prepare(self) -> None:
        _on_each_write(self._kill)

    def _kill(self, count: int, temporary: Path) -> None:
        if count == self.number:
            if self.half:
                os.truncate(temporary, temporary.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)


def _experiment(root: Path) -> Experiment:
    return tiny_experiment(
        data={"source": "folder", "root": str(write_disks(root / "disks")), "image_size": 16},
        network={"base_channels": 2, "depth": 1, "dropout": 0.3},
        trainer={"max_epochs": EPOCHS, "deterministic": True, "ema_decay": 0.9},
    )


def _kill_and_resume(
    experiment: Experiment, folder: Path, whole: Run, moment: "_Later | _Writing"
) -> bool:
    """Whether the training was killed before its end. Asserts all that is promised."""
    shutil.rmtree(folder, ignore_errors=True)
    code = in_child(lambda: _train(experiment, folder), moment.prepare)
    assert code in (0, -signal.SIGKILL), code
    _, broken = list_runs(folder.parent)
    assert not broken, broken
    if not (folder / "config.json").exists():  # before the run was a run: nothing to go on with
        assert in_child(lambda: _train(experiment, folder)) == 0
    run = Run.open(folder)
    if run.checkpoint_path.exists():
        run.load_weights()
    assert in_child(lambda: training.resume(Run.open(folder), Console())) == 0
    run = Run.open(folder)
    assert run.finished
    assert not [path.name for path in folder.iterdir() if ".partial" in path.name]
    assert untimed(run) == untimed(whole)
    assert equal(weights(run), weights(whole))
    assert run.config["result"]["best"] == whole.config["result"]["best"]
    return code != 0


def _train(experiment: Experiment, folder: Path) -> None:
    training.train(experiment, folder, PROJECT, Console())


def _count_writes(experiment: Experiment, folder: Path) -> int:
    tally = folder.with_suffix(".count")

    def prepare() -> None:
        _on_each_write(lambda count, _temporary: tally.write_text(str(count + 1)))

    assert in_child(lambda: _train(experiment, folder), prepare) == 0
    return int(tally.read_text())


def _on_each_write(call: Callable[[int, Path], Any]) -> None:
    """Have ``call`` told of each file of ours before it gets its name."""
    from seglab import files

    replace, count = os.replace, iter(range(10**9))

    def told(source: Any, target: Any) -> None:
        call(next(count), Path(source))
        replace(source, target)

    files.os.replace = told  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
