"""The mean of several runs' weights, to begin with."""

from collections.abc import Sequence
from typing import Any

import torch

from seglab.errors import UsageError
from seglab.runs import Run


def mean_weights(runs: Sequence[Run]) -> dict[str, Any]:
    """State of a network by tensor name: of one run its own, of several the mean in float32.

    A model soup (Wortsman et al. 2022, arXiv:2203.05482): of runs that went on from the same
    weights it is often better than each. Running means and variances of batch norm are averaged
    too; counters are the first run's. Raises ``UsageError`` where the networks differ, ``RunError``
    where a run has no weights.
    """
    first: dict[str, Any] = runs[0].load_weights()["weights"]
    all_weights = [first]
    for run in runs[1:]:
        weights = run.load_weights()["weights"]
        if _shapes(weights) != _shapes(first):
            raise UsageError(
                f"--init_from {run.folder}: its network is another one than {runs[0].folder}'s; "
                "only of the same network can the weights be averaged"
            )
        all_weights.append(weights)
    return {name: _mean([weights[name] for weights in all_weights]) for name in first}


def _mean(values: list[Any]) -> Any:
    first = values[0]
    if len(values) == 1 or not isinstance(first, torch.Tensor) or not first.is_floating_point():
        return first
    # Half precision would round the sum.
    return torch.stack([value.double() for value in values]).mean(0).to(torch.float32)


def _shapes(weights: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "shape", None) for name, value in weights.items()}
