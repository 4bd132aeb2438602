"""Files from a stranger run no code, read nothing outside their folder, and take no memory."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from seglab import run_keeping, training
from seglab.console import Console
from seglab.data import fact_cache
from seglab.data.cache import cache_root, open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import SeglabError
from seglab.inference import load
from seglab.networks.encoder_weights import load_encoder_weights
from seglab.preprocessing import Preprocessing
from seglab.run_list import list_runs
from seglab.runs import Run
from tests.helpers import PROJECT, disk_pair, tiny_experiment
from tests.training_runs import copy, unfinished


class Malice:
    """Pickled so that reading it without care makes the file ``marker``."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Is made by malicious code alone."""
    return tmp_path / "owned"


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A run to forge files in."""
    return copy(trained, tmp_path / "run")


def refuse(call: Callable[[], Any]) -> str:
    """The one line with which the call refuses."""
    with pytest.raises(SeglabError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def predict(run: Run, backend: str = "torch") -> Any:
    return load(str(run.folder), backend).segment(disk_pair(0)[0])


# Code.


def forged(path: Path, marker: Path, kind: str) -> None:
    """A file that runs code where it is read without care."""
    if kind == "torch":
        torch.save({"weights": {"a": Malice(marker)}, "state_dict": {}, "epoch": 1}, path)
    elif kind == "legacy":
        torch.save({"weights": Malice(marker)}, path, _use_new_zipfile_serialization=False)
    else:
        path.write_bytes(pickle.dumps({"weights": Malice(marker)}))


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_weights_run_no_code(run: Run, marker: Path, kind: str) -> None:
    forged(run.checkpoint_path, marker, kind)
    assert str(run.checkpoint_path) in refuse(lambda: predict(run))
    assert not marker.exists()
    pickle.loads(pickle.dumps(Malice(marker)))  # it would have
    assert marker.exists()


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_a_state_to_go_on_from_runs_no_code(run: Run, marker: Path, kind: str) -> None:
    going_on = unfinished(run)
    forged(going_on.last_path, marker, kind)
    assert "last.ckpt" in refuse(lambda: training.resume(going_on, Console()))
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["torch", "legacy", "pickle"])
def test_an_encoder_s_weights_run_no_code(marker: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "encoder.pth"
    forged(path, marker, kind)
    refuse(lambda: load_encoder_weights(None, "resnet18", str(path)))  # type: ignore[arg-type]
    assert not marker.exists()


def test_a_cache_runs_no_code(folder_dataset: Path, marker: Path) -> None:
    dataset = open_dataset(tiny_experiment(data={"source": "folder", "root": str(folder_dataset)}))
    pairs = [open_pairs(dataset, "train", Preprocessing(16))]
    home = next(path for path in cache_root().iterdir() if path.is_dir())
    for name in ("images", "masks"):
        good = (home / f"{name}.npy").read_bytes()
        np.save(home / f"{name}.npy", np.array([Malice(marker)], object), allow_pickle=True)
        assert "is a broken cache" in refuse(
            lambda: open_pairs(dataset, "train", Preprocessing(16))
        )
        (home / f"{name}.npy").write_bytes(good)
    assert not marker.exists()
    for forgery in ("", "[" * 100_000, '{"a": 1}', "[1]"):
        (home / "problems.json").write_text(forgery)
        refuse(lambda: open_pairs(dataset, "train", Preprocessing(16)))
    assert len(pairs[0]) > 0


@pytest.mark.parametrize("forgery", ["[" * 100_000, "[1]", '{"%s": [1]}', '{"%s": null}', "no"])
def test_forged_facts_are_read_again(folder_dataset: Path, forgery: str) -> None:
    dataset = open_dataset(tiny_experiment(data={"source": "folder", "root": str(folder_dataset)}))
    expected = fact_cache.gather(dataset)
    path = fact_cache.facts_file(dataset)
    stamp = next(iter(json.loads(path.read_text())))
    path.write_text(forgery.replace("%s", stamp))
    assert fact_cache.gather(dataset) == expected


# What lies outside the folder.


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


FILES: dict[str, Callable[[Run], Any]] = {
    "config.json": lambda run: Run.open(run.folder),
    "metrics.csv": lambda run: run.rows(),
    "training-samples.csv": lambda run: run.training_samples(),
    "checkpoint.pth": predict,
    "model.onnx": lambda run: predict(run, "onnx"),
    "last.ckpt": lambda run: training.resume(unfinished(run), Console()),
    "threshold.json": lambda run: run.threshold_curve(),
    "evaluation-test.json": lambda run: run.evaluation("test"),
    "evaluation-test.csv": lambda run: run.evaluation_table("test"),
    "notes.md": run_keeping.notes,
}


@pytest.mark.parametrize("name", FILES)
def test_no_link_leads_out_of_a_run(run: Run, tmp_path: Path, name: str) -> None:
    path, elsewhere = run.folder / name, tmp_path / f"elsewhere-{name}"
    if path.exists():
        path.rename(elsewhere)  # what it leads to is sound: it is the link that is refused
    else:
        elsewhere.write_text("name\n" if name.endswith("csv") else '{"value": 0.5}')
    path.symlink_to(elsewhere)
    said = refuse(lambda: FILES[name](run))
    assert name in said


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_is_not_waited_for(run: Run, name: str) -> None:
    (run.folder / name).unlink(missing_ok=True)
    os.mkfifo(run.folder / name)
    assert name in refuse(lambda: FILES[name](run))


def test_a_run_folder_may_be_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "linked").symlink_to(run.folder)
    runs, broken = list_runs(tmp_path / "models")
    assert ([run.name for run in runs], broken) == (["run"], [])


# Memory.


def test_packed_weights_are_refused_unread(run: Run) -> None:
    """A few kilobytes that unpack to a gigabyte."""
    with zipfile.ZipFile(run.checkpoint_path) as archive:
        names = archive.namelist()
        content = {name: archive.read(name) for name in names}
    with zipfile.ZipFile(run.checkpoint_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content[name] if "/data/" not in name else bytes(10_000_000))
    assert "it is packed" in refuse(lambda: predict(run))


@pytest.mark.parametrize("path", ["checkpoint.pth", "encoder.pth"])
def test_tensors_that_repeat_one_number_are_refused(run: Run, path: str) -> None:
    """A few bytes that any copy would make to 4 TB."""
    file, huge = run.folder / path, torch.zeros(1).expand(10**12)
    torch.save({"weights": {"a": [huge]}, "state_dict": {"a": huge}}, file)
    if path == "checkpoint.pth":
        assert "a tensor larger than its numbers" in refuse(lambda: predict(run))
    else:
        refuse(lambda: load_encoder_weights(None, "resnet18", str(file)))  # type: ignore[arg-type]


def change_config(run: Run, section: str, **values: Any) -> Run:
    config = json.loads(run.config_path.read_text())
    config[section] |= values
    run.config_path.write_text(json.dumps(config))
    return Run.open(run.folder)


@pytest.mark.parametrize("call", [predict, lambda run: training.resume(unfinished(run), Console())])
def test_no_network_is_built_that_the_weights_cannot_fill(
    run: Run, call: Callable[[Run], Any]
) -> None:
    experiment = json.loads(run.config_path.read_text())["experiment"]
    network = experiment["network"] | {"base_channels": 1024, "depth": 8}  # 10¹² bytes and more
    data = experiment["data"] | {"image_size": 256}
    forged_run = change_config(run, "experiment", network=network, data=data)
    assert "do not fit the network" in refuse(lambda: call(forged_run))


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        ("tu-convnext_xxlarge", "do not fit the network"),  # 3.4 GB
        ("mit_b5", "do not fit the network"),
        ("tu-hf-hub:somebody/something", "there is no encoder"),
    ],
)
def test_neither_is_a_library_s(run: Run, encoder: str, reason: str) -> None:
    experiment = json.loads(run.config_path.read_text())["experiment"]
    network = {"name": "fpn", "encoder": encoder, "output": experiment["network"]["output"]}
    forged_run = change_config(run, "experiment", network=network)
    assert reason in refuse(lambda: predict(forged_run))


@pytest.mark.parametrize(
    "values",
    [
        {"image_size": 10**6},
        {"image_size": 0},
        {"resize": "elsewhere"},
        {"mean": [0, 0]},
        {"std": [1, 0, 1]},
        {"std": "abc"},
        {"mean": [float("nan")] * 3},
    ],
)
def test_a_forged_treatment_of_pixels_is_refused(run: Run, values: dict[str, Any]) -> None:
    forged_run = change_config(run, "preprocessing", **values)
    assert "preprocessing is broken" in refuse(lambda: predict(forged_run))


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '{"a": ' * 50_000, "9" * 10_000, "[]", "\0", '{"experiment": 1}']
)
def test_a_forged_description_is_refused(run: Run, text: str) -> None:
    run.config_path.write_text(text)
    assert "config.json" in refuse(lambda: Run.open(run.folder))
    runs, broken = list_runs(run.folder.parent)
    assert [one.folder.name for one in broken if one.folder.name == "run"] == ["run"]
    assert not runs


def test_a_description_that_is_too_long_is_refused_unread(run: Run) -> None:
    os.truncate(run.config_path, 10**11)
    assert "holds 100000 MB" in refuse(lambda: Run.open(run.folder))


@pytest.mark.parametrize("text", ["", "epoch\nx\n", "\0\n", "a,b\n1\n", '"', "epoch\n1e999\n"])
def test_forged_rows_leave_the_list_of_runs_standing(run: Run, text: str) -> None:
    run.metrics_path.write_text(text)
    runs, broken = list_runs(run.folder.parent)
    assert len(runs) + len([one for one in broken if one.folder.name == "run"]) == 1


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


@pytest.mark.parametrize("lacks", ["state_dict", "optimizer_states", "callbacks", "loops"])
def test_a_state_that_lacks_a_part_is_refused(run: Run, lacks: str) -> None:
    going_on = unfinished(run)
    state = torch.load(going_on.last_path, weights_only=True)
    state[lacks] = {"a": 1} if lacks != "optimizer_states" else [1]
    torch.save(state, going_on.last_path)
    rows = going_on.rows()
    assert "last.ckpt" in refuse(lambda: training.resume(going_on, Console()))
    assert going_on.rows() == rows
