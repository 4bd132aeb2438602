"""Name of a source to the dataset behind it."""

from collections.abc import Callable
from pathlib import Path

from seglab.config import Experiment
from seglab.data.folder import open_folder
from seglab.data.oxford_pet import open_oxford_pet, read_official_layout
from seglab.data.sample import Dataset
from seglab.data.synthetic import write_dataset


def open_drawn_pets(experiment: Experiment) -> Dataset:
    """Drawn pets under ``data.root``, drawn first when they are not there yet."""
    data, home = experiment.data, drawn_home(experiment)
    if not home.is_dir():
        print(f"Drawing {data.drawn_count} pets into {home} …", flush=True)
        write_dataset(home, data.drawn_count, data.drawn_size, data.drawn_seed)
    return read_official_layout(home, "synthetic", experiment)


def drawn_home(experiment: Experiment) -> Path:
    """Where an experiment's drawn pets stand, drawn already or not."""
    data = experiment.data
    name = f"drawn-pets-{data.drawn_count}-{data.drawn_size}px-seed{data.drawn_seed}"
    return Path(data.root) / name


SOURCES: dict[str, Callable[[Experiment], Dataset]] = {
    "oxford_pet": open_oxford_pet,
    "folder": open_folder,
    "synthetic": open_drawn_pets,
}


def open_dataset(experiment: Experiment) -> Dataset:
    """The dataset an experiment names. Raises ``DataError``."""
    return SOURCES[experiment.data.source](experiment)
