"""Photo, truth and prediction of the images of an evaluation, made when they are looked at."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import streamlit as st

from seglab.app import datasets, predictions, state
from seglab.app.evaluated import Evaluated
from seglab.app.pictures import encode_jpeg, shrink, shrink_mask
from seglab.config import Experiment
from seglab.data.sample import Dataset, Split
from seglab.data.sources import is_there
from seglab.error_maps import error_map
from seglab.errors import DataError, RunError
from seglab.segmentation import mask_from

LARGEST = 768
"""Longest side of what is kept of a photo measured at its own size, pixels."""

TILE = 330


@dataclass(frozen=True)
class Look:
    """``image`` uint8 H×W×3, ``truth`` and ``predicted`` uint8 H×W class ids."""

    image: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray


@dataclass(frozen=True)
class Source:
    """Where an evaluation's photos stand, by name; whether they are those that were measured."""

    evaluated: Evaluated
    experiment: Experiment
    dataset: Dataset
    places: dict[str, int]
    same_data: bool


def experiment_at(evaluated: Evaluated, root: str | None) -> Experiment:
    """The run's experiment with its data under ``root``, default where it was trained on it.

    Raises ``DataError``.
    """
    experiment = evaluated.run.experiment
    return datasets.describe(experiment, root=str(state.project() / (root or experiment.data.root)))


def source_of(evaluated: Evaluated, root: str | None) -> Source:
    """The photos and the weights of an evaluation.

    Raises ``DataError`` or ``RunError`` that says what is absent and what gives it.
    """
    run = evaluated.run
    experiment = experiment_at(evaluated, root)
    if not is_there(experiment):
        raise DataError(_absent(experiment))
    if not predictions.usable([run]):
        raise RunError(
            f"the weights ({run.checkpoint_path.name} or {run.onnx_path.name}) are not in "
            f"{state.shown(run.folder)}: copy them there"
        )
    dataset = datasets.opened(experiment, run.config["data"].get("excluded", []))
    records = dataset.records(cast(Split, evaluated.measured.split))
    measured = evaluated.content.get("data", {}).get("fingerprint")
    return Source(
        evaluated,
        experiment,
        dataset,
        {record.name: place for place, record in enumerate(records)},
        dataset.fingerprint() == measured,
    )


def look(source: Source, name: str) -> Look:
    """An image of the evaluation with both masks, at the size it was measured at (shrunk to
    ``LARGEST`` where that is the photo's own).

    Raises ``DataError`` and ``RunError``.
    """
    found: Look = _look(*_key(source, name), source, name)
    return found


def tile(source: Source, name: str) -> bytes:
    """JPEG of the error map, small. Raises as ``look``."""
    found: bytes = _tile(*_key(source, name), source, name)
    return found


def predicted_at_measured_size(source: Source, name: str) -> tuple[np.ndarray, ...]:
    """Image, truth and prediction exactly as they were measured: uint8 H×W×3, H×W, H×W.

    The same path for pixels as the evaluation's; a cache of the whole split is not waited for.
    Raises ``DataError`` and ``RunError``.
    """
    evaluated = source.evaluated
    split, views = cast(Split, evaluated.measured.split), evaluated.measured.views
    sample = source.dataset.read(split, _place(source, name))
    predictor = predictions.predictor(evaluated.run)
    if evaluated.measured.size == "original" or predictor.preprocessing.takes_crops:
        image, truth = sample.image, sample.mask
        probabilities = predictor.probabilities(sample.record.image, views)
    else:
        image, truth = sample.at_network_size(predictor.preprocessing)
        probabilities = predictor.network_probabilities(image[None], views)[0]
    return image, truth, mask_from(probabilities, evaluated.threshold)


@st.cache_resource(max_entries=32, show_spinner=False)
def _look(run_key: tuple[object, ...], image: str, _source: Source, _name: str) -> Look:
    del run_key, image  # the key
    photo, truth, predicted = predicted_at_measured_size(_source, _name)
    return Look(
        shrink(photo, LARGEST), shrink_mask(truth, LARGEST), shrink_mask(predicted, LARGEST)
    )


@st.cache_data(max_entries=1200, show_spinner=False)
def _tile(run_key: tuple[object, ...], image: str, _source: Source, _name: str) -> bytes:
    del run_key, image  # the key
    seen = look(_source, _name)
    return encode_jpeg(shrink(error_map(seen.image, seen.truth, seen.predicted), TILE))


def _key(source: Source, name: str) -> tuple[tuple[object, ...], str]:
    """What a prediction depends on: the weights, how it was measured, the files of the pair."""
    evaluated = source.evaluated
    records = source.dataset.records(cast(Split, evaluated.measured.split))
    record = records[_place(source, name)]
    run_key = (
        str(evaluated.run.folder),
        predictions.stamp(evaluated.run),
        evaluated.measured.name,
        evaluated.threshold,
        state.modified(record.image),
        state.modified(record.mask),
    )
    return run_key, str(record.image)


def _place(source: Source, name: str) -> int:
    if name not in source.places:
        root = state.shown(source.dataset.root)
        raise DataError(f"{name} is not among the photos under {root}")
    return source.places[name]


def _absent(experiment: Experiment) -> str:
    data, root = experiment.data, state.shown(Path(experiment.data.root))
    if data.source == "oxford_pet":
        return (
            f"Oxford-IIIT Pet is not under {root}: python train.py downloads it (800 MB), or name "
            "the folder that holds its images/ and annotations/"
        )
    return (
        f"the drawn pets are not under {root}: python data_visualization.py --data.source "
        f"synthetic --data.drawn_count {data.drawn_count} --data.drawn_size {data.drawn_size} "
        f"--data.drawn_seed {data.drawn_seed} draws them"
    )
