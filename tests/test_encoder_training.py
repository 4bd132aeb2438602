"""A lower rate and a frozen warm-up for the encoder of a library network."""

from pathlib import Path
from typing import Any

import pytest
import torch

from seglab import fitting
from seglab.config import Experiment
from seglab.console import Console
from seglab.errors import Interrupted
from seglab.networks.catalogue import build_network
from seglab.optimization import build_optimizer, build_schedule, parameter_groups
from seglab.runs import Run
from seglab.training import resume, train
from seglab.training_module import TrainingModule
from tests.helpers import tiny_experiment

pytestmark = pytest.mark.usefixtures("no_export")


def experiment_of(root: Path | None = None, **network: Any) -> Experiment:
    settings = {"name": "linknet", "encoder": "resnet18", "base_channels": 16, "depth": 4}
    data = {"image_size": 32} | ({"source": "folder", "root": str(root)} if root else {})
    return tiny_experiment(
        network=settings | network,
        data=data,
        trainer={"max_epochs": 3, "batch_size": 3, "deterministic": True, "ema_decay": 0.5},
    )


def weights(run: Run) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(run.last_path, weights_only=True)["state_dict"]
    return state


def stop_after(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C as soon as so many epochs are saved."""
    saved = fitting.Recorder.on_train_epoch_end

    def stop(self: Any, trainer: Any, module: Any) -> None:
        saved(self, trainer, module)
        if len(self.rows) == epochs:
            raise Interrupted

    monkeypatch.setattr(fitting.Recorder, "on_train_epoch_end", stop)


@pytest.mark.parametrize("schedule", ["onecycle", "cosine", "constant"])
@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_the_encoder_s_rate_is_a_share_of_the_others_at_every_step(
    name: str, schedule: str
) -> None:
    base = experiment_of(encoder_rate=0.1)
    settings = base.optimizer.model_copy(update={"name": name, "schedule": schedule})
    network = build_network(base)
    groups = parameter_groups(network, network.encoder, settings.learning_rate, 0.1)
    optimizer = build_optimizer(settings, groups)
    others, encoder = optimizer.param_groups
    assert len(encoder["params"]) == len(list(network.encoder.parameters()))
    counted = sum(len(group["params"]) for group in optimizer.param_groups)
    assert counted == len(list(network.parameters()))
    schedules = build_schedule(settings, optimizer, 10)
    for _ in range(10):
        assert encoder["lr"] == pytest.approx(0.1 * others["lr"])
        optimizer.step()
        if schedules:
            schedules.step()


def test_a_network_of_ours_is_one_group() -> None:
    network = build_network(tiny_experiment())
    groups = parameter_groups(network, None, 0.1, 0.5)
    assert len(build_optimizer(tiny_experiment().optimizer, groups).param_groups) == 1


def test_without_a_rate_of_its_own_there_is_one_group() -> None:
    network = build_network(experiment_of())
    groups = parameter_groups(network, network.encoder, 0.1, 1.0)
    assert len(build_optimizer(experiment_of().optimizer, groups).param_groups) == 1


def test_while_frozen_neither_weights_nor_statistics_move(
    tmp_path: Path, folder_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = experiment_of(folder_dataset, encoder_warmup=2)
    torch.manual_seed(0)
    states = []
    ended = TrainingModule.on_train_batch_start

    def watch(self: TrainingModule, batch: Any, batch_idx: int) -> None:
        ended(self, batch, batch_idx)
        norms = [part for part in self.modules() if isinstance(part, torch.nn.BatchNorm2d)]
        inside = {id(part) for part in self.encoder.modules()}
        states.append(
            (
                self.current_epoch,
                {part.training for part in norms if id(part) in inside},
                {part.training for part in norms if id(part) not in inside},
                {key: value.clone() for key, value in self.encoder.state_dict().items()},
            )
        )

    monkeypatch.setattr(TrainingModule, "on_train_batch_start", watch)
    train(experiment, tmp_path / "run", tmp_path, Console())
    first = states[0][3]
    for epoch, encoder_modes, other_modes, state in states:
        assert encoder_modes == {epoch >= 2}
        assert other_modes == {True}
        if epoch < 2:
            assert all(torch.equal(first[key], value) for key, value in state.items())
    assert not torch.equal(first["conv1.weight"], states[-1][3]["conv1.weight"])
    assert not torch.equal(first["bn1.running_mean"], states[-1][3]["bn1.running_mean"])


@pytest.mark.long
@pytest.mark.parametrize("epochs", [1, 2])
def test_resumed_in_the_warm_up_or_at_its_end_equals_uninterrupted(
    tmp_path: Path, folder_dataset: Path, monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    experiment = experiment_of(folder_dataset, encoder_warmup=2, encoder_rate=0.3)
    whole = train(experiment, tmp_path / "whole", tmp_path, Console())
    with monkeypatch.context() as patch:
        stop_after(epochs, patch)
        with pytest.raises(Interrupted):
            train(experiment, tmp_path / "parts", tmp_path, Console())
    parts = resume(Run.open(tmp_path / "parts"), Console())
    assert len(parts.rows()) == 3
    expected, found = weights(whole), weights(parts)
    assert expected.keys() == found.keys()
    for key, value in expected.items():
        assert torch.equal(value, found[key]), key
