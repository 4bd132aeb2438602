"""int8: made from the run's own data, kept only where it costs next to nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

import seglab
from seglab import quantization
from seglab.commands import predict
from seglab.errors import RunError, UsageError
from seglab.runs import Run
from tests.helpers import PROJECT


@pytest.fixture(scope="module")
def quantized(trained: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run.open(shutil.copytree(trained.folder, tmp_path_factory.mktemp("int8") / "run"))
    assert quantization.main([str(run.folder), "--calibration", "8"]) == 0
    return run


@pytest.fixture
def run(quantized: Run, tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(quantized.folder, tmp_path / "run"))


def test_weights_and_values_become_whole_numbers(quantized: Run) -> None:
    graph = onnx.load(str(quantized.int8_path)).graph
    assert onnx.TensorProto.INT8 in {tensor.data_type for tensor in graph.initializer}
    assert sum(node.op_type == "QuantizeLinear" for node in graph.node) > 3
    assert not [path for path in quantized.folder.iterdir() if path.is_dir()]


def test_answers_are_near_those_of_float32(quantized: Run) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    exact = seglab.load(str(quantized.folder), "onnx").network_probabilities(images)
    found = seglab.load(str(quantized.folder), "int8").network_probabilities(images)
    assert 0 < np.abs(found - exact).max() < 0.1
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)


def test_the_record_tells_what_it_costs(quantized: Run) -> None:
    record = json.loads(quantized.int8_record_path.read_text())
    assert 0 <= record["after"] <= 1
    assert record["before"] - record["after"] <= quantization.LARGEST_LOSS
    assert record["time_share"] > 0


def test_predict_runs_it_where_it_is_asked_for(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run.checkpoint_path.unlink()
    photo = str(PROJECT / "sample_images" / "drawn-cat.jpg")
    flags = ["--model", str(run.folder), "--backend", "int8", "-o", str(tmp_path / "out")]
    assert predict.main([photo, *flags], PROJECT) == 0
    assert "(int8)" in capsys.readouterr().out


def test_a_loss_is_refused_and_the_earlier_file_stays(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run.int8_path.read_bytes(), run.int8_record_path.read_bytes()
    figures = iter([0.9, 0.8979])
    monkeypatch.setattr(quantization, "_dataset_iou", lambda *_: next(figures))
    with pytest.raises(RunError, match=r"int8 loses 0\.0021 of dataset IoU on validation"):
        quantization.main([str(run.folder), "--calibration", "4"])
    assert (run.int8_path.read_bytes(), run.int8_record_path.read_bytes()) == before
    assert not [path for path in run.folder.iterdir() if path.is_dir()]


KILLED = """
import os, pathlib, signal, sys
from onnxruntime.quantization import QDQQuantizer
from seglab import quantization
QDQQuantizer.quantize_model = lambda self: os.kill(os.getpid(), signal.SIGKILL)
quantization.main([sys.argv[1], "--calibration", "4"])
"""


@pytest.mark.skipif(os.name == "nt", reason="needs locks")
def test_what_a_killed_one_left_goes_with_the_next_call(run: Run, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    before = sorted(run.folder.iterdir())
    command = [sys.executable, "-c", KILLED, str(run.folder)]
    killed = subprocess.run(command, env=os.environ | {"TMPDIR": str(temporary)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(run.folder.iterdir())) > len(before)
    assert not list(temporary.iterdir())
    assert quantization.main([str(run.folder), "--calibration", "4"]) == 0
    assert sorted(run.folder.iterdir()) == before


def test_of_another_network_it_is_refused(run: Run) -> None:
    run.onnx_path.write_bytes(run.onnx_path.read_bytes() + b"\0")
    with pytest.raises(RunError, match=r"was made from another model\.onnx; make it again with"):
        seglab.load(str(run.folder), "int8")


def test_where_there_is_none_the_command_is_named(trained: Run) -> None:
    with pytest.raises(RunError, match=r"holds no model-int8\.onnx; make it with python -m"):
        seglab.load(str(trained.folder), "int8")


def test_auto_never_takes_it(quantized: Run) -> None:
    assert seglab.load(str(quantized.folder), device="cpu").backend == "onnx"


@pytest.mark.parametrize("record", ["", "[]", '{"made_from": 3}'])
def test_a_forged_record_is_refused(run: Run, record: str) -> None:
    run.int8_record_path.write_text(record)
    with pytest.raises(RunError, match="model-int8"):
        seglab.load(str(run.folder), "int8")


def test_a_count_below_one_is_refused() -> None:
    with pytest.raises(UsageError, match="0 is not a whole number above 0"):
        quantization.main(["some", "--calibration", "0"])
