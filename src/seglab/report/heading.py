"""The top of the page: what was compared, on which data, how and when."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seglab.comparison_results import Comparison
from seglab.report.comparison_section import conditions_in_words
from seglab.report.markup import Markup, element, paragraph
from seglab.runs import Run

SOURCES = {
    "oxford_pet": "the Oxford-IIIT Pet dataset",
    "synthetic": "drawn pets",
    "folder": "a folder of images",
}
PUBLISHED_SIZE = 256


def title(runs: Sequence[Run], names: Mapping[Path, str]) -> str:
    """What the page is called."""
    return names[runs[0].folder] if len(runs) == 1 else f"{len(runs)} runs compared"


def heading(runs: Sequence[Run], names: Mapping[Path, str], found: Comparison) -> Markup:
    """Title and what has to be known before any figure is read."""
    parts = [element("h1", title(runs, names)), paragraph(_subject(found), class_="lead")]
    parts += [
        paragraph(sentence, class_="quiet")
        for sentence in (_protocol(found), _dates(runs))
        if sentence
    ]
    return element("header", *parts)


def _subject(found: Comparison) -> str:
    if not found.tables:
        where = "" if found.size == "network" else " at the photos' own size"
        if found.views.in_words():
            where += f" with {found.views.in_words()}"
        return (
            f"Nothing is measured on the {found.split} split{where} yet; the reasons stand below."
        )
    first = found.tables[0]
    source = _source(found.runs[0])
    words = f"Measured on {source}: {conditions_in_words(first.conditions)}."
    if len(found.tables) > 1:
        words += (
            f" That holds for the first of {len(found.tables)} tables; the others were measured "
            "otherwise and are not ranked with it."
        )
    return words


def _protocol(found: Comparison) -> str:
    """Published figures are named only where a reader may take these for the same."""
    of_pets = [
        table.conditions.image_size
        for table in found.tables
        if table.rows[0].runs[0].config["data"].get("source") == "oxford_pet"
    ]
    sizes = sorted({size for size in of_pets if size not in (None, PUBLISHED_SIZE)}, key=str)
    if not sizes:
        return ""
    return (
        f"The Oxford pets are measured here at {' and '.join(map(str, sizes))} pixels: figures "
        f"published at {PUBLISHED_SIZE} pixels follow another protocol and cannot be set beside "
        "these."
    )


def _dates(runs: Sequence[Run]) -> str:
    started = [str(run.config["environment"].get("started", ""))[:10] for run in runs]
    days = sorted({day for day in started if day})
    if not days:
        return ""
    return f"Trained on {days[0]}." if len(days) == 1 else f"Trained from {days[0]} to {days[-1]}."


def _source(run: Run) -> str:
    source = str(run.config["data"].get("source", ""))
    return SOURCES.get(source, source or "unknown data")
