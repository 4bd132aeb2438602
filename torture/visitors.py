"""A dashboard of the shipped model, and people who upload photos to it in a real browser."""

import asyncio
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from seglab.inference import Predictor, load
from tests.browser.conftest import CHROMIUM, serving
from tests.helpers import PROJECT, disk_pair, encode
from torture.watching import mebibytes

SHIPPED = PROJECT / "models" / "unet-best"
WAIT = 300_000
"""Milliseconds for any one thing to appear: twenty browsers may share two busy cores."""


@dataclass
class Seen:
    """What the people met: uploads that ended in their own mask, and the server's MiB meanwhile."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


@contextmanager
def dashboard(root: Path) -> Iterator[tuple[str, int]]:
    """The address of a server with the shipped model alone, and its process."""
    models, samples = root / "models", root / "samples"
    shutil.copytree(SHIPPED, models / SHIPPED.name)
    samples.mkdir()
    with serving(root, models, samples) as address:
        yield address, _server_of(address)


def photo(person: int, number: int) -> tuple[str, bytes, bytes]:
    """Name and content of a photo that nobody else has, and its mask as the package writes it."""
    image = np.roll(disk_pair(person, 120, 160)[0], number, axis=1)
    image[0, 0] = (person, number % 256, number // 256)
    content = encode(Image.fromarray(image))
    return f"person-{person}-{number}.png", content, _network().segment(content).mask_png()


async def change_page(page: Any, title: str) -> None:
    """Through the navigation, until the page is complete."""
    navigation = page.get_by_test_id("stSidebarNav")
    await navigation.get_by_role("link", name=title, exact=True).click()
    await page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
    await page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


async def upload(page: Any, person: int, number: int, seen: Seen) -> None:
    """Upload a photo and compare the mask that can be downloaded with the photo's own."""
    name, content, expected = photo(person, number)
    upload = {"name": name, "mimeType": "image/png", "buffer": content}
    await page.locator("input[type=file]").set_input_files([upload])
    await page.get_by_text(f"{name}, 160 × 120 pixels").wait_for()
    settled = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    await settled.wait_for()
    async with page.expect_download() as waited:
        await page.get_by_role("button", name="Mask (PNG)").click()
    path = await (await waited.value).path()
    if Path(path).read_bytes() == expected:
        seen.right += 1
    else:
        seen.wrong.append(name)
    assert await page.get_by_test_id("stException").count() == 0
    remove = page.get_by_role("button", name=f"Remove {name}")
    await remove.click()
    # Of two photos the first would be shown: a person sees it go before taking the next.
    await remove.wait_for(state="detached")


async def upload_many(page: Any, person: int, numbers: Sequence[int], seen: Seen) -> None:
    """Upload photos together, segment all, and compare the masks in the archive with their own."""
    photos = [photo(person, number) for number in numbers]
    uploads = [{"name": name, "mimeType": "image/png", "buffer": data} for name, data, _ in photos]
    await page.locator("input[type=file]").set_input_files(uploads)
    await page.get_by_role("button", name=f"Segment all {len(photos)} photos").click()
    await page.get_by_text(f"{len(photos)} of {len(photos)} done").wait_for()
    await page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    async with page.expect_download() as waited:
        await page.get_by_role("button", name="All masks (ZIP)").click()
    with zipfile.ZipFile(await (await waited.value).path()) as archive:
        for name, _, expected in photos:
            if archive.read(name.replace(".png", "_mask.png")) == expected:
                seen.right += 1
            else:
                seen.wrong.append(name)
    assert await page.get_by_test_id("stException").count() == 0


async def watch(process: int, seen: Seen) -> None:
    """Note the server's memory every second, until cancelled."""
    while True:
        seen.memory.append(mebibytes(process))
        await asyncio.sleep(1)


async def browser(playwright: Any) -> Any:
    """Chromium, headless."""
    return await playwright.chromium.launch(
        executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
    )


_loaded: list[Predictor] = []


def _network() -> Predictor:
    if not _loaded:
        _loaded.append(load(str(SHIPPED)))
    return _loaded[0]


def _server_of(address: str) -> int:
    """The process that was started with the address's port."""
    port = address.rpartition(":")[2].encode()
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"--server.port" in words and port in words:
            return int(folder.name)
    raise RuntimeError("the server is gone")
