"""Runs in a real browser: a checked row is chosen on every page, and in the link."""

import re
import shutil
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from seglab.runs import Run
from tests.browser.conftest import Dashboard, Visit
from tests.run_folders import write_evaluated_run

pytestmark = pytest.mark.browser

HEAD, CHECKBOX = 35, 17
"""Pixels: the height of a table's head and of its rows, and half of it."""


@pytest.fixture
def two(dashboard: Dashboard) -> Iterator[tuple[Run, Run]]:
    """Two measured runs beside the dashboard's own, gone afterwards."""
    models = dashboard.run.folder.parent
    runs = (
        write_evaluated_run(models / "a-first", [0.8, 0.6, 0.7]),
        write_evaluated_run(models / "b-second", [0.7, 0.5, 0.6], loss={"name": "dice"}),
    )
    yield runs
    for run in runs:
        shutil.rmtree(run.folder)


def test_two_runs_are_compared_by_link(visit: Visit, two: tuple[Run, Run]):
    page = visit.page
    page.goto(f"{visit.dashboard.address}/?{urlencode({'runs': [r.name for r in two]}, True)}")
    expect(page.get_by_text("2 runs chosen")).to_be_visible()
    expect(page.get_by_text("+0.100 [+0.100, +0.100] IoU a photo")).to_be_visible()
    # Each page that a link leads to shows the same two.
    page.get_by_test_id("stMain").get_by_role("link", name="Errors").click()
    expect(page.get_by_role("heading", name="Two runs")).to_be_visible()
    expect(page.get_by_text("a-first minus b-second")).to_be_visible()
    # The address follows when the page is drawn.
    expect(page).to_have_url(re.compile(r"/errors\?.*b-second"))
    link = page.url
    page.go_back()
    expect(page.get_by_text("2 runs chosen")).to_be_visible()
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("a-first minus b-second")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert visit.outside() == []


def test_a_row_is_chosen_from_the_keyboard(visit: Visit, two: tuple[Run, Run]):
    visit.page.goto(visit.dashboard.address)
    expect(visit.page.get_by_text("with Shift and the space bar")).to_be_visible()
    visit.page.get_by_test_id("stDataFrame").first.locator("canvas[tabindex]").focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Shift+Space")
    expect(visit.page.get_by_text("1 run chosen")).to_be_visible()
    expect(visit.page).to_have_url(re.compile("runs="))


def test_a_checked_row_is_chosen_everywhere_and_in_the_link(visit: Visit):
    visit.page.goto(visit.dashboard.address)
    table = visit.page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible()
    expect(visit.page.get_by_text("No run chosen")).to_be_visible()
    # The table is drawn on a canvas: its boxes are places, not elements.
    table.click(position={"x": CHECKBOX, "y": HEAD + CHECKBOX})
    expect(visit.page.get_by_text("1 run chosen")).to_be_visible()
    expect(visit.page).to_have_url(f"{visit.dashboard.address}/?runs=tiny")
    visit.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Training curves").click()
    expect(visit.page.locator(".js-plotly-plot").first).to_be_visible()
    expect(visit.page).to_have_url(f"{visit.dashboard.address}/curves?runs=tiny")
    visit.page.go_back()
    expect(visit.page.get_by_text("1 run chosen")).to_be_visible()
    assert visit.outside() == []


def test_a_link_chooses_its_runs_and_nothing_else(visit: Visit):
    visit.page.goto(f"{visit.dashboard.address}/?runs=tiny&runs=../../etc")
    expect(visit.page.get_by_text("1 run chosen")).to_be_visible()
    expect(visit.page).to_have_url(f"{visit.dashboard.address}/?runs=tiny")
    table = visit.page.get_by_test_id("stDataFrame").first
    table.click(position={"x": CHECKBOX, "y": HEAD + CHECKBOX})
    expect(visit.page.get_by_text("No run chosen")).to_be_visible()
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)
