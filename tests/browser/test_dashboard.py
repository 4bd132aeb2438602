"""The dashboard as a person meets it: a real server, a real browser, real downloads."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import seglab
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

EXIF_ORIENTATION = 0x0112
TURNED_RIGHT = 6


def expect_no_error(visit: Visit) -> None:
    """No exception, no error box, nothing sent out of this machine."""
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)
    expect(visit.page.get_by_test_id("stAlertContentError")).to_have_count(0)
    assert visit.outside() == []


def expect_settled(visit: Visit) -> None:
    """The script has come to its end: what is on the page is its answer."""
    state = visit.page.get_by_test_id("stApp")
    expect(state).to_have_attribute("data-test-script-state", "notRunning")


def picture(visit: Visit, description: str) -> Locator:
    """The image that a screen reader calls ``description``."""
    return visit.page.get_by_role("img", name=description)


def download(visit: Visit, label: str) -> bytes:
    """What a download button gives."""
    with visit.page.expect_download() as waited:
        visit.page.get_by_role("button", name=label).click()
    return Path(waited.value.path()).read_bytes()


def expected_mask(visit: Visit, photo: Any) -> bytes:
    """What the package says of the photo."""
    return seglab.load(str(visit.dashboard.run.folder)).segment(photo).mask_png()


@pytest.mark.parametrize(
    "title", ["Runs", "Train", "Dataset", "Training curves", "Segment", "Errors"]
)
def test_every_page_is_reached_from_the_navigation(visit: Visit, title: str):
    visit.page.goto(visit.dashboard.address)
    navigation = visit.page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name=title, exact=True).click()
    expect(visit.page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    expect(visit.page.get_by_text("From the shell")).to_be_visible()
    expect_settled(visit)
    if title == "Training curves":
        expect(visit.page.locator(".js-plotly-plot").first).to_be_visible()
    expect_no_error(visit)


def test_back_goes_one_page_back_to_what_it_showed(visit: Visit):
    page = visit.page
    navigation = page.get_by_test_id("stSidebarNav")

    def go(title: str) -> None:
        navigation.get_by_role("link", name=title, exact=True).click()
        arrived(title)

    def arrived(title: str) -> None:
        expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
        expect_settled(visit)

    segment = f"{visit.dashboard.address}/segment?sample=Drawn+cat&threshold=0.37"
    page.goto(segment)
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("0.37")
    expect_settled(visit)
    go("Runs")
    go("Segment")
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("0.37")
    go("Training curves")
    for title in ("Segment", "Runs", "Segment"):
        page.go_back()
        arrived(title)
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("0.37")
    expect_no_error(visit)


def test_every_table_has_a_name_where_the_keyboard_is(visit: Visit):
    for page, name in (
        ("", "Runs that are not compared"),
        ("curves", "The best epoch of each run"),
    ):
        visit.page.goto(f"{visit.dashboard.address}/{page}")
        frame = visit.page.get_by_role("region", name=name)
        expect(frame.locator("canvas[tabindex]")).to_have_attribute("aria-label", name)
        expect(frame.locator("table[role=grid]")).to_have_attribute("aria-label", name)
