"""Runs in a real browser: a checked row is chosen on every page, and in the link."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

HEAD, CHECKBOX = 35, 17
"""Pixels: the height of a table's head and of its rows, and half of it."""


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
