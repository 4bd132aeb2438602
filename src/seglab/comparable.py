"""What a run was measured on, read from its folder, and what sets two measurements apart."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seglab.conditions import Conditions
from seglab.errors import RunError
from seglab.reproduction import INCIDENTAL
from seglab.run_evaluations import EVALUATION_FORMAT
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views

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


def iou_of(class_name: str) -> str:
    """The figure of one class, where there are more than two: its dataset IoU."""
    return f"dataset_iou of {class_name}"


def is_iou_of_a_class(name: str) -> bool:
    """Whether ``name`` is one of ``iou_of``."""
    return name.startswith(iou_of(""))


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
    run: Run, split: str, size: str, image_ious: bool = True, views: Views = ONE_LOOK
) -> Measurement | Apart:
    """What the folder says of ``split`` at ``size`` (``network`` or ``original``), measured with
    ``views``; never raises.

    ``image_ious``: read them too, which takes longer than all the rest.
    """
    try:
        evaluation = run.evaluation(split, size, views)
        missing = _what_is_missing(run, evaluation, split, size, views)
        if evaluation is not None and missing is None:
            return _measurement(run, evaluation, split, size, views, image_ious)
    except RunError as error:
        return Apart(run, str(error), broken=True)
    return Apart(run, missing or "", broken=False)


def _what_is_missing(
    run: Run, evaluation: dict[str, Any] | None, split: str, size: str, views: Views
) -> str | None:
    remedy = _remedy(run, split, size, views)
    if not run.finished:
        return f"training is not finished; go on with it: python train.py --resume {run.folder}"
    if evaluation is None:
        at = "" if size == "network" else " at original size"
        looks = f" with {views.in_words()}" if views != ONE_LOOK else ""
        return f"not evaluated on the {split} split{at}{looks}; measure it: {remedy}"
    if evaluation.get("format") != EVALUATION_FORMAT:
        return f"evaluated by another version; measure it again: {remedy}"
    return None


def _remedy(run: Run, split: str, size: str, views: Views) -> str:
    at = [] if size == "network" else ["--at", size]
    words = ["python", "evaluate.py", str(run.folder), "--split", split, *at, *views.options()]
    return " ".join(words)


def _measurement(
    run: Run,
    evaluation: dict[str, Any],
    split: str,
    size: str,
    views: Views,
    with_ious: bool,
) -> Measurement:
    description, seed = _description(run)
    # What was trained on crops is measured at the photos' own size, whatever was asked for.
    network_size = size == "network" and not run.preprocessing.takes_crops
    resize = run.preprocessing.resize if network_size else None
    try:
        labels = evaluation["data"]["label_map"]
        class_names = tuple(map(str, labels["class_names"]))
        images, ious = _images(run, split, size, views, int(evaluation["images"]), with_ious)
        conditions = Conditions(
            split,
            int(evaluation["image_size"]) if network_size else None,
            resize,
            class_names,
            tuple(sorted((int(value), int(which)) for value, which in labels["values"].items())),
            images,
            tuple(sum(map(int, row)) for row in evaluation["confusion"]),
            views=Views.from_dict({"flip": False} | evaluation),
        )
        figures: dict[str, Estimate | None] = {
            name: _with_interval(evaluation[name]) for name in EVALUATED
        }
        if len(class_names) > 2:
            classes = evaluation["classes"]
            figures |= {
                iou_of(name): _with_interval(classes[name]["dataset_iou"]) for name in class_names
            }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = "its layout is another"
        if isinstance(error, KeyError | ValueError):
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise RunError(
            f"{run.evaluation_path(split, size, views)}: is broken ({reason}); measure it again: "
            f"{_remedy(run, split, size, views)}"
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
    run: Run, split: str, size: str, views: Views, images: int, with_ious: bool
) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Names, sorted, and their IoUs in that order."""
    names, ious = run.evaluated_names(split, size, views), None
    if with_ious:
        table = run.evaluation_table(split, size, views)
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
