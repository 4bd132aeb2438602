"""Errors in a real browser: plots that filter and open, pictures with one zoom."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Dashboard, Visit
from tests.browser.test_segment import expect_no_error, expect_settled

pytestmark = pytest.mark.browser


def test_bars_filter_and_a_tile_opens(visit: Visit, measured: Dashboard):
    page = visit.page
    page.goto(f"{measured.address}/errors")
    histogram, bars = (page.locator(".js-plotly-plot").nth(place) for place in range(2))
    expect(bars.locator(".bars path").first).to_be_visible()
    expect_settled(visit)

    bars.locator(".bars path").first.click(force=True)  # Plotly's own layer lies above
    expect(page).to_have_url(re.compile("kind="))
    expect_settled(visit)

    box = histogram.locator(".nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 40, steps=6)
    page.mouse.up()
    expect(page).to_have_url(re.compile("between="))
    expect_settled(visit)

    page.get_by_role("button", name=re.compile("^disk")).first.click()
    expect(page).to_have_url(re.compile("photo=disk"))
    zoom = page.get_by_role("slider", name="Zoom")
    zoom.focus()
    page.keyboard.press("ArrowRight")
    expect(zoom).to_have_value("1.5")
    frames = page.locator(".frame img")
    expect(frames).to_have_count(4)
    scales = frames.evaluate_all("all => all.map(one => getComputedStyle(one).transform)")
    assert set(scales) == {"matrix(1.5, 0, 0, 1.5, 0, 0)"}

    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_role("slider", name="Zoom")).to_be_visible()
    assert page.url == link
    expect_no_error(visit)
