"""Name of a source to the dataset behind it."""

from collections.abc import Callable, Collection
from pathlib import Path

from seglab.config import Experiment
from seglab.data.exclusion import leave_out, listed_names
from seglab.data.folder import open_folder, survey_folder
from seglab.data.folds import in_folds, whole
from seglab.data.oxford_pet import find_home, open_oxford_pet, read_official_layout
from seglab.data.sample import Dataset
from seglab.data.synthetic import folder_name, write_dataset
from seglab.errors import DataError


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
    return Path(data.root) / folder_name(data.drawn_count, data.drawn_size, data.drawn_seed)


def is_there(experiment: Experiment) -> bool:
    """Whether opening the data neither downloads nor draws."""
    data = experiment.data
    if data.source == "synthetic":
        return drawn_home(experiment).is_dir()
    return data.source == "folder" or find_home(Path(data.root)) is not None


SOURCES: dict[str, Callable[[Experiment], Dataset]] = {
    "oxford_pet": open_oxford_pet,
    "folder": open_folder,
    "synthetic": open_drawn_pets,
}


def open_dataset(experiment: Experiment, excluded: Collection[str] | None = None) -> Dataset:
    """The dataset an experiment names, without the samples of ``data.exclude``.

    ``excluded`` names others instead: a run remembers its own. Raises ``DataError``.
    """
    dataset = in_folds(SOURCES[experiment.data.source](whole(experiment)), experiment)
    return _without(dataset, experiment, excluded)


def survey_dataset(experiment: Experiment) -> Dataset:
    """The same for looking at it: files without a partner are in ``unpaired`` instead of raised.

    Nothing is downloaded or drawn. Raises ``DataError`` where there is no dataset.
    """
    data = experiment.data
    if data.source == "folder":
        return _without(in_folds(survey_folder(whole(experiment)), experiment), experiment, None)
    if data.source == "oxford_pet" and find_home(Path(data.root)) is None:
        raise DataError(
            f"{data.root}: the Oxford-IIIT Pet dataset is not there; python train.py downloads it, "
            "or name another folder with --data.root"
        )
    if data.source == "synthetic" and not drawn_home(experiment).is_dir():
        raise DataError(
            f"{drawn_home(experiment)}: is not drawn yet; python data_visualization.py draws it"
        )
    return open_dataset(experiment)


def _without(dataset: Dataset, experiment: Experiment, excluded: Collection[str] | None) -> Dataset:
    if excluded is not None:
        return leave_out(dataset, excluded, "the run's own list")
    if not experiment.data.exclude:
        return dataset
    path = Path(experiment.data.exclude)
    return leave_out(dataset, listed_names(path), str(path))
