"""Training an experiment into a run folder, and going on with an interrupted one."""

import logging
import pickle
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
import torch

from seglab import hardware
from seglab.config import Experiment
from seglab.console import Console, duration
from seglab.data.augmentations import Augmenter
from seglab.data.cache import Pairs, open_pairs
from seglab.data.loaders import evaluation_loader, training_loader
from seglab.data.sample import SPLITS, Dataset, Split
from seglab.data.sources import open_dataset
from seglab.errors import DataError, Interrupted, RunError, TrainingError, UsageError
from seglab.labels import IGNORE
from seglab.losses import build_loss
from seglab.networks.catalogue import (
    PhotoNetwork,
    build_network,
    multiply_adds,
    parameter_count,
)
from seglab.networks.export import export_onnx
from seglab.optimization import SCHEDULES_WITH_AN_END
from seglab.preprocessing import Preprocessing
from seglab.runs import Run
from seglab.training_module import TrainingModule
from seglab.training_record import Recorder, weights_only_state

PRECISIONS: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def train(
    experiment: Experiment,
    folder: Path,
    project: Path,
    console: Console,
    init_from: Run | None = None,
) -> Run:
    """Train from the start into the new run folder ``folder``.

    ``project`` is where the code's git commit is read; ``init_from`` gives first weights. Raises
    ``SeglabError`` with what is wrong, ``Interrupted`` after Ctrl-C or SIGTERM.
    """
    device = hardware.resolve_device(experiment.trainer.device)
    precision = hardware.resolve_precision(experiment.trainer.precision, device)
    dataset, pairs = _open_data(experiment, console)
    _check_last_batch(experiment, len(pairs["train"]))
    network = _first_network(experiment, init_from)
    weight = _positive_weight(experiment, pairs["train"])
    config = _describe(experiment, dataset, pairs["train"], network, weight)
    config["environment"] = hardware.environment(project, device, precision)
    if init_from:
        config["init_from"] = init_from.name
    run = Run.create(folder, config)
    run.write_training_samples(
        [(record.name, split) for split in SPLITS[:2] for record in dataset.records(split)]
    )
    return _fit(run, experiment, pairs, network, weight, console, resume=False)


def resume(run: Run, console: Console, max_epochs: int | None = None) -> Run:
    """Go on with an interrupted run from its last whole epoch; a finished one is left alone.

    ``max_epochs`` changes the length where the schedule permits, else ``UsageError``.
    """
    experiment = run.experiment
    length = experiment.trainer.max_epochs
    if max_epochs is not None and max_epochs != length:
        if experiment.optimizer.schedule in SCHEDULES_WITH_AN_END:
            raise UsageError(
                f"trainer.max_epochs: {run.name} was planned for {length} epochs and its schedule "
                f"{experiment.optimizer.schedule} depends on that; start a new run with "
                f"--init_from {run.folder}, or train with --optimizer.schedule constant"
            )
        done = len(run.rows())
        if max_epochs < done:
            raise UsageError(f"trainer.max_epochs: {run.name} has {done} epochs already")
        trainer = experiment.trainer.model_copy(update={"max_epochs": max_epochs})
        experiment = experiment.model_copy(update={"trainer": trainer})
        config = {key: value for key, value in run.config.items() if key != "result"}
        run.write_config(config | {"experiment": experiment.as_dict()})
    if run.finished:
        console.line(f"{run.folder} is finished ({len(run.rows())} epochs); nothing to do")
        return run
    _, pairs = _open_data(experiment, console)
    if pairs["train"].dataset.fingerprint() != run.config["data"].get("fingerprint"):
        raise DataError(
            f"{experiment.data.root}: is not the data {run.name} was trained on (other names in "
            "its splits); going on would mix them"
        )
    weight = float(run.config["data"].get("positive_weight") or 1.0)
    network = _first_network(experiment, None)
    return _fit(run, experiment, pairs, network, weight, console, resume=True)


def _open_data(experiment: Experiment, console: Console) -> tuple[Dataset, dict[Split, Pairs]]:
    dataset = open_dataset(experiment)
    report = dataset.missing_report()
    if report:
        console.line(f"warning: {report}")
    preprocessing = Preprocessing(experiment.data.image_size, experiment.data.resize)
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


def _check_last_batch(experiment: Experiment, images: int) -> None:
    """Batch norm needs two values a channel: one image at one pixel gives it one."""
    size, network = experiment.trainer.batch_size, experiment.network
    single_pixel = experiment.data.image_size == 2**network.depth
    if network.norm == "batch" and single_pixel and (images - 1) % size == 0:
        raise UsageError(
            f"trainer.batch_size: {size} leaves the last of {images} images alone, and its lowest "
            "level is a single pixel, too little for batch norm; change it, or use "
            "--network.norm group"
        )


def _first_network(experiment: Experiment, init_from: Run | None) -> torch.nn.Module:
    lightning.seed_everything(experiment.trainer.seed, verbose=False)
    network = build_network(experiment)
    if init_from is None:
        return network
    weights = init_from.load_weights()["weights"]
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(
            f"--init_from {init_from.folder}: its network is another one; make network.* the "
            "same, or train from the start"
        ) from error
    return network


def _positive_weight(experiment: Experiment, pairs: Pairs) -> float:
    """Background pixels for each foreground pixel of the training split, where auto."""
    named = experiment.loss.positive_weight
    if experiment.loss.name != "weighted_bce":
        return 1.0
    if named != "auto":
        return float(named)
    pixels = pairs.class_pixels()
    if not pixels[1]:
        raise DataError("loss.positive_weight: the training split has no foreground to weigh")
    return float(pixels[0] / pixels[1])


def _describe(
    experiment: Experiment,
    dataset: Dataset,
    pairs: Pairs,
    network: torch.nn.Module,
    weight: float,
) -> dict[str, Any]:
    preprocessing = Preprocessing(experiment.data.image_size, experiment.data.resize)
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
            "label_map": dataset.labels.as_dict(),
            "class_balance": {
                name: round(float(pixels[class_id]) / counted, 6)
                for class_id, name in enumerate(names)
            },
            "positive_weight": weight,
        },
        "preprocessing": preprocessing.as_dict(),
        "network": {
            "output": experiment.output,
            "parameters": parameter_count(network),
            "multiply_adds": multiply_adds(network, experiment.data.image_size),
        },
    }


def _fit(
    run: Run,
    experiment: Experiment,
    pairs: dict[Split, Pairs],
    network: torch.nn.Module,
    weight: float,
    console: Console,
    resume: bool,
) -> Run:
    settings = experiment.trainer
    device = hardware.resolve_device(settings.device)
    precision = hardware.resolve_precision(settings.precision, device)
    workers = hardware.resolve_workers(settings.workers, device)
    network.to(memory_format=hardware.memory_format(precision))
    console.log_to(run.log_path)
    _header(run, experiment, pairs, device, precision, workers, console)
    recorder = Recorder(run, experiment, console)
    module = TrainingModule(
        PhotoNetwork(network, run.preprocessing), build_loss(experiment, weight), experiment
    )
    augmenter = Augmenter(experiment.augmentation, settings.seed)
    pin = device == "cuda"
    training = training_loader(pairs["train"], augmenter, settings.batch_size, workers, pin)
    validation = evaluation_loader(pairs["val"], settings.batch_size, workers, pin)
    last = run.last_path if resume and run.last_path.exists() else None
    if resume:
        _announce_resume(run, last, console)
    with _quiet(), _stop_signals():
        trainer = _lightning_trainer(experiment, device, precision, recorder)
        try:
            trainer.fit(module, training, validation, ckpt_path=last, weights_only=True)
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"the device is out of memory with --trainer.batch_size {settings.batch_size}; "
                f"try --trainer.batch_size {max(settings.batch_size // 2, 1)}"
            ) from error
        except OSError as error:
            raise TrainingError(
                f"{run.folder}: cannot be written ({error.strerror or error}); free space or "
                f"permission is needed, then --resume {run.folder}"
            ) from error
    return _finish(run, experiment, recorder, console)


def _lightning_trainer(
    experiment: Experiment, device: str, precision: str, recorder: Recorder
) -> lightning.Trainer:
    settings = experiment.trainer
    return lightning.Trainer(
        accelerator=device,
        devices=1,
        precision=PRECISIONS[precision],
        max_epochs=settings.max_epochs,
        gradient_clip_val=experiment.optimizer.gradient_clip or None,
        deterministic=settings.deterministic,
        benchmark=not settings.deterministic,
        callbacks=[recorder],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def _header(
    run: Run,
    experiment: Experiment,
    pairs: dict[Split, Pairs],
    device: str,
    precision: str,
    workers: int,
    console: Console,
) -> None:
    data, network = run.config["data"], run.config["network"]
    balance = ", ".join(f"{name} {share:.1%}" for name, share in data["class_balance"].items())
    settings = experiment.network
    console.line(f"run        {run.folder}")
    console.line(f"device     {hardware.device_name(device)}, {precision}, {workers} workers")
    console.line(
        f"data       {data['source']}: {len(pairs['train'])} training and {len(pairs['val'])} "
        f"validation pairs at {experiment.data.image_size} px"
    )
    console.line(f"classes    {balance}")
    console.line(
        f"network    {settings.name}, {settings.base_channels} channels, depth {settings.depth}, "
        f"{settings.down} and {settings.up}: {network['parameters'] / 1e6:.2f} M parameters, "
        f"{network['multiply_adds'] / 1e9:.2f} G multiply-adds"
    )
    console.line(
        f"training   {experiment.loss.name}, {experiment.optimizer.name} "
        f"{experiment.optimizer.learning_rate:g} {experiment.optimizer.schedule}, batch "
        f"{experiment.trainer.batch_size}, {experiment.trainer.max_epochs} epochs, seed "
        f"{experiment.trainer.seed}"
    )


def _announce_resume(run: Run, last: Path | None, console: Console) -> None:
    if last is None:
        console.line("no epoch was finished yet: starting over")
        return
    try:
        epoch = int(weights_only_state(last)["epoch"])
    except (RuntimeError, OSError, KeyError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise RunError(
            f"{last}: cannot be read; delete it to start {run.name} over with the same --resume"
        ) from error
    console.line(f"going on after epoch {epoch + 1}")


def _finish(run: Run, experiment: Experiment, recorder: Recorder, console: Console) -> Run:
    best = recorder.rows[recorder.best_epoch - 1]
    difference = export_onnx(run, experiment)
    seconds = sum(row["seconds"] for row in recorder.rows)
    result = {
        "epochs": len(recorder.rows),
        "best_epoch": recorder.best_epoch,
        "monitor": experiment.trainer.monitor,
        "best": {key: value for key, value in best.items() if key.startswith("val_")},
        "seconds": seconds,
        "onnx_difference": difference,
    }
    run.write_config(run.config | {"result": result})
    console.line(
        f"finished   {duration(seconds)}; best epoch {recorder.best_epoch}: validation "
        f"dataset IoU {best['val_dataset_iou']:.4f}, mean image IoU "
        f"{best['val_mean_image_iou']:.4f}"
    )
    return run


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM become ``Interrupted``; the last whole epoch is saved already."""

    def stop(_number: int, _frame: Any) -> None:
        raise Interrupted

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _quiet() -> Iterator[None]:
    """Lightning's advice goes to nobody who can act on it."""
    for name in ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
