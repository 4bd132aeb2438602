"""From the counts of an evaluation to its figures, each with a 95 % interval over images."""

from collections.abc import Callable
from typing import Any

import numpy as np

from seglab import boundaries, calibration, metrics
from seglab.evaluation import Evaluation
from seglab.intervals import FEW, Figure, Key, Reduction, bootstrap
from seglab.jackknife import jackknife

HEADLINE = -1
"""Stands where a class id would: the figure of all classes together."""

Figures = dict[tuple[int, str], np.ndarray]
"""(class id or ``HEADLINE``, full name) to values."""

SIZES = ("small", "medium", "large")


def figures_of(evaluation: Evaluation) -> dict[str, Any]:
    """Headline figures under their full names, those of each class under ``classes``, the
    ``confusion`` in pixels and the ``calibration``."""
    columns, reduce = _columns(evaluation)
    found = _with_intervals(columns, reduce)
    error = _with_intervals(
        evaluation.reliability.reshape(len(columns), -1),
        lambda rows: {
            "error": calibration.expected_calibration_error(
                rows.reshape(*rows.shape[:-1], calibration.BINS, 3)
            )
        },
    )
    return {
        **{name: figure for (owner, name), figure in found.items() if owner == HEADLINE},
        "classes": {
            class_name: {name: figure for (owner, name), figure in found.items() if owner == number}
            for number, class_name in enumerate(evaluation.class_names)
        },
        "confusion": evaluation.confusion.tolist(),
        "calibration": {
            "expected_calibration_error": error["error"],
            "bins": calibration.reliability_table(evaluation.reliability.sum(axis=0)),
        },
    }


def groups_of(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    """Dataset and mean-image IoU by ``species``, ``breed`` and tercile of ``object_size``.

    A grouping that the data does not know is left out. The size is the share of the image that is
    not background in the truth.
    """
    found = {}
    for grouping in ("species", "breed"):
        names = [getattr(record, grouping) or "" for record in evaluation.records]
        if any(names):
            found[grouping] = {
                name or "unknown": _group(evaluation, np.array([at == name for at in names]))
                for name in sorted(set(names))
            }
    shares = evaluation.foreground_shares()
    places = np.searchsorted(np.quantile(shares, [1 / 3, 2 / 3]), shares, side="left")
    found["object_size"] = {
        name: _group(evaluation, places == place)
        | {
            "foreground_share_low": float(shares[places == place].min()),
            "foreground_share_high": float(shares[places == place].max()),
        }
        for place, name in enumerate(SIZES)
        if (places == place).any()
    }
    return found


def _group(evaluation: Evaluation, members: np.ndarray) -> dict[str, Any]:
    counts = evaluation.counts[members]
    shape = counts.shape[1:]
    rows = np.column_stack([counts.reshape(len(counts), -1), evaluation.headlines["iou"][members]])

    def reduce(means: np.ndarray) -> dict[str, np.ndarray]:
        pooled = metrics.figures_per_class(means[..., :-1].reshape(*means.shape[:-1], *shape))
        return {
            "dataset_iou": metrics.headline(pooled)["iou"],
            "mean_image_iou": means[..., -1],
        }

    figures: dict[str, Figure] = _with_intervals(rows, reduce)
    return {"images": len(counts), **figures}


def _with_intervals(rows: np.ndarray, reduce: Reduction[Key]) -> dict[Key, Figure]:
    """By the method that suits the number of rows, images×columns."""
    return (
        bootstrap(rows, reduce) if len(rows) >= FEW else jackknife(rows, reduce, range(len(rows)))
    )


def _columns(evaluation: Evaluation) -> tuple[np.ndarray, Callable[[np.ndarray], Figures]]:
    """All that is averaged over images as one row an image, and how mean rows become figures."""
    images, classes = evaluation.counts.shape[:2]
    names = list(evaluation.image_figures)
    parts = [evaluation.counts.reshape(images, -1), evaluation.outlines.reshape(images, -1)]
    parts += [evaluation.image_figures[name] for name in names]
    parts += [np.stack([evaluation.headlines[name] for name in names], axis=1)]
    edges = np.cumsum([part.shape[1] for part in parts])[:-1]

    def reduce(means: np.ndarray) -> Figures:
        counts, outlines, *each, heads = np.split(means, edges, axis=-1)
        counts = counts.reshape(*means.shape[:-1], classes, 4)
        outlines = outlines.reshape(*means.shape[:-1], classes, 7)
        pooled = metrics.figures_per_class(counts) | boundaries.boundary_figures(outlines)
        pooled_heads = metrics.headline(pooled) | {"accuracy": metrics.pixel_accuracy(counts)}
        found: Figures = {}
        for place, name in enumerate(names):
            found[HEADLINE, f"dataset_{name}"] = pooled_heads[name]
            found[HEADLINE, f"mean_image_{name}"] = heads[..., place]
            for number in range(classes):
                found[number, f"dataset_{name}"] = pooled[name][..., number]
                found[number, f"mean_image_{name}"] = each[place][..., number]
        return found

    return np.concatenate(parts, axis=1), reduce
