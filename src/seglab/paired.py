"""Experiments against each other on the same images: differences with paired intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from seglab.intervals import AT_ONCE, FEW, LEVEL, RESAMPLES, SEED
from seglab.jackknife import interval, means_without_each, student_quantile

TIE_WIDTH = 0.001
"""Two IoUs of one image that lie closer than this count as a tie: a handful of pixels."""


@dataclass(frozen=True)
class Difference:
    """Experiment ``first`` minus ``second`` (places in the list): mean per-image difference with
    its 95 % interval, and on how many images the first was better, about equal, worse."""

    first: int
    second: int
    value: float
    low: float
    high: float
    wins: int
    ties: int
    losses: int


def paired_differences(
    experiments: Sequence[np.ndarray],
    folds: Sequence[int] = (),
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> list[Difference]:
    """Every pair of experiments, each given as float64 seeds×images with the images in one order.

    A paired percentile bootstrap (Efron and Tibshirani 1993, chapter 8): a resample draws images,
    the same for both, and, within each experiment of several seeds, seeds as well. Of n seeds
    n − 1 are drawn, so that the variance of their mean is not understated (Rao and Wu 1988).
    With one seed the interval covers the choice of images alone, not the randomness of training.
    ``folds``: of pooled cross-validations, the fold of each image; then the folds are the unit
    (see ``jackknife``). Of fewer than ``FEW`` images it is a paired t interval instead.
    Wins, ties and losses compare an image's IoU averaged over seeds.
    """
    pairs = list(combinations(range(len(experiments)), 2))
    if not pairs:
        return []
    first, second = np.array(pairs).T
    edges = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]
    few = not folds and experiments[0].shape[1] < FEW
    if not folds and not few:
        drawn = resampled_means(experiments, seed, resamples)
        lows, highs = np.percentile(drawn[:, first] - drawn[:, second], edges, axis=0)
    images = np.stack([values.mean(axis=0) for values in experiments])
    found = []
    for place, (one, other) in enumerate(pairs):
        difference = images[one] - images[other]
        if folds or few:
            if folds:
                half = interval(means_without_each(difference[:, None], folds)[:, 0])
            else:
                half = half_width_of_few([experiments[one], experiments[other]], [1, -1])
            low, high = difference.mean() - half, difference.mean() + half
        else:
            low, high = lows[place], highs[place]
        found.append(
            Difference(
                one,
                other,
                float(difference.mean()),
                float(low),
                float(high),
                wins=int((difference >= TIE_WIDTH).sum()),
                ties=int((np.abs(difference) < TIE_WIDTH).sum()),
                losses=int((difference <= -TIE_WIDTH).sum()),
            )
        )
    return found


def half_width_of_few(experiments: Sequence[np.ndarray], weights: Sequence[float]) -> float:
    """Half the width of the 95 % interval of a weighted sum of experiments' means over few images.

    Student's t over the images (each experiment float64 seeds×images), the variance of the mean of
    several seeds added to that of the images. Of a single image it is 2, all that a difference of
    shares can be off.
    """
    images = experiments[0].shape[1]
    if images < 2:
        return 2.0
    pairs = list(zip(weights, experiments, strict=True))
    summed = np.sum([weight * values.mean(axis=0) for weight, values in pairs], axis=0)
    variance = summed.var(ddof=1) / images
    for weight, values in pairs:
        if len(values) > 1:
            variance += weight**2 * values.mean(axis=1).var(ddof=1) / len(values)
    return float(np.sqrt(variance)) * student_quantile(images - 1)


def resampled_means(
    experiments: Sequence[np.ndarray], seed: int = SEED, resamples: int = RESAMPLES
) -> np.ndarray:
    """Mean of each experiment (float64 seeds×images) in each resample: resamples×experiments.

    Images are drawn once for all experiments, seeds within each, as ``paired_differences`` says.
    """
    runs = np.concatenate(experiments).T
    images = len(runs)
    times, state = _images_drawn(images, seed, resamples)
    generator = np.random.default_rng(seed)
    generator.bit_generator.state = state
    # The means of all runs are one matrix product.
    of_runs = np.concatenate(
        [times[start : start + AT_ONCE] @ runs / images for start in range(0, resamples, AT_ONCE)]
    )
    of_experiments, start = [], 0
    for values in experiments:
        seeds = len(values)
        weights = np.ones((resamples, 1))
        if seeds > 1:
            weights = generator.multinomial(seeds - 1, np.full(seeds, 1 / seeds), resamples) / (
                seeds - 1
            )
        of_experiments.append((of_runs[:, start : start + seeds] * weights).sum(axis=1))
        start += seeds
    return np.stack(of_experiments, axis=1)


@lru_cache(maxsize=2)
def _images_drawn(images: int, seed: int, resamples: int) -> tuple[np.ndarray, dict[str, Any]]:
    """How often each image is drawn in each resample, uint16 resamples×images, and the state of
    the generator afterwards. Drawing takes longer than all that is done with it, and whoever
    compares some runs compares others of the same split next."""
    generator = np.random.default_rng(seed)
    even = np.full(images, 1 / images)
    drawn = [
        generator.multinomial(images, even, min(AT_ONCE, resamples - start)).astype(np.uint16)
        for start in range(0, resamples, AT_ONCE)
    ]
    times = np.concatenate(drawn)
    times.setflags(write=False)
    return times, dict(generator.bit_generator.state)
