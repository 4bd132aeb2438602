"""HTML from values: what a person typed never becomes markup."""

from seglab.report.markup import Markup, element, joined, table
from tests.report.conftest import Page


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = element("b", "<i> & co")
    assert inner == "<b>&lt;i&gt; &amp; co</b>"
    assert element("p", inner, " < ") == f"<p>{inner} &lt; </p>"
    assert joined(["<", Markup("<br>")], " & ") == "&lt; &amp; <br>"


def test_attributes() -> None:
    found = element("td", class_='a" onclick="b', aria_label="<x>", hidden=True, title=None, id=3)
    page = Page(found)
    assert page.elements == [
        ("td", {"class": 'a" onclick="b', "aria-label": "<x>", "hidden": None, "id": "3"})
    ]
    assert element("img", src="x") == '<img src="x">'


def test_a_table_names_its_rows_and_columns() -> None:
    page = Page(table(["Run", "IoU"], [["<a>", "0.5"]], "Results", row_classes=["best"]))
    assert page.text == "ResultsRunIoU<a>0.5"
    assert page.having("scope") == ["col", "col", "row"]
    assert page.having("aria-label") == ["Results"]
    assert "best" in page.having("class")
