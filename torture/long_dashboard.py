"""A thousand segmentations and a hundred page changes: ``python -m torture.long_dashboard``.

In one browser window and one session, from page to page by the navigation; the server's memory,
handles and threads must stay flat. A part of the photos is uploaded one by one, the others
together.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from torture.visitors import WAIT, Seen, browser, change_page, dashboard, upload, upload_many
from torture.watching import handles, mebibytes, threads

PAGES = ("Train", "Training curves", "Dataset", "Errors", "Runs")
ONE_BY_ONE = 2
"""Photos of each visit to the page that are uploaded alone."""

MOST_GROWTH = 200.0
"""MiB between the first fifth and the end: what a session keeps is bounded by its caches."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segmentations", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, dashboard(Path(folder)) as (address, process):
        early, late = asyncio.run(_all(address, process, options.segmentations, options.changes))
    print(
        f"{options.segmentations} segmentations and {options.changes} page changes: after a fifth "
        f"{early[0]:.0f} MiB, {early[1]} handles, {early[2]} threads; at the end {late[0]:.0f} "
        f"MiB, {late[1]} handles, {late[2]} threads"
    )
    assert late[0] - early[0] < MOST_GROWTH
    assert late[1] <= early[1] + 10
    assert late[2] <= early[2] + 10


async def _all(
    address: str, process: int, segmentations: int, changes: int
) -> tuple[tuple[float, int, int], tuple[float, int, int]]:
    from playwright.async_api import async_playwright

    seen = Seen()

    def now() -> tuple[float, int, int]:
        return mebibytes(process), handles(process), threads(process)

    early = now()
    async with async_playwright() as playwright:
        chromium = await browser(playwright)
        page = await (await chromium.new_context(accept_downloads=True)).new_page()
        page.set_default_timeout(WAIT)
        await page.goto(address)
        rounds = max(changes // 2, 1)
        for number in range(rounds):
            for title in (PAGES[number % len(PAGES)], "Segment"):  # away to another page, and back
                await change_page(page, title)
            await page.locator("input[type=file]").wait_for(state="attached")
            first, last = (segmentations * (number + more) // rounds for more in (0, 1))
            single = min(first + ONE_BY_ONE, last)
            for photo in range(first, single):
                await upload(page, 0, photo, seen)
            if single < last:
                await upload_many(page, 0, range(single, last), seen)
            if (number + 1) % (max(rounds // 5, 1)) == 0:
                print(f"  {last} segmentations: {mebibytes(process):.0f} MiB", flush=True)
            if number == rounds // 5:
                early = now()
        late = now()
        await chromium.close()
    assert not seen.wrong
    assert seen.right == segmentations
    return early, late


if __name__ == "__main__":
    main()
