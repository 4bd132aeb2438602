"""How the dashboard feels, measured in a real browser against a server of its own.

python benchmarks/dashboard.py [--only paint changes memory people threshold] [--runs 100]

First paint and page changes with many runs, memory of the server over many segmented photos,
many people at once, and a step of the threshold's slider. Needs chromium; the page Dataset shows
what stands under data/. Beside the first paint stands that of a page with nothing but a title: what
Streamlit and the browser take on this machine.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from seglab.hardware import PACKAGES, environment
from seglab.run_list import default_run

PROJECT = Path(__file__).resolve().parents[1]
PAGES = {
    "Train": "train",
    "Dataset": "dataset",
    "Training curves": "curves",
    "Segment": "segment",
    "Errors": "errors",
    "Runs": "",
}
READY = "[data-test-script-state=notRunning]"
AT_ONCE = 50
"""Photos a visitor brings."""
PATIENCE = 300_000
"""Milliseconds."""
PARTS = ("paint", "changes", "memory", "people", "threshold")
TITLE_ALONE = 'import streamlit as st\n\nst.title("Title")\n'


def main() -> None:
    """Print each measurement with the machine it was made on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        models = copies(home / "models", options.runs)
        photos = draw_photos(home / "photos", options.photos)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        if "paint" in options.only:
            (home / "title.py").write_text(TITLE_ALONE)
            with server(models, home / "title.py") as (address, _):
                first_paint(browser, address, "a title alone")
        with server(models) as (address, process):
            if "paint" in options.only:
                first_paint(browser, address, f"{options.runs} runs")
            if "changes" in options.only:
                page_changes(browser, address, options.rounds)
            if "memory" in options.only:
                memory(browser, address, process.pid, photos)
            if "people" in options.only:
                people(browser, address, options.people, photos)
        browser.close()
        if "threshold" in options.only:
            threshold(models, home / "large")
    made_with = environment(PROJECT, "cpu", "")
    print(f"{made_with['device']}, {made_with['system']}; load average {os.getloadavg()[0]:.1f}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))


def copies(models: Path, count: int) -> Path:
    """A models folder with the default run and ``count - 1`` copies of it without weights."""
    run = default_run(PROJECT / "models")
    shutil.copytree(run.folder, models / run.name)
    (models / "DEFAULT").write_text(f"{run.name}\n")
    weights = shutil.ignore_patterns(run.checkpoint_path.name, run.onnx_path.name)
    for number in range(1, count):
        shutil.copytree(run.folder, models / f"copy-{number:03d}", ignore=weights)
    return models


def draw_photos(folder: Path, count: int) -> list[Path]:
    """Noise with a disk, 640×480, every one another."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    paths = []
    for number in range(count):
        image = generator.integers(0, 120, (480, 640, 3), dtype=np.uint8)
        centre = tuple(int(value) for value in generator.integers(150, 330, 2))
        cv2.circle(image, centre, 120, (200, 220, 240), -1)
        paths.append(folder / f"photo-{number:03d}.jpg")
        cv2.imwrite(str(paths[-1]), image)
    return paths


@contextmanager
def server(
    models: Path, script: Path = PROJECT / "st_app.py"
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The dashboard, or another script, on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.headless", "true"],
        cwd=PROJECT,
        env=os.environ | {"SEGLAB_MODELS": str(models)},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health").read()
                break
            except OSError:
                time.sleep(0.05)
        yield address, process
    finally:
        process.terminate()
        process.wait()


def first_paint(browser: Browser, address: str, what: str) -> None:
    """Seconds until the title stands and until the page is complete, first visitor and second."""
    for visitor in ("first", "second"):
        page = browser.new_context().new_page()
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("h1")
        title = time.perf_counter() - start
        page.wait_for_selector(READY)
        whole = time.perf_counter() - start
        print(f"{what}, {visitor} visitor: title {title:.2f} s, {whole:.2f} s in all", flush=True)
        page.context.close()


def page_changes(browser: Browser, address: str, rounds: int) -> None:
    """Median seconds from the click in the navigation to the complete page.

    The first click comes when the browser has nothing left to fetch, as a person's does who has
    looked at the first page for a moment.
    """
    page = browser.new_context().new_page()
    page.goto(address)
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")
    seconds: dict[str, list[float]] = {title: [] for title in PAGES}
    for _ in range(rounds + 1):
        for title in PAGES:
            start = time.perf_counter()
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
            page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
            page.wait_for_selector(READY)
            seconds[title].append(time.perf_counter() - start)
    for title, found in seconds.items():
        usual = statistics.median(found[1:])
        print(f"to {title}: {usual:.2f} s (first time {found[0]:.2f} s)", flush=True)
    page.context.close()


def memory(browser: Browser, address: str, process: int, photos: list[Path]) -> None:
    """Resident memory of the server after each visitor has segmented the photos they brought."""
    marks = [resident(process)]
    for start in range(0, len(photos), AT_ONCE):
        brought = photos[start : start + AT_ONCE]
        page = segment_page(browser, address)
        page.locator("input[type=file]").first.set_input_files(brought)
        page.get_by_role("button", name=f"Segment all {len(brought)} photos").click()
        archive = page.get_by_role("button", name="All masks (ZIP)")
        archive.wait_for(timeout=PATIENCE)
        page.wait_for_selector(READY)
        marks.append(resident(process))
        page.context.close()
    shown = ", ".join(f"{mark:.0f}" for mark in marks[1:])
    print(f"server's memory: {marks[0]:.0f} MiB, after each {AT_ONCE} photos {shown} MiB")


def people(browser: Browser, address: str, count: int, photos: list[Path]) -> None:
    """Seconds until everybody has the mask of their own photo."""
    pages = [segment_page(browser, address) for _ in range(count)]
    start = time.perf_counter()
    for number, page in enumerate(pages):
        page.locator("input[type=file]").first.set_input_files(photos[number])
    done = []
    for number, page in enumerate(pages):
        result = page.get_by_role("img", name=f"overlay of {photos[number].name}")
        result.wait_for(timeout=PATIENCE)
        done.append(time.perf_counter() - start)
    print(f"{count} people at once: all have their own photo's result after {max(done):.2f} s")


def threshold(models: Path, samples: Path, steps: int = 20) -> None:
    """Median milliseconds that the server takes for a step of the threshold's slider, on a photo
    of 12 megapixels: the page's whole script in Streamlit's own harness, without a browser."""
    from streamlit.testing.v1 import AppTest

    samples.mkdir()
    photo = np.random.default_rng(0).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
    cv2.imwrite(str(samples / "large.jpg"), photo)
    os.environ |= {"SEGLAB_MODELS": str(models), "SEGLAB_SAMPLES": str(samples)}
    app = AppTest.from_file(str(PROJECT / "st_app.py"), default_timeout=60).run()
    app.switch_page("src/seglab/app/pages/segment.py").run()
    app.button_group(key="sample").set_value("large.jpg").run()
    seconds = []
    for step in range(steps):
        app.slider(key="threshold").set_value(0.3 + step / 100)
        start = time.perf_counter()
        app.run()
        seconds.append(time.perf_counter() - start)
    print(f"a step of the threshold: {statistics.median(seconds) * 1000:.0f} ms on the server")


def segment_page(browser: Browser, address: str) -> Page:
    """The page Segment, for a visitor of its own."""
    page = browser.new_context().new_page()
    page.goto(f"{address}/segment")
    page.wait_for_selector(READY)
    return page


def resident(process: int) -> float:
    """Resident memory in MiB."""
    status: Any = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
