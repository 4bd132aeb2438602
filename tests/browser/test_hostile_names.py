"""Names and metadata from strangers are shown as they are: no markup, no script, no request out."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import expect

from seglab.run_keeping import write_notes
from seglab.runs import Run
from tests.browser.conftest import Dashboard, Visit, serving, visiting
from tests.browser.test_dashboard import expect_settled
from tests.helpers import disk_pair, write_disks, write_png

pytestmark = pytest.mark.browser

LINK = "[a link](http:evil.invalid)"
RUN = "run **loud** <u>x " + LINK + " $x^2$ :red[y] <img src=x onerror=document.title=1337>"
NAME = "photo **loud** " + LINK + " <img src=x onerror=document.title=1337>"
ANYWHERE = "<script>document.title=1337</script>" + NAME + " ![b](http://evil.invalid/beacon.png)"
INTERPRETED = (
    "a[href*='evil']",
    "img[src*='evil']",
    "img[src='x']",
    "u",
    "[data-testid=stMain] .katex",
)
PAGES = ("train", "dataset", "curves", "segment", "errors")


@pytest.fixture(scope="module")
def hostile(
    chromium: Path, tmp_path_factory: pytest.TempPathFactory, trained: Run
) -> Iterator[Dashboard]:
    """A dashboard whose run, classes, notes, samples and data have hostile names."""
    assert chromium.exists()
    root = tmp_path_factory.mktemp("hostile")
    models, samples = root / "models", root / "samples"
    shutil.copytree(trained.folder, models / RUN)
    run = Run(models / RUN)
    config = json.loads(run.config_path.read_text())
    config["data"]["label_map"]["class_names"] = ["background", ANYWHERE]
    config["data"]["source"] = ANYWHERE
    config["environment"] |= {"git_commit": ANYWHERE, "device": ANYWHERE, "started": ANYWHERE}
    run.write_config(config)
    write_notes(run, ANYWHERE)
    (models / (RUN + " broken")).mkdir()
    (models / (RUN + " broken") / "config.json").write_text(json.dumps({ANYWHERE: 1}))
    write_png(samples / f"{NAME}.png", disk_pair(1)[0])
    data = write_disks(root / "data")
    for part in ("images", "masks"):
        for number, path in enumerate(sorted((data / part).iterdir())):
            path.rename(path.with_name(f"{number} {NAME}.png"))
    with serving(root, models, samples) as address:
        yield Dashboard(address, run, samples / f"{NAME}.png")


@pytest.fixture
def guest(chromium: Path, hostile: Dashboard) -> Iterator[Visit]:
    with visiting(chromium, hostile) as visit:
        yield visit


def expect_shown_as_it_is(visit: Visit) -> None:
    expect_settled(visit)
    for selector in INTERPRETED:
        assert visit.page.locator(selector).count() == 0, selector
    loud = visit.page.locator("strong, b, em", has_text="loud")
    # In a heading that is bold throughout the stars are still there.
    assert all("**loud**" in text for text in loud.all_inner_texts())
    assert "1337" not in visit.page.title()
    assert visit.outside() == []
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_interprets_a_name(guest: Visit, hostile: Dashboard, page: str) -> None:
    query = {"runs": RUN, "models": RUN, "run": RUN, "sample": hostile.photo.name}
    root = hostile.photo.parents[1] / "data"
    query |= {"source": "folder", "root": str(root)}
    guest.page.goto(f"{hostile.address}/{page}?{urlencode(query)}")
    expect(guest.page.get_by_test_id("stApp")).to_be_visible()
    guest.page.wait_for_load_state("networkidle")
    expect_shown_as_it_is(guest)


@pytest.mark.parametrize("page", ["train", "dataset", "curves"])
def test_addresses_lead_nowhere_else(guest: Visit, hostile: Dashboard, page: str) -> None:
    """Runs, samples and positions that the address names are looked up, never opened."""
    secret = hostile.photo.parents[1] / "secret.png"
    write_png(secret, disk_pair(5)[0])
    for value in ("../secret.png", str(secret), "../../../../etc/passwd", "\0", "-1", "9" * 400):
        keys = ("runs", "models", "run", "sample", "photo", "page", "position", "epoch", "split")
        query = "&".join(f"{key}={quote(value)}" for key in keys)
        guest.page.goto(f"{hostile.address}/{page}?{query}")
        expect(guest.page.get_by_test_id("stApp")).to_be_visible()
        expect_settled(guest)
        expect(guest.page.get_by_test_id("stException")).to_have_count(0)
        assert guest.page.get_by_role("img", name="secret").count() == 0
        assert "root:x:0" not in guest.page.content()
