"""What a run was measured on, read from its folder, and what sets two measurements apart."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seglab.errors import RunError
from seglab.labels import IGNORE
from seglab.reproduction import INCIDENTAL
from seglab.runs import EVALUATION_FORMAT, Run

EVALUATED = (
    "dataset_iou",
    "mean_image_iou",
    "mean_image_boundary_iou",
    "dataset_accuracy",
    "dataset_precision",
    "dataset_recall",
    "dataset_dice",
)
"""Figures taken from an evaluation; the others come from ``config.json``."""


@dataclass(frozen=True)
class Estimate:
    """A figure: of one run with its interval (95 %, over images), or the mean over ``seeds`` runs
    with its sample standard deviation ``sd`` (n − 1). ``None`` where there is neither."""

    value: float
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    seeds: int = 1


@dataclass(frozen=True)
class Conditions:
    """What a measurement holds for. Two runs are ranked only where all of it is equal.

    All of it is of what was measured: runs trained on other samples are compared all the same.
    ``image_size`` (pixels) and ``resize`` are ``None`` at the photos' own size; ``mask_values``:
    (value in a mask file, class id); ``images``: names, sorted; ``truth``: how many pixels of
    each class they truly have together, which tells two datasets of equal names apart.
    ``folds``: where the test parts of a cross-validation were pooled, the fold of each image.
    """

    split: str
    image_size: int | None
    resize: str | None
    class_names: tuple[str, ...]
    mask_values: tuple[tuple[int, int], ...]
    images: tuple[str, ...]
    truth: tuple[int, ...]
    folds: tuple[int, ...] = ()

    def differences(self, other: "Conditions") -> list[str]:
        """What is otherwise here than in ``other``, each in words; empty when comparable."""
        found = []
        if self.split != other.split:
            found.append(f"measured on the {self.split} split, not {other.split}")
        if self.image_size != other.image_size:
            found.append(f"measured at {self.size_in_words()}, not {other.size_in_words()}")
        elif self.resize != other.resize:
            found.append(f"photos resized by {self.resize}, not {other.resize}")
        if bool(self.folds) != bool(other.folds):
            found.append(f"measured on the {self.part_in_words()}, not the {other.part_in_words()}")
        elif self.images != other.images:
            common = len(set(self.images) & set(other.images))
            found.append(
                f"other images ({len(self.images):,}, not {len(other.images):,}; {common:,} common)"
            )
        if self.class_names != other.class_names:
            found.append(
                f"classes {', '.join(self.class_names)}, not {', '.join(other.class_names)}"
            )
        elif self.mask_values != other.mask_values:
            found.append(self._other_meanings(other))
        if not found and self.truth != other.truth:
            found.append("other masks under the same names")
        if not found and self.folds != other.folds:
            found.append("dealt into other folds")
        return found

    def part_in_words(self) -> str:
        """``test split``, or that of each of so many folds."""
        split = f"{self.split} split"
        return f"{split} of each of {len(set(self.folds))} folds" if self.folds else split

    def size_in_words(self) -> str:
        """``128 pixels``, or the photos' own size."""
        return "the photos' own size" if self.image_size is None else f"{self.image_size} pixels"

    def _other_meanings(self, other: "Conditions") -> str:
        mine, theirs = dict(self.mask_values), dict(other.mask_values)
        words = [
            f"mask value {value} is {self._meaning(mine, value)}, "
            f"not {self._meaning(theirs, value)}"
            for value in sorted(mine.keys() | theirs.keys())
            if mine.get(value) != theirs.get(value)
        ]
        return ", ".join(words)

    def _meaning(self, values: Mapping[int, int], value: int) -> str:
        if value not in values:
            return "unknown"
        class_id = values[value]
        if class_id == IGNORE:
            return "ignored"
        return dict(enumerate(self.class_names)).get(class_id, f"class {class_id}")


@dataclass(frozen=True)
class Measurement:
    """A finished run on a split: ``figures`` by name (``None`` where the folder lacks one),
    ``image_ious`` float64 0–1 in the order of ``conditions.images``, ``None`` where not asked for.

    Runs of equal ``description`` are one experiment with several seeds, or the folds of one
    cross-validation; pooled folds have theirs in ``folds`` and the first one's ``run``.
    """

    run: Run
    conditions: Conditions
    description: str
    seed: int
    figures: dict[str, Estimate | None]
    image_ious: np.ndarray | None
    folds: tuple["Measurement", ...] = ()

    @property
    def runs(self) -> tuple[Run, ...]:
        """The run, or those of all folds."""
        return tuple(fold.run for fold in self.folds) or (self.run,)


@dataclass(frozen=True)
class Apart:
    """A run that is not compared, and why; ``broken`` where a file of it is damaged."""

    run: Run
    reason: str
    broken: bool


def read_measurement(
    run: Run, split: str, size: str, image_ious: bool = True
) -> Measurement | Apart:
    """What the folder says of ``split`` at ``size`` (``network`` or ``original``); never raises.

    ``image_ious``: read them too, which takes longer than all the rest.
    """
    try:
        evaluation = run.evaluation(split, size)
        missing = _what_is_missing(run, evaluation, split, size)
        if evaluation is not None and missing is None:
            return _measurement(run, evaluation, split, size, image_ious)
    except RunError as error:
        return Apart(run, str(error), broken=True)
    return Apart(run, missing or "", broken=False)


def _what_is_missing(
    run: Run, evaluation: dict[str, Any] | None, split: str, size: str
) -> str | None:
    if not run.finished:
        return f"training is not finished; go on with it: python train.py --resume {run.folder}"
    if evaluation is None:
        at = "" if size == "network" else " at original size"
        return f"not evaluated on the {split} split{at}; measure it: {_remedy(run, split, size)}"
    if evaluation.get("format") != EVALUATION_FORMAT:
        return f"evaluated by another version; measure it again: {_remedy(run, split, size)}"
    return None


def _remedy(run: Run, split: str, size: str) -> str:
    at = "" if size == "network" else f" --at {size}"
    return f"python evaluate.py {run.folder} --split {split}{at}"


def _measurement(
    run: Run, evaluation: dict[str, Any], split: str, size: str, with_ious: bool
) -> Measurement:
    description, seed = _description(run)
    # What was trained on crops is measured at the photos' own size, whatever was asked for.
    network_size = size == "network" and not run.preprocessing.takes_crops
    resize = run.preprocessing.resize if network_size else None
    try:
        labels = evaluation["data"]["label_map"]
        class_names = tuple(map(str, labels["class_names"]))
        images, ious = _images(run, split, size, int(evaluation["images"]), with_ious)
        conditions = Conditions(
            split,
            int(evaluation["image_size"]) if network_size else None,
            resize,
            class_names,
            tuple(sorted((int(value), int(which)) for value, which in labels["values"].items())),
            images,
            tuple(sum(map(int, row)) for row in evaluation["confusion"]),
        )
        figures: dict[str, Estimate | None] = {
            name: _with_interval(evaluation[name]) for name in EVALUATED
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = "its layout is another"
        if isinstance(error, KeyError | ValueError):
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise RunError(
            f"{run.evaluation_path(split, size)}: is broken ({reason}); measure it again: "
            f"{_remedy(run, split, size)}"
        ) from error
    return Measurement(run, conditions, description, seed, figures | _costs(run), ious)


def _description(run: Run) -> tuple[str, int]:
    experiment = run.experiment.as_dict()
    seed = int(experiment["trainer"].pop("seed"))
    del experiment["data"]["fold"]
    for name in INCIDENTAL:
        section, key = name.split(".")
        del experiment[section][key]
    # First weights taken from another run are not part of the experiment's keys.
    first_weights = run.config.get("init_from")
    return json.dumps([experiment, first_weights], sort_keys=True), seed


def _images(
    run: Run, split: str, size: str, images: int, with_ious: bool
) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Names, sorted, and their IoUs in that order."""
    names, ious = run.evaluated_names(split, size), None
    if with_ious:
        table = run.evaluation_table(split, size)
        if table is not None:
            table = table.sort_values("name")
            names, ious = table["name"].tolist(), table["iou"].to_numpy(np.float64)
    if names is None or len(names) != images:
        raise ValueError(f"it counts {images} images, its table {len(names or [])}")
    if not names or len(set(names)) != len(names):
        raise ValueError("its table names no image, or one twice")
    if ious is not None and not np.isfinite(ious).all():
        raise ValueError("its table holds an IoU that is not a number")
    return tuple(sorted(names)), ious


def _with_interval(figure: Mapping[str, Any]) -> Estimate:
    value, low, high = (float(figure[key]) for key in ("value", "low", "high"))
    if not math.isfinite(value + low + high):
        raise ValueError("a figure is not a number")
    return Estimate(value, low, high)


def _costs(run: Run) -> dict[str, Estimate | None]:
    result, network = run.config["result"], run.config["network"]
    best = result.get("best") if isinstance(result, dict) else None
    found = {
        "val_loss": best.get("val_loss") if isinstance(best, dict) else None,
        "parameters": network.get("parameters"),
        "multiply_adds": network.get("multiply_adds"),
        "seconds": result.get("seconds") if isinstance(result, dict) else None,
        "epochs": result.get("epochs") if isinstance(result, dict) else None,
    }
    return {
        name: Estimate(value) if isinstance(value, int | float) and math.isfinite(value) else None
        for name, value in found.items()
    }
