"""A trained network as ONNX, checked against torch before it is kept."""

import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from seglab.config import Experiment
from seglab.errors import TrainingError
from seglab.files import replacing
from seglab.networks.catalogue import ProbabilityNetwork, probability_network
from seglab.networks.library import LibraryNetwork
from seglab.runs import Run

TOLERANCE = 1e-4
"""Largest difference in probability between ONNX Runtime and torch."""


def export_onnx(run: Run, experiment: Experiment) -> float:
    """Write the best weights' network as ``model.onnx``; return the largest difference seen.

    Input ``images`` uint8 N×H×W×3, output ``probabilities`` float32 N×classes×H×W, with batch,
    height and width free. Where torch cannot prove that for every size, for multiples of the
    network's stride; where its own size is none, and of the library's networks, that is fixed, and
    it is what prediction feeds. Raises ``TrainingError`` when it disagrees with torch.
    """
    network = probability_network(experiment, run.preprocessing)
    network.photo_network.network.load_state_dict(run.load_weights()["weights"])
    network.eval()
    size = experiment.data.image_size
    with replacing(run.onnx_path) as temporary:
        others = _write(network, size, experiment.network.stride, temporary)
        shapes = [(2, size, size), *((1, *other) for other in others)]
        difference = max(_difference(network, temporary, shape) for shape in shapes)
        if not difference <= TOLERANCE:
            raise TrainingError(
                f"{run.folder}: the exported network differs from torch by {difference:.2g} in "
                "probability; predict with --backend torch"
            )
    return difference


def _write(
    network: ProbabilityNetwork, size: int, stride: int, path: Path
) -> list[tuple[int, int]]:
    """Other heights and widths that the written network takes, to try it on."""
    batch = torch.export.Dim("batch", min=1)
    if isinstance(network.photo_network.network, LibraryNetwork):
        # With free sizes an export takes minutes, and adaptive poolings come out wrong.
        _export(network, size, path, {0: batch})
        return []
    free = [torch.export.Dim(name, min=2) for name in ("height", "width")]
    try:
        _export(network, size, path, {0: batch, 1: free[0], 2: free[1]})
        return [(size + 3, max(size - 5, 8))]
    except torch.onnx.OnnxExporterError:
        # The symbolic sizes of strided convolutions and poolings in a row are beyond sympy.
        if size % stride:
            _export(network, size, path, {0: batch})
            return []
        rows, columns = (stride * torch.export.Dim(name, min=1) for name in ("rows", "columns"))
        _export(network, size, path, {0: batch, 1: rows, 2: columns})
        return [(size + stride, stride)]


def forget_origins(path: Path) -> None:
    """Remove what the exporter says of where each operation came from: the machine's own paths."""
    model = onnx.load(str(path))
    graph = model.graph
    for part in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    path.write_bytes(model.SerializeToString())


def _export(network: ProbabilityNetwork, size: int, path: Path, free: dict[int, Any]) -> None:
    images = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    for name in ("torch.onnx", "onnxscript", "onnx_ir"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (images,),
            str(path),
            input_names=["images"],
            output_names=["probabilities"],
            dynamic_shapes={"images": free},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    forget_origins(path)


def _difference(network: ProbabilityNetwork, path: Path, shape: tuple[int, int, int]) -> float:
    import onnxruntime

    images = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    exported = session.run(None, {"images": images})[0]
    with torch.no_grad():
        expected = network(torch.from_numpy(images)).numpy()
    return float(np.abs(exported - expected).max())
