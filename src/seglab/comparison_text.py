"""A comparison as text: for a terminal, as Markdown, as CSV, as JSON."""

from collections.abc import Callable, Sequence

from seglab.comparable import Estimate, iou_of
from seglab.comparison_data import as_csv, as_json
from seglab.comparison_notes import notes
from seglab.comparison_results import RANKED, Comparison, Pair, Row, Table
from seglab.conditions import Conditions
from seglab.console import duration, magnitude
from seglab.errors import UsageError

FORMS = ("table", "markdown", "csv", "json")

COLUMNS = {
    "dataset_iou": "dataset IoU",
    "mean_image_iou": "mean image IoU",
    "mean_image_boundary_iou": "boundary IoU",
    "dataset_accuracy": "accuracy",
    "dataset_precision": "precision",
    "dataset_recall": "recall",
    "dataset_dice": "F1 (Dice)",
    "val_loss": "validation loss",
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "cpu_milliseconds": "CPU ms an image",
    "seconds": "training",
    "epochs": "epochs",
}

Grid = list[list[str]]
"""Cells of a table, its header first."""


def render(comparison: Comparison, form: str) -> str:
    """The comparison in a form of ``FORMS``, with a line feed at its end.

    ``csv`` holds the rows alone, ``json`` everything with figures unrounded. Raises
    ``UsageError``.
    """
    forms: dict[str, Callable[[Comparison], str]] = {
        "table": _terminal,
        "markdown": _markdown,
        "csv": as_csv,
        "json": as_json,
    }
    if form not in forms:
        raise UsageError(f"format: {form!r} is not one of {', '.join(FORMS)}")
    return forms[form](comparison)


def _terminal(comparison: Comparison) -> str:
    blocks = []
    for table in comparison.tables:
        blocks.append(_sentence(comparison, table))
        columns = _columns(comparison)
        blocks.append(aligned(_grid(table, columns, _starred, str, "  "), (0, 1)))
        if table.conditions.several_classes:
            blocks.append(aligned(_classes_grid(table, _starred, str, "  "), (0,)))
        if table.pairs:
            blocks.append(aligned(_pairs_grid(table.pairs, str), (0, 1, 4, 5)))
    listed = [f"- {line}" for line in notes(comparison)]
    if listed:
        blocks.append("\n".join(listed))
    if comparison.apart:
        lines = [f"- {apart.run.name}: {apart.reason}" for apart in comparison.apart]
        blocks.append("\n".join(["Not compared:", *lines]))
    return "\n\n".join(blocks) + "\n"


def _markdown(comparison: Comparison) -> str:
    blocks = []
    for table in comparison.tables:
        blocks.append(_sentence(comparison, table))
        blocks.append(piped(_grid(table, _columns(comparison), _bold, _code, "↳ ")))
        if table.conditions.several_classes:
            blocks.append(piped(_classes_grid(table, _bold, _code, "↳ ")))
        if table.pairs:
            blocks.append(piped(_pairs_grid(table.pairs, _code)))
    listed = [f"- {line}" for line in notes(comparison)]
    if listed:
        blocks.append("\n".join(listed))
    if comparison.apart:
        lines = [f"- {_code(apart.run.name)}: {apart.reason}" for apart in comparison.apart]
        blocks.append("\n".join(["Not compared:", "", *lines]))
    return "\n\n".join(blocks) + "\n"


def _sentence(comparison: Comparison, table: Table) -> str:
    conditions = table.conditions
    looks = f", {conditions.views.in_words()}" if conditions.views.in_words() else ""
    sentence = (
        f"{conditions.part_in_words().capitalize()}, {len(conditions.images):,} images at "
        f"{_size(conditions)}{looks}; classes {', '.join(conditions.class_names)}."
    )
    if table.differs:
        first = "the table above" if table is comparison.tables[1] else "the first table"
        sentence += f" Not ranked with {first}: {'; '.join(table.differs)}."
    return sentence


def _size(conditions: Conditions) -> str:
    if conditions.image_size is None:
        return conditions.size_in_words()
    return f"{conditions.size_in_words()} ({conditions.resize})"


def _columns(comparison: Comparison) -> list[str]:
    """The figures that some row has: without timing there is no column of dashes."""
    rows = [row for table in comparison.tables for row in table.rows]
    return [
        name
        for name in COLUMNS
        if any(one.figures.get(name) is not None for row in rows for one in (row, *row.members))
    ]


def _grid(
    table: Table,
    columns: Sequence[str],
    mark: Callable[[str, bool], str],
    code: Callable[[str], str],
    indent: str,
) -> Grid:
    def cells(row: Row, name: str) -> list[str]:
        seeds = ", ".join(map(str, row.seeds))
        figures = []
        for column in columns:
            text = _figure(column, row.figures.get(column))
            figures.append(mark(text, column in row.best) if column in marked else text)
        return [name, seeds, *figures]

    marked = {name for row in table.rows for name in row.best}
    grid = [["run", "seeds", *(COLUMNS[column] for column in columns)]]
    for row in table.rows:
        grid.append(cells(row, code(row.name)))
        grid += [cells(member, indent + code(member.name)) for member in row.members]
    return grid


def _classes_grid(
    table: Table, mark: Callable[[str, bool], str], code: Callable[[str], str], indent: str
) -> Grid:
    """Dataset IoU of each class, a row a run; the headline is their mean."""
    names = table.conditions.class_names
    grid = [["dataset IoU of", *map(code, names)]]
    for row in table.rows:
        for one in (row, *row.members):
            cells = [code(one.name) if one is row else indent + code(one.name)]
            for name in map(iou_of, names):
                text = _figure("dataset_iou", one.figures.get(name))
                cells.append(mark(text, name in one.best))
            grid.append(cells)
    return grid


def _figure(column: str, figure: Estimate | None) -> str:
    if figure is None:
        return "–"
    formats: dict[str, Callable[[float], str]] = {
        "parameters": magnitude,
        "multiply_adds": magnitude,
        "cpu_milliseconds": lambda value: f"{value:.1f}",
        "seconds": duration,
        "epochs": lambda value: f"{value:g}" if figure.sd is None else f"{value:.1f}",
    }
    form = formats.get(column, "{:.4f}".format)
    if figure.sd is not None:
        return f"{form(figure.value)} ± {form(figure.sd)}"
    if figure.low is not None and figure.high is not None and column in RANKED:
        return f"{form(figure.value)} [{form(figure.low)}, {form(figure.high)}]"
    return form(figure.value)


def _pairs_grid(pairs: Sequence[Pair], code: Callable[[str], str]) -> Grid:
    grid = [["a", "b", "image IoU, a − b", "a wins / ties / losses", "a is", "interval covers"]]
    for pair in pairs:
        difference = pair.difference
        grid.append(
            [
                code(pair.first.name),
                code(pair.second.name),
                f"{difference.value:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]",
                f"{pair.wins} / {pair.ties} / {pair.losses}",
                pair.verdict,
                pair.covers,
            ]
        )
    return grid


def _starred(text: str, best: bool) -> str:
    return f"{text} *" if best else f"{text}  "


def _bold(text: str, best: bool) -> str:
    return f"**{text}**" if best else text


def _code(name: str) -> str:
    """A name in Markdown, whatever characters it holds."""
    return "`" + name.replace("`", "'").replace("|", "\\|") + "`"


def aligned(grid: Grid, to_the_left: Sequence[int]) -> str:
    """Columns of equal width, the ones at these places to the left, the others to the right."""
    widths = [max(len(row[place]) for row in grid) for place in range(len(grid[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if place in to_the_left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in grid
    ]
    return "\n".join(lines)


def piped(grid: Grid) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in grid]
    lines.insert(1, "|" + "---|" * len(grid[0]))
    return "\n".join(lines)
