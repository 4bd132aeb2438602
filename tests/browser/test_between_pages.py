"""From page to page in a real browser: what is kept, what is read ahead."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_segment import (
    download,
    expect_no_error,
    expect_settled,
    expected_mask,
    open_segment,
    picture,
    upload,
)

pytestmark = pytest.mark.browser

PLOTS = re.compile(r"/PlotlyChart\.[^/]*\.js$")


def go(visit: Visit, title: str) -> None:
    navigation = visit.page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name=title, exact=True).click()
    expect(visit.page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    expect_settled(visit)


def test_an_uploaded_photo_is_still_there_after_another_page(visit: Visit, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.png", tmp_path / "other.png"
    for path in (mine, other):
        path.write_bytes(visit.dashboard.photo.read_bytes())
    open_segment(visit)
    upload(visit, mine)
    expect(picture(visit, "overlay of mine.png")).to_be_visible()
    go(visit, "Training curves")
    go(visit, "Segment")
    expect(picture(visit, "overlay of mine.png")).to_be_visible()
    assert download(visit, "Mask (PNG)") == expected_mask(visit, mine)
    upload(visit, other)
    expect(picture(visit, "overlay of other.png")).to_be_visible()
    expect(visit.page.get_by_text("From before")).to_have_count(0)
    go(visit, "Runs")
    go(visit, "Segment")
    visit.page.get_by_role("button", name="Remove them").click()
    expect(visit.page.get_by_text("or begin with one of these")).to_be_visible()
    expect_no_error(visit)


def test_plots_are_read_ahead_and_once(visit: Visit) -> None:
    with visit.page.expect_response(PLOTS):
        visit.page.goto(visit.dashboard.address)
    go(visit, "Training curves")
    expect(visit.page.locator(".js-plotly-plot").first).to_be_visible()
    assert len([url for url in visit.requests if PLOTS.search(url)]) == 1
    expect_no_error(visit)
