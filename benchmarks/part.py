"""An experiment on a part of its images, for two epochs: what the benchmarks train."""

from pathlib import Path

from seglab.config import Experiment
from seglab.data.sample import Record
from seglab.data.sources import open_dataset
from seglab.experiment_parser import validate


def small_part(
    experiment: Experiment, training: int, validation: int, excluded: Path
) -> tuple[Experiment, list[Record]]:
    """The experiment on its first so many images of each split, and the training ones.

    ``excluded`` is written: the list of the others' names.
    """
    dataset = open_dataset(experiment)
    records = list(dataset.records("train"))
    left_out = records[training:] + list(dataset.records("val"))[validation:]
    excluded.write_text("".join(f"{record.name}\n" for record in left_out))
    changed = experiment.as_dict()
    changed["data"]["exclude"] = str(excluded)
    changed["trainer"]["max_epochs"] = 2
    return validate(changed), records[:training]
