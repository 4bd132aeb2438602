"""The moving average of the weights, and the losses of several levels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from seglab import training
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.losses import build_loss, cross_entropy, dice_loss
from seglab.networks.catalogue import PhotoNetwork, build_network
from seglab.runs import Run
from seglab.training_module import supervised_loss
from seglab.training_record import Recorder, weights_only_state
from seglab.weight_average import average_share
from tests.helpers import PROJECT, tiny_experiment

Weights = dict[str, torch.Tensor]
EPOCHS, STEPS = 3, 9  # nine images in fours: three steps an epoch


pytestmark = pytest.mark.usefixtures("no_export")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Weights]:
    """The network's own weights after each step of the latest training."""
    states: list[Weights] = []
    after_batch = Recorder.on_train_batch_end

    def noting(self: Recorder, trainer: Any, module: Any, *rest: Any) -> None:
        weights = module.photo_network.network.state_dict()
        states.append({name: tensor.clone() for name, tensor in weights.items()})
        after_batch(self, trainer, module, *rest)

    monkeypatch.setattr(Recorder, "on_train_batch_end", noting)
    return states


def fit(folder: Path, data: Path, decay: float, **network: Any) -> Run:
    experiment = tiny_experiment(
        data={"source": "folder", "root": str(data)},
        network={"base_channels": 2, "depth": 2} | network,
        trainer={"max_epochs": EPOCHS, "checkpoint_every": EPOCHS, "ema_decay": decay},
    )
    return training.train(experiment, folder, PROJECT, Console())


def without_counters(weights: Weights) -> Weights:
    return {name: tensor for name, tensor in weights.items() if "num_batches" not in name}


@pytest.mark.parametrize("decay", [0.3, 0.998])
def test_the_saved_weights_are_the_average_of_all_steps_by_hand(
    tmp_path: Path, folder_dataset: Path, seen: list[Weights], decay: float
) -> None:
    run = fit(tmp_path / "run", folder_dataset, decay)
    assert len(seen) == STEPS
    saved = run.load_weights(run.epoch_path(EPOCHS))["weights"]
    for name, tensor in without_counters(saved).items():
        average = seen[0][name].double().numpy()
        for count, state in enumerate(seen[1:], start=1):
            kept = min(decay, (1 + count) / (10 + count))
            average = kept * average + (1 - kept) * state[name].double().numpy()
        np.testing.assert_allclose(tensor.numpy(), average, rtol=1e-5, atol=1e-7)
    counters = set(saved) - set(without_counters(saved))
    assert {int(saved[name]) for name in counters} == {STEPS}


def test_after_its_warm_up_it_is_torch_s_average(
    tmp_path: Path, folder_dataset: Path, seen: list[Weights]
) -> None:
    decay = 2 / 11  # reached at once: the warm-up begins there
    run = fit(tmp_path / "run", folder_dataset, decay)
    network = build_network(run.experiment)
    network.load_state_dict(seen[0])
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
    for state in seen:
        network.load_state_dict(state)
        average.update_parameters(network)
    saved = run.load_weights(run.epoch_path(EPOCHS))["weights"]
    expected = without_counters(average.module.state_dict())
    torch.testing.assert_close(without_counters(saved), expected, rtol=0, atol=0)


def test_the_share_warms_up() -> None:
    assert [average_share(0.998, count) for count in (1, 8, 10**6)] == [2 / 11, 0.5, 0.998]
    assert average_share(0.3, 8) == 0.3


def test_training_goes_on_with_the_weights_themselves(tmp_path: Path, folder_dataset: Path) -> None:
    plain, averaged = (
        fit(tmp_path / f"decay-{decay}", folder_dataset, decay) for decay in (0.0, 0.9)
    )
    for own, other in zip(plain.rows(), averaged.rows(), strict=True):
        assert own["train_loss"] == other["train_loss"]
        assert own["val_loss"] != other["val_loss"]
    own, other = (weights_only_state(run.last_path) for run in (plain, averaged))
    torch.testing.assert_close(own["state_dict"], other["current_model_state"], rtol=0, atol=0)
    saved = averaged.load_weights(averaged.epoch_path(EPOCHS))["weights"]
    prefix = "photo_network.network."
    in_last = {name.removeprefix(prefix): value for name, value in other["state_dict"].items()}
    torch.testing.assert_close(saved, in_last, rtol=0, atol=0)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_the_row_s_validation_is_that_of_the_saved_weights_and_the_main_logits(
    tmp_path: Path, folder_dataset: Path, decay: float
) -> None:
    run = fit(tmp_path / "run", folder_dataset, decay, deep_supervision=True)
    pairs = open_pairs(open_dataset(run.experiment), "val", run.preprocessing)
    network = build_network(run.experiment).eval()
    network.load_state_dict(run.load_weights(run.epoch_path(EPOCHS))["weights"])
    images, masks = zip(*[pairs[index] for index in range(len(pairs))], strict=True)
    with torch.no_grad():
        logits = PhotoNetwork(network, run.preprocessing)(torch.from_numpy(np.stack(images)))
        loss = build_loss(run.experiment)(logits, torch.from_numpy(np.stack(masks)).long())
    assert run.rows()[-1]["val_loss"] == pytest.approx(loss.item(), rel=1e-4)


# Deep supervision.


def test_levels_weigh_half_of_the_one_before() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = [torch.randn(2, 3, 4, 5, generator=generator) for _ in range(3)]
    classes = torch.randint(0, 3, (2, 4, 5), generator=generator)
    for loss in (cross_entropy, dice_loss):
        one, two, three = (loss(found, classes) for found in logits)
        expected = (4 * one + 2 * two + three) / 7
        torch.testing.assert_close(supervised_loss(loss, logits, classes), expected)
        assert torch.equal(supervised_loss(loss, logits[:1], classes), one)


def test_the_auxiliary_heads_learn(
    tmp_path: Path, folder_dataset: Path, seen: list[Weights]
) -> None:
    fit(tmp_path / "run", folder_dataset, 0.0, deep_supervision=True)
    name = "auxiliary_heads.0.weight"
    assert not torch.equal(seen[0][name], seen[-1][name])
