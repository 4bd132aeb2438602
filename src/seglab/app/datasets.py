"""Datasets for the screen: opened without a download, remembered until their folder changes."""

from pathlib import Path

import streamlit as st
from pydantic import ValidationError

from seglab.app import state
from seglab.config import Experiment
from seglab.data.oxford_pet import find_home
from seglab.data.sample import SPLITS, Dataset, Sample, Split
from seglab.data.sources import drawn_home, open_dataset
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


def is_there(experiment: Experiment) -> bool:
    """Whether opening neither downloads nor draws."""
    data = experiment.data
    if data.source == "synthetic":
        return drawn_home(experiment).is_dir()
    return data.source == "folder" or find_home(Path(data.root)) is not None


def draw(experiment: Experiment) -> None:
    """Draw the pets an experiment names, with a bar. Raises ``DataError``."""
    data = experiment.data
    bar = st.progress(0.0, f"Drawing {data.drawn_count} pets …")

    def progress(done: int) -> None:
        bar.progress(done / data.drawn_count, f"Drawing pets: {done} of {data.drawn_count}")

    home = drawn_home(experiment)
    try:
        write_dataset(home, data.drawn_count, data.drawn_size, data.drawn_seed, progress)
    except OSError as error:
        raise DataError(f"{home}: cannot be written ({error.strerror or error})") from error
    bar.empty()


def opened(experiment: Experiment) -> Dataset:
    """The dataset, which must be there. Raises ``DataError``."""
    dataset: Dataset = _opened(experiment.model_dump_json(), _stamp(experiment))
    return dataset


def sample(dataset: Dataset, split: Split, index: int) -> Sample:
    """One sample at its own size. Raises ``DataError`` that names the file."""
    record = dataset.records(split)[index]
    stamp = (str(record.image), state.modified(record.image), state.modified(record.mask))
    found: Sample = _sample(stamp, str(dataset.labels.as_dict()), split, index, dataset)
    return found


@st.cache_resource(max_entries=4, show_spinner="Reading the lists of the dataset …")
def _opened(experiment: str, stamp: tuple[int, ...]) -> Dataset:
    del stamp  # part of the key
    return open_dataset(Experiment.model_validate_json(experiment))


@st.cache_resource(max_entries=96, show_spinner=False)
def _sample(
    stamp: tuple[str, int, int], labels: str, split: Split, index: int, _dataset: Dataset
) -> Sample:
    del stamp, labels  # part of the key
    return _dataset.read(split, index)


def _stamp(experiment: Experiment) -> tuple[int, ...]:
    """Changes when files of the dataset came or went."""
    root = Path(experiment.data.root)
    homes = [root, drawn_home(experiment), root / "oxford-iiit-pet"]
    homes += [root / split for split in SPLITS]
    parts = ("images", "masks", "annotations", "annotations/trimaps")
    return tuple(state.modified(home / part) for home in homes for part in ("", *parts))
