"""Mean and standard deviation of an encoder's first weights: whose are used, and that they stay."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import segmentation_models_pytorch as library
import torch
from safetensors.torch import save_file

import seglab
from seglab.config import Experiment, Network
from seglab.console import Console
from seglab.errors import UsageError
from seglab.experiment_parser import validate
from seglab.networks.encoder_weights import input_statistics
from seglab.runs import Run
from seglab.training import resume, train
from tests.helpers import tiny_experiment, write_disks
from tests.training_runs import without_export

MEAN, STD = [0.5, 0.25, 0.125], [0.5, 0.25, 1.0]
IMAGENETS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def described(weights: object, **keys: Any) -> Network:
    return Network(name="fpn", encoder="resnet18", encoder_weights=str(weights), **keys)


def write(path: Path, **beside: Any) -> Path:
    """Weights of a ResNet-18, with what stands beside them in the file."""
    torch.manual_seed(3)
    state = library.encoders.get_encoder("resnet18", weights=None).state_dict()
    if path.suffix == ".safetensors":
        save_file(state, path, {name: json.dumps(value) for name, value in beside.items()})
    else:
        torch.save({"state_dict": state, **beside}, path)
    return path


def test_downloaded_ones_come_with_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"mean": [127.5] * 3, "std": [51.0] * 3, "input_range": [0, 255], "input_space": "RGB"}
    monkeypatch.setattr(library.encoders, "get_preprocessing_params", lambda *_: given)
    found = input_statistics(described("imagenet"))
    assert found is not None
    assert (found.mean, found.std) == ((0.5,) * 3, (0.2,) * 3)
    assert input_statistics(described("none")) is None


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_names_its_own(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"encoder{suffix}", mean=MEAN, std=STD)
    found = input_statistics(described(path))
    assert found is not None
    assert (list(found.mean), list(found.std)) == (MEAN, STD)
    assert found.origin == f"as {path} says"
    assert input_statistics(described(write(tmp_path / f"plain{suffix}"))) is None


def test_the_configuration_goes_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "encoder.pth", mean=[0.1] * 3, std=[0.1] * 3)
    found = input_statistics(described(path, encoder_mean=MEAN, encoder_std=STD))
    assert found is not None
    assert (list(found.mean), list(found.std)) == (MEAN, STD)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize(
    ("mean", "std"),
    [
        (MEAN[:2], STD),
        (MEAN, [0.5, 0.5, 0.0]),
        ([123.7, 116.3, 103.5], STD),
        ("half", STD),
        (0.5, STD),
        ([0.5, None, 0.5], STD),
        ([float("nan")] * 3, STD),
    ],
)
def test_a_file_that_names_no_numbers_is_one_line(
    tmp_path: Path, suffix: str, mean: Any, std: Any
) -> None:
    path = write(tmp_path / f"encoder{suffix}", mean=mean, std=std)
    with pytest.raises(UsageError, match="are not three numbers each") as caught:
        input_statistics(described(path))
    assert "\n" not in str(caught.value)


def test_metadata_that_is_no_json_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "encoder.safetensors"
    save_file({"a": torch.zeros(1)}, path, {"mean": "0.5 0.5 0.5", "std": "[0.5, 0.5, 0.5]"})
    with pytest.raises(UsageError, match="are not three numbers each"):
        input_statistics(described(path))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"encoder_mean": MEAN}, "network.encoder_std: goes with network.encoder_mean"),
        ({"encoder_mean": MEAN, "encoder_std": [0.5] * 2}, "list of 3 values, each a number"),
        ({"encoder_mean": [123.7] * 3, "encoder_std": STD}, "number from 0 to 1"),
        ({"name": "unet", "encoder_mean": MEAN, "encoder_std": STD}, "is no key of unet"),
    ],
)
def test_keys_that_make_no_sense_are_refused(keys: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        validate({"network": {"name": "fpn"} | keys})


def experiment(tmp_path: Path, **network: Any) -> Experiment:
    root = tmp_path / "disks"
    if not root.exists():
        write_disks(root)
    return tiny_experiment(
        network={"name": "fpn", "encoder": "resnet18", "base_channels": 16, "depth": 4} | network,
        data={"image_size": 32, "source": "folder", "root": str(root)},
        optimizer={"schedule": "constant"},
        trainer={"max_epochs": 1, "batch_size": 3},
    )


def used(run: Run) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return run.preprocessing.mean, run.preprocessing.std


def test_a_run_keeps_what_it_used_and_prediction_applies_it(tmp_path: Path) -> None:
    path = write(tmp_path / "encoder.pth", mean=MEAN, std=STD)
    with without_export():
        run = train(
            experiment(tmp_path, encoder_weights=str(path)), tmp_path / "run", tmp_path, Console()
        )
    told = [line for line in run.log_path.read_text().splitlines() if "pixels" in line]
    assert told == [
        f"pixels     mean 0.5 0.25 0.125, standard deviation 0.5 0.25 1: as {path} says"
    ]
    path.unlink()
    run = Run.open(resume(run, Console(), max_epochs=2).folder)
    assert used(run) == (tuple(MEAN), tuple(STD))
    assert run.config["preprocessing"]["mean"] == MEAN
    # The network alone, fed with photos normalised here by hand.
    from seglab.networks.catalogue import build_network

    network = build_network(run.experiment).eval()
    network.load_state_dict(run.load_weights()["weights"])
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    by_hand = (images / 255 - MEAN) / STD
    with torch.no_grad():
        logits = network(torch.from_numpy(by_hand).permute(0, 3, 1, 2).float())
    expected = torch.sigmoid(logits)[:, 0].numpy()
    for backend in ("onnx", "torch"):
        found = seglab.load(str(run.folder), backend).network_probabilities(images)[:, 1]
        np.testing.assert_allclose(found, expected, atol=1e-4)
    session = onnxruntime.InferenceSession(str(run.onnx_path))
    raw = session.run(None, {session.get_inputs()[0].name: images})[0]
    np.testing.assert_allclose(raw[:, 1], expected, atol=1e-4)


@pytest.mark.usefixtures("no_export")
def test_without_any_they_are_imagenet_s_and_the_log_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "encoder.pth")
    run = train(
        experiment(tmp_path, encoder_weights=str(path)), tmp_path / "run", tmp_path, Console()
    )
    assert used(run) == IMAGENETS
    assert f": ImageNet's, since {path} names none" in run.log_path.read_text()


@pytest.mark.usefixtures("no_export")
def test_another_run_s_weights_bring_that_run_s(tmp_path: Path) -> None:
    first = train(
        experiment(tmp_path, encoder_mean=MEAN, encoder_std=STD),
        tmp_path / "first",
        tmp_path,
        Console(),
    )
    run = train(experiment(tmp_path), tmp_path / "second", tmp_path, Console(), [first])
    assert used(run) == (tuple(MEAN), tuple(STD))
    assert ": as first's" in run.log_path.read_text()


@pytest.mark.usefixtures("no_export")
def test_from_scratch_nothing_is_said(tmp_path: Path) -> None:
    run = train(experiment(tmp_path), tmp_path / "run", tmp_path, Console())
    assert used(run) == IMAGENETS
    assert "pixels" not in run.log_path.read_text()
