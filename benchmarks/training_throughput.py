"""Training images per second of a real epoch against the bare optimisation step, in one run.

python benchmarks/training_throughput.py [--rounds 2] [--section.key VALUE ...]

The bare step repeats one batch of float tensors in memory: forward, loss, backward, clipping,
optimiser; same network, batch and precision. The epoch is ``seglab.training.train`` itself: its
second epoch, loader, augmentation and metrics included, validation apart. Bare steps are measured
before and after each training, so that a slow moment of the machine hits both.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch

from seglab.config import Experiment
from seglab.console import Console
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.hardware import PACKAGES, environment, resolve_device, resolve_precision
from seglab.losses import build_loss
from seglab.networks.catalogue import build_network
from seglab.optimization import build_optimizer
from seglab.training import train

PROJECT = Path(__file__).resolve().parents[1]
FORMATS = {"bf16": torch.bfloat16, "fp16": torch.float16}


def bare_images_per_second(experiment: Experiment, steps: int = 15) -> float:
    """Images per second of the optimisation step alone; the median step counts."""
    device = resolve_device(experiment.trainer.device)
    precision = resolve_precision(experiment.trainer.precision, device)
    network = build_network(experiment).to(device)
    optimizer = build_optimizer(experiment.optimizer, network.parameters())
    loss_function = build_loss(experiment)
    size, batch = experiment.data.image_size, experiment.trainer.batch_size
    images = torch.randn(batch, 3, size, size, device=device)
    targets = torch.randint(0, 2, (batch, size, size), device=device)
    durations = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast(device, FORMATS.get(precision), enabled=precision in FORMATS):
            loss = loss_function(network(images), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()
        durations.append(time.perf_counter() - start)
    return batch / statistics.median(durations[3:])


def epoch_images_per_second(experiment: Experiment) -> tuple[float, float]:
    """Images per second of a second epoch: its training part, and with validation."""
    with tempfile.TemporaryDirectory() as folder:
        row = train(experiment, Path(folder) / "run", PROJECT, Console()).rows()[-1]
    training = row["images_per_second_training"]
    return training, training * row["seconds_training"] / row["seconds"]


def main() -> None:
    """Print both rates and their ratio for each round."""
    parser = experiment_parser(__doc__ or "", PROJECT / "config.yaml")
    parser.add_argument("--rounds", type=int, default=2)
    argv = [*sys.argv[1:], "--trainer.max_epochs", "2"]
    experiment, options = parse_experiment(parser, argv)
    ratios, whole = [], []
    before = bare_images_per_second(experiment)
    for number in range(1, options["rounds"] + 1):
        training, with_validation = epoch_images_per_second(experiment)
        after = bare_images_per_second(experiment)
        bare = (before + after) / 2
        ratios.append(training / bare)
        whole.append(with_validation / bare)
        print(
            f"round {number}: bare step {before:.1f} and {after:.1f} images/s, epoch's training "
            f"{training:.1f} images/s: {ratios[-1]:.1%}; whole epoch {whole[-1]:.1%}"
        )
        before = after
    made_with = environment(PROJECT, resolve_device(experiment.trainer.device), "")
    print(f"{made_with['device']}, {made_with['system']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    print(
        f"training part of an epoch: {statistics.mean(ratios):.1%} of the bare step; whole epoch "
        f"with validation: {statistics.mean(whole):.1%}"
    )


if __name__ == "__main__":
    main()
