"""From a run folder to a model that segments: which of its files, and what is said of others."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import seglab
from seglab.errors import RunError
from seglab.runs import Run
from tests.helpers import disk_pair, photo_of, run_python, tiny_experiment, write_png, write_run

WITHOUT_TORCH = """
import sys, seglab
result = seglab.load(sys.argv[1], device="cpu").segment(sys.argv[2])
heavy = {"torch", "lightning", "albumentations", "torchvision", "pandas"} & set(sys.modules)
print(result.mask.shape, sorted(heavy))
"""


def test_onnx_needs_no_torch(trained: Run, tmp_path: Path, cache_folder: Path) -> None:
    write_png(tmp_path / "photo.png", photo_of(33, 47))
    arguments = ("-c", WITHOUT_TORCH, str(trained.folder), str(tmp_path / "photo.png"))
    done = run_python(*arguments, cache=cache_folder)
    assert done.stdout == "(33, 47) []\n"
    assert done.stderr == ""


# Which run, which backend.


def test_onnx_is_used_where_it_is_there(trained: Run, tmp_path: Path) -> None:
    assert seglab.load(str(trained.folder), device="cpu").backend == "onnx"
    assert seglab.load(str(trained.checkpoint_path), device="cpu").backend == "onnx"
    epoch = str(trained.epoch_path(2))
    assert seglab.load(epoch, device="cpu").backend == "torch"
    with pytest.raises(RunError, match="only the best checkpoint is exported; --backend torch"):
        seglab.load(epoch, "onnx")
    without = tmp_path / "without"
    shutil.copytree(trained.folder, without)
    (without / "model.onnx").unlink()
    assert seglab.load(str(without), device="cpu").backend == "torch"
    with pytest.raises(RunError, match=r"holds no model\.onnx; use --backend torch"):
        seglab.load(str(without), "onnx")


def test_a_checkpoint_named_by_its_path_is_the_one_used(trained: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    run, image = Run.open(folder), disk_pair(0)[0]
    content = run.load_weights()
    zeros = {name: torch.zeros_like(tensor) for name, tensor in content["weights"].items()}
    run.save_weights(folder / "zeros.pth", content | {"weights": zeros})
    found = seglab.load(str(folder / "zeros.pth"), device="cpu").segment(image)
    np.testing.assert_array_equal(found.probabilities, 0.5)
    assert seglab.load(str(folder), device="cpu").segment(image).probabilities.std() > 0


def test_runs_that_cannot_be_loaded_are_told(trained: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such run folder"):
        seglab.load(str(tmp_path / "nowhere"))
    with pytest.raises(
        RunError, match="backend: 'tensorflow' is not one of auto, onnx, int8, torch"
    ):
        seglab.load(str(trained.folder), "tensorflow")
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    (folder / "model.onnx").write_bytes(b"no network")
    with pytest.raises(RunError, match=r"model\.onnx: cannot be read; use --backend torch"):
        seglab.load(str(folder), "onnx")
    (folder / "checkpoint.pth").write_bytes(b"no weights")
    with pytest.raises(RunError, match=r"checkpoint\.pth: is not a checkpoint"):
        seglab.load(str(folder), "torch")


def test_weights_of_another_network_are_told(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", tiny_experiment())
    other = write_run(tmp_path / "other", tiny_experiment(network={"base_channels": 3}))
    shutil.copy(other.checkpoint_path, run.checkpoint_path)
    with pytest.raises(RunError, match="its weights do not fit the network that"):
        seglab.load(str(run.folder), "torch", "cpu")


def test_the_file_is_plain_onnx(trained: Run) -> None:
    model = onnx.load(str(trained.onnx_path))
    onnx.checker.check_model(model)
    assert [value.name for value in model.graph.input] == ["images"]
    assert [value.name for value in model.graph.output] == ["probabilities"]
