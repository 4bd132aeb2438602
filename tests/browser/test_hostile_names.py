"""Names and metadata from strangers are shown as they are: no markup, no script, no request out."""

import json
import shutil
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from playwright.sync_api import expect

from seglab.run_keeping import write_notes
from seglab.runs import Run
from tests.browser.conftest import Dashboard, Visit, serving, visiting
from tests.browser.test_dashboard import expect_settled
from tests.helpers import disk_pair, encode, write_disks, write_png

pytestmark = pytest.mark.browser

LINK = "[a link](http:evil.invalid)"
RUN = "run **loud** <u>x " + LINK + " $x^2$ :red[y] <img src=x onerror=document.title=1337>"
NAME = "photo **loud** " + LINK + " <img src=x onerror=document.title=1337>"
ANYWHERE = (
    "<script>document.title=1337</script>" + NAME + " ![b](http://evil.invalid/beacon.png) "
    "www.evil.invalid me@evil.invalid"
)
INTERPRETED = (
    "a[href^=http][href*='evil']",  # the project's own links are relative, and may name the run
    "a[href^=mailto]",
    "img[src*='evil']",
    "img[src='x']",
    "u",
    "[data-testid=stMain] .katex",
)
PAGES = ("", "train", "dataset", "curves", "segment", "errors")


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


def test_an_uploaded_name_is_shown(guest: Visit, hostile: Dashboard) -> None:
    guest.page.goto(f"{hostile.address}/segment")
    content = encode(Image.fromarray(disk_pair(2)[0]))
    files = [
        {"name": f"{number} {NAME}.png", "mimeType": "image/png", "buffer": content}
        for number in range(2)
    ]
    files.append({"name": f"{NAME}.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
    guest.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)  # type: ignore[arg-type]
    expect(guest.page.get_by_role("heading", name="All photos")).to_be_visible()
    expect_shown_as_it_is(guest)
    guest.page.get_by_role("button", name="Segment all 3 photos").click()
    expect(guest.page.get_by_text("3 of 3 done")).to_be_visible()
    expect_shown_as_it_is(guest)


@pytest.mark.parametrize("page", PAGES)
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


def test_uploads_from_nobody_are_refused(hostile: Dashboard) -> None:
    """Without a session and the token that its cookie carries."""
    for path in ("_stcore/upload_file/nobody/nothing", "_stcore/upload_file/../../etc/nothing"):
        request = Request(f"{hostile.address}/{path}", data=b"x", method="PUT")
        with pytest.raises(HTTPError) as caught:
            urlopen(request, timeout=60)
        assert caught.value.code in (400, 403, 404, 405)


@pytest.mark.parametrize(
    "path", ["media/../../../etc/passwd", "app/static/../st_app.py", "component/../../etc/passwd"]
)
def test_no_file_of_the_machine_is_served(hostile: Dashboard, path: str) -> None:
    for spelled in (path, path.replace("..", "%2e%2e"), path.replace("../", "..%2f")):
        try:
            with urlopen(f"{hostile.address}/{spelled}", timeout=60) as answer:
                content = answer.read()
        except HTTPError:
            continue
        assert b"root:x:0" not in content
        assert b"import streamlit" not in content


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://evil.invalid", 403), (None, 101)],
    ids=["other site", "own page"],
)
def test_pages_of_other_sites_get_no_connection(
    hostile: Dashboard, origin: str | None, status: int
) -> None:
    place = urlsplit(hostile.address)
    connection = HTTPConnection(place.netloc, timeout=60)
    headers = {
        "Origin": origin or hostile.address,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    connection.request("GET", "/_stcore/stream", headers=headers)
    assert connection.getresponse().status == status
    connection.close()
