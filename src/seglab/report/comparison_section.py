"""Runs against each other: tables of comparable ones, differences, and what stands apart."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seglab.comparable import Estimate, iou_of
from seglab.comparison_notes import notes
from seglab.comparison_results import Comparison, Pair, Row, Table
from seglab.conditions import Conditions
from seglab.console import duration, magnitude
from seglab.report.markup import Markup, bullets, element, joined, section, table
from seglab.report.numbers import count, estimate, signed

COLUMNS = {
    "dataset_iou": "Dataset IoU",
    "mean_image_iou": "Mean image IoU",
    "mean_image_boundary_iou": "Boundary IoU",
    "dataset_accuracy": "Accuracy",
    "val_loss": "Validation loss",
    "parameters": "Parameters",
    "multiply_adds": "Multiply-adds an image",
    "cpu_milliseconds": "CPU, ms an image",
    "seconds": "Training",
    "epochs": "Epochs",
}

COSTS: dict[str, Callable[[float], str]] = {
    "parameters": magnitude,
    "multiply_adds": magnitude,
    "cpu_milliseconds": lambda value: f"{value:.1f}",
    "seconds": duration,
    "epochs": lambda value: f"{value:.3g}",
}

PLOT_WIDTH = 130


def comparison_section(comparison: Comparison, anchors: Mapping[Path, str]) -> Markup:
    """The comparison; of a single run its figures. ``anchors``: where a run's folder leads."""
    if len(comparison.runs) + len(comparison.apart) == 1:
        parts = [_glance(found.rows[0]) for found in comparison.tables]
    else:
        parts = []
        for place, found in enumerate(comparison.tables):
            parts += [_rows(found, place, anchors), _classes(found, anchors), _pairs(found.pairs)]
    parts.append(bullets(notes(comparison), class_="notes"))
    if comparison.apart:
        reasons = [f"{apart.run.name}: {apart.reason}" for apart in comparison.apart]
        parts += [element("h3", "Not compared"), bullets(reasons, class_="notice")]
    return section(title(len(anchors)), *parts, anchor="comparison")


def title(runs: int) -> str:
    """What the section is called for so many runs."""
    return "Comparison" if runs > 1 else "At a glance"


def conditions_in_words(conditions: Conditions) -> str:
    """Split, images, size and classes as a phrase."""
    size = conditions.size_in_words()
    if conditions.resize is not None:
        how = "squashed to the square" if conditions.resize == "stretch" else "padded to the square"
        size = f"{size}, the network's size (photos {how})"
    looks = f", {conditions.views.in_words()}" if conditions.views.in_words() else ""
    return (
        f"{conditions.part_in_words()}, {count(len(conditions.images))} images, at {size}{looks}; "
        "classes "
        f"{', '.join(conditions.class_names)}"
    )


def _glance(row: Row) -> Markup:
    known = [name for name in COLUMNS if row.figures.get(name)]
    return element(
        "dl",
        *(
            element("div", element("dt", COLUMNS[name]), element("dd", _figure(row, name)))
            for name in known
        ),
        class_="key",
    )


def _rows(found: Table, place: int, anchors: Mapping[Path, str]) -> Markup:
    words = conditions_in_words(found.conditions)
    caption = f"{words[0].upper()}{words[1:]}."
    if found.differs:
        first = "table above" if place == 1 else "first table"
        caption += f" Not to be ranked with the {first}: {'; '.join(found.differs)}."
    everything = [one for row in found.rows for one in (row, *row.members)]
    columns = [name for name in COLUMNS if any(row.figures.get(name) for row in everything)]
    rows, classes = [], []
    for row in found.rows:
        for one in (row, *row.members):
            seeds = ", ".join(map(str, one.seeds))
            rows.append([_name(one, anchors), seeds, *(_figure(one, name) for name in columns)])
            classes.append("" if one is row else "member")
    head = ["Run", "Seed", *(COLUMNS[name] for name in columns)]
    return table(head, rows, caption, row_classes=classes, class_="stacked")


def _classes(found: Table, anchors: Mapping[Path, str]) -> Markup:
    """Dataset IoU of each class where there are several."""
    if not found.conditions.several_classes:
        return Markup()
    names = found.conditions.class_names
    everything = [(one, one is row) for row in found.rows for one in (row, *row.members)]
    rows = [
        [_name(one, anchors), *(_figure(one, iou_of(name)) for name in names)]
        for one, _ in everything
    ]
    classes = ["" if first else "member" for _, first in everything]
    caption = "Dataset IoU of each class; the dataset IoU above is their mean."
    return table(["Run", *names], rows, caption, row_classes=classes, class_="stacked")


def _name(row: Row, anchors: Mapping[Path, str]) -> str:
    if row.members:
        return row.name
    return element("a", row.name, href=f"#{anchors[row.runs[0].folder]}")


def _figure(row: Row, name: str) -> Markup:
    figure = row.figures.get(name)
    if figure is None or name not in COSTS:
        text = estimate(figure)
    else:
        form = COSTS[name]
        text = joined([form(figure.value)])
        if figure.sd is not None:
            text = joined([text, " ", element("small", f"± {form(figure.sd)}")])
    return element("span", text, class_="best") if name in row.best else text


def _pairs(pairs: Sequence[Pair]) -> Markup:
    if not pairs:
        return Markup()
    differences = [pair.difference for pair in pairs]
    edges = [edge for one in differences for edge in (one.low, one.high, 0.0) if edge is not None]
    rows = [
        [
            pair.first.name,
            pair.second.name,
            signed(pair.difference),
            _drawn(pair.difference, min(edges), max(edges)),
            f"{count(pair.wins)} / {count(pair.ties)} / {count(pair.losses)}",
            pair.verdict,
            pair.covers,
        ]
        for pair in pairs
    ]
    head = ["a", "b", "Image IoU, a − b", "", "Images a wins / ties / loses", "a is"]
    caption = "Each pair, image by image. In the drawing the upright line is no difference."
    return table([*head, "Interval covers"], rows, caption, texts=2, class_="stacked")


def _drawn(difference: Estimate, low: float, high: float) -> Markup:
    """A dot with its interval, and a tick at 0; all of a table on one scale."""
    width = (high - low) or 1.0

    def at(value: float) -> float:
        return round(4 + (PLOT_WIDTH - 8) * (value - low) / width, 1)

    parts = [element("line", x1=at(0), x2=at(0), y1=1, y2=15)]
    if difference.low is not None and difference.high is not None:
        ends = {"x1": at(difference.low), "x2": at(difference.high)}
        parts.append(element("line", **ends, y1=8, y2=8, class_="reach"))
    parts.append(element("circle", cx=at(difference.value), cy=8, r=3.4))
    return element(
        "svg", *parts, class_="interval", viewBox=f"0 0 {PLOT_WIDTH} 16", aria_hidden="true"
    )
