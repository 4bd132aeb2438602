"""What a training needs before its first step: data, first weights, the run's description."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import lightning
import torch

from seglab.config import Experiment
from seglab.console import Console
from seglab.data.cache import open_pairs
from seglab.data.pairs import Pairs
from seglab.data.sample import SPLITS, Dataset, Split
from seglab.data.sharing import Sharing
from seglab.data.sources import open_dataset
from seglab.data.statistics import image_statistics
from seglab.errors import DataError, RunError, UsageError
from seglab.labels import IGNORE
from seglab.networks.catalogue import build_network, multiply_adds, parameter_count
from seglab.networks.encoder_weights import input_statistics, load_encoder_weights
from seglab.networks.library import LibraryNetwork
from seglab.networks.soup import mean_weights
from seglab.preprocessing import Preprocessing
from seglab.runs import Run


def open_data(
    experiment: Experiment,
    preprocessing: Preprocessing,
    console: Console,
    excluded: Collection[str] | None = None,
) -> tuple[Dataset, dict[Split, Pairs]]:
    """The dataset, and its training and validation pairs at the network's size.

    ``excluded`` names the samples left out of a run that is gone on with, instead of
    ``data.exclude``. Raises ``DataError`` that names every pair of both splits that cannot be used,
    and ``UsageError`` for a batch size that does not fit the data.
    """
    dataset = open_dataset(experiment, excluded)
    if excluded is None:  # a run that begins
        check_batch_size(experiment, len(dataset.records("train")))
    for report in dataset.reports():
        console.line(f"warning: {report}")
    pairs: dict[Split, Pairs] = {}
    broken: list[str] = []
    for split in SPLITS[:2]:
        total = len(dataset.records(split))
        with console.bar(f"reading the {split} pairs", total) as progress:
            try:
                pairs[split] = open_pairs(
                    dataset, split, preprocessing, experiment.data.cache, progress
                )
            except DataError as error:
                if not error.details:
                    raise
                broken += error.details  # the other split's are wanted in the same report
    if broken:
        raise DataError(
            f"{dataset.root}: {len(broken)} pairs cannot be used; mend or remove these files",
            tuple(broken),
        )
    return dataset, pairs


def first_preprocessing(
    experiment: Experiment, init_from: Sequence[Run], console: Console
) -> Preprocessing:
    """How a run that begins treats photos: with the mean and deviation that its first weights were
    trained with, else ImageNet's. ``console`` is told which, where there are such weights.

    Raises ``UsageError`` where those cannot be had, or where the runs in ``init_from`` differ.
    """
    plain = Preprocessing(experiment.data.image_size, experiment.data.treatment)
    settings = experiment.network
    found = input_statistics(settings)
    if found is not None:
        used, origin = replace(plain, mean=found.mean, std=found.std), found.origin
    elif init_from:
        former, *others = (run.preprocessing for run in init_from)
        if any((other.mean, other.std) != (former.mean, former.std) for other in others):
            raise UsageError(
                "--init_from: these runs were trained with other means and standard deviations of "
                "pixels; name them with network.encoder_mean and network.encoder_std"
            )
        used = replace(plain, mean=former.mean, std=former.std)
        origin = f"as {init_from[0].name}'s"
    elif settings.encoder_weights != "none":
        used, origin = plain, f"ImageNet's, since {settings.encoder_weights} names none"
    else:
        return plain
    mean, deviation = (" ".join(f"{one:g}" for one in values) for values in (used.mean, used.std))
    console.line(f"pixels     mean {mean}, standard deviation {deviation}: {origin}")
    return used


def check_batch_size(experiment: Experiment, images: int) -> None:
    """Refuse batches larger than the data, and a last batch of one image at one pixel: batch norm
    needs two values a channel.

    ``images`` is the number of training images. Raises ``UsageError``.
    """
    settings, network = experiment.trainer, experiment.network
    size = settings.batch_size
    ranks = settings.devices * settings.nodes
    smallest = Sharing(images, settings.images_a_step, ranks=ranks).smallest_share
    if settings.images_a_step > images:
        raise UsageError(
            f"trainer.batch_size: {size} is more than the {images} training images; use "
            f"--trainer.batch_size {max(images // ranks, 1)} or less"
            if ranks == 1
            else f"trainer.batch_size: {ranks} processes with {size} each take more than the "
            f"{images} training images; use --trainer.batch_size {max(images // ranks, 1)} or less"
        )
    if network.norm != "batch" or smallest > 1:
        return
    alone = f"trainer.batch_size: {size} leaves the last of {images} images alone, "
    if network.name != "unet":
        # Many of them pool the whole image to one pixel somewhere.
        raise UsageError(f"{alone}too little for batch norm in {network.name}; change it")
    if experiment.data.image_size == network.stride:
        raise UsageError(
            f"{alone}and its lowest level is a single pixel, too little for batch norm; change it, "
            "or use --network.norm group"
        )


def first_network(
    experiment: Experiment, init_from: Sequence[Run] = (), saved: bool = False
) -> torch.nn.Module:
    """The network before the first step: drawn from the seed, its encoder with first weights
    where some are named, or all with another run's weights, of several runs with their mean.
    ``saved``: weights will be read from a checkpoint, so that the encoder's are not fetched.

    Raises ``UsageError`` when those are another network's, or cannot be had.
    """
    lightning.seed_everything(experiment.trainer.seed, verbose=False)
    network = build_network(experiment)
    if isinstance(network, LibraryNetwork) and not saved:
        settings = experiment.network
        load_encoder_weights(network, settings.encoder, settings.encoder_weights)
    if not init_from:
        return network
    weights = mean_weights(init_from)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(
            f"--init_from {init_from[0].folder}: its network is another one; make network.* the "
            "same, or train from the start"
        ) from error
    return network


def restore_first_weights(network: torch.nn.Module, run: Run) -> None:
    """Give the network what a run that went on from others began with: those may have changed.

    Raises ``RunError`` where the run no longer has it.
    """
    if not run.first_path.exists():
        raise RunError(
            f"{run.folder}: has no whole epoch, and the weights it began with, of "
            f"{' and '.join(run.first_runs)}, are gone; delete it and begin anew with --init_from"
        )
    try:
        network.load_state_dict(run.load_weights(run.first_path)["weights"])
    except RuntimeError as error:
        raise RunError(f"{run.first_path}: holds the weights of another network") from error


def class_weights(experiment: Experiment, pairs: Pairs) -> tuple[float, ...]:
    """The weight of a pixel of each class, for the losses that weigh; empty for the others.

    Counted on ``pairs`` where the loss says auto, ignored pixels left out: for ``weighted_bce``
    background pixels for each foreground pixel; for ``weighted_cross_entropy`` all pixels by
    classes times pixels of the class, so that every class weighs the same in all and the mean
    pixel weighs 1. Raises ``DataError`` where a class has no pixel.
    """
    settings, losses = experiment.loss, experiment.loss.weights
    if "weighted_bce" in losses and settings.positive_weight != "auto":
        return (1.0, float(settings.positive_weight))
    if "weighted_cross_entropy" in losses and settings.class_weights != "auto":
        return tuple(settings.class_weights)
    if not losses.keys() & {"weighted_bce", "weighted_cross_entropy"}:
        return ()
    names = pairs.dataset.labels.class_names
    pixels = [int(count) for count in pairs.class_pixels()[: len(names)]]
    if "weighted_bce" in losses:
        if not pixels[1]:
            raise DataError("loss.positive_weight: the training split has no foreground to weigh")
        return (1.0, pixels[0] / pixels[1])
    absent = [name for name, count in zip(names, pixels, strict=True) if not count]
    if absent:
        raise DataError(f"loss.class_weights: the training split has no pixel of {absent[0]}")
    return tuple(sum(pixels) / (len(pixels) * count) for count in pixels)


def describe(
    experiment: Experiment,
    dataset: Dataset,
    pairs: Pairs,
    preprocessing: Preprocessing,
    network: torch.nn.Module,
    weights: Sequence[float],
) -> dict[str, Any]:
    """What ``config.json`` says of a run that begins; ``pairs`` are those of training."""
    pixels = pairs.class_pixels()
    counted = max(int(pixels[:IGNORE].sum()), 1)
    names = dataset.labels.class_names
    return {
        "experiment": experiment.as_dict(),
        "data": {
            "source": dataset.source,
            "fingerprint": dataset.fingerprint(),
            "counts": {split: len(dataset.splits.get(split, ())) for split in SPLITS},
            "missing": len(dataset.missing),
            "excluded": list(dataset.excluded),
            "label_map": dataset.labels.as_dict(),
            "class_balance": {
                name: round(float(pixels[class_id]) / counted, 6)
                for class_id, name in enumerate(names)
            },
            "class_weights": list(weights),
            "image_statistics": image_statistics(pairs),
        },
        "preprocessing": preprocessing.as_dict(),
        "network": {
            "output": experiment.output,
            "parameters": parameter_count(network),
            "multiply_adds": multiply_adds(network, experiment.data.image_size),
        },
    }
