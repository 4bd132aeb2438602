"""How long networks take for a photo on this machine's CPU, measured side by side."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seglab.errors import RunError
from seglab.inference import Predictor, load
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views

ROUNDS = 15


@dataclass(frozen=True)
class Latencies:
    """``milliseconds`` an image by run folder; ``scatter``: models that differ by less than this
    share of the slower one are not told apart; ``failures``: exports that could not be run, a line
    each; ``origin``: a sentence on how and where this was measured."""

    milliseconds: dict[Path, float]
    scatter: float
    failures: tuple[str, ...]
    origin: str


def measure_latencies(
    runs: Sequence[Run],
    photo: np.ndarray,
    rounds: int = ROUNDS,
    progress: Callable[[int], None] | None = None,
    views: Views = ONE_LOOK,
) -> Latencies:
    """Median milliseconds from ``photo`` (uint8 H×W×3), brought to each network's size beforehand,
    to its probabilities through ONNX Runtime, all ``views`` of it together.

    Runs without an export are left out. The models take turns in every round, so that a busy
    moment hits all of them; the call before each timed one lets the threads of the model before
    come to rest. ``progress`` gets the number of rounds done.
    """
    predictors: dict[Path, Predictor] = {}
    failures = []
    for run in runs:
        if not run.onnx_path.exists():
            continue
        try:
            predictors[run.folder] = load(run, "onnx", views=views)
        except RunError as error:
            failures.append(str(error))
    seconds: dict[Path, list[float]] = {folder: [] for folder in predictors}
    for done in range(1, rounds + 1):
        for folder, predictor in predictors.items():
            image = predictor.preprocessing.resize_image(photo)[None]
            predictor.network_probabilities(image)
            start = time.perf_counter()
            predictor.network_probabilities(image)
            seconds[folder].append(time.perf_counter() - start)
        if progress:
            progress(done)
    scatter = max(map(_scatter, seconds.values()), default=0.0)
    looks = f", {views.in_words()}" if views.in_words() else ""
    return Latencies(
        {folder: 1000 * statistics.median(measured) for folder, measured in seconds.items()},
        scatter,
        tuple(failures),
        f"CPU ms: one photo at the network's size through ONNX Runtime{looks}, median of {rounds} "
        f"rounds in which the models take turns; {_machine()}. Models closer than the rounds' "
        f"scatter, {scatter:.0%} of the slower one, are not told apart.",
    )


def _scatter(seconds: Sequence[float]) -> float:
    """How far the quartiles lie from the median, the larger way, as a share of the larger: of
    fifteen rounds they are nearly the median's 95 % interval."""
    lower, median, upper = np.quantile(seconds, (0.25, 0.5, 0.75))
    return float(1 - min(lower / median, median / upper))


def _machine() -> str:
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"


def _processor() -> str:
    """The processor as its maker calls it, or at least its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join(names[0].split()) if names else platform.processor() or platform.machine()
