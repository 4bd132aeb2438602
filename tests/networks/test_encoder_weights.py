"""Encoder weights from files made here; the download only as it fails."""

import logging
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import segmentation_models_pytorch as library
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

import seglab
from seglab.config import Network
from seglab.console import Console
from seglab.errors import UsageError
from seglab.networks.encoder_weights import input_statistics, load_encoder_weights
from seglab.networks.library import LibraryNetwork
from seglab.training import resume, train
from tests.helpers import tiny_experiment, write_disks
from tests.training_runs import without_export


def encoder_state(seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    encoder = library.encoders.get_encoder("resnet18", weights=None)
    return {name: tensor.clone() for name, tensor in encoder.state_dict().items()}


@pytest.mark.parametrize("form", ["encoder.pth", "encoder.safetensors", "network.pth", "nested.pt"])
@pytest.mark.parametrize("name", ["fpn", "pspnet"])
def test_every_tensor_of_the_encoder_comes_from_the_file(
    tmp_path: Path, form: str, name: str
) -> None:
    state, path = encoder_state(1), tmp_path / form
    if form.startswith("network"):
        torch.save({f"encoder.{key}": value for key, value in state.items()}, path)
    elif form.startswith("nested"):
        torch.save({"state_dict": state}, path)
    elif path.suffix == ".safetensors":
        save_file(state, path)
    else:
        torch.save(state, path)
    torch.manual_seed(2)
    network = LibraryNetwork(name, "resnet18", 1)
    head_before = network.network.segmentation_head[0].weight.clone()
    load_encoder_weights(network, "resnet18", str(path))
    for key, tensor in network.network.encoder.state_dict().items():
        torch.testing.assert_close(tensor, state[key], rtol=0, atol=0)
    torch.testing.assert_close(network.network.segmentation_head[0].weight, head_before)


def test_none_leaves_the_network_as_it_is() -> None:
    network = LibraryNetwork("fpn", "resnet18", 1)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    load_encoder_weights(network, "resnet18", "none")
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


class Stranger:
    def __reduce__(self) -> Any:
        return (print, ("code of a stranger ran",))


def write(path: Path, kind: str) -> None:
    if kind == "other encoder":
        encoder = library.encoders.get_encoder("mobilenet_v2", weights=None)
        torch.save(encoder.state_dict(), path)
    elif kind == "other shapes":
        torch.save({key: value[:1] for key, value in encoder_state(0).items() if value.ndim}, path)
    elif kind == "numbers":
        torch.save({"a": 1}, path)
    elif kind == "code":
        path.write_bytes(pickle.dumps(Stranger()))
    elif kind == "text":
        path.write_text("no tensors")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("other encoder", "is not of resnet18"),
        ("other shapes", "is not of resnet18"),
        ("numbers", "no state dict of tensors"),
        ("code", "no tensors that can be read"),
        ("text", "no tensors that can be read"),
        ("nothing", "there is no file"),
    ],
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_files_that_are_no_weights_are_one_line(
    tmp_path: Path, kind: str, reason: str, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"file{suffix}"
    write(path, kind)
    if suffix == ".safetensors" and kind != "nothing":
        reason = "no tensors that can be read"
    with pytest.raises(UsageError, match=reason) as caught:
        load_encoder_weights(LibraryNetwork("fpn", "resnet18", 1), "resnet18", str(path))
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""


def test_files_of_an_old_torch_are_read_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    network, old, pipe = LibraryNetwork("fpn", "resnet18", 1), tmp_path / "old", tmp_path / "pipe"
    state = encoder_state(1)
    torch.save(state, old, _use_new_zipfile_serialization=False)
    load_encoder_weights(network, "resnet18", str(old))
    assert torch.equal(network.encoder.state_dict()["conv1.weight"], state["conv1.weight"])
    for path in (pipe, pipe.with_suffix(".safetensors")):
        os.mkfifo(path)
        with pytest.raises(UsageError, match="holds no tensors that can be read"):
            load_encoder_weights(network, "resnet18", str(path))


def test_of_timm_s_encoders_the_name_says_which_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def refuse(name: str, weights: Any) -> None:
        asked.append((name, weights))
        raise OSError("no route to host")

    network = LibraryNetwork("fpn", "tu-resnet18", 1)
    monkeypatch.setattr(library.encoders, "get_encoder", refuse)
    with pytest.raises(UsageError, match="those of tu-resnet18 for imagenet cannot be downloaded"):
        load_encoder_weights(network, "tu-resnet18", "imagenet")
    assert asked == [("tu-resnet18", True)]


@contextmanager
def local_server() -> Iterator[str]:
    """A server on this machine that answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_offline_imagenet_fails_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hub = logging.getLogger("huggingface_hub")
    level = hub.level

    def refuse(*_: Any, **__: Any) -> None:
        hub.getChild("utils._http").warning("Retrying in 1s [Retry 1/5].")
        raise OSError("no route to host")

    monkeypatch.setattr(library.encoders, "get_encoder", refuse)
    monkeypatch.setattr(library.encoders, "get_preprocessing_params", refuse)
    network = LibraryNetwork("fpn", "resnet18", 1)
    with pytest.raises(UsageError, match="cannot be downloaded here; give a file"):
        load_encoder_weights(network, "resnet18", "imagenet")
    with pytest.raises(UsageError, match="cannot be downloaded here"):
        input_statistics(Network(name="fpn", encoder="resnet18", encoder_weights="imagenet"))
    assert not caplog.records
    assert hub.level == level


def test_a_hub_out_of_reach_is_not_asked_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def fetch(*_: Any, **__: Any) -> None:
        asked.append(constants.HF_HUB_OFFLINE)
        raise OSError("no route to host")

    monkeypatch.setattr(library.encoders, "get_encoder", fetch)
    network = LibraryNetwork("fpn", "resnet18", 1)
    with local_server() as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        with pytest.raises(UsageError, match="cannot be downloaded here"):
            load_encoder_weights(network, "resnet18", "imagenet")
    with pytest.raises(UsageError, match="cannot be downloaded here"):
        load_encoder_weights(network, "resnet18", "imagenet")
    assert asked == [False, True]
    assert not constants.HF_HUB_OFFLINE


def test_a_training_begins_with_them_and_a_saved_one_does_not_need_them(tmp_path: Path) -> None:
    path = tmp_path / "encoder.pth"
    torch.save(encoder_state(5), path)
    experiment = tiny_experiment(
        network={
            "name": "fpn",
            "encoder": "resnet18",
            "encoder_weights": str(path),
            "base_channels": 16,
            "depth": 4,
        },
        data={"image_size": 32, "source": "folder", "root": str(write_disks(tmp_path / "disks"))},
        optimizer={"schedule": "constant", "learning_rate": 1e-12, "weight_decay": 0},
        trainer={"max_epochs": 1, "batch_size": 3},
    )
    with without_export():
        run = train(experiment, tmp_path / "run", tmp_path, Console())
    saved = run.load_weights()["weights"]["network.encoder.conv1.weight"]
    torch.testing.assert_close(saved, encoder_state(5)["conv1.weight"], atol=1e-6, rtol=0)
    path.unlink()
    resume(run, Console(), max_epochs=2)
    assert len(run.rows()) == 2
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    answers = [
        seglab.load(str(run.folder), backend).network_probabilities(images)
        for backend in ("onnx", "torch")
    ]
    np.testing.assert_allclose(*answers, atol=1e-4)


def test_weights_that_cannot_be_had_end_before_the_run_begins(tmp_path: Path) -> None:
    experiment = tiny_experiment(
        network={
            "name": "fpn",
            "encoder": "resnet18",
            "encoder_weights": str(tmp_path / "absent.pth"),
            "base_channels": 16,
            "depth": 4,
        },
        data={"image_size": 32, "source": "folder", "root": str(write_disks(tmp_path / "disks"))},
        trainer={"batch_size": 3},
    )
    with pytest.raises(UsageError, match="there is no file"):
        train(experiment, tmp_path / "run", tmp_path, Console())
    assert not (tmp_path / "run").exists()
