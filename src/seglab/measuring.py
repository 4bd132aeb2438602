"""Measuring a run: which data may be used, which threshold, and what the run folder gets."""

from typing import Any

import numpy as np

from seglab import boundaries, intervals
from seglab.console import Console
from seglab.data.sample import Dataset, Split
from seglab.data.sources import open_dataset
from seglab.errors import DataError, UsageError
from seglab.evaluation import answers, evaluate
from seglab.inference import Predictor
from seglab.preprocessing import Preprocessing
from seglab.reductions import figures_of, groups_of
from seglab.run_evaluations import EVALUATION_FORMAT
from seglab.runs import Run
from seglab.thresholds import count_thresholds, sweep
from seglab.views import ONE_LOOK, Views


def measure(
    predictor: Predictor,
    dataset: Dataset,
    split: Split,
    size: str,
    threshold: float | None,
    console: Console,
) -> tuple[dict[str, Any], str]:
    """What an evaluation's JSON and CSV hold; ``size`` is ``network`` or ``original``."""
    run = predictor.run
    with console.bar(f"{run.name} on {split}", total=len(dataset.records(split))) as progress:
        evaluation = evaluate(predictor, dataset, split, size, threshold, progress)
    content = {
        "format": EVALUATION_FORMAT,
        "split": split,
        "images": len(evaluation.records),
        "size": size,
        # What was trained on crops is measured at the photos' own size, whatever was asked for.
        "image_size": None if run.preprocessing.takes_crops else run.preprocessing.image_size,
        **predictor.views.as_dict(),
        "threshold": threshold,
        "backend": predictor.backend,
        "data": {
            "source": dataset.source,
            "fingerprint": dataset.fingerprint(),
            "label_map": dataset.labels.as_dict(),
        },
        "boundary": _boundary_distances(size, run.preprocessing),
        "interval": {
            "level": intervals.LEVEL,
            "method": f"{intervals.method(len(evaluation.records))} over images",
            "resamples": intervals.RESAMPLES,
            "seed": intervals.SEED,
        },
        **figures_of(evaluation),
        "groups": groups_of(evaluation),
    }
    return content, evaluation.table()


def data_for(run: Run, root: str | None) -> Dataset:
    """The run's dataset, under ``root`` where that is given. Raises ``DataError``.

    Without the samples that the run left out of training: its own record counts, whatever the
    file of ``data.exclude`` lists by now.
    """
    experiment = run.experiment
    if root is not None:
        data = experiment.data.model_copy(update={"root": root})
        experiment = experiment.model_copy(update={"data": data})
    return open_dataset(experiment, run.config["data"].get("excluded", []))


def check_unseen(run: Run, dataset: Dataset, split: Split) -> None:
    """Other data than the training's is measured only where none of its samples was seen.

    Seen is what the run's list of training samples holds: a sample that was left out of the
    training was not. Raises ``DataError``.
    """
    if dataset.fingerprint() == run.config["data"].get("fingerprint"):
        return
    seen = run.training_samples()
    if seen is None:
        raise DataError(
            f"{dataset.root}: its splits hold other names than those {run.name} was trained "
            "with; a training photo could be in the test, so nothing is measured"
        )
    known = sorted(seen & {record.name for record in dataset.records(split)})
    if known:
        raise DataError(
            f"{dataset.root}: {run.name} was trained or validated on {len(known)} of its {split} "
            f"samples ({', '.join(known[:3])}, …), so nothing is measured"
        )


def check_replaceable(run: Run, dataset: Dataset, split: Split, size: str, views: Views) -> None:
    """Figures of the run's own data are not lost to those of other data. Raises ``UsageError``."""
    kept = run.evaluation(split, size, views)
    here = dataset.fingerprint()
    if kept is None or here == run.config["data"].get("fingerprint"):
        return
    if kept.get("data", {}).get("fingerprint") != here:
        raise UsageError(
            f"{run.evaluation_path(split, size, views)} holds the figures of other data "
            f"({kept.get('images')} images, here are {len(dataset.records(split))}); name a file "
            "for these with --output FILE.json"
        )


def threshold_on_validation(
    predictor: Predictor, dataset: Dataset, console: Console
) -> float | None:
    """The run's threshold, swept on validation now where it has none yet.

    ``None`` with more than two classes. Where validation is the test part, or the data is not the
    training's, nothing is swept: it stays at 0.5. Swept with a single look, as most use it:
    what is measured first does not decide it.
    """
    run = predictor.run
    if len(run.class_names) > 2:
        return None
    trained_on_this = dataset.fingerprint() == run.config["data"].get("fingerprint")
    validates_on_test = run.experiment.data.validation == "test"
    if run.threshold_curve() is None and trained_on_this and not validates_on_test:
        records = dataset.records("val")
        single = predictor.with_views(ONE_LOOK)
        counts = []
        with console.bar(f"{run.name}: threshold on val", len(records)) as progress:
            for probabilities, truth in answers(single, dataset, "val"):
                counts.append(count_thresholds(probabilities[1], truth))
                progress(len(counts), len(records))
        run.write_threshold({"split": "val", "images": len(records)} | sweep(np.stack(counts)))
    return run.threshold


def _boundary_distances(size: str, preprocessing: Preprocessing) -> dict[str, float]:
    shares: dict[str, float] = {
        "iou_distance": boundaries.IOU_DISTANCE,
        "f1_tolerance": boundaries.F1_TOLERANCE,
    }
    side = preprocessing.image_size
    if size == "network" and not preprocessing.takes_crops:
        shares["iou_distance_pixels"] = boundaries.iou_distance_pixels(side, side)
        shares["f1_tolerance_pixels"] = boundaries.f1_tolerance_pixels(side, side)
    return shares
