"""Weights in half precision on disk, computed in single precision: half the size of a run."""

from pathlib import Path
from typing import Any

from seglab.files import replacing
from seglab.runs import Run

SMALLEST = 1024
"""Initialisers of fewer numbers stay as they are: shapes, scalars, biases."""


def halve_weights(run: Run) -> None:
    """Rewrite ``checkpoint.pth`` and ``model.onnx`` with their large float32 tensors as float16.

    Reading gives float32 again: torch copies into the network's own format, the ONNX graph casts
    when a session is made. Raises ``RunError`` where a file is absent or broken.
    """
    import torch

    content = run.load_weights()
    weights = {
        name: tensor.half()
        if tensor.dtype == torch.float32 and tensor.numel() >= SMALLEST
        else tensor
        for name, tensor in content["weights"].items()
    }
    run.save_weights(run.checkpoint_path, content | {"weights": weights})
    _halve_onnx(run.onnx_path)


def _halve_onnx(path: Path) -> None:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from seglab.networks.export import forget_origins

    model = onnx.load(path)
    kept: list[Any] = []
    casts: list[Any] = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALLEST:
            kept.append(tensor)
            continue
        stored = f"{tensor.name}_half"
        kept.append(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    # What the shape inference noted of an initialiser would now describe a computed value.
    onnx.checker.check_model(model)
    with replacing(path) as temporary:
        onnx.save(model, temporary)
        forget_origins(temporary)  # a network exported by an older version tells them
