"""Where the figures come from: commands, seeds, commits, versions, machines."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seglab.errors import RunError
from seglab.measured import Measured
from seglab.report.markup import Markup, bullets, element, joined, paragraph, section, table
from seglab.report.numbers import NOTHING
from seglab.reproduction import differences, flags
from seglab.runs import Run

SHORT_COMMIT = 10


def origin_section(
    runs: Sequence[Run], names: Mapping[Path, str], measured: Measured, report: Path
) -> Markup:
    """Everything that giving the same again needs."""
    commands: list[str] = []
    for run in runs:
        commands += [train_command(run), evaluate_command(run, measured)]
    commands.append(compare_command(runs, measured, report))
    listed = element("pre", "\n".join(command for command in commands if command))
    return section(
        "How to get the same",
        paragraph("From the project's folder, each training with its measurement, then this page:"),
        listed,
        _machines(runs, names, measured),
        _versions(runs, names, measured),
        anchor="origin",
    )


def train_command(run: Run) -> str:
    """``python train.py`` with the keys that are not the defaults; empty where they are broken."""
    try:
        # The data's place is part of the command: without it the same would not be found.
        words = ["python", "train.py", *flags(differences(run.experiment, machine=True))]
    except RunError:
        return ""
    if run.first_runs:
        words += ["--init_from", *run.first_runs]
    return shlex.join([*words, "--run_dir", str(run.folder)])


def evaluate_command(run: Run, measured: Measured) -> str:
    """What the run was measured with, or would be."""
    words = ["python", "evaluate.py", str(run.folder), *measured.options()]
    return str(_evaluation(run, measured).get("command") or shlex.join(words))


def compare_command(runs: Sequence[Run], measured: Measured, report: Path) -> str:
    """What writes the report again."""
    folders = [str(run.folder) for run in runs]
    words = ["python", "compare.py", *folders, *measured.options()]
    return shlex.join([*words, "--report", str(report)])


def _machines(runs: Sequence[Run], names: Mapping[Path, str], measured: Measured) -> Markup:
    rows = []
    for run in runs:
        made, content = run.config["environment"], _evaluation(run, measured)
        trainer = run.config["experiment"].get("trainer")
        seed = trainer.get("seed", NOTHING) if isinstance(trainer, dict) else NOTHING
        commit = str(made.get("git_commit") or NOTHING)
        rows.append(
            [
                names[run.folder],
                _time(made),
                *(str(made.get(key, NOTHING)) for key in ("system", "device", "precision")),
                element("code", commit[:SHORT_COMMIT], title=commit),
                f"{_time(content.get('environment'))}, {content.get('backend', NOTHING)}"
                if content
                else NOTHING,
                str(seed),
            ]
        )
    head = ["Run", "Training started", "System", "Device", "Number format", "Git commit"]
    caption = "Where and when each run was trained and measured."
    return table([*head, "Measured", "Seed"], rows, caption, texts=7)


def _versions(runs: Sequence[Run], names: Mapping[Path, str], measured: Measured) -> Markup:
    """What was done with equal versions in one line."""
    lines: dict[str, list[str]] = {}
    for run in runs:
        made = {"training": run.config["environment"]}
        made["measurement"] = _evaluation(run, measured).get("environment")
        for what, environment in made.items():
            if isinstance(environment, dict):
                done = f"{what} of {names[run.folder]}"
                lines.setdefault(_packages(environment), []).append(done)
    if len(lines) == 1:
        told = list(lines)
    else:
        told = [f"{versions} ({', '.join(done)})" for versions, done in lines.items()]
    return joined([element("h3", "Versions"), bullets(told)])


def _evaluation(run: Run, measured: Measured) -> dict[str, Any]:
    """Empty where there is none, or none that can be read."""
    try:
        return run.evaluation(measured.split, measured.size, measured.views) or {}
    except RunError:
        return {}


def _time(made: Any) -> str:
    """To the minute; ``started`` is in UTC."""
    started = str(made.get("started", "")) if isinstance(made, dict) else ""
    return f"{started[:10]} {started[11:16]} UTC" if len(started) > 16 else NOTHING


def _packages(made: Mapping[str, Any]) -> str:
    packages = made.get("packages")
    found = {"Python": made.get("python", NOTHING)}
    found |= packages if isinstance(packages, dict) else {}
    return ", ".join(f"{name} {version}" for name, version in found.items())
