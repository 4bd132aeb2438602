"""docs/networks.md: every network and key is in it, and its example works."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import seglab
from seglab.config import Network
from seglab.console import Console
from seglab.networks.entries import NETWORKS, OF_ALL, Entry
from seglab.training import train
from tests.helpers import PROJECT, tiny_experiment

TEXT = (PROJECT / "docs" / "networks.md").read_text(encoding="utf-8")


def test_every_network_and_key_is_described() -> None:
    described = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert set(NETWORKS) <= set(described)
    keys = {
        word for row in re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE) for word in row.split("`")
    }
    missing = set(Network.model_fields) - {*OF_ALL} - {key.partition(":")[0] for key in keys}
    assert not missing


def test_the_example_is_trained_and_used(
    tmp_path: Path, folder_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, line = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "my_networks.py").write_text(network)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = dict(NETWORKS)
    try:
        exec(line, {"NETWORKS": NETWORKS, "Entry": Entry})
        experiment = tiny_experiment(
            network={"name": "shallow", "base_channels": 3, "depth": 4},
            data={"source": "folder", "root": str(folder_dataset)},
            trainer={"batch_size": 3},
        )
        run = train(experiment, tmp_path / "run", tmp_path, Console())
        photos = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
        answers = [
            seglab.load(str(run.folder), backend).network_probabilities(photos)
            for backend in ("onnx", "torch")
        ]
    finally:
        NETWORKS.clear()
        NETWORKS.update(before)
        sys.modules.pop("my_networks", None)
    np.testing.assert_allclose(*answers, atol=1e-4)
    assert run.config["network"]["parameters"] > 100
