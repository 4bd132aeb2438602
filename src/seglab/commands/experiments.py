"""``experiments.py``: run a suite of experiments, or show how far it has come."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seglab import schema
from seglab.commands.arguments import Parser
from seglab.errors import Interrupted, UsageError
from seglab.experiment_parser import given_keys

if TYPE_CHECKING:
    from seglab.console import Console
    from seglab.suites import Suite


def main(argv: list[str], project: Path) -> int:
    """Run the suite as the command line says; ``project`` holds ``config.yaml``, the scripts and
    ``runs/``. Returns the exit code: 1 when a run failed, 130 when interrupted."""
    overrides, others = _split_overrides(argv)
    options = _parser().parse_args(others)

    from seglab.console import Console
    from seglab.suite_runner import run_suite
    from seglab.suites import plan

    if "trainer.seed" in given_keys(overrides):
        raise UsageError("trainer.seed: the seeds of a suite are named with --seeds")
    if "data.fold" in given_keys(overrides):
        raise UsageError("data.fold: a suite runs every one of data.folds; leave it out")
    named = [Path(name) for name in options.suite]
    results = Path(options.runs) if options.runs else project / "runs"
    suite = plan(named, options.seeds, overrides, project / "config.yaml", results)
    console = Console()
    if options.list:
        _list(suite, console)
        return 0

    command = shlex.join(["python", "experiments.py", *argv])
    try:
        failures = run_suite(suite, project, console)
    except Interrupted:
        console.line(f"interrupted: go on with the same command  {command}")
        return 130
    _compare(suite, command, console)
    for name, reason in failures.items():
        print(f"failed: {name}: {reason}", file=sys.stderr)
    return 1 if failures else 0


def _parser() -> Parser:
    parser = Parser(
        "Train and evaluate what a suite of experiments lacks, then compare its runs.",
        "--section.key VALUE changes a key of every experiment; train.py --help lists the keys. "
        "--data.folds K cross-validates: K runs an experiment, compared by every image they test. "
        "A run that was interrupted goes on; what is done is left alone, with or without weights.",
    )
    parser.usage = "%(prog)s SUITE [--seeds K ...] [--section.key VALUE ...] [options]"
    add = parser.add_argument
    add("suite", nargs="+", metavar="SUITE", help="folder of experiment files (*.yaml), or files")
    add("--seeds", nargs="+", type=int, default=[0], metavar="K", help="[default 0]")
    add("--runs", metavar="DIR", help="parent of the suite's folder of runs [default runs]")
    add("--list", action="store_true", help="show how far each run has come, and stop")
    return parser


def _split_overrides(argv: list[str]) -> tuple[list[str], list[str]]:
    """Flags of dotted keys with their values, and the rest."""
    known = schema.allowed_values()
    overrides, others = [], []
    remaining = iter(argv)
    for argument in remaining:
        flag, joined, _ = argument.partition("=")
        if not (flag.startswith("--") and "." in flag):
            others.append(argument)
            continue
        key = flag.removeprefix("--")
        if key not in known:
            raise UsageError(schema.unknown_key(key))
        overrides.append(argument)
        if not joined:
            value = next(remaining, None)
            if value is None:
                raise UsageError(f"{key}: needs a value")
            overrides.append(value)
    return overrides, others


def _list(suite: "Suite", console: "Console") -> None:
    from seglab.suites import STATES, standing

    found = {planned.name: standing(planned) for planned in suite.runs}
    width = max(map(len, found))
    for name, at in found.items():
        console.line(f"{name:<{width}}  {at.state:<11}  {at.note}".rstrip())
    states = [at.state for at in found.values()]
    counts = [f"{states.count(state)} {state}" for state in STATES if state in states]
    console.line(f"{', '.join(counts)} in {suite.folder}")


def _compare(suite: "Suite", command: str, console: "Console") -> None:
    """Show the comparison of the runs that are done and write it beside them."""
    from seglab.comparison import compare
    from seglab.comparison_text import render
    from seglab.files import write_text
    from seglab.runs import Run
    from seglab.suites import standing

    found = [(planned, standing(planned).state) for planned in suite.runs]
    done = [Run.open(planned.folder) for planned, state in found if state == "done"]
    if not done:
        console.line("no run is done: there is nothing to compare")
        return
    compared = compare(done)
    text = f"    {command}\n\n{render(compared, 'markdown')}"
    lacking = [f"{planned.name} ({state})" for planned, state in found if state != "done"]
    if lacking:
        text += f"\nNot done yet: {', '.join(lacking)}.\n"
    console.line()
    console.line(render(compared, "table"))
    write_text(suite.comparison_path, text)
    console.line(f"{len(done)} of {len(found)} runs done → {suite.comparison_path}")
