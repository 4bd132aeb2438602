"""Steps of a training that are tried, to see how fast each way to compute them is here."""

import copy
import statistics
import time
from collections.abc import Callable

import torch

from seglab.config import Experiment
from seglab.console import quiet
from seglab.losses import build_loss
from seglab.networks.catalogue import PhotoNetwork
from seglab.optimization import build_optimizer
from seglab.preprocessing import Preprocessing
from seglab.step_choices import FORMATS, Choice, Forward, compiled

IMAGES = 16
"""Most images in a step that is tried."""
ROUNDS = 3
WORTH_IT = 60.0
"""Seconds: a training that is shorter than this is not worth the trying."""
PAIRS = 6
"""Steps of each in the comparison of compiled and not."""
HOPELESS = 1.5
"""How many times as slow as the best it is after one step, to be tried no further."""


class Trial:
    """Steps of a training on drawn images, on copies of its network."""

    def __init__(self, experiment: Experiment, network: torch.nn.Module, device: str) -> None:
        self.experiment, self.network, self.device = experiment, network, device
        self.images = min(experiment.trainer.batch_size, IMAGES)

    def step(self, choice: Choice) -> Callable[[], float]:
        """A function that takes a step and returns its seconds."""
        experiment, device = self.experiment, self.device
        network = copy.deepcopy(self.network).to(device).to(memory_format=choice.memory_format)
        photo_network = PhotoNetwork(network.train(), Preprocessing(experiment.data.image_size))
        loss = build_loss(experiment)
        optimizer = build_optimizer(experiment.optimizer, network.parameters())
        size, drawn = experiment.data.image_size, torch.Generator().manual_seed(0)
        shape = (self.images, size, size)
        photos = torch.randint(0, 256, (*shape, 3), dtype=torch.uint8, generator=drawn).to(device)
        masks = torch.randint(0, experiment.class_count, shape, generator=drawn).to(device)
        forward: Forward = photo_network.supervised_logits
        if choice.compiled:
            forward = compiled(forward)

        def step() -> float:
            start = time.perf_counter()
            half = FORMATS.get(choice.precision)
            with torch.autocast(device, half, enabled=half is not None):
                found = loss(forward(photos)[0], masks)
            found.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
            if device == "cuda":
                torch.cuda.synchronize()
            return time.perf_counter() - start

        return step

    def times_as_fast(self, choice: Choice, other: Choice) -> float:
        """How many times as fast as the other, in whole batches that take turns; 0 where it does
        not run."""
        self.images = self.experiment.trainer.batch_size
        try:
            with quiet():
                steps = self.step(choice), self.step(other)
                seconds = [[step() for step in steps] for _ in range(PAIRS + 1)]
        except Exception:  # no compiler, or one that fails on this network: then without it
            return 0.0
        return statistics.median(others / own for own, others in seconds[1:])


def try_all(trial: Trial, choices: list[Choice], images: int) -> dict[Choice, float]:
    """Images per second of each choice, in turn: a busy moment hits all. Of the first alone where
    the whole training is not worth the trying; without those that do not run here."""
    steps: dict[Choice, Callable[[], float]] = {}
    seconds: dict[Choice, list[float]] = {}
    for choice in choices:
        try:
            steps[choice] = trial.step(choice)
            steps[choice]()  # the first one prepares what the others use
            seconds[choice] = [steps[choice]()]
        except RuntimeError:  # too little memory, or an operation that lacks this format
            continue
        if choice == choices[0] and images / trial.images * seconds[choice][0] < WORTH_IT:
            break
    fastest = min((found[0] for found in seconds.values()), default=0.0)
    for _ in range(ROUNDS - 1):
        for choice, found in seconds.items():
            if len(seconds) > 1 and found[0] <= HOPELESS * fastest:
                found.append(steps[choice]())
    return {choice: trial.images / min(found) for choice, found in seconds.items()}
