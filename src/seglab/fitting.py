"""The Lightning side of a training: the loop, what is said around it, and how it is left."""

import math
from collections.abc import Sequence
from typing import Any

import lightning
import torch
from lightning.pytorch.strategies import DDPStrategy

from seglab import hardware
from seglab.config import Experiment
from seglab.console import Console, duration, quiet
from seglab.data.augmentations import Augmenter
from seglab.data.loaders import evaluation_loader, training_loader
from seglab.data.pairs import Pairs
from seglab.data.sample import Split
from seglab.data.sharing import Sharing
from seglab.errors import RunError, SeglabError, UsageError
from seglab.first_weights import in_words
from seglab.losses import build_loss
from seglab.networks.catalogue import PhotoNetwork
from seglab.networks.export import export_onnx
from seglab.ranks import Ranks, cluster_environment
from seglab.runs import Run
from seglab.step_choices import chosen
from seglab.stopping import stop_signals
from seglab.training_loggers import LoggerCallback
from seglab.training_module import TrainingModule
from seglab.training_record import Recorder, classes_in_words, weights_only_state
from seglab.weight_average import WeightAverage

PRECISIONS: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def fit(
    run: Run,
    experiment: Experiment,
    pairs: dict[Split, Pairs],
    network: torch.nn.Module,
    weights: Sequence[float],
    console: Console,
    resume: bool,
    ranks: Ranks,
) -> Run:
    """Train to the end, export, and write the result into the run's folder.

    ``pairs`` of training and validation; ``weights`` are those of the classes in the loss;
    ``resume``: go on from ``last.ckpt``, where there is one; ``ranks``: this process among those
    that train. Raises ``TrainingError``, and ``Interrupted`` after Ctrl-C or SIGTERM.
    """
    settings = experiment.trainer
    device = hardware.resolve_device(settings.device)
    workers = hardware.resolve_workers(settings.workers, device)
    if device == "cpu":
        hardware.keep_freed_memory()
    choice = chosen(run.config, experiment, device)
    precision = choice.precision
    network.to(memory_format=choice.memory_format)
    sharing = {split: _sharing(experiment, len(part), ranks) for split, part in pairs.items()}
    if ranks.is_first:
        console.log_to(run.log_path)
    _header(run, experiment, pairs, device, precision, workers, console, ranks)
    average = WeightAverage(settings.ema_decay, device, ranks) if settings.ema_decay else None
    recorder = Recorder(run, experiment, console, average, ranks)
    module = TrainingModule(
        PhotoNetwork(network, run.preprocessing),
        build_loss(experiment, weights),
        experiment,
        sharing["train"],
        ranks,
        choice.compiled,
    )
    augmenter = Augmenter(experiment.augmentation, settings.seed)
    pin = device == "cuda"
    training = training_loader(pairs["train"], augmenter, sharing["train"], workers, pin)
    validation = evaluation_loader(pairs["val"], sharing["val"], workers, pin)
    last = run.last_path if resume and run.last_path.exists() else None
    with quiet(), stop_signals() as signals:
        names = settings.loggers if ranks.is_first else []
        loggers = LoggerCallback(names, run, recorder, pairs["val"], console)
        callbacks = [average, recorder, loggers, signals]
        trainer = _lightning_trainer(experiment, device, precision, callbacks, ranks)
        try:
            trainer.fit(module, training, validation, ckpt_path=last, weights_only=True)
        except Exception as error:
            restoring = last is not None and not recorder.begun and ranks.count == 1
            if not restoring or isinstance(error, OSError | SeglabError):
                raise
            raise _no_state(run) from error  # whatever it is that the state lacks
        return _finish(run, experiment, recorder, console) if ranks.is_first else run


def _sharing(experiment: Experiment, images: int, ranks: Ranks) -> Sharing:
    batch = experiment.trainer.images_a_step
    if batch < ranks.count:
        raise UsageError(
            f"trainer.devices: {ranks.count} processes share steps of {batch} images; use fewer"
        )
    return Sharing(images, batch, ranks.rank, ranks.count)


def _lightning_trainer(
    experiment: Experiment,
    device: str,
    precision: str,
    callbacks: Sequence[lightning.Callback | None],
    ranks: Ranks,
) -> lightning.Trainer:
    settings = experiment.trainer
    strategy: Any = "auto"
    if ranks.count > 1:
        # Buffers are averaged before each validation. A library's encoder may hold layers that
        # its decoder does not use.
        strategy = DDPStrategy(
            cluster_environment=cluster_environment(),
            broadcast_buffers=False,
            find_unused_parameters=experiment.network.name != "unet",
        )
    return lightning.Trainer(
        accelerator=device,
        devices=ranks.devices,
        num_nodes=ranks.machines,
        strategy=strategy,
        sync_batchnorm=ranks.count > 1 and device == "cuda",
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
    ranks: Ranks,
) -> None:
    data, network = run.config["data"], run.config["network"]
    balance = ", ".join(f"{name} {share:.1%}" for name, share in data["class_balance"].items())
    settings = experiment.network
    console.line(f"run        {run.folder}")
    console.line(f"device     {hardware.device_name(device)}, {precision}, {workers} workers")
    if ranks.count > 1:
        machines = "one machine" if ranks.machines == 1 else f"{ranks.machines} machines"
        console.line(
            f"processes  {ranks.count} on {machines}, "
            f"{experiment.trainer.images_a_step} images a step in all"
        )
    console.line(
        f"data       {data['source']}: {len(pairs['train'])} training and {len(pairs['val'])} "
        f"validation pairs at {experiment.data.image_size} px"
    )
    console.line(f"classes    {balance}")
    console.line(
        f"network    {settings.in_words}: {network['parameters'] / 1e6:.2f} M parameters, "
        f"{network['multiply_adds'] / 1e9:.2f} G multiply-adds"
    )
    if run.first_runs:
        console.line(f"weights    at first {in_words(run.first_runs)}")
    epochs = experiment.trainer.max_epochs
    console.line(
        f"training   {experiment.loss.name}, {experiment.optimizer.name} "
        f"{experiment.optimizer.learning_rate:g} {experiment.optimizer.schedule}, batch "
        f"{experiment.trainer.batch_size}, {epochs} epoch{'s' * (epochs != 1)}, seed "
        f"{experiment.trainer.seed}"
    )


def announce_resume(run: Run, console: Console) -> None:
    """Say where a run goes on. Raises ``RunError`` where its state cannot be read."""
    last = run.last_path
    if not last.exists():
        console.line("no epoch was finished yet: starting over")
        return
    try:
        epoch = int(weights_only_state(last)["epoch"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _no_state(run) from error
    console.line(f"going on after epoch {epoch + 1}")


def _no_state(run: Run) -> RunError:
    return RunError(
        f"{run.last_path}: cannot be read; delete it to start {run.name} over with the same "
        "--resume"
    )


def _finish(run: Run, experiment: Experiment, recorder: Recorder, console: Console) -> Run:
    if not 0 < recorder.best_epoch <= len(recorder.rows):
        raise _no_state(run)
    best = recorder.rows[recorder.best_epoch - 1]
    difference = export_onnx(run, experiment)
    seconds = sum(row["seconds"] for row in recorder.rows)
    result = {
        "epochs": len(recorder.rows),
        "best_epoch": recorder.best_epoch,
        "monitor": experiment.trainer.monitor,
        "best": {
            name: value
            for name, value in best.items()
            if name.startswith("val_") and not math.isnan(value)
        },
        "seconds": seconds,
        "onnx_difference": difference,
    }
    run.write_config(run.config | {"result": result})
    run.first_path.unlink(missing_ok=True)
    console.line(
        f"finished   {duration(seconds)}; best epoch {recorder.best_epoch}: validation "
        f"dataset IoU {best['val_dataset_iou']:.4f}, mean image IoU "
        f"{best['val_mean_image_iou']:.4f}"
    )
    if words := classes_in_words(best):
        console.line(f"           {words}")
    return run
