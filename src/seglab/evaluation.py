"""A run on a split: every image is counted first; ``reductions`` makes figures of the counts."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seglab import boundaries, calibration, metrics
from seglab.data.cache import open_pairs
from seglab.data.sample import Dataset, Record, Split
from seglab.inference import Predictor
from seglab.labels import IGNORE
from seglab.segmentation import mask_from

BATCH = 16

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Evaluation:
    """What was counted of each image, in the records' order.

    ``counts`` int64 images×classes×4 (tp, fp, fn, tn), ``outlines`` int64 images×classes×7 (see
    ``boundaries``), ``reliability`` float64 images×20×3 (see ``calibration``); ``confusion`` int64
    classes×classes pixels over all images, truth by prediction.
    """

    records: tuple[Record, ...]
    class_names: tuple[str, ...]
    counts: np.ndarray
    outlines: np.ndarray
    reliability: np.ndarray
    confusion: np.ndarray

    @cached_property
    def image_figures(self) -> dict[str, np.ndarray]:
        """Figures of each image and class: ``iou``, ``dice``, …, arrays images×classes."""
        return metrics.figures_per_class(self.counts) | boundaries.boundary_figures(self.outlines)

    @cached_property
    def headlines(self) -> dict[str, np.ndarray]:
        """Headline figures of each image: arrays of length images."""
        return metrics.headline(self.image_figures) | {
            "accuracy": metrics.pixel_accuracy(self.counts)
        }

    def foreground_shares(self) -> np.ndarray:
        """Share of each image's counted pixels whose truth is not background, 0–1."""
        background = self.counts[:, 0, metrics.TP] + self.counts[:, 0, metrics.FN]
        total = self.counts[:, 0].sum(-1)
        covered: np.ndarray = np.divide(background, total, out=np.ones(len(total)), where=total > 0)
        return 1 - covered

    def table(self) -> str:
        """CSV with a row an image: name, breed, species, counts of each class, headline figures,
        foreground share of the truth, mean confidence."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        counted = [
            f"{kind}_{name}" for name in self.class_names for kind in ("tp", "fp", "fn", "tn")
        ]
        pixels = self.reliability.sum(axis=1)
        confidence = pixels[:, calibration.CONFIDENCE] / np.maximum(pixels[:, 0], 1)
        figures = self.headlines | {
            "foreground_share": self.foreground_shares(),
            "mean_confidence": confidence,
        }
        writer.writerow(["name", "breed", "species", *counted, *figures])
        for place, record in enumerate(self.records):
            row = [record.name, record.breed or "", record.species or ""]
            row += [str(int(count)) for count in self.counts[place].ravel()]
            row += [f"{values[place]:.6f}" for values in figures.values()]
            writer.writerow(row)
        return text.getvalue()


def evaluate(
    predictor: Predictor,
    dataset: Dataset,
    split: Split,
    size: str = "network",
    threshold: float | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Count every image of a split, at the ``network``'s size or the photos' ``original`` one.

    ``threshold`` (two classes): default the predictor's own. Raises ``DataError``.
    """
    classes = len(predictor.class_names)
    chosen = predictor.threshold if threshold is None else threshold
    records = dataset.records(split)
    confusion = np.zeros((len(records), classes, classes), np.int64)
    outlines = np.zeros((len(records), classes, 7), np.int64)
    reliability = np.zeros((len(records), calibration.BINS, 3))
    for place, (probabilities, truth) in enumerate(answers(predictor, dataset, split, size)):
        predicted = mask_from(probabilities, chosen)
        confusion[place] = count_confusion(predicted, truth, classes)
        outlines[place] = boundaries.count_boundary(predicted, truth, classes)
        reliability[place] = calibration.count_reliability(probabilities, truth)
        if progress:
            progress(place + 1, len(records))
    return Evaluation(
        records,
        predictor.class_names,
        metrics.counts_from_confusion(confusion),
        outlines,
        reliability,
        confusion.sum(axis=0),
    )


def answers(
    predictor: Predictor, dataset: Dataset, split: Split, size: str = "network"
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Probabilities float32 classes×H×W and truth uint8 H×W of each image, in order.

    A network that was trained on crops works at the photos' own resolution: both sizes are that.
    """
    if size == "original" or predictor.preprocessing.takes_crops:
        for index in range(len(dataset.records(split))):
            sample = dataset.read(split, index)
            yield predictor.probabilities(sample.record.image), sample.mask
        return
    use_cache = predictor.run.experiment.data.cache
    pairs = open_pairs(dataset, split, predictor.preprocessing, use_cache)
    for start in range(0, len(pairs), BATCH):
        batch = [pairs[index] for index in range(start, min(start + BATCH, len(pairs)))]
        probabilities = predictor.network_probabilities(np.stack([image for image, _ in batch]))
        yield from zip(probabilities, (truth for _, truth in batch), strict=True)


def count_confusion(predicted: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """Pixels by truth (row) and prediction (column) of one image: int64 classes×classes.

    Both are class ids uint8 H×W; pixels whose truth is ``IGNORE`` are left out.
    """
    counted = truth != IGNORE
    places = truth[counted].astype(np.int64) * classes + predicted[counted]
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes)
