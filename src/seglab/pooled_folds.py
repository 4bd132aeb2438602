"""The runs of one cross-validation as one measurement: every image as the fold that tests it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from seglab import metrics
from seglab.comparable import Apart, Estimate, Measurement, iou_of
from seglab.errors import RunError
from seglab.intervals import Figure
from seglab.jackknife import jackknife
from seglab.views import ONE_LOOK, Views

if TYPE_CHECKING:
    import pandas


def pool_folds(
    measurements: Sequence[Measurement], split: str, size: str, views: Views = ONE_LOOK
) -> tuple[list[Measurement], list[Apart]]:
    """The measurements, complete sets of folds pooled into one where their first stood.

    A set is complete when an experiment has each of its ``data.folds`` once with one seed; the
    folds of others stay as they are. Sets with a broken table stand apart.
    """
    found: list[Measurement] = []
    apart: list[Apart] = []
    pooled: set[int] = set()
    for one in measurements:
        if id(one) in pooled:
            continue
        siblings = _folds_of(one, [other for other in measurements if id(other) not in pooled])
        if len(siblings) < 2 or len(siblings) < one.run.experiment.data.folds:
            found.append(one)
            continue
        pooled |= {id(sibling) for sibling in siblings}
        try:
            found.append(_pooled(siblings, split, size, views))
        except RunError as error:
            apart += [Apart(sibling.run, str(error), broken=True) for sibling in siblings]
    return found, apart


def _folds_of(one: Measurement, measurements: Sequence[Measurement]) -> list[Measurement]:
    """The runs of ``one``'s cross-validation by fold, the first of each; empty without folds."""
    found: dict[int, Measurement] = {}
    if one.run.experiment.data.folds:
        for other in measurements:
            if (other.description, other.seed) == (one.description, one.seed):
                found.setdefault(other.run.experiment.data.fold, other)
    return [found[fold] for fold in sorted(found)]


def _pooled(folds: Sequence[Measurement], split: str, size: str, views: Views) -> Measurement:
    import pandas

    first = folds[0]
    tables = []
    for fold in folds:
        table = fold.run.evaluation_table(split, size, views)
        assert table is not None, "a run without a table is no measurement"
        tables.append(table.assign(fold=fold.run.experiment.data.fold))
    table = pandas.concat(tables).sort_values("name", ignore_index=True)
    truths = [fold.conditions.truth for fold in folds]
    conditions = replace(
        first.conditions,
        truth=tuple(map(sum, zip(*truths, strict=True))),
        images=tuple(map(str, table["name"])),
        folds=tuple(map(int, table["fold"])),
    )
    try:
        evaluated = pooled_figures(table, conditions.class_names, conditions.folds)
    except (KeyError, ValueError) as error:
        names = ", ".join(fold.run.name for fold in folds)
        raise RunError(
            f"{names}: a table of theirs is broken ({error.args[0]}); measure them again with "
            "evaluate.py"
        ) from error
    figures = {name: _mean([fold.figures[name] for fold in folds]) for name in first.figures}
    for name, figure in evaluated.items():
        figures[name] = Estimate(figure["value"], figure["low"], figure["high"])
    ious = table["iou"].to_numpy(np.float64)
    return replace(
        first,
        conditions=conditions,
        figures=figures,
        image_ious=ious,
        folds=tuple(folds),
    )


def pooled_figures(
    table: "pandas.DataFrame", class_names: Sequence[str], folds: Sequence[int]
) -> dict[str, Figure]:
    """``dataset_…`` from all images' pixels, ``mean_image_…`` as means, intervals over folds.

    ``table``: rows as an evaluation's table has them. Raises ``KeyError`` for an absent column,
    ``ValueError`` where a figure is not a number.
    """
    counts = table[[f"{kind}_{name}" for name in class_names for kind in ("tp", "fp", "fn", "tn")]]
    each = table[["iou", "boundary_iou"]]

    def reduce(means: np.ndarray) -> dict[str, np.ndarray]:
        pixels = means[..., : counts.shape[1]].reshape(*means.shape[:-1], len(class_names), 4)
        pooled = metrics.pooled(pixels)
        each_iou = metrics.figures_per_class(pixels)["iou"]
        of_classes = enumerate(class_names) if len(class_names) > 2 else ()
        return {
            "dataset_iou": pooled.pop("dataset_iou"),
            **{f"dataset_{name}": values for name, values in pooled.items()},
            "mean_image_iou": means[..., -2],
            "mean_image_boundary_iou": means[..., -1],
            **{iou_of(name): each_iou[..., class_id] for class_id, name in of_classes},
        }

    rows = np.hstack([counts, each]).astype(np.float64)
    if not np.isfinite(rows).all():
        raise ValueError("a figure is not a number for every image")
    return jackknife(rows, reduce, folds)


def _mean(figures: Sequence[Estimate | None]) -> Estimate | None:
    values = [figure.value for figure in figures if figure is not None]
    return Estimate(sum(values) / len(values)) if len(values) == len(figures) else None
