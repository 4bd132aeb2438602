"""Datasets for the screen: opened without a download, remembered until their folder changes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from pydantic import ValidationError

from seglab.app import state, widgets
from seglab.app.pictures import shrink, shrink_mask
from seglab.config import Experiment
from seglab.data.sample import SPLITS, Dataset, Record, Sample, Split
from seglab.data.sources import drawn_home, open_dataset, survey_dataset
from seglab.data.synthetic import write_dataset
from seglab.errors import DataError
from seglab.schema import explain

SOURCE_NAMES = {
    "synthetic": "Drawn pets",
    "oxford_pet": "Oxford-IIIT Pet",
    "folder": "Your folder",
}
SPLIT_NAMES: dict[Split, str] = {"train": "Training", "val": "Validation", "test": "Test"}


def describe(base: Experiment, **data: object) -> Experiment:
    """``base`` with other ``data`` keys. Raises ``DataError`` when they contradict each other."""
    content = base.as_dict()
    content["data"] |= data
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise DataError(explain(error)) from error


def parse_classes(text: str) -> dict[str, list[int]]:
    """Class name to mask values from ``background=0, pet=1 2``. Raises ``DataError``."""
    classes = {}
    for part in text.split(","):
        name, equals, values = part.partition("=")
        try:
            classes[name.strip()] = [int(value) for value in values.split()]
        except ValueError as error:
            raise DataError(f"{part.strip()}: mask values are whole numbers, 0 to 255") from error
        if not equals or not name.strip():
            raise DataError(
                f"{part.strip() or 'nothing'}: write the classes as background=0, pet=255; several "
                "values of a class stand with a space between"
            )
    return classes


def draw(experiment: Experiment) -> None:
    """Draw the pets an experiment names, with a bar. Raises ``DataError``."""
    data = experiment.data
    home = drawn_home(experiment)
    with widgets.stoppable("Drawing pets") as show:

        def progress(done: int) -> None:
            show(done, data.drawn_count)

        try:
            write_dataset(home, data.drawn_count, data.drawn_size, data.drawn_seed, progress)
        except OSError as error:
            raise DataError(f"{home}: cannot be written ({error.strerror or error})") from error


def surveyed(experiment: Experiment) -> Dataset:
    """The dataset to look at: files without a partner are set apart. Raises ``DataError``."""
    dataset: Dataset = _surveyed(*version(experiment))
    return dataset


def opened(experiment: Experiment, excluded: Sequence[str] | None = None) -> Dataset:
    """The dataset as training opens it, without the samples ``excluded``. Raises ``DataError``."""
    names = None if excluded is None else tuple(excluded)
    dataset: Dataset = _opened(*version(experiment), names)
    return dataset


def version(experiment: Experiment) -> tuple[str, tuple[int, ...]]:
    """What a dataset is remembered by: another one when files came or went."""
    return experiment.model_dump_json(), _stamp(experiment)


def sample(dataset: Dataset, split: Split, index: int) -> Sample:
    """One sample at its own size. Raises ``DataError`` that names the file."""
    stamp = _stamp_of_pair(dataset.records(split)[index])
    found: Sample = _sample(stamp, str(dataset.labels.as_dict()), split, index, dataset)
    return found


def small_pair(
    dataset: Dataset, split: Split, index: int, largest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Image and mask of a sample with no side above ``largest``: a grid of these fits in memory
    whatever the size of the photos. Raises ``DataError`` that names the file."""
    stamp = _stamp_of_pair(dataset.records(split)[index])
    labels = str(dataset.labels.as_dict())
    found: tuple[np.ndarray, np.ndarray] = _small_pair(
        stamp, labels, split, index, largest, dataset
    )
    return found


@st.cache_resource(max_entries=4, show_spinner="Reading the lists of the dataset …")
def _surveyed(experiment: str, stamp: tuple[int, ...]) -> Dataset:
    del stamp  # part of the key
    return survey_dataset(Experiment.model_validate_json(experiment))


@st.cache_resource(max_entries=4, show_spinner="Reading the lists of the dataset …")
def _opened(experiment: str, stamp: tuple[int, ...], excluded: tuple[str, ...] | None) -> Dataset:
    del stamp  # part of the key
    return open_dataset(Experiment.model_validate_json(experiment), excluded)


@st.cache_resource(max_entries=4, show_spinner=False)
def _sample(
    stamp: tuple[str, int, int], labels: str, split: Split, index: int, _dataset: Dataset
) -> Sample:
    del stamp, labels  # part of the key
    return _dataset.read(split, index)


@st.cache_resource(max_entries=192, show_spinner=False)
def _small_pair(
    stamp: tuple[str, int, int],
    labels: str,
    split: Split,
    index: int,
    largest: int,
    _dataset: Dataset,
) -> tuple[np.ndarray, np.ndarray]:
    del stamp, labels  # part of the key
    sample = _dataset.read(split, index)
    return shrink(sample.image, largest), shrink_mask(sample.mask, largest)


def _stamp_of_pair(record: Record) -> tuple[str, int, int]:
    return str(record.image), state.modified(record.image), state.modified(record.mask)


def _stamp(experiment: Experiment) -> tuple[int, ...]:
    """Changes when files of the dataset came or went."""
    root = Path(experiment.data.root)
    homes = [root, drawn_home(experiment), root / "oxford-iiit-pet"]
    homes += [root / split for split in SPLITS]
    parts = ("images", "masks", "annotations", "annotations/trimaps")
    return tuple(state.modified(home / part) for home in homes for part in ("", *parts))
