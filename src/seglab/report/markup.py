"""HTML from values: what is not markup already is escaped, so that no name can break in."""

from collections.abc import Iterable, Sequence
from html import escape

EMPTY_ELEMENTS = ("br", "img", "meta")

Attribute = str | float | bool | None


class Markup(str):
    """Text that is HTML already."""


def element(tag: str, *children: str, **attributes: Attribute) -> Markup:
    """``<tag …>children</tag>``; children that are no ``Markup`` are escaped.

    In attribute names ``_`` stands for ``-``, one at the end is dropped (``class_``); ``None`` and
    ``False`` leave an attribute out, ``True`` gives it without a value.
    """
    opening = tag
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        opening += f" {name.removesuffix('_').replace('_', '-')}"
        if value is not True:
            opening += f'="{escape(str(value))}"'
    if tag in EMPTY_ELEMENTS:
        return Markup(f"<{opening}>")
    return Markup(f"<{opening}>{joined(children)}</{tag}>")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """The parts one after the other, escaped where they are no ``Markup``."""
    return Markup(escaped(between).join(escaped(part) for part in parts))


def escaped(text: str) -> Markup:
    """``text`` as HTML shows it literally; ``Markup`` as it is."""
    return text if isinstance(text, Markup) else Markup(escape(text))


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    caption: str = "",
    label: str = "",
    texts: int = 1,
    row_classes: Sequence[str] = (),
    class_: str | None = None,
) -> Markup:
    """A table that scrolls sideways inside the page where it is too wide.

    The first ``texts`` columns hold words, the others numbers; the first names its row.
    ``label`` names it to a screen reader where it has no ``caption``; ``row_classes`` are class
    names a row, where given.
    """

    def cells(row: Sequence[str]) -> Iterable[Markup]:
        for place, cell in enumerate(row):
            kind = "text" if place < texts else None
            scope = "row" if place == 0 else None
            yield element("td" if place else "th", cell, scope=scope, class_=kind)

    titles = [
        element("th", title, scope="col", class_="text" if place < texts else None)
        for place, title in enumerate(head)
    ]
    body = [
        element("tr", *cells(row), class_=(row_classes[place] or None) if row_classes else None)
        for place, row in enumerate(rows)
    ]
    head_and_body = (element("thead", element("tr", *titles)), element("tbody", *body))
    scrolled = scrolling(element("table", *head_and_body, class_=class_), caption or label)
    # Above what scrolls: a caption inside would be as wide as the table.
    return joined([paragraph(caption, class_="notes") if caption else "", scrolled])


def scrolling(content: Markup, label: str) -> Markup:
    """``content`` in a box that scrolls sideways, with the keyboard too; ``label`` names it."""
    return element("div", content, class_="scroll", tabindex="0", role="region", aria_label=label)


def paragraph(*parts: str, class_: str | None = None) -> Markup:
    """A paragraph."""
    return element("p", *parts, class_=class_)


def notice(text: str) -> Markup:
    """A sentence where something would stand that cannot be shown."""
    return element("p", text, class_="notice")


def bullets(lines: Iterable[str], class_: str | None = None) -> Markup:
    """A list; nothing for no line."""
    items = [element("li", line) for line in lines]
    return element("ul", *items, class_=class_) if items else Markup()


def section(title: str, *parts: str, anchor: str) -> Markup:
    """A titled part of the page."""
    return element("section", element("h2", title), *parts, id=anchor)
