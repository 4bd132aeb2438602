"""A run's network as ONNX Runtime runs it on a CPU, exported or in whole numbers of 8 bits."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from seglab.averaging import Network
from seglab.errors import RunError
from seglab.runs import Run
from seglab.untrusted_files import check_onnx, read_text
from seglab.views import ONE_LOOK, Views


def onnx_network(run: Run, path: Path, threads: int = 0, views: Views = ONE_LOOK) -> Network:
    """The run's network as ONNX Runtime runs it from ``path``. Raises ``RunError``."""
    if not path.exists():
        raise RunError(f"{run.folder}: holds no {path.name}; use --backend torch")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is said by the error
    options.intra_op_num_threads = threads
    try:
        check_onnx(path, run.folder)
        # What shipping halved is cast when it is read: nothing else needs to be worked out then.
        most = str(2 * path.stat().st_size)
        options.add_session_config_entry(
            "optimization.constant_folding_max_output_size_in_bytes", most
        )
        if _bounded_memory():
            options.add_session_config_entry("session.use_env_allocators", "1")
        session: Any = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        images_input = session.get_inputs()[0]
    except Exception as error:  # its exceptions share no base class
        raise RunError(f"{path}: cannot be read; use --backend torch or train again") from error
    if views.scales != (1.0,) and isinstance(images_input.shape[1], int):
        raise RunError(f"{path}: takes one size only; use --backend torch with --scales")
    name = images_input.name
    classes = len(run.class_names)

    def network(images: np.ndarray) -> np.ndarray:
        try:
            probabilities: np.ndarray = session.run(None, {name: images})[0]
        except Exception as error:  # as above
            raise RunError(f"{path}: cannot be run; use --backend torch") from error
        if np.shape(probabilities) != (len(images), classes, *images.shape[1:3]):
            raise RunError(f"{path}: does not give the {classes} classes of config.json")
        return probabilities

    return network


@cache
def _bounded_memory() -> bool:
    """Let all networks of this process together take half of the machine's memory at most.

    A stranger's file of a hundred bytes may ask for any tensor. ``False`` where the machine's
    memory cannot be told.
    """
    import onnxruntime

    try:
        most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return False
    defaults = dict.fromkeys(
        ("arena_extend_strategy", "initial_chunk_size_bytes", "max_dead_bytes_per_chunk"), -1
    )
    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo(
            "Cpu",
            onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
            0,
            onnxruntime.OrtMemType.DEFAULT,
        ),
        onnxruntime.OrtArenaCfg({"max_mem": most, **defaults}),
    )
    return True


def checked_int8(run: Run) -> Path:
    """The run's int8 network, where it was made from the ``model.onnx`` beside it.

    Raises ``RunError``.
    """
    make_it = f"python -m seglab.quantization {run.folder}"
    if not run.int8_path.exists() or not run.onnx_path.exists():
        raise RunError(f"{run.folder}: holds no {run.int8_path.name}; make it with {make_it}")
    try:
        made_from = json.loads(read_text(run.int8_record_path, run.folder)).get("made_from")
    except (OSError, ValueError, AttributeError) as error:
        raise RunError(f"{run.int8_record_path}: cannot be read; {make_it}") from error
    if made_from != fingerprint(run.onnx_path):
        raise RunError(
            f"{run.int8_path}: was made from another {run.onnx_path.name}; make it again with "
            f"{make_it}"
        )
    return run.int8_path


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
