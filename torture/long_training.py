"""Memory, handles, threads of a training over 200 epochs: ``python -m torture.long_training``."""

import argparse
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import lightning

from seglab import training, training_record
from seglab.console import Console
from tests.helpers import PROJECT, tiny_experiment, write_disks
from torture.watching import handles, mebibytes

MOST_GROWTH = 30.0
"""MiB that may come between the first quarter and the end: pages the allocator has touched."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=200)
    epochs = parser.parse_args().epochs
    seen: list[tuple[float, int, int]] = []
    end = training_record.Recorder.on_train_epoch_end

    def watching(self: Any, trainer: lightning.Trainer, module: Any) -> None:
        end(self, trainer, module)
        seen.append((mebibytes(os.getpid()), handles(os.getpid()), threading.active_count()))

    training_record.Recorder.on_train_epoch_end = watching  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["SEGLAB_CACHE"] = str(root / "cache")
        experiment = tiny_experiment(
            data={"source": "folder", "root": str(write_disks(root / "disks", 24))},
            trainer={"max_epochs": epochs, "ema_decay": 0.9},
        )
        with open(os.devnull, "w") as silence:
            console = Console()
            console.line = lambda text="": print(text, file=silence)  # type: ignore[method-assign]
            training.train(experiment, root / "run", PROJECT, console)
        left = [path.name for path in root.rglob("*") if "partial" in path.name]
    settled, last = seen[epochs // 4], seen[-1]
    print(
        f"{epochs} epochs: {settled[0]:.0f} MiB after {epochs // 4}, {last[0]:.0f} MiB at the end; "
        f"{settled[1]} and {last[1]} handles, {settled[2]} and {last[2]} threads; "
        f"{len(left)} temporary files left"
    )
    assert last[0] - settled[0] < MOST_GROWTH
    assert last[1:] == settled[1:]
    assert not left


if __name__ == "__main__":
    main()
