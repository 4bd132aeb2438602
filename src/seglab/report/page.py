"""The page: what was compared on what, then section after section."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seglab.comparison import compare
from seglab.comparison_results import Comparison
from seglab.errors import UsageError
from seglab.files import write_bytes
from seglab.measured import Measured
from seglab.report.appearance import SCRIPT, STYLE
from seglab.report.comparison_section import comparison_section
from seglab.report.comparison_section import title as comparison_title
from seglab.report.configuration_section import configuration_section
from seglab.report.curves_section import curves_section
from seglab.report.heading import heading, title
from seglab.report.markup import Markup, element
from seglab.report.origin_section import origin_section
from seglab.report.run_section import run_section
from seglab.run_names import unique_names
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views


def write_report(
    runs: Sequence[Run],
    path: Path,
    split: str = "test",
    size: str = "network",
    comparison: Comparison | None = None,
    progress: Callable[[int], None] | None = None,
    views: Views = ONE_LOOK,
) -> None:
    """Write one HTML file about ``runs``: it holds all it needs and asks no host for anything.

    ``split``, ``size`` and ``views`` name the evaluation; ``comparison`` is given where it was made
    already, with CPU times say; ``progress`` gets the number of runs done. What a run lacks
    (weights, photos, an evaluation, a readable file) is said in its place. Raises ``UsageError``
    for no run, or where ``path`` cannot be written.
    """
    if not runs:
        raise UsageError(f"{path}: there is no run to report on")
    from plotly.offline import get_plotlyjs

    measured = Measured(split, size, views)
    found = comparison or compare(runs, split, size, views=views)
    names = unique_names(runs)
    anchors = {run.folder: f"run-{number}" for number, run in enumerate(runs, start=1)}
    reasons = {apart.run.folder: apart.reason for apart in found.apart}
    details = []
    for run in runs:
        apart = reasons.get(run.folder, "")
        name, anchor = names[run.folder], anchors[run.folder]
        details.append(run_section(run, name, anchor, measured, apart))
        if progress:
            progress(len(details))
    body = [
        heading(runs, names, found),
        _navigation(runs, names, anchors),
        comparison_section(found, anchors),
        curves_section(runs, names),
        *details,
        configuration_section(runs, names),
        origin_section(runs, names, measured, path),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title(runs, names)),
        element("style", Markup(STYLE)),
    ]
    scripts = [element("script", Markup(get_plotlyjs())), element("script", Markup(SCRIPT))]
    page = element(
        "html",
        element("head", *head),
        element("body", element("main", *body), *scripts),
        lang="en",
    )
    try:
        # A folder's name may hold bytes that are no text.
        write_bytes(path, ("<!doctype html>\n" + page).encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def _navigation(
    runs: Sequence[Run], names: Mapping[Path, str], anchors: Mapping[Path, str]
) -> Markup:
    links = {
        "comparison": comparison_title(len(runs)),
        "curves": "Training curves",
    }
    links |= {anchors[run.folder]: names[run.folder] for run in runs}
    links |= {"configuration": "Configuration", "origin": "How to get the same"}
    return element(
        "nav",
        *(element("a", title, href=f"#{anchor}") for anchor, title in links.items()),
        aria_label="On this page",
    )
