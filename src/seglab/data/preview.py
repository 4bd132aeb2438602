"""A sheet of samples: image, mask and overlay beside each other, with a legend."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seglab.config import Experiment
from seglab.data.augmentation_steps import Step, step_in_words
from seglab.data.augmentations import Augmenter
from seglab.data.crops import random_crop
from seglab.data.sample import Dataset, Sample, Split
from seglab.files import replacing
from seglab.labels import BACKGROUND, IGNORE, LabelMap, class_colour
from seglab.overlays import colour_mask, outlined_overlay
from seglab.preprocessing import Preprocessing

COLUMNS = ("image", "mask", "overlay")


def random_samples(dataset: Dataset, split: Split, count: int, seed: int) -> list[int]:
    """Positions of ``count`` different records of a split, drawn from ``seed``."""
    total = len(dataset.records(split))
    return [
        int(index)
        for index in np.random.default_rng(seed).choice(total, min(count, total), replace=False)
    ]


def as_training_sees(sample: Sample, experiment: Experiment, epoch: int, index: int) -> Sample:
    """The sample at the network's size, augmented as epoch ``epoch`` augments position ``index``
    of the training split."""
    return explained(sample, experiment, epoch, index)[0]


def explained(
    sample: Sample, experiment: Experiment, epoch: int, index: int
) -> tuple[Sample, list[Step]]:
    """The same, and what was drawn for it."""
    preprocessing = Preprocessing(experiment.data.image_size, experiment.data.treatment)
    augmenter = Augmenter(experiment.augmentation, experiment.trainer.seed)
    seed = experiment.trainer.seed
    if preprocessing.takes_crops:
        pair = random_crop(sample.image, sample.mask, preprocessing, seed, epoch, index)
    else:
        pair = sample.at_network_size(preprocessing)
    image, mask = augmenter(*pair, epoch, index)
    steps = [step_in_words(name, drawn) for name, drawn in augmenter.drawn()]
    return Sample(image, mask, sample.record, sample.split), steps


def write_sheet(samples: Sequence[Sample], labels: LabelMap, path: Path) -> None:
    """A PNG with a row a sample, in the label map's colours."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.patches import Patch

    figure, axes = pyplot.subplots(
        len(samples), 3, figsize=(8, 2.6 * len(samples) + 0.6), squeeze=False, layout="constrained"
    )
    for row, sample in zip(axes, samples, strict=True):
        pictures = (
            sample.image,
            colour_mask(sample.mask, labels.colours),
            outlined_overlay(sample.image, sample.mask, colours=labels.colours),
        )
        for axis, picture in zip(row, pictures, strict=True):
            axis.imshow(picture)
            axis.set_axis_off()
        row[0].set_title(
            f"{sample.name}, {sample.foreground_share():.0%} foreground", fontsize=9, loc="left"
        )
    for axis, title in zip(axes[0][1:], COLUMNS[1:], strict=True):
        axis.set_title(title, fontsize=9, loc="left")
    shown = [*range(labels.class_count), IGNORE]
    names = [*labels.class_names, "ignored"]
    present = {int(value) for sample in samples for value in np.unique(sample.mask)}
    patches = [
        Patch(
            facecolor="#{:02x}{:02x}{:02x}".format(*class_colour(class_id, labels.colours)),
            edgecolor="0.5",
            label=name,
        )
        for class_id, name in zip(shown, names, strict=True)
        if class_id in present or class_id == BACKGROUND
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(patches), frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
    pyplot.close(figure)
