"""Training an experiment into a run folder, and going on with an interrupted one."""

from collections.abc import Sequence
from pathlib import Path

from seglab import hardware
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.pairs import Pairs
from seglab.data.sample import SPLITS, Split
from seglab.errors import DataError, UsageError
from seglab.fitting import announce_resume, fit
from seglab.networks.plausible import check_network_size
from seglab.optimization import SCHEDULES_WITH_AN_END
from seglab.ranks import Ranks, joined
from seglab.runs import Run
from seglab.step_choices import chosen
from seglab.training_guards import guarded
from seglab.training_setup import (
    class_weights,
    describe,
    first_network,
    first_preprocessing,
    open_data,
    restore_first_weights,
)
from seglab.tuning import tune


def train(
    experiment: Experiment,
    folder: Path,
    project: Path,
    console: Console,
    init_from: Sequence[Run] = (),
) -> Run:
    """Train from the start into the new run folder ``folder``.

    ``project`` is where the code's git commit is read; ``init_from`` gives first weights, of
    several runs their mean. Raises ``SeglabError`` with what is wrong, ``Interrupted`` after Ctrl-C
    or SIGTERM.
    """
    device = hardware.resolve_device(experiment.trainer.device)
    with (
        joined(experiment.trainer, device, resume=False) as ranks,
        guarded(folder, experiment, ranks) as folder,
    ):
        with ranks.in_turn():
            if ranks.is_first:
                Run.check_free(folder)  # before pets are drawn or downloaded for it
                _check_names(init_from)
            preprocessing = first_preprocessing(experiment, init_from, console)
            dataset, pairs = open_data(experiment, preprocessing, console)
            network = first_network(experiment, init_from)
            weights = class_weights(experiment, pairs["train"])
            if not ranks.is_first:
                run = Run.open(folder)
            else:
                config = describe(
                    experiment, dataset, pairs["train"], preprocessing, network, weights
                )
                config["speed"] = tune(experiment, network, len(pairs["train"]), device, console)
                precision = chosen(config, experiment, device).precision
                config["environment"] = hardware.environment(project, device, precision)
                if init_from:
                    names = [run.name for run in init_from]
                    config["init_from"] = names[0] if len(names) == 1 else names
                run = Run.create(folder, config)
                if init_from:
                    run.save_weights(run.first_path, {"weights": network.state_dict()})
                run.write_training_samples(
                    [(each.name, split) for split in SPLITS[:2] for each in dataset.records(split)]
                )
        return fit(run, experiment, pairs, network, weights, console, False, ranks)


def resume(run: Run, console: Console, max_epochs: int | None = None) -> Run:
    """Go on with an interrupted run from its last whole epoch; a finished one is left alone.

    ``max_epochs`` changes the length where the schedule permits, else ``UsageError``. The number
    of processes may be another than before: together they take the same steps.
    """
    device = hardware.resolve_device(run.experiment.trainer.device)
    with (
        joined(run.experiment.trainer, device, resume=True) as ranks,
        guarded(run.folder, run.experiment, ranks),
    ):
        with ranks.in_turn():
            run = Run.open(run.folder)  # the first process may have changed it meanwhile
            experiment = _with_length(run, max_epochs, ranks)
            if run.finished:
                console.line(f"{run.folder} is finished ({len(run.rows())} epochs); nothing to do")
                return run
            pairs = _same_data(run, experiment, console)
            weights = run.config["data"].get("class_weights")
            if weights is None:
                weights = class_weights(experiment, pairs["train"])
            announce_resume(run, console)
            check_network_size(experiment, run.last_path)
            starting_over = not run.last_path.exists()
            went_on = bool(run.first_runs)
            # What was saved needs no first weights: nothing is downloaded again.
            network = first_network(experiment, saved=went_on or not starting_over)
            if went_on and starting_over:
                restore_first_weights(network, run)
        return fit(run, experiment, pairs, network, weights, console, True, ranks)


def _check_names(first_runs: Sequence[Run]) -> None:
    names = [run.name for run in first_runs]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"--init_from: two runs are called {name}, by which the new run would know both; "
                "name each run once, or rename one"
            )


def _with_length(run: Run, max_epochs: int | None, ranks: Ranks) -> Experiment:
    """The run's experiment with ``max_epochs``, which its folder then says too."""
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
        if ranks.is_first:
            run.write_config(config | {"experiment": experiment.as_dict()})
    return experiment


def _same_data(run: Run, experiment: Experiment, console: Console) -> dict[Split, Pairs]:
    """The pairs the run was trained on. Raises ``DataError`` where they are others now."""
    excluded = run.config["data"].get("excluded", [])
    _, pairs = open_data(experiment, run.preprocessing, console, excluded)
    if pairs["train"].dataset.fingerprint() != run.config["data"].get("fingerprint"):
        raise DataError(
            f"{experiment.data.root}: is not the data {run.name} was trained on (other names in "
            "its splits); going on would mix them"
        )
    return pairs
