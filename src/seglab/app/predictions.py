"""Networks and their answers, kept while the dashboard runs: each photo is computed once a run."""

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from seglab.app.state import modified
from seglab.errors import ImageError, RunError
from seglab.inference import Predictor, Segmentation, load
from seglab.run_list import default_run
from seglab.runs import Run


def usable(runs: Sequence[Run]) -> list[Run]:
    """The runs that have weights to predict with."""
    return [run for run in runs if run.onnx_path.exists() or run.checkpoint_path.exists()]


def preferred(runs: Sequence[Run], models: Path) -> int:
    """Position in ``runs`` of the one to begin with: the default run, else the first."""
    try:
        name = default_run(models).name
    except RunError:
        return 0
    return next((index for index, run in enumerate(runs) if run.name == name), 0)


def segment(run: Run, content: bytes, name: str, threshold: float) -> Segmentation:
    """What ``run`` says of the photo in a file's ``content``.

    The network runs once for a photo; another threshold only draws another line through its
    answer. Raises ``ImageError`` that begins with ``name``, and ``RunError``.
    """
    stamp = _stamp(run)
    digest = hashlib.sha256(content).hexdigest()
    try:
        found: Segmentation = _segmented(str(run.folder), stamp, digest, content)
    except ImageError as error:
        reason = str(error).removeprefix("the photo ")
        raise ImageError(f"{name} {reason}; choose another file") from error
    return dataclasses.replace(found, threshold=threshold)


# A resource, not data: the probabilities of a large photo take 200 MB, and nothing changes them.
@st.cache_resource(max_entries=4, show_spinner="Segmenting …")
def _segmented(folder: str, stamp: tuple[int, ...], digest: str, _content: bytes) -> Segmentation:
    del digest  # the key: Streamlit would hash a large array from a sample of it
    return _predictor(folder, stamp).segment(_content)


@st.cache_resource(max_entries=4, show_spinner="Loading the network …")
def _predictor(folder: str, stamp: tuple[int, ...]) -> Predictor:
    del stamp  # the key: a run that trains on is loaded again
    return load(folder)


def _stamp(run: Run) -> tuple[int, ...]:
    return tuple(map(modified, (run.config_path, run.onnx_path, run.checkpoint_path)))
