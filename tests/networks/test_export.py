"""The exported network."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from seglab.errors import TrainingError
from seglab.networks import export
from seglab.networks.catalogue import probability_network
from seglab.runs import Run
from tests.helpers import tiny_experiment, write_run

SHAPES = [(1, 32, 32), (5, 32, 32), (1, 33, 47), (2, 20, 61)]


def largest_difference(run: Run, shape: tuple[int, int, int]) -> float:
    """Largest difference in probability of random photos between ONNX Runtime and torch."""
    photos = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(str(run.onnx_path), providers=["CPUExecutionProvider"])
    (found,) = session.run(["probabilities"], {"images": photos})
    network = probability_network(run.experiment, run.preprocessing).eval()
    network.photo_network.network.load_state_dict(run.load_weights()["weights"])
    with torch.no_grad():
        expected = network(torch.from_numpy(photos)).numpy()
    assert found.shape == (shape[0], run.experiment.class_count, *shape[1:])
    assert found.dtype == np.float32
    assert expected.std() > 0.01
    return float(np.abs(found - expected).max())


@pytest.mark.parametrize("shape", SHAPES)
def test_onnx_equals_torch_for_any_batch_and_size(
    exported: Run, shape: tuple[int, int, int]
) -> None:
    assert largest_difference(exported, shape) < 1e-4


# The other three samplings are those of the fixture's tasks.
@pytest.mark.parametrize(
    ("down", "up"), [("maxpool", "bilinear"), ("maxpool", "nearest"), ("strided", "transpose")]
)
def test_every_sampling_is_exported(tmp_path: Path, down: str, up: str) -> None:
    experiment = tiny_experiment(network={"down": down, "up": up, "dropout": 0.5})
    run = write_run(tmp_path / "run", experiment)
    assert export.export_onnx(run, experiment) < 1e-5
    assert largest_difference(run, (2, 19, 33)) < 1e-4


def test_every_option_is_exported(tmp_path: Path) -> None:
    network = {
        "depth": 3,
        "max_channels": 6,
        "block": "residual",
        "attention": "gate",
        "deep_supervision": True,
    }
    experiment = tiny_experiment(network={"base_channels": 4} | network)
    run = write_run(tmp_path / "run", experiment)
    assert export.export_onnx(run, experiment) < 1e-5
    assert largest_difference(run, (2, 19, 33)) < 1e-4
    names = [node.name for node in onnx.load(str(run.onnx_path)).graph.initializer]
    assert any("gates" in name for name in names)
    assert not any("auxiliary" in name for name in names)


def test_one_file_holds_everything(exported: Run) -> None:
    assert {path.name for path in exported.folder.iterdir()} == {
        "config.json",
        "checkpoint.pth",
        "model.onnx",
    }


def test_it_names_no_path_of_the_machine(exported: Run) -> None:
    content = exported.onnx_path.read_bytes()
    for place in (torch.__file__, export.__file__):
        assert str(Path(place).parent).encode() not in content


def test_a_network_that_disagrees_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = tiny_experiment()
    run = write_run(tmp_path / "run", experiment)

    def write_nothing(_network: object, _size: int, _stride: int, path: Path) -> list[object]:
        path.write_bytes(b"x")
        return []

    monkeypatch.setattr(export, "_write", write_nothing)
    monkeypatch.setattr(export, "_difference", lambda *_arguments: 0.25)
    with pytest.raises(TrainingError, match=r"differs from torch by 0\.25 in probability"):
        export.export_onnx(run, experiment)
    monkeypatch.setattr(export, "_difference", lambda *_arguments: float("nan"))
    with pytest.raises(TrainingError, match="differs from torch by nan"):
        export.export_onnx(run, experiment)
    assert {path.name for path in run.folder.iterdir()} == {"config.json", "checkpoint.pth"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "others"), [(128, [(1, 160, 96), (1, 32, 256)]), (120, [])], ids=["free", "fixed"]
)
def test_a_half_stem_is_exported_for_multiples_of_its_stride(
    tmp_path: Path, size: int, others: list[tuple[int, int, int]]
) -> None:
    network = {"depth": 3, "stem": "half", "block": "residual", "base_channels": 4}
    experiment = tiny_experiment(network=network, data={"image_size": size})
    run = write_run(tmp_path / "run", experiment)
    assert export.export_onnx(run, experiment) < 1e-5
    for shape in [(3, size, size), *others]:
        assert largest_difference(run, shape) < 1e-4
