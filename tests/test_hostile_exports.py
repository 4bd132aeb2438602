"""Exported networks from a stranger read no other file and take no more memory than there is."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from seglab.runs import Run
from tests.helpers import PROJECT
from tests.hostile_runs import predict, refuse
from tests.training_runs import copy


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A run to forge files in."""
    return copy(trained, tmp_path / "run")


def weightless_onnx(location: str) -> onnx.ModelProto:
    """A network whose one tensor lies in the file ``location``."""
    tensor = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [4], [0.0] * 4)
    tensor.ClearField("float_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location
    value = onnx.helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, [4])
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [4])
    node = onnx.helper.make_node("Add", ["images", "w"], ["y"])
    graph = onnx.helper.make_graph([node], "g", [value], [output], [tensor])
    return onnx.helper.make_model(graph)


@pytest.mark.parametrize("kind", ["parent", "absolute", "link", "beside"])
def test_an_exported_network_reads_no_other_file(run: Run, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.arange(4, dtype=np.float32).tobytes())
    named = {"parent": "../secret.bin", "absolute": str(secret)}.get(kind, "data.bin")
    if kind == "link":
        (run.folder / "data.bin").symlink_to(secret)
    elif kind == "beside":
        shutil.copy(secret, run.folder / "data.bin")
    run.onnx_path.write_bytes(weightless_onnx(named).SerializeToString())
    assert str(run.onnx_path) in refuse(lambda: predict(run, "onnx"))


@pytest.mark.parametrize("shape", [[1, 2, 16, 16], [4]])
def test_an_exported_network_of_another_kind_is_refused(run: Run, shape: list[int]) -> None:
    value = onnx.helper.make_tensor_value_info("images", onnx.TensorProto.UINT8, None)
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    tensor = onnx.helper.make_tensor("shape", onnx.TensorProto.INT64, [len(shape)], shape)
    node = onnx.helper.make_node("ConstantOfShape", ["shape"], ["y"])
    unused = onnx.helper.make_node("Identity", ["images"], ["unused"])
    graph = onnx.helper.make_graph([node, unused], "g", [value], [output], [tensor])
    opset = [onnx.helper.make_opsetid("", 17)]
    content = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    run.onnx_path.write_bytes(content)
    if shape == [1, 2, 16, 16]:
        assert predict(run, "onnx").mask.shape == (40, 48)  # sound, though no network of ours
    else:
        assert "does not give the 2 classes" in refuse(lambda: predict(run, "onnx"))


ON_A_SMALL_MACHINE = """
import os, sys
true, os.sysconf = os.sysconf, lambda name: 1024 if name == "SC_PHYS_PAGES" else (
    2**20 if name == "SC_PAGE_SIZE" else true(name))
from pathlib import Path
from seglab.commands import predict
from seglab.commands.script import run_script
sys.exit(run_script(lambda words: predict.main(words, Path())))
"""


def test_an_exported_network_takes_half_of_the_memory_at_most(run: Run, tmp_path: Path) -> None:
    """A hundred bytes that ask for three quarters of a GiB, where there is one."""
    value = onnx.helper.make_tensor_value_info("images", onnx.TensorProto.UINT8, None)
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    tensor = onnx.helper.make_tensor("shape", onnx.TensorProto.INT64, [1], [3 * 2**26])
    nodes = [
        onnx.helper.make_node("ConstantOfShape", ["shape"], ["large"]),
        onnx.helper.make_node("ReduceSum", ["large"], ["y"]),
        onnx.helper.make_node("Identity", ["images"], ["unused"]),
    ]
    graph = onnx.helper.make_graph(nodes, "g", [value], [output], [tensor])
    opset = [onnx.helper.make_opsetid("", 17)]
    content = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    run.onnx_path.write_bytes(content)
    words = [str(PROJECT / "sample_images" / "drawn-cat.jpg"), "--model", str(run.folder)]
    command = [sys.executable, "-c", ON_A_SMALL_MACHINE, *words, "-o", str(tmp_path / "out")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    (line,) = said.stderr.splitlines()
    assert f"{run.onnx_path}: cannot be run" in line
