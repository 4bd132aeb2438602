"""Optimisers and schedules."""

import math
from typing import Any

import pytest
import torch

from seglab.config import Optimizer
from seglab.optimization import SCHEDULES_WITH_AN_END, build_optimizer, build_schedule


def settings(**values: Any) -> Optimizer:
    return Optimizer.model_validate({"learning_rate": 0.1} | values)


def parameter() -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.ones(1))


def rates(chosen: Optimizer, steps: int) -> list[float]:
    """The rate at each of ``steps`` steps."""
    optimizer = build_optimizer(chosen, [parameter()])
    schedule = build_schedule(chosen, optimizer, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if schedule:
            schedule.step()
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)],
)
def test_the_optimiser_is_the_one_named(name: str, kind: type) -> None:
    optimizer = build_optimizer(settings(name=name, weight_decay=0.03), [parameter()])
    assert type(optimizer) is kind
    (group,) = optimizer.param_groups
    assert (group["lr"], group["weight_decay"]) == (0.1, 0.03)


def test_momentum_reaches_sgd() -> None:
    optimizer = build_optimizer(settings(name="sgd", momentum=0.7), [parameter()])
    assert optimizer.param_groups[0]["momentum"] == 0.7


def test_a_constant_rate() -> None:
    chosen = settings(schedule="constant")
    assert rates(chosen, 5) == [0.1] * 5
    assert build_schedule(chosen, build_optimizer(chosen, [parameter()]), 5) is None


def test_one_cycle_rises_and_falls() -> None:
    chosen = settings(schedule="onecycle", pct_start=0.25, div_factor=20.0)
    found = rates(chosen, 100)
    assert found[0] == pytest.approx(0.1 / 20)
    assert max(found) == pytest.approx(0.1, rel=1e-3)
    top = found.index(max(found))
    assert top == pytest.approx(25, abs=1)
    assert found[:top] == sorted(found[:top])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert found[-1] < 0.1 / 1000


def test_cosine_falls_to_nothing() -> None:
    found = rates(settings(schedule="cosine"), 10)
    expected = [0.05 * (1 + math.cos(math.pi * step / 10)) for step in range(10)]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("schedule", ["onecycle", "cosine", "constant"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_short_trainings_have_a_rate_at_every_step(schedule: str, steps: int) -> None:
    found = rates(settings(schedule=schedule), steps)
    assert all(math.isfinite(rate) and 0 < rate <= 0.1 + 1e-12 for rate in found)


def test_schedules_whose_rate_depends_on_the_total() -> None:
    for schedule in ("onecycle", "cosine", "constant"):
        short, long = (rates(settings(schedule=schedule), steps)[:8] for steps in (10, 20))
        assert (short != long) == (schedule in SCHEDULES_WITH_AN_END)
