"""Twenty people upload at once for five minutes: ``python -m torture.uploads``.

Each must get the mask of their own photo, byte for byte; the server's memory must stay bounded.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from torture.visitors import WAIT, Seen, browser, dashboard, upload, watch

MOST_MEBIBYTES = 2048


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, dashboard(Path(folder)) as (address, process):
        seen = asyncio.run(_all(address, process, options.people, options.seconds))
        log = (Path(folder) / "server.log").read_text()
    print(
        f"{options.people} people for {options.seconds:.0f} s: {seen.right} uploads with their own "
        f"mask, {len(seen.wrong)} with another; server {seen.memory[0]:.0f} MiB at first, "
        f"{max(seen.memory):.0f} MiB at most, {seen.memory[-1]:.0f} MiB at the end"
    )
    assert not seen.wrong
    assert seen.right >= options.people
    assert max(seen.memory) < MOST_MEBIBYTES
    assert "Traceback" not in log, log[-3000:]


async def _all(address: str, process: int, people: int, seconds: float) -> Seen:
    from playwright.async_api import async_playwright

    seen = Seen()
    async with async_playwright() as playwright:
        chromium = await browser(playwright)
        watching = asyncio.create_task(watch(process, seen))
        # All are there before the time begins: to open a page takes the browser's processor.
        pages = await asyncio.gather(*(_opened(chromium, address) for _ in range(people)))
        end = time.monotonic() + seconds
        await asyncio.gather(*(_person(*each, end, seen) for each in enumerate(pages)))
        watching.cancel()
        await chromium.close()
    return seen


async def _opened(chromium: Any, address: str) -> Any:
    """The page of one more person, who shares nothing with the others."""
    context = await chromium.new_context(accept_downloads=True)
    page = await context.new_page()
    page.set_default_timeout(WAIT)
    await page.goto(f"{address}/segment")
    await page.locator("input[type=file]").wait_for(state="attached")
    return page


async def _person(person: int, page: Any, end: float, seen: Seen) -> None:
    number = 0
    while number == 0 or time.monotonic() < end:
        await upload(page, person, number, seen)
        number += 1
    await page.context.close()


if __name__ == "__main__":
    main()
