"""A suite: experiments times seeds, the folder of each run, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from seglab.config import Experiment
from seglab.errors import RunError, UsageError
from seglab.experiment_parser import experiment_parser, parse_experiment, validate
from seglab.reproduction import INCIDENTAL
from seglab.run_evaluations import EVALUATION_FORMAT
from seglab.runs import Run

State = Literal["done", "trained", "interrupted", "missing", "other", "broken"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class PlannedRun:
    """One run of a suite: an experiment with its seed, the file it came from, and the run folder,
    which need not exist yet."""

    file: Path
    experiment: Experiment
    folder: Path

    @property
    def name(self) -> str:
        """The run folder's name."""
        return self.folder.name


@dataclass(frozen=True)
class Suite:
    """Runs in the order they are made, seed after seed, so that what is there is comparable.

    ``overrides`` are the command-line flags that hold for every experiment.
    """

    folder: Path
    runs: tuple[PlannedRun, ...]
    overrides: tuple[str, ...]

    @property
    def comparison_path(self) -> Path:
        """Where the comparison of the runs is written: cross-validations have one of their own."""
        folds = max(run.experiment.data.folds for run in self.runs)
        return self.folder / (f"comparison-{folds}-folds.md" if folds else "comparison.md")


@dataclass(frozen=True)
class Standing:
    """How far a planned run has come, read from its folder.

    ``note``: headline figures where done, the reason where other or broken. ``stuck``: the suite
    cannot bring it further, and ``note`` says what a person can do.
    """

    state: State
    note: str = ""
    stuck: bool = False


def plan(
    named: Sequence[Path],
    seeds: Sequence[int],
    overrides: Sequence[str],
    defaults: Path,
    results: Path,
) -> Suite:
    """The suite of a folder of experiment files, or of files that lie in one folder.

    ``overrides`` are flags such as ``--network.depth 3``; ``defaults`` is ``config.yaml``; runs
    are to lie in ``runs/<suite>/<experiment>-seed-<seed>``, with ``-fold-<fold>`` behind it for
    each fold of an experiment with ``data.folds``. Every experiment is validated with every seed.
    Raises ``UsageError`` that names the file and the key.
    """
    files = _experiment_files(named)
    parser = experiment_parser("", defaults)
    experiments = {}
    for file in files:
        try:
            # parse_experiment names the file itself where the file alone is wrong.
            experiments[file] = parse_experiment(parser, ["--config", str(file), *overrides])[0]
        except UsageError as error:
            reason = str(error).removeprefix(f"--config {file}: ")
            raise UsageError(f"{file}: {reason}") from error
    folder = nearby(results / files[0].parent.resolve().name)
    runs = [
        PlannedRun(file, experiment, folder / _run_name(file, experiment))
        for seed in dict.fromkeys(seeds)
        for fold in range(1, max([1, *(one.data.folds for one in experiments.values())]) + 1)
        for file in files
        if fold <= max(experiments[file].data.folds, 1)
        for experiment in [_seeded(experiments[file], seed, fold, file)]
    ]
    return Suite(folder, tuple(runs), tuple(overrides))


def standing(planned: PlannedRun) -> Standing:
    """How far the run has come. Never raises: what is damaged is ``broken``."""
    folder = planned.folder
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return Standing("missing")
    try:
        return _standing_of(Run.open(folder), planned.experiment)
    except RunError as error:
        return Standing("broken", f"{error}; mend it, or move {folder} away", stuck=True)


def nearby(path: Path) -> Path:
    """The path as seen from the working folder where it lies in there, else as it is.

    Run folders keep the commands they were made with; where somebody's home lies is not theirs.
    """
    working = Path.cwd()
    return path.relative_to(working) if path.is_relative_to(working) else path


def _experiment_files(named: Sequence[Path]) -> list[Path]:
    if len(named) == 1 and named[0].is_dir():
        found = named[0].glob("*.yaml")
        files = sorted(path for path in found if path.is_file() and path.name[0] != ".")
        if not files:
            raise UsageError(f"{named[0]}: holds no experiment files (*.yaml)")
        return files
    for path in named:
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; name one folder alone, or files")
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file or folder")
    files = list(dict.fromkeys(named))
    first = files[0]
    for file in files[1:]:
        if file.parent.resolve() != first.parent.resolve():
            raise UsageError(
                f"{file}: lies in another folder than {first}; the folder names the suite, so run "
                "them apart"
            )
    stems = [file.stem for file in files]
    twice = [file for file in files if stems.count(file.stem) > 1]
    if twice:
        raise UsageError(f"{twice[1]}: its runs would be called like those of {twice[0]}")
    return files


def _seeded(experiment: Experiment, seed: int, fold: int, file: Path) -> Experiment:
    values = experiment.as_dict()
    values["trainer"]["seed"] = seed
    values["data"]["fold"] = fold
    try:
        return validate(values)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error


def _run_name(file: Path, experiment: Experiment) -> str:
    fold = f"-fold-{experiment.data.fold}" if experiment.data.folds else ""
    return f"{file.stem}-seed-{experiment.trainer.seed}{fold}"


def _standing_of(run: Run, asked: Experiment) -> Standing:
    different = _differences(run, asked)
    if different:
        note = f"holds another experiment: {'; '.join(different)}; choose other --runs, or move"
        return Standing("other", f"{note} {run.folder} away", stuck=True)
    if not run.finished:
        epochs = f"after {len(run.rows())} of {asked.trainer.max_epochs} epochs"
        return Standing("interrupted", epochs)
    evaluation = run.evaluation("test")
    table = run.evaluation_path("test", suffix=".csv")
    # An evaluation of an earlier version is made anew.
    if evaluation and evaluation.get("format") == EVALUATION_FORMAT and table.exists():
        return Standing("done", _headline(run, evaluation))
    if run.checkpoint_path.exists() or run.onnx_path.exists():
        return Standing("trained", "not evaluated on test")
    return Standing(
        "trained",
        f"not evaluated on test, and its weights are not here: bring {run.checkpoint_path.name} "
        f"from where it was trained, or move {run.folder} away to train it again",
        stuck=True,
    )


def _differences(run: Run, asked: Experiment) -> list[str]:
    """What the folder's experiment and the one asked for do not share, each key in words.

    Where the data lies, the cache, the device and the workers are the machine's matter, and so is
    the number format that ``trainer.precision`` auto becomes there: auto accepts any, a named one
    wants what the run was computed in. That the data is the same is held by its fingerprint, when
    a run is resumed or evaluated.
    """
    there = run.experiment.as_dict()
    wanted = asked.as_dict()
    computed_in = run.config["environment"].get("precision", there["trainer"]["precision"])
    if wanted["trainer"]["precision"] in ("auto", computed_in):
        there["trainer"]["precision"] = wanted["trainer"]["precision"]
    found = [
        f"{section}.{key} is {there[section][key]} there, {value} here"
        for section, keys in wanted.items()
        for key, value in keys.items()
        if f"{section}.{key}" not in INCIDENTAL and there[section][key] != value
    ]
    if "init_from" in run.config:
        names = " and ".join(run.first_runs)
        found.append(f"its first weights are those of {names}, here random")
    return found


def _headline(run: Run, evaluation: dict[str, Any]) -> str:
    try:
        dataset, image = evaluation["dataset_iou"], evaluation["mean_image_iou"]
        return (
            f"dataset IoU {dataset['value']:.4f} [{dataset['low']:.4f}, {dataset['high']:.4f}], "
            f"mean image IoU {image['value']:.4f} [{image['low']:.4f}, {image['high']:.4f}]"
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{run.evaluation_path('test')}: holds no headline figures") from error
