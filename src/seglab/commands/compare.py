"""``compare.py``: runs against each other, in one table, picture or report."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from seglab.commands.arguments import Parser, add_views, printable, views_of
from seglab.comparison import compare
from seglab.comparison_results import Comparison
from seglab.comparison_text import FORMS, render
from seglab.errors import RunError, SeglabError, UsageError
from seglab.factors import effects
from seglab.factors_text import render_effects
from seglab.files import write_text
from seglab.run_list import find_run, list_runs
from seglab.runs import Run

MASKS_FILE = "comparison-masks.png"
MOST_PHOTOS = 12


def main(argv: list[str], project: Path) -> int:
    """Compare as the command line says; ``project`` holds ``models/``. Returns the exit code."""
    options = _parser().parse_args(argv)
    if options.masks_file and not options.masks:
        raise UsageError("--masks_file: say with --masks which photos to draw")

    runs, failures = _open_runs(options.runs, project / "models")
    views = views_of(options)
    comparison = compare(runs, options.split, options.at, views=views)
    # What the output has no place for, or what is damaged, is said apart from it.
    failures += [
        f"{apart.run.name}: {apart.reason}"
        for apart in comparison.apart
        if apart.broken or options.format == "csv" or not comparison.tables
    ]
    if not comparison.tables:
        raise RunError("there is no run to compare", tuple(failures))
    if options.timing:
        comparison, untimed = _with_timing(comparison, project)
        failures += untimed
    text = render(comparison, options.format)
    if options.factors:
        text += "\n" + render_effects(effects(comparison), options.format)
    if options.output:
        with _writing(options.output):
            write_text(Path(options.output), text)
        print(f"{options.format} → {options.output}")
    else:
        print(text, end="", flush=True)
    if options.report:
        from seglab.report import write_report

        write_report(
            runs,
            Path(options.report),
            split=options.split,
            size=options.at,
            comparison=comparison,
            views=views,
        )
        print(f"report → {options.report}", file=_beside(options))
    if options.masks:
        failures += _draw_masks(runs, options)
    for failure in failures:
        print(f"error: {printable(failure)}", file=sys.stderr)
    return 1 if failures or comparison.apart else 0


def _parser() -> Parser:
    parser = Parser("Compare evaluated runs; seeds of one experiment stand together.")
    add = parser.add_argument
    add("runs", nargs="+", metavar="RUN", help="run folders, names in models/, folders of runs")
    add("--split", choices=("val", "test"), default="test", help="[default test]")
    add(
        "--at",
        choices=("network", "original"),
        default="network",
        help="evaluated at the network's size or the photos' own [default network]",
    )
    add_views(parser.add_argument_group("compare evaluations that were averaged so"))
    add("--format", choices=FORMS, default="table", help="[default table]")
    add("-o", "--output", metavar="FILE", help="write it there instead of printing it")
    add(
        "--no-timing",
        dest="timing",
        action="store_false",
        help="measure no CPU ms an image; the other figures stand in the run folders",
    )
    add("--factors", action="store_true", help="also what changing one key alone brings")
    add("--report", metavar="FILE", help="also a page of HTML with curves, samples and commands")
    add("--masks", nargs="+", metavar="PHOTO", help="also a picture of every run's masks of these")
    add("--masks_file", metavar="FILE", help=f"that picture, a PNG [default {MASKS_FILE}]")
    return parser


def _open_runs(named: Sequence[str], models: Path) -> tuple[list[Run], list[str]]:
    """The runs by their folders, each once, and a line for each that is broken."""
    runs: dict[Path, Run] = {}
    broken = []
    for name in named:
        if Path(name).is_file() and _holds_runs(Path(name).parent):
            continue  # what a * of the shell finds beside the runs
        folder = Path(name) if Path(name).exists() else _near(models / name)
        found: list[Run] = []
        if _holds_runs(folder):
            found, damaged = list_runs(folder)
            broken += [run.reason for run in damaged]
        else:
            try:
                found = [find_run(str(folder) if folder.is_dir() else name, models)]
            except RunError as error:
                broken.append(str(error))
        for run in found:
            runs.setdefault(run.folder.resolve(), run)
    return list(runs.values()), broken


def _holds_runs(folder: Path) -> bool:
    if not folder.is_dir() or Run(folder).config_path.exists():
        return False
    return any(Run(inside).config_path.exists() for inside in folder.iterdir())


def _near(folder: Path) -> Path:
    """As a person here would write it: the commands that the output names can be copied."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _with_timing(comparison: Comparison, project: Path) -> tuple[Comparison, list[str]]:
    from seglab.console import Console
    from seglab.decoding import decode_image
    from seglab.latency import ROUNDS, measure_latencies

    photo = decode_image(project / "sample_images" / "chelsea.png")
    with Console().bar("timing", ROUNDS) as progress:
        measured = measure_latencies(
            comparison.runs, photo, progress=progress, views=comparison.views
        )
    if measured.milliseconds:
        comparison = comparison.with_cpu_milliseconds(
            measured.milliseconds, measured.origin, measured.scatter
        )
    return comparison, list(measured.failures)


def _draw_masks(runs: Sequence[Run], options: Namespace) -> list[str]:
    """Draw the picture; a line for each run and photo that cannot be used."""
    from seglab.inference import load
    from seglab.mask_sheet import draw_mask_sheet
    from seglab.prediction_jobs import plan
    from seglab.run_names import unique_names

    path = Path(options.masks_file or MASKS_FILE)
    jobs, missing = plan(options.masks, path, ["mask"])
    failures = [f"{entry.shown}: {entry.reason}" for entry in missing]
    predictors, names = {}, unique_names(runs)
    for run in runs:
        try:
            predictors[names[run.folder]] = load(run, views=views_of(options))
        except SeglabError as error:
            failures.append(str(error))
    photos = [job.source for job in jobs[:MOST_PHOTOS]]
    unreadable: list[str] = []
    if predictors:
        with _writing(path):
            unreadable = draw_mask_sheet(predictors, photos, path)
    drawn = len(photos) - len(unreadable) if predictors else 0
    if drawn:
        left = f", {len(jobs) - len(photos)} more left out" if len(jobs) > len(photos) else ""
        print(f"masks of {drawn} photos{left} → {path}", file=_beside(options))
    return failures + unreadable


@contextmanager
def _writing(path: object) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def _beside(options: Namespace) -> TextIO:
    """Where to speak while standard output may hold a file's content."""
    return sys.stdout if options.output or options.format == "table" else sys.stderr
