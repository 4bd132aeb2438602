"""The dashboard served on a free port of this machine, and a real browser that visits it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import pytest

from seglab.console import Console
from seglab.data.synthetic import draw_pair
from seglab.inference import load
from seglab.measuring import data_for, measure
from seglab.runs import Run
from tests.helpers import PROJECT

CHROMIUM = Path(os.environ.get("SEGLAB_CHROMIUM", "/usr/bin/chromium"))
START_SECONDS = 120
WAIT_MILLISECONDS = 60_000
"""For any one thing to appear: a training may be taking the processor."""


@dataclass
class Dashboard:
    """A running server: its address, the run and the photo it offers."""

    address: str
    run: Run
    photo: Path


@dataclass
class Visit:
    """A page in the browser, and every address it asked for."""

    page: "Page"  # type: ignore[name-defined]  # noqa: F821
    dashboard: Dashboard
    requests: list[str] = field(default_factory=list)

    def outside(self) -> list[str]:
        """The requests that would leave this machine."""
        local = ("127.0.0.1", "localhost", None)
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname not in local
        ]


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser. Without it the tests are skipped, or fail where ``SEGLAB_BROWSER_REQUIRED``
    is 1."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not installed: apt-get install chromium"
        if os.environ.get("SEGLAB_BROWSER_REQUIRED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return CHROMIUM


@pytest.fixture(scope="session")
def dashboard(
    chromium: Path, tmp_path_factory: pytest.TempPathFactory, trained: Run
) -> Iterator[Dashboard]:
    """``streamlit run st_app.py`` with one tiny run and one drawn photo."""
    assert chromium.exists()
    root = tmp_path_factory.mktemp("dashboard")
    models, samples = root / "models", root / "samples"
    shutil.copytree(trained.folder, models / "tiny")
    samples.mkdir()
    photo = samples / "drawn-cat.png"
    cv2.imwrite(str(photo), cv2.cvtColor(draw_pair(3, 0, 160).image, cv2.COLOR_RGB2BGR))
    with serving(root, models, samples) as address:
        yield Dashboard(address, Run.open(models / "tiny"), photo)


@contextmanager
def serving(root: Path, models: Path, samples: Path) -> Iterator[str]:
    """The dashboard on a free port, ended at the block's end; its log is ``server.log``."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "st_app.py")]
    command += ["--server.port", str(port), "--server.headless", "true"]
    settings = {"SEGLAB_MODELS": str(models), "SEGLAB_SAMPLES": str(samples)}
    settings |= {"SEGLAB_CACHE": str(root / "cache"), "SEGLAB_TAGS": str(root / "tags")}
    with (root / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | settings,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A session of its own, so that all its children can be ended with it.
            start_new_session=True,
            preexec_fn=end_with_the_tests,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_healthy(address, server, root / "server.log")
            yield address
        finally:
            end(server)


@pytest.fixture(scope="session")
def measured(dashboard: Dashboard) -> Dashboard:
    """The dashboard's run, measured on its own training photos (the list of runs ignores that).

    Its table says that four photos were right, so that there is something to filter.
    """
    run = dashboard.run
    content, text = measure(load(run), data_for(run, None), "train", "network", 0.5, Console())
    run.write_evaluation(content, text)
    table = run.evaluation_table("train")
    assert table is not None
    wrong = [f"{kind}_{name}" for kind in ("fp", "fn") for name in run.class_names]
    table.loc[:3, wrong] = 0
    table.loc[:3, "iou"] = 0.95
    run.write_evaluation(content, table.to_csv(index=False))
    return dashboard


@pytest.fixture
def visit(chromium: Path, dashboard: Dashboard) -> Iterator[Visit]:
    """A fresh browser window."""
    with visiting(chromium, dashboard) as visit:
        yield visit


@contextmanager
def visiting(chromium: Path, dashboard: Dashboard) -> Iterator[Visit]:
    """A browser window at this dashboard."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(WAIT_MILLISECONDS)
        visit = Visit(page, dashboard)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("websocket", lambda socket: visit.requests.append(socket.url))
        yield visit
        browser.close()


def end_with_the_tests() -> None:
    """Linux ends the server when the tests are killed and cannot do it themselves."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ask_for_signal = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
        ctypes.CDLL(None).prctl(ask_for_signal, signal.SIGTERM)


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once the server answers. Fails with its log when it ends or takes too long."""
    end_of_patience = time.monotonic() + START_SECONDS
    while time.monotonic() < end_of_patience:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)  # between two questions, not instead of one
    pytest.fail(f"the dashboard did not start:\n{log.read_text()[-2000:]}")


def end(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its children, gently first."""
    import signal

    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
        except ProcessLookupError:
            break
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
    server.wait(timeout=10)
