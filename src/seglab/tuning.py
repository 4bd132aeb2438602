"""The fastest way to compute a step on this machine, found by trying it for a few seconds.

What is chosen changes the last digits of a result, never what is trained: a number format below
the one asked for is no candidate.
"""

import hashlib
import json
import platform
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from seglab import contention, hardware
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.cache import cache_root
from seglab.files import write_text
from seglab.step_choices import Choice, candidates, rule
from seglab.step_trials import Trial, try_all

FORMAT = 1
"""Counted up when what is remembered changes its meaning."""
WORTH_COMPILING = 1800.0
"""Seconds: a training that is shorter is not worth torch.compile, which takes about a minute
before its first step."""
BETTER = 1.03
"""How many times as fast another way must be, to be preferred to the rule's."""
MUCH_BETTER = 1.1
"""The same for torch.compile, which makes every beginning of a training longer."""


def tune(
    experiment: Experiment, network: torch.nn.Module, images: int, device: str, console: Console
) -> dict[str, Any]:
    """The choice for a training on ``images`` images, and how it came about, for ``config.json``.

    ``network`` is left as it is. Taken from the cache folder where the same network was tried on
    this machine before. Where other programs compute on the same cores, the rule decides, and
    nothing is remembered.
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
    trial = Trial(experiment, network, device)
    start = contention.now()
    found = try_all(trial, candidates(experiment, device), left)
    others = _taken_by_others(start) if device == "cpu" else 0.0
    if len(found) < 2 or first not in found:
        return {"choice": asdict(first), "by": "rule"}
    if others:
        console.line(
            f"speed      {first.in_words}, by rule: what was tried says nothing, as other programs "
            f"took {others:.0%} of the processor"
        )
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


def _taken_by_others(start: contention.Moment) -> float:
    cores = contention.usable_cores()
    return contention.taken_by_others(start, contention.now(), torch.get_num_threads(), cores)


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
        experiment.network.model_dump(exclude={"encoder_weights", "encoder_mean", "encoder_std"}),
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
