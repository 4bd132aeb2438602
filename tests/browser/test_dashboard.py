"""The dashboard as a person meets it: a real server, a real browser, real downloads."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Locator, expect

import seglab
from seglab.data.synthetic import draw_pair
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


def test_from_sample_to_downloaded_mask(visit: Visit):
    visit.page.goto(visit.dashboard.address)
    expect(visit.page.get_by_role("heading", name="Segment")).to_be_visible()
    visit.page.get_by_role("button", name="Drawn cat").last.click()
    expect(picture(visit, "overlay of drawn-cat.png by tiny")).to_be_visible()
    visit.page.get_by_role("radio", name="Mask").or_(
        visit.page.get_by_role("button", name="Mask", exact=True)
    ).click()
    expect(picture(visit, "mask of drawn-cat.png by tiny")).to_be_visible()
    expect_settled(visit)
    mask = download(visit, "Mask (PNG)")
    assert mask == expected_mask(visit, visit.dashboard.photo)
    assert Image.open(io.BytesIO(mask)).size == (160, 160)
    cutout = Image.open(io.BytesIO(download(visit, "Cut-out (PNG)")))
    assert (cutout.mode, cutout.size) == ("RGBA", (160, 160))
    assert "sample=Drawn+cat" in visit.page.url
    expect_no_error(visit)


def test_a_turned_photo_is_upright(visit: Visit, tmp_path: Path):
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = TURNED_RIGHT
    wide = Image.fromarray(draw_pair(4, 1, 160).image).crop((0, 20, 160, 140))
    wide.save(path, exif=exif, quality=95)

    visit.page.goto(visit.dashboard.address)
    visit.page.locator("input[type=file]").set_input_files(path)
    expect(picture(visit, "overlay of turned.jpg by tiny")).to_be_visible()
    expect(visit.page.get_by_text("turned.jpg, 120 × 160 pixels")).to_be_visible()
    expect_settled(visit)
    mask = download(visit, "Mask (PNG)")
    assert mask == expected_mask(visit, path)
    upright = np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    assert mask == expected_mask(visit, upright)
    expect_no_error(visit)


def test_a_broken_upload_is_a_sentence(visit: Visit, tmp_path: Path):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"no picture at all")
    visit.page.goto(visit.dashboard.address)
    visit.page.locator("input[type=file]").set_input_files(path)
    expect(visit.page.get_by_text("broken.jpg is not an image")).to_be_visible()
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)


def test_a_copied_link_shows_the_same(visit: Visit):
    link = f"{visit.dashboard.address}/?sample=Drawn+cat&result=Probability&threshold=0.37"
    visit.page.goto(link)
    expect(picture(visit, "probability of drawn-cat.png by tiny")).to_be_visible()
    expect(visit.page.get_by_role("slider", name="Threshold")).to_have_value("0.37")
    expect_no_error(visit)


@pytest.mark.parametrize(
    ("link", "title"), [("Training curves", "Training curves"), ("Dataset", "Dataset")]
)
def test_the_other_pages(visit: Visit, link: str, title: str):
    visit.page.goto(visit.dashboard.address)
    visit.page.get_by_role("link", name=link).click()
    expect(visit.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(visit.page.get_by_text("From the shell")).to_be_visible()
    expect_settled(visit)
    if link == "Training curves":
        expect(visit.page.locator(".js-plotly-plot").first).to_be_visible()
    expect_no_error(visit)
