"""The Lightning side of a training: the loop, what is said around it, and how it is left."""

import logging
import pickle
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
import torch

from seglab import hardware
from seglab.config import Experiment
from seglab.console import Console, duration
from seglab.data.augmentations import Augmenter
from seglab.data.cache import Pairs
from seglab.data.loaders import evaluation_loader, training_loader
from seglab.data.sample import Split
from seglab.errors import Interrupted, RunError, TrainingError
from seglab.losses import build_loss
from seglab.networks.catalogue import PhotoNetwork
from seglab.networks.export import export_onnx
from seglab.runs import Run
from seglab.training_module import TrainingModule
from seglab.training_record import Recorder, weights_only_state
from seglab.weight_average import WeightAverage

PRECISIONS: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def fit(
    run: Run,
    experiment: Experiment,
    pairs: dict[Split, Pairs],
    network: torch.nn.Module,
    weight: float,
    console: Console,
    resume: bool,
) -> Run:
    """Train to the end, export, and write the result into the run's folder.

    ``pairs`` of training and validation; ``weight`` is that of a foreground pixel; ``resume``: go
    on from ``last.ckpt``, where there is one. Raises ``TrainingError``, and ``Interrupted`` after
    Ctrl-C or SIGTERM.
    """
    settings = experiment.trainer
    device = hardware.resolve_device(settings.device)
    precision = hardware.resolve_precision(settings.precision, device)
    workers = hardware.resolve_workers(settings.workers, device)
    network.to(memory_format=hardware.memory_format(precision))
    console.log_to(run.log_path)
    _header(run, experiment, pairs, device, precision, workers, console)
    average = WeightAverage(settings.ema_decay, device) if settings.ema_decay else None
    recorder = Recorder(run, experiment, console, average)
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
        trainer = _lightning_trainer(experiment, device, precision, [average, recorder])
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
    experiment: Experiment,
    device: str,
    precision: str,
    callbacks: Sequence[lightning.Callback | None],
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
        callbacks=[callback for callback in callbacks if callback],
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
        f"network    {settings.in_words}: {network['parameters'] / 1e6:.2f} M parameters, "
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
