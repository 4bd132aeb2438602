"""Effects of single keys as a table for a terminal or in Markdown."""

from collections.abc import Sequence

from seglab.comparison_text import aligned, piped
from seglab.errors import UsageError
from seglab.factors import MEASURES, Effect


def render_effects(effects: Sequence[Effect], form: str) -> str:
    """One line an effect, with a line feed at its end; ``form``: ``table`` or ``markdown``.

    Raises ``UsageError``.
    """
    if form not in ("table", "markdown"):
        raise UsageError(f"--factors: is written as table or markdown, not as {form}")
    if not effects:
        return "No two experiments differ in one key alone.\n"
    grid = [["key", "from → to", "cells", *_columns()]]
    for effect in effects:
        grid.append(
            [effect.key, f"{effect.before} → {effect.after}", str(len(effect.cells))]
            + [text for measure in MEASURES for text in _change(effect, measure)]
        )
    body = aligned(grid, (0, 1, 4, 6)) if form == "table" else piped(grid)
    several = any(row.members for effect in effects for cell in effect.cells for row in cell)
    note = (
        "- One factor at a time: the mean difference per image between cells that differ in this "
        "key alone, with a paired 95 % interval over images"
        + (", and over seeds where a cell has several." if several else ".")
        + " Cells of one seed: the interval does not cover the randomness of training."
    )
    return f"{body}\n\n{note}\n"


def _columns() -> list[str]:
    return [text for title in MEASURES.values() for text in (title, "so it is")]


def _change(effect: Effect, measure: str) -> tuple[str, str]:
    change = effect.changes[measure]
    return (
        f"{change.value:+.4f} [{change.low:+.4f}, {change.high:+.4f}]",
        effect.verdict(measure),
    )
