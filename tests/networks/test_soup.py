"""The mean of several runs' weights."""

from pathlib import Path

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from seglab.networks.catalogue import build_network
from seglab.networks.soup import mean_weights
from seglab.runs import Run
from tests.helpers import tiny_experiment
from tests.training_runs import equal


def drawn(folder: Path, seed: int) -> tuple[Run, torch.nn.Module]:
    """A run that holds nothing but the weights of a network, and the network."""
    torch.manual_seed(seed)
    network = build_network(tiny_experiment(network={"base_channels": 16}))
    for name, buffer in network.named_buffers():
        if "running" in name:
            torch.nn.init.uniform_(buffer, 0.5, 2.0)
    folder.mkdir()
    run = Run(folder)
    run.save_weights(run.checkpoint_path, {"weights": network.state_dict()})
    return run, network


def test_it_is_torch_s_mean_of_the_same_networks(tmp_path: Path) -> None:
    runs, networks = zip(*(drawn(tmp_path / str(seed), seed) for seed in range(3)), strict=True)
    average = AveragedModel(networks[0], use_buffers=True)
    for network in networks:
        average.update_parameters(network)
    expected = average.module.state_dict()
    found = mean_weights(runs)
    assert found.keys() == expected.keys()
    for name, value in found.items():
        torch.testing.assert_close(value, expected[name], msg=name)
        assert value.dtype == expected[name].dtype


def test_one_run_alone_keeps_its_weights(tmp_path: Path) -> None:
    run, network = drawn(tmp_path / "a", 0)
    assert equal(mean_weights([run]), dict(network.state_dict()))


@pytest.mark.parametrize("size", [2, 3])
def test_half_precision_is_averaged_in_single(tmp_path: Path, size: int) -> None:
    """As shipped runs are kept: the mean of equal weights is those weights, in float32."""
    run, network = drawn(tmp_path / "a", 0)
    halved = {
        name: value.half() if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }
    run.save_weights(run.checkpoint_path, {"weights": halved})
    found = mean_weights([run] * size)
    for name, value in found.items():
        assert value.dtype != torch.float16
        torch.testing.assert_close(value, halved[name].to(value.dtype), rtol=1e-6, atol=0)
