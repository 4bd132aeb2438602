"""The fastest way to compute a step on this machine, found by trying it for a few seconds.

What is chosen changes the last digits of a result, never what is trained: a number format below
the one asked for is no candidate.
"""

import copy
import hashlib
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from seglab import hardware
from seglab.config import Experiment
from seglab.console import Console, quiet
from seglab.data.cache import cache_root
from seglab.files import write_text
from seglab.losses import build_loss
from seglab.networks.catalogue import PhotoNetwork
from seglab.optimization import build_optimizer
from seglab.preprocessing import Preprocessing

FORMAT = 1
"""Counted up when what is remembered changes its meaning."""
IMAGES = 16
"""Most images in a step that is tried."""
ROUNDS = 3
WORTH_IT = 60.0
"""Seconds: a training that is shorter than this is not worth the trying."""
WORTH_COMPILING = 1800.0
"""The same for torch.compile, which takes about a minute before its first step."""
BETTER = 1.03
"""How many times as fast another way must be, to be preferred to the rule's."""
MUCH_BETTER = 1.1
"""The same for torch.compile, which makes every beginning of a training longer."""
PAIRS = 6
"""Steps of each in the comparison of compiled and not."""
HOPELESS = 1.5
"""How many times as slow as the best it is after one step, to be tried no further."""
Forward = Callable[[torch.Tensor], list[torch.Tensor]]
"""Images to logits, finest first."""
FORMATS = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Choice:
    """How a step is computed: number format of the forward pass, order of the weights in memory,
    through torch.compile or not."""

    precision: str
    channels_last: bool
    compiled: bool = False

    @property
    def memory_format(self) -> torch.memory_format:
        """For ``network.to``."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def in_words(self) -> str:
        """As a line of a log names it."""
        order = "channels last" if self.channels_last else "contiguous"
        return f"{self.precision}, {order}" + (", compiled" if self.compiled else "")


def rule(experiment: Experiment, device: str) -> Choice:
    """What is taken without trying: half formats run fastest with the channels last, float32 on a
    CPU does not."""
    precision = hardware.resolve_precision(experiment.trainer.precision, device)
    return Choice(precision, channels_last=precision != "fp32")


def chosen(config: Mapping[str, Any], experiment: Experiment, device: str) -> Choice:
    """The choice that a run was begun with, from its ``config.json``: it is kept when it is gone on
    with. The rule's where there is none, or the run goes on on a device without that format."""
    kept = config.get("speed", {}).get("choice")
    if kept is None or (kept["precision"] == "fp16" and device == "cpu"):
        return rule(experiment, device)
    return Choice(**kept)


def candidates(experiment: Experiment, device: str) -> list[Choice]:
    """What is tried, the rule's first. ``trainer.precision auto`` allows the hardware's fast format
    and float32, which is more exact; a format that was named is kept."""
    first = rule(experiment, device)
    formats = [first.precision]
    if experiment.trainer.precision == "auto" and device == "cpu" and first.precision != "fp32":
        formats.append("fp32")
    tried = [Choice(each, order) for each in formats for order in (True, False)]
    return [first, *(choice for choice in tried if choice != first)]


def compiled(forward: Forward) -> Forward:
    """The same through torch.compile, whose results stand with the other caches: the next training
    of the same network begins sooner."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_root() / "torchinductor"))
    faster: Forward = torch.compile(forward)
    return faster


def tune(
    experiment: Experiment, network: torch.nn.Module, images: int, device: str, console: Console
) -> dict[str, Any]:
    """The choice for a training on ``images`` images, and how it came about, for ``config.json``.

    ``network`` is left as it is. Taken from the cache folder where the same network was tried on
    this machine before.
    """
    settings = experiment.trainer
    first = rule(experiment, device)
    if settings.tune == "off" or settings.deterministic:
        return {"choice": asdict(first), "by": "rule"}
    place = cache_root() / f"tuning-{_key(experiment, device)}.json"
    known = _remembered(place)
    left = images * settings.max_epochs
    if known and (known["tried_compiling"] or left / known["images_per_second"] < WORTH_COMPILING):
        choice = Choice(**known["choice"])
        console.line(f"speed      {choice.in_words}: the fastest here when it was tried")
        return {"choice": asdict(choice), "by": "memory"}
    if device == "cpu":
        hardware.keep_freed_memory()  # as the training will
    trial = _Trial(experiment, network, device)
    found = _try_all(trial, candidates(experiment, device), left)
    if len(found) < 2 or first not in found:
        return {"choice": asdict(first), "by": "rule"}
    best = max(found, key=lambda each: found[each] * (BETTER if each == first else 1))
    tried_compiling = False
    if left / found[best] >= WORTH_COMPILING and _can_compile(device):
        console.line("speed      trying torch.compile, once for this network on this machine")
        faster = replace(best, compiled=True)
        times, tried_compiling = trial.times_as_fast(faster, best), True
        if times:
            found[faster] = found[best] * times
        if times >= MUCH_BETTER:
            best = faster
    tried = {each.in_words: round(rate, 1) for each, rate in found.items()}
    rates = "; ".join(f"{name} {rate:.0f}" for name, rate in tried.items())
    console.line(f"speed      {best.in_words}, of images/s tried: {rates}")
    result = {
        "choice": asdict(best),
        "tried": tried,
        "images_per_second": found[best],
        "tried_compiling": tried_compiling,
    }
    _remember(place, result)
    return {"choice": result["choice"], "by": "trial", "tried": tried}


class _Trial:
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


def _try_all(trial: _Trial, choices: list[Choice], images: int) -> dict[Choice, float]:
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


def _can_compile(device: str) -> bool:
    import shutil

    return device == "cuda" or any(shutil.which(name) for name in ("g++", "clang++"))


def _key(experiment: Experiment, device: str) -> str:
    """Of all that the speed of a step depends on."""
    trainer = experiment.trainer
    described = [
        FORMAT,
        hardware.device_name(device),
        hardware.processor(),
        platform.machine(),
        torch.__version__,
        torch.get_num_threads(),
        experiment.network.model_dump(exclude={"encoder_weights"}),
        experiment.output_channels,
        experiment.loss.model_dump(),
        experiment.data.image_size,
        trainer.batch_size,
        trainer.precision,
    ]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:24]


def _remembered(place: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        Choice(**content["choice"])
        float(content["images_per_second"]), bool(content["tried_compiling"])
    except (OSError, ValueError, TypeError, KeyError):
        return None  # nothing is lost that cannot be tried again
    return content


def _remember(place: Path, result: dict[str, Any]) -> None:
    try:
        write_text(place, json.dumps(result, indent=2) + "\n")
    except OSError:
        return  # then it is tried again
