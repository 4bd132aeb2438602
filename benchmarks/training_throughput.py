"""A training's images per second: floor, bare step, training part of an epoch, validation, epoch.

python benchmarks/training_throughput.py [--rounds 2] [--images 1024] [--section.key VALUE ...]

The floor is the time that no version beats (see ``floor.py``). The bare step repeats one batch of
float tensors in memory: forward, loss, backward, clipping, optimiser; same network, batch and way
of computing as the training chose. The epoch is ``seglab.training.train`` itself on a part of the
images: its second epoch, loader, augmentation and metrics included. Bare steps are measured before
and after each training, so that a slow moment of the machine hits both.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from floor import measure_floor
from part import small_part

from seglab.config import Experiment
from seglab.console import Console
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.hardware import PACKAGES, environment, processor, resolve_device
from seglab.losses import build_loss
from seglab.networks.catalogue import build_network
from seglab.optimization import build_optimizer
from seglab.runs import Row
from seglab.step_choices import FORMATS, Choice, chosen
from seglab.training import train

PROJECT = Path(__file__).resolve().parents[1]


class BareStep:
    """The optimisation step alone, on tensors in memory."""

    def __init__(self, experiment: Experiment, choice: Choice, device: str) -> None:
        self.experiment, self.device = experiment, device
        self.half = FORMATS.get(choice.precision)
        network = build_network(experiment).to(device).to(memory_format=choice.memory_format)
        self.network = torch.compile(network) if choice.compiled else network
        self.optimizer = build_optimizer(experiment.optimizer, network.parameters())
        self.loss = build_loss(experiment)
        size, self.batch = experiment.data.image_size, experiment.trainer.batch_size
        self.images = torch.randn(self.batch, 3, size, size, device=device)
        classes, shape = experiment.class_count, (self.batch, size, size)
        self.targets = torch.randint(0, classes, shape, device=device)

    def images_per_second(self, steps: int = 15) -> tuple[float, float]:
        """Of training, and of the forward pass without gradients; the median counts."""
        return self._rate(self._train, steps), self._rate(self._infer, max(steps // 3, 3))

    def _rate(self, act: object, steps: int) -> float:
        durations = []
        for _ in range(steps + 3):
            start = time.perf_counter()
            act()  # type: ignore[operator]
            if self.device == "cuda":
                torch.cuda.synchronize()
            durations.append(time.perf_counter() - start)
        return self.batch / statistics.median(durations[3:])

    def _train(self) -> None:
        self.network.train()
        self.optimizer.zero_grad()
        with torch.autocast(self.device, self.half, enabled=self.half is not None):
            loss = self.loss(self.network(self.images), self.targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()

    def _infer(self) -> None:
        self.network.eval()
        with torch.no_grad(), torch.autocast(self.device, self.half, enabled=self.half is not None):
            self.network(self.images)


def second_epoch(experiment: Experiment) -> tuple[dict[str, Any], Row]:
    """A training of two epochs: its ``config.json``, and the row of the second."""
    with tempfile.TemporaryDirectory() as folder:
        run = train(experiment, Path(folder) / "run", PROJECT, Console())
        return run.config, run.rows()[-1]


def main() -> None:
    """Print the rates and their shares of the bare step for each round."""
    parser = experiment_parser(__doc__ or "", PROJECT / "config.yaml")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--images", type=int, default=1024)
    asked, options = parse_experiment(parser, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        images = options["images"]
        experiment, _ = small_part(asked, images, images // 8, Path(folder) / "excluded.txt")
        measure(experiment, options["rounds"])


def measure(experiment: Experiment, rounds: int) -> None:
    """The same for an experiment of two epochs."""
    device = resolve_device(experiment.trainer.device)
    config, row = second_epoch(experiment)  # tries how to compute, and fills the caches
    choice = chosen(config, experiment, device)
    bare = BareStep(experiment, choice, device)
    shares: dict[str, list[float]] = {name: [] for name in ("floor", "training", "epoch")}
    shares["validation"] = []
    before = bare.images_per_second()
    for number in range(1, rounds + 1):
        config, row = second_epoch(experiment)
        after = bare.images_per_second()
        training, forward = ((one + other) / 2 for one, other in zip(before, after, strict=True))
        floor = measure_floor(experiment, choice.precision, device)
        counts = config["data"]["counts"]
        validating = counts["val"] / row["seconds_validation"]
        shares["floor"].append(training * floor.seconds / experiment.trainer.batch_size)
        shares["training"].append(row["images_per_second_training"] / training)
        shares["validation"].append(validating / forward)
        shares["epoch"].append(counts["train"] / row["seconds"] / training)
        print(f"round {number}: floor {floor.in_words()}")
        print(
            f"  bare step {before[0]:.1f} and {after[0]:.1f} images/s ({shares['floor'][-1]:.0%} "
            f"of the floor's rate); training part {row['images_per_second_training']:.1f}: "
            f"{shares['training'][-1]:.1%} of the bare step; validation {validating:.0f}: "
            f"{shares['validation'][-1]:.0%} of the bare forward pass; whole epoch "
            f"{shares['epoch'][-1]:.1%}",
            flush=True,
        )
        before = after
    made_with = environment(PROJECT, device, choice.precision)
    print(f"{made_with['device']}, {processor()}, {made_with['system']}; {choice.in_words}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    mean = {name: statistics.mean(found) for name, found in shares.items()}
    print(
        f"of the bare step: training part {mean['training']:.1%}, whole epoch {mean['epoch']:.1%}; "
        f"validation {mean['validation']:.0%} of its bare forward pass; the bare step runs at "
        f"{mean['floor']:.0%} of the floor's rate"
    )


if __name__ == "__main__":
    main()
