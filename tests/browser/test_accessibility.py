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

PLOT = ".js-plotly-plot"
PICTURE = "[data-testid=stImage] img, .wipe img, .frame img"
TABLE = "[data-testid=stDataFrame]"
CAT = {"sample": "Drawn cat"}

VIEWS = [
    ("", {}, TABLE),
    ("train", {}, "form, [data-testid=stNumberInput]"),
    ("curves", {"runs": "tiny"}, PLOT),
    ("errors", {"run": "tiny"}, PLOT),
    ("errors", {"run": "tiny", "photo": "disk-00"}, PICTURE),
    ("segment", {}, "[data-testid=stFileUploader]"),
    *(
        ("segment", CAT | {"result": result}, PICTURE)
        for result in ("Overlay", "Mask", "Contour", "Cut-out", "Probability")
    ),
    ("segment", CAT | {"wipe": "true"}, PICTURE),
    ("dataset", {"root": "nothing"}, "[data-testid=stAlert]"),
    ("dataset", {"show": "Browse"}, PICTURE),
    ("dataset", {"show": "One sample"}, PICTURE),
    ("dataset", {"show": "What training saw", "training_of": "tiny"}, PICTURE),
    ("dataset", {"show": "Distributions"}, PLOT),
    ("dataset", {"show": "Doctor"}, "[data-testid=stDownloadButton], [data-testid=stAlert]"),
]
"""Page, what its address says beside the folder of the data, and what shows that it is drawn."""


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
@pytest.mark.parametrize(("name", "settings", "drawn"), VIEWS)
def test_every_view_can_be_read(
    visit: Visit,
    measured: Dashboard,
    name: str,
    settings: dict[str, str],
    drawn: str,
    ground: str,
) -> None:
    visit.page.emulate_media(color_scheme=ground)  # type: ignore[arg-type]
    address = dict(settings)
    if name == "dataset":
        folder = {"source": "Your folder", "root": measured.run.experiment.data.root}
        address = folder | address
    visit.page.goto(f"{measured.address}/{name}?{urlencode(address)}")
    read = visit.page.get_by_role("button", name="Read all files")
    expect(visit.page.locator(drawn).or_(read).first).to_be_visible()
    if read.is_visible():
        read.click()
    expect(visit.page.locator(drawn).first).to_be_visible()
    expect_settled(visit)
    expect_no_fault(visit.page)
    for chosen in visit.page.locator("[role=radio][aria-checked=true]:visible").all():
        chosen.hover()
        expect_no_fault(visit.page)
