"""A run on a split: counts an image first, then reductions with bootstrap intervals."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from seglab import metrics
from seglab.config import Experiment
from seglab.data.cache import open_pairs
from seglab.data.sample import Record, Split
from seglab.data.sources import open_dataset
from seglab.errors import DataError
from seglab.inference import Predictor, mask_from
from seglab.labels import IGNORE
from seglab.runs import Run

RESAMPLES = 2000
RESAMPLES_AT_ONCE = 100
BATCH = 16

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Evaluation:
    """Counts int64 images×classes×4 (tp, fp, fn, tn) of a run on a split, in the records' order."""

    split: Split
    records: tuple[Record, ...]
    counts: np.ndarray
    class_names: tuple[str, ...]

    def reductions(self, seed: int = 0) -> dict[str, Any]:
        """Every figure as ``{"value", "low", "high"}``: 95 % bootstrap interval over images."""
        images = len(self.counts)
        image_ious = metrics.per_image(self.counts)["iou"]
        generator = np.random.default_rng(seed)
        resampled: dict[str, list[np.ndarray]] = {name: [] for name in metrics.FIGURES}
        for _ in range(RESAMPLES // RESAMPLES_AT_ONCE):
            # How often each image was drawn: a resample's sums are then one matrix product.
            drawn = generator.multinomial(images, [1 / images] * images, RESAMPLES_AT_ONCE)
            sums = np.tensordot(drawn.astype(np.float64), self.counts.astype(np.float64), 1)
            figures = metrics.pooled(sums) | {"mean_image_iou": drawn @ image_ious / images}
            for name in metrics.FIGURES:
                resampled[name].append(figures[name])
        intervals = {
            name: np.percentile(np.concatenate(values), [2.5, 97.5])
            for name, values in resampled.items()
        }
        return {
            name: {
                "value": value,
                "low": float(intervals[name][0]),
                "high": float(intervals[name][1]),
            }
            for name, value in metrics.reduce(self.counts).items()
        }

    def table(self) -> str:
        """CSV with a row an image: name, breed, species, counts of each class, headline figures."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        counted = [
            f"{kind}_{name}" for name in self.class_names for kind in ("tp", "fp", "fn", "tn")
        ]
        figures = metrics.per_image(self.counts)
        writer.writerow(["name", "breed", "species", *counted, *figures])
        for place, record in enumerate(self.records):
            row = [record.name, record.breed or "", record.species or ""]
            row += [str(int(count)) for count in self.counts[place].ravel()]
            row += [f"{values[place]:.6f}" for values in figures.values()]
            writer.writerow(row)
        return text.getvalue()


def evaluate(
    run: Run, predictor: Predictor, split: Split, root: str | None, progress: Progress | None = None
) -> Evaluation:
    """Measure at the network's size. ``root`` is where the data lies now, default the run's own.

    Raises ``DataError`` when the data is absent or is not what the run was trained on.
    """
    experiment = run.experiment
    if root is not None:
        data = experiment.data.model_copy(update={"root": root})
        experiment = experiment.model_copy(update={"data": data})
    dataset = open_dataset(experiment)
    if dataset.fingerprint() != run.config["data"].get("fingerprint"):
        raise DataError(
            f"{experiment.data.root}: its splits hold other names than those {run.name} was "
            "trained with; a training photo could be in the test, so nothing is measured"
        )
    pairs = open_pairs(dataset, split, run.preprocessing, experiment.data.cache)
    counts = []
    for start in range(0, len(pairs), BATCH):
        batch = [pairs[index] for index in range(start, min(start + BATCH, len(pairs)))]
        probabilities = predictor.network_probabilities(np.stack([image for image, _ in batch]))
        for (_, truth), probability in zip(batch, probabilities, strict=True):
            predicted = mask_from(probability, predictor.threshold)
            counts.append(count_image(predicted, truth, experiment))
        if progress:
            progress(start + len(batch), len(pairs))
    return Evaluation(split, dataset.records(split), np.stack(counts), run.class_names)


def count_image(predicted: np.ndarray, truth: np.ndarray, experiment: Experiment) -> np.ndarray:
    """tp, fp, fn, tn of each class of one image: int64 classes×4. ``IGNORE`` is left out."""
    classes = experiment.class_count
    counted = truth != IGNORE
    places = truth[counted].astype(np.int64) * classes + predicted[counted]
    confusion = np.bincount(places, minlength=classes * classes).reshape(classes, classes)
    return metrics.counts_from_confusion(confusion)
