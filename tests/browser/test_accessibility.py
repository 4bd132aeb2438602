"""Every page and view judged by axe-core, which no one here wrote, on light and on dark ground."""

import time
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Dashboard, Visit
from tests.browser.test_segment import expect_settled

pytestmark = [pytest.mark.browser, pytest.mark.long]

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""Web Content Accessibility Guidelines, up to 2.2, level AA."""

WAIT_SECONDS = 15

VIEWS = [
    ("", {}),
    ("train", {}),
    ("curves", {}),
    ("errors", {}),
    *(("segment", {"result": result}) for result in ("overlay", "contour", "probability")),
    ("segment", {"wipe": "true"}),
    ("dataset", {"root": "nothing"}),
    *(
        ("dataset", {"show": view})
        for view in ("Browse", "One sample", "What training saw", "Distributions", "Doctor")
    ),
]
"""Pages and what their address says beside the run, the photo and the folder."""


def expect_no_fault(page: Page) -> None:
    """axe-core finds nothing, at the latest when all has been drawn and has faded in."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        found = Axe().run(page, options={"runOnly": LEVELS}).response["violations"]
        faults = [f"{fault['id']}: {part['html']}" for fault in found for part in fault["nodes"]]
        if not faults or time.monotonic() > end:
            break
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize(("name", "settings"), VIEWS)
def test_every_view_can_be_read(
    visit: Visit, measured: Dashboard, name: str, settings: dict[str, str], ground: str
) -> None:
    visit.page.emulate_media(color_scheme=ground)  # type: ignore[arg-type]
    address: dict[str, str] = {"runs": measured.run.name}
    if name == "segment":
        address = {"sample": measured.photo.name}
    elif name == "dataset":
        address = {"source": "folder", "root": measured.run.experiment.data.root}
    visit.page.goto(f"{measured.address}/{name}?{urlencode(address | settings)}")
    expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    expect_settled(visit)
    expect_no_fault(visit.page)
    for chosen in visit.page.locator("[role=radio][aria-checked=true]:visible").all():
        chosen.hover()
        expect_no_fault(visit.page)
