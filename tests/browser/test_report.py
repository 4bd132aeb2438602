"""The report as a reader opens it: from a file, without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from seglab.commands import evaluate
from seglab.report import write_report
from seglab.runs import Run
from tests.helpers import PROJECT

pytestmark = pytest.mark.browser

TAGS = "<img src=x onerror=alert(1)>"
WIDTHS = (400, 800, 1600)
FITS = """() => [...document.querySelectorAll('.main-svg')].every(
    (drawing) => drawing.getBoundingClientRect().right <= innerWidth)"""


@pytest.fixture
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def test_it_opens_offline_at_any_width(trained: Run, tmp_path: Path, browser: Browser) -> None:
    runs = [Run.open(shutil.copytree(trained.folder, tmp_path / name)) for name in ("plain", TAGS)]
    for run in runs:
        assert evaluate.main([str(run.folder)], PROJECT) == 0
    report = tmp_path / "report.html"
    write_report(runs, report)

    page = browser.new_context(offline=True).new_page()
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.on("request", lambda request: told.append(request.url))
    page.goto(report.as_uri())
    assert page.locator(".chart .main-svg").first.is_visible()
    charts = page.locator(".chart").count()
    assert charts == page.locator(".chart .plot-container").count() == 6
    assert page.locator(".legendtext", has_text=TAGS).count() == 2
    for picture in page.locator(".pictures img").all():
        assert picture.evaluate("image => image.complete && image.naturalWidth") == 32
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(FITS)  # charts are drawn anew a moment after the page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    addresses = [address for address in told if not address.startswith("data:")]
    assert addresses == [report.as_uri()]
