"""Choosing how a step is computed, by trying."""

import copy
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from seglab import fitting, step_choices, step_trials, training, tuning
from seglab.config import Experiment
from seglab.console import Console
from seglab.networks.catalogue import build_network
from seglab.runs import Run
from seglab.step_choices import Choice, candidates, chosen, rule
from seglab.tuning import tune
from tests.helpers import tiny_experiment
from tests.training_runs import equal, fit, unfinished, untimed, weights

FAST, SLOW = Choice("fp32", channels_last=True), Choice("fp32", channels_last=False)


def wanting(precision: str = "fp32", **trainer: Any) -> Experiment:
    return tiny_experiment(trainer={"tune": "auto", "precision": precision} | trainer)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Choice]:
    """The steps that were tried; those of ``FAST`` and of compiled ones take a tenth."""
    taken: list[Choice] = []

    def step(_trial: Any, choice: Choice) -> Callable[[], float]:
        def take() -> float:
            taken.append(choice)
            return 0.1 if choice == FAST or choice.compiled else 1.0

        return take

    monkeypatch.setattr(step_trials.Trial, "step", step)
    monkeypatch.setattr(tuning, "_taken_by_others", lambda _start: 0.0)  # whoever else computes
    return taken


def tuned(experiment: Experiment, images: int = 1000) -> dict[str, Any]:
    return tune(experiment, build_network(experiment), images, "cpu", Console())


def test_the_fastest_is_taken_told_and_remembered(
    steps: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = wanting()
    first = tuned(experiment)
    assert chosen({"speed": first}, experiment, "cpu") == FAST
    assert first["by"] == "trial"
    assert first["tried"] == {SLOW.in_words: 4.0, FAST.in_words: 40.0}
    assert "speed      fp32, channels last, of images/s tried:" in capsys.readouterr().out
    taken = len(steps)
    again = tuned(experiment)
    assert again == {"choice": first["choice"], "by": "memory"}
    assert len(steps) == taken
    assert "fastest here when it was tried" in capsys.readouterr().out


def test_beside_other_programs_the_rule_decides_and_nothing_is_remembered(
    steps: list[Choice], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = wanting()
    with monkeypatch.context() as beside:
        beside.setattr(tuning, "_taken_by_others", lambda _start: 0.48)
        assert tuned(experiment) == {"choice": asdict(rule(experiment, "cpu")), "by": "rule"}
    assert "other programs took 48% of the processor" in capsys.readouterr().out
    assert steps
    assert tuned(experiment)["by"] == "trial"


def test_another_network_size_or_batch_is_tried_anew(steps: list[Choice]) -> None:
    tuned(wanting())
    for other in (
        wanting(batch_size=2),
        tiny_experiment(trainer={"tune": "auto"}, network={"base_channels": 3, "depth": 1}),
        tiny_experiment(trainer={"tune": "auto"}, data={"image_size": 32}),
    ):
        taken = len(steps)
        assert tuned(other)["by"] == "trial"
        assert len(steps) > taken


@pytest.mark.parametrize("trainer", [{"tune": "off"}, {"deterministic": True}])
def test_off_and_deterministic_take_the_rule(
    steps: list[Choice], trainer: dict[str, Any], cache_folder: Path
) -> None:
    assert tuned(wanting(**trainer))["by"] == "rule"
    assert not steps
    assert not cache_folder.exists()


def test_a_short_training_is_not_worth_the_trying(steps: list[Choice], cache_folder: Path) -> None:
    """Two epochs of 20 images at a second a step of four take 10 seconds."""
    assert tuned(wanting(), images=20)["by"] == "rule"
    assert set(steps) == {SLOW}
    assert not cache_folder.exists()


@pytest.mark.parametrize(("worth", "compiled"), [(100.0, True), (1e9, False)])
def test_compiling_is_tried_where_the_training_is_long(
    steps: list[Choice], monkeypatch: pytest.MonkeyPatch, worth: float, compiled: bool
) -> None:
    """500 steps at 0.1 seconds are 50 seconds of the faster, 500 of the slower."""
    monkeypatch.setattr(tuning, "WORTH_COMPILING", worth)
    monkeypatch.setattr(tuning, "_can_compile", lambda _device: True)
    found = tuned(wanting(), images=10_000)
    assert any(choice.compiled for choice in steps) == compiled
    assert any("compiled" in name for name in found["tried"]) == compiled


def test_compiled_is_taken_only_where_it_is_much_faster(
    steps: list[Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "WORTH_COMPILING", 0.0)
    monkeypatch.setattr(tuning, "_can_compile", lambda _device: True)
    working = step_trials.Trial.step
    for times, taken in ((1.05, False), (1.2, True)):

        def step(trial: Any, choice: Choice, times: float = times) -> Callable[[], float]:
            return (lambda: 0.1 / times) if choice.compiled else working(trial, choice)

        monkeypatch.setattr(step_trials.Trial, "step", step)
        experiment = wanting(batch_size=3 + taken)
        assert tuned(experiment)["choice"]["compiled"] == taken


def test_what_does_not_compile_trains_without(
    steps: list[Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_trial: Any, choice: Choice) -> Any:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(tuning, "WORTH_COMPILING", 0.0)
    monkeypatch.setattr(tuning, "_can_compile", lambda _device: True)
    steps_of = step_trials.Trial.step
    monkeypatch.setattr(
        step_trials.Trial,
        "step",
        lambda trial, choice: (fails if choice.compiled else steps_of)(trial, choice),
    )
    found = tuned(wanting())
    assert not found["choice"]["compiled"]
    assert tuned(wanting())["by"] == "memory"  # and is not tried again


def test_a_format_below_the_one_asked_for_is_never_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def formats(precision: str) -> set[str]:
        return {choice.precision for choice in candidates(wanting(precision), "cpu")}

    assert formats("fp32") == {"fp32"}
    assert formats("bf16") == {"bf16"}
    for capable, expected in ((True, {"bf16", "fp32"}), (False, {"fp32"})):
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda there=capable: {"avx512_bf16": there}
        )
        assert formats("auto") == expected
        assert candidates(wanting("auto"), "cpu")[0] == rule(wanting("auto"), "cpu")


def test_real_steps_leave_the_network_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_trials, "WORTH_IT", 0.0)
    monkeypatch.setattr(tuning, "WORTH_COMPILING", float("inf"))
    monkeypatch.setattr(tuning, "_taken_by_others", lambda _start: 0.0)
    experiment = tiny_experiment(trainer={"tune": "auto"}, network={"base_channels": 2, "depth": 2})
    network = build_network(experiment)
    before = copy.deepcopy(network.state_dict())
    found = tune(experiment, network, 8, "cpu", Console())
    assert len(found["tried"]) == 2
    assert equal(before, network.state_dict())


def test_what_is_remembered_wrongly_is_tried_again(steps: list[Choice], cache_folder: Path) -> None:
    tuned(wanting())
    (place,) = cache_folder.glob("tuning-*.json")
    place.write_text("{}")
    assert tuned(wanting())["by"] == "trial"


def test_a_resumed_run_keeps_its_choice(
    tmp_path: Path, folder_dataset: Path, steps: list[Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "export_onnx", lambda _run, _experiment: 0.0)
    monkeypatch.setattr(step_trials, "WORTH_IT", 0.0)
    monkeypatch.setattr(tuning, "WORTH_COMPILING", float("inf"))
    used: list[Choice] = []

    def noting(*arguments: Any) -> Choice:
        used.append(chosen(*arguments))
        return used[-1]

    monkeypatch.setattr(fitting, "chosen", noting)
    data = {"source": "folder", "root": str(folder_dataset)}
    settings = {"data": data, "optimizer": {"schedule": "constant"}, "trainer": {"tune": "auto"}}
    run = fit(tmp_path / "run", tiny_experiment(**settings))
    assert run.config["speed"]["by"] == "trial"
    assert run.config["environment"]["precision"] == "fp32"
    taken = len(steps)
    training.resume(unfinished(Run.open(run.folder)), Console(), max_epochs=3)
    assert used == [FAST, FAST]
    assert len(steps) == taken


@pytest.mark.parametrize("failing", [FAST, SLOW])
def test_what_does_not_run_here_is_not_taken(
    steps: list[Choice], monkeypatch: pytest.MonkeyPatch, failing: Choice
) -> None:
    """Where not even the rule's runs, the training itself tells why."""
    working = step_trials.Trial.step

    def step(trial: Any, choice: Choice) -> Callable[[], float]:
        if choice == failing:
            raise RuntimeError("not implemented for this format")
        return working(trial, choice)

    monkeypatch.setattr(step_trials.Trial, "step", step)
    assert tuned(wanting())["by"] == "rule"


def test_a_compiled_training_is_the_same_training(
    tmp_path: Path, folder_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a compiler that changes nothing; the last batch of each epoch is a smaller one."""
    monkeypatch.setattr(fitting, "export_onnx", lambda _run, _experiment: 0.0)
    shapes: list[int] = []

    def compiled(forward: step_choices.Forward) -> step_choices.Forward:
        def noting(images: torch.Tensor) -> list[torch.Tensor]:
            shapes.append(len(images))
            return forward(images)

        return noting

    monkeypatch.setattr(step_choices, "compiled", compiled)
    data = {"source": "folder", "root": str(folder_dataset)}
    experiment = tiny_experiment(data=data, trainer={"ema_decay": 0.9})
    plain = fit(tmp_path / "plain", experiment)
    assert not shapes
    choice = Choice("fp32", channels_last=False, compiled=True)
    monkeypatch.setattr(fitting, "chosen", lambda *_arguments: choice)
    run = fit(tmp_path / "compiled", experiment)
    assert shapes == 2 * 2 * [4]  # nine images: two epochs of two whole batches and one image
    assert equal(untimed(run), untimed(plain))
    assert equal(weights(run), weights(plain))
