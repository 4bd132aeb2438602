"""A folder of your own: ``images/`` and ``masks/``, optionally under ``train/ val/ test/``."""

from pathlib import Path

from seglab.config import Experiment
from seglab.data.sample import SPLITS, Dataset, Record, Split, Unpaired
from seglab.data.splits import hold_out
from seglab.decoding import IMAGE_SUFFIXES
from seglab.errors import DataError
from seglab.labels import label_map

LAYOUT = "images/ and masks/, or train/ and optionally val/ and test/ with these two in each"


def open_folder(experiment: Experiment) -> Dataset:
    """The dataset under ``data.root``; images and masks belong together by their stems.

    Where ``val/`` or ``test/`` is absent and nothing is split by hand, the shares
    ``data.validation`` and ``data.test`` are held out, seeded. Raises ``DataError``.
    """
    dataset = survey_folder(experiment)
    if dataset.unpaired:
        raise _no_partners(dataset.root, dataset.unpaired)
    return dataset


def survey_folder(experiment: Experiment) -> Dataset:
    """The same with the files that have no partner set apart in ``unpaired``, not raised."""
    data = experiment.data
    root = Path(data.root)
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder; data.root needs {LAYOUT}")
    alone: list[Unpaired] = []
    found: dict[Split, tuple[Record, ...]] = {
        split: _pairs(root / split, alone) for split in SPLITS if (root / split).is_dir()
    }
    if not found:
        everything = _pairs(root, alone)
        if len(everything) < 3:
            if alone:
                raise _no_partners(root, tuple(alone))
            if everything:
                raise DataError(
                    f"{root}: holds {len(everything)} pairs; training, validation and test need at "
                    "least three"
                )
            raise DataError(f"{root}: holds no pairs; {LAYOUT}")
        train, test = hold_out(everything, data.test, data.split_seed)
        found = {"train": train, "test": test}
    if "train" not in found:
        raise DataError(f"{root}: there is no train/ beside {', '.join(found)}")
    if data.validation == "test":
        if "test" not in found:
            raise DataError(f"{root}: data.validation is test, but there is no test/")
        found["val"] = found["test"]
    elif "val" not in found:
        if len(found["train"]) < 2:
            raise DataError(f"{root}: one training pair cannot be split; add val/")
        found["train"], found["val"] = hold_out(found["train"], data.validation, data.split_seed)
    return Dataset("folder", root, label_map(experiment), found, unpaired=tuple(alone))


def _pairs(folder: Path, alone: list[Unpaired]) -> tuple[Record, ...]:
    """The pairs of a folder; files that belong to none are added to ``alone``."""
    images = _files_by_stem(folder / "images", alone)
    masks = _files_by_stem(folder / "masks", alone)
    for stem in sorted(images.keys() - masks.keys()):
        alone.append(Unpaired(images[stem], "has no mask"))
    for stem in sorted(masks.keys() - images.keys()):
        alone.append(Unpaired(masks[stem], "has no image"))
    return tuple(
        Record(stem, images[stem], masks[stem]) for stem in sorted(images.keys() & masks.keys())
    )


def _files_by_stem(folder: Path, alone: list[Unpaired]) -> dict[str, Path]:
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder; data.root needs {LAYOUT}")
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        if path.stem in files:
            same = f"and {files[path.stem].name} have the same stem; rename one"
            alone.append(Unpaired(path, same))
        else:
            files[path.stem] = path
    return files


def _no_partners(root: Path, alone: tuple[Unpaired, ...]) -> DataError:
    if len(alone) == 1:
        return DataError(str(alone[0]))
    lines = tuple(str(file) for file in alone)
    return DataError(f"{root}: {len(alone)} files have no partner of the same stem", lines)
