"""Segment in a real browser: photos in, masks out, whatever the photo."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Locator, expect

import seglab
from seglab.commands import predict
from seglab.data.synthetic import draw_pair
from tests.browser.conftest import Visit
from tests.helpers import PROJECT

pytestmark = pytest.mark.browser

EXIF_ORIENTATION = 0x0112
TURNED_RIGHT = 6


def open_segment(visit: Visit, query: str = "") -> None:
    visit.page.goto(f"{visit.dashboard.address}/segment{query}")
    expect(visit.page.get_by_role("heading", name="Segment")).to_be_visible()


def expect_settled(visit: Visit) -> None:
    """The script has come to its end: what is on the page is its answer."""
    app = visit.page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def expect_no_error(visit: Visit) -> None:
    """No exception, no error box, nothing sent out of this machine."""
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)
    expect(visit.page.get_by_test_id("stAlertContentError")).to_have_count(0)
    assert visit.outside() == []


def picture(visit: Visit, description: str) -> Locator:
    """The image that a screen reader calls ``description``."""
    return visit.page.get_by_role("img", name=description)


def upload(visit: Visit, *paths: Path) -> None:
    visit.page.locator("input[type=file]").set_input_files(paths)


def download(visit: Visit, label: str) -> bytes:
    """What a download button gives."""
    with visit.page.expect_download() as waited:
        visit.page.get_by_role("button", name=label).click()
    return Path(waited.value.path()).read_bytes()


def expected_mask(visit: Visit, photo: Any) -> bytes:
    """What the package says of the photo."""
    return seglab.load(str(visit.dashboard.run.folder)).segment(photo).mask_png()


def predicted_mask(visit: Visit, photo: Path, folder: Path) -> bytes:
    """The file that ``predict.py`` writes."""
    model = str(visit.dashboard.run.folder)
    assert predict.main([str(photo), "--model", model, "-o", str(folder)], PROJECT) == 0
    return (folder / f"{photo.stem}_mask.png").read_bytes()


def test_a_new_user_gets_from_nothing_to_a_downloaded_mask(visit: Visit, tmp_path: Path):
    visit.page.goto(visit.dashboard.address)
    visit.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Segment").click()
    visit.page.get_by_role("button", name="Drawn cat").last.click()
    expect(picture(visit, "overlay of drawn-cat.png by tiny")).to_be_visible()
    visit.page.get_by_role("radio", name="Mask").or_(
        visit.page.get_by_role("button", name="Mask", exact=True)
    ).click()
    expect(picture(visit, "mask of drawn-cat.png by tiny")).to_be_visible()
    expect_settled(visit)
    mask = download(visit, "Mask (PNG)")
    assert mask == predicted_mask(visit, visit.dashboard.photo, tmp_path)
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

    open_segment(visit)
    upload(visit, path)
    expect(picture(visit, "overlay of turned.jpg by tiny")).to_be_visible()
    expect(visit.page.get_by_text("turned.jpg, 120 × 160 pixels")).to_be_visible()
    expect_settled(visit)
    mask = download(visit, "Mask (PNG)")
    assert mask == predicted_mask(visit, path, tmp_path / "shell")
    upright = np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    assert mask == expected_mask(visit, upright)
    expect_no_error(visit)


def test_a_photo_of_40_megapixels(visit: Visit, tmp_path: Path):
    path = tmp_path / "large.jpg"
    Image.fromarray(draw_pair(5, 2, 160).image).resize((7300, 5480)).save(path, quality=80)
    open_segment(visit)
    upload(visit, path)
    expect(visit.page.get_by_text("large.jpg, 7300 × 5480 pixels")).to_be_visible()
    expect(picture(visit, "overlay of large.jpg by tiny")).to_be_visible()
    expect_settled(visit)
    assert download(visit, "Mask (PNG)") == expected_mask(visit, path)
    expect_no_error(visit)


def test_broken_and_too_large_files_are_sentences(visit: Visit, tmp_path: Path):
    broken, heavy, wide = (tmp_path / f"{name}.png" for name in ("broken", "heavy", "wide"))
    broken.write_bytes(b"no picture at all")
    heavy.write_bytes(bytes(21_500_000))
    Image.new("L", (9000, 7000)).save(wide)
    open_segment(visit)
    upload(visit, broken)
    expect(visit.page.get_by_text("broken.png is not an image")).to_be_visible()
    upload(visit, heavy)
    expect(visit.page.get_by_text("File must be 20")).to_be_visible()
    open_segment(visit)
    upload(visit, wide)
    expect(
        visit.page.get_by_text("wide.png has 63 megapixels, more than the limit")
    ).to_be_visible()
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)


def test_a_copied_link_shows_the_same(visit: Visit):
    open_segment(visit, "?sample=Drawn+cat&result=Probability&threshold=0.37")
    expect(picture(visit, "probability of drawn-cat.png by tiny")).to_be_visible()
    expect(visit.page.get_by_role("slider", name="Threshold")).to_have_value("0.37")
    expect_no_error(visit)


def test_the_wipe_is_moved_from_the_keyboard_and_stays(visit: Visit):
    open_segment(visit, "?sample=Drawn+cat&wipe=true")
    wipe = visit.page.get_by_role("slider", name="Wipe between drawn-cat.png and overlay")
    expect(wipe).to_have_value("50")
    wipe.focus()
    for _ in range(7):
        visit.page.keyboard.press("ArrowRight")
    expect(wipe).to_have_value("57")
    visit.page.get_by_role("slider", name="Threshold").focus()
    visit.page.keyboard.press("ArrowRight")
    expect(visit.page).to_have_url(re.compile("threshold="))
    expect_settled(visit)
    expect(wipe).to_have_value("57")
    expect(picture(visit, "overlay of drawn-cat.png by tiny")).to_be_visible()
    expect_no_error(visit)
