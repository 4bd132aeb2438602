"""``train.py``: train an experiment, or go on with an interrupted one."""

from datetime import datetime
from pathlib import Path

from seglab.errors import Interrupted, UsageError
from seglab.experiment_parser import experiment_parser, given_keys, parse_experiment

KEYS_WHEN_RESUMING = {"trainer.max_epochs", "trainer.devices", "trainer.nodes"}


def main(argv: list[str], project: Path) -> int:
    """Train as the command line says; ``project`` holds ``config.yaml`` and ``models/``."""
    parser = experiment_parser(
        "Train a segmentation network into a run folder.", project / "config.yaml"
    )
    parser.add_argument("--run_dir", metavar="DIR", help="new run folder [default models/<name>]")
    parser.add_argument("--resume", metavar="RUN", help="go on with this run, as it was described")
    parser.add_argument(
        "--init_from",
        metavar="RUN",
        nargs="+",
        help="start from another run's weights, or from the mean of several runs' that "
        "all went on from the same",
    )
    parser.add_argument(
        "--debug", action="store_true", help="tracebacks instead of one-line errors"
    )
    experiment, options = parse_experiment(parser, argv)
    given = given_keys(argv)
    if options["resume"]:
        _refuse_with_resume(argv)

    from seglab import training
    from seglab.console import Console
    from seglab.ranks import placed
    from seglab.run_activity import INTERRUPTED
    from seglab.run_list import find_run
    from seglab.runs import Run

    ranks = placed()
    console = Console(silent=not ranks.is_first)
    models = project / "models"
    if options["resume"]:
        run = find_run(options["resume"], models)
        folder = run.folder
    else:
        folder = Path(options["run_dir"]) if options["run_dir"] else models / _name(experiment)
        init_from = [find_run(name, models) for name in options["init_from"] or []]
    if ranks.count == 1:
        settings = run.experiment.trainer if options["resume"] else experiment.trainer
        devices, nodes = (
            getattr(experiment.trainer if f"trainer.{key}" in given else settings, key)
            for key in ("devices", "nodes")
        )
        if devices * nodes > 1:
            return _start_processes(argv, devices, nodes, folder)
    try:
        if options["resume"]:
            changed = "trainer.max_epochs" in given
            training.resume(run, console, experiment.trainer.max_epochs if changed else None)
        else:
            run = training.train(experiment, folder, project, console, init_from)
    except Interrupted:
        if ranks.is_first and not Run(folder).config_path.exists():
            raise
        console.line(f"{INTERRUPTED}go on with  python train.py --resume {folder}")
        return 130
    console.line(f"predict    python predict.py sample_images/chelsea.png --model {folder}")
    return 0


def _start_processes(argv: list[str], devices: int, nodes: int, folder: Path) -> int:
    if nodes > 1:
        raise UsageError(
            f"trainer.nodes: {nodes} machines start together by torchrun or by SLURM's srun; "
            "docs/scaling.md has the commands"
        )
    from seglab.launching import launch

    named = _is_given(argv, "run_dir") or _is_given(argv, "resume")
    return launch(argv if named else [*argv, "--run_dir", str(folder)], devices, folder)


def _refuse_with_resume(argv: list[str]) -> None:
    foreign = sorted(given_keys(argv) - KEYS_WHEN_RESUMING)
    foreign += [name for name in ("config", "run_dir", "init_from") if _is_given(argv, name)]
    if foreign:
        raise UsageError(
            f"{foreign[0]}: --resume takes everything from the run itself; only "
            "trainer.max_epochs, trainer.devices and trainer.nodes may change"
        )


def _is_given(argv: list[str], name: str) -> bool:
    return any(argument.partition("=")[0] == f"--{name}" for argument in argv)


def _name(experiment: object) -> str:
    from seglab.config import Experiment

    assert isinstance(experiment, Experiment)
    network = experiment.network
    described = f"{network.name}-{network.down}-{network.up}-{experiment.loss.name}"
    return f"{described}-{datetime.now():%Y%m%d-%H%M%S}"
