"""A training started, watched, stopped and resumed by a person in the browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from seglab.runs import Run
from seglab.trainings import Trainings
from tests.browser.conftest import Visit
from tests.browser.test_dashboard import expect_no_error, expect_settled
from tests.helpers import PROJECT, write_disks

pytestmark = pytest.mark.browser


def link(visit: Visit, root: Path, epochs: int) -> str:
    """The address of the page Train with a small experiment filled in."""
    values = {
        "train.data.source": "folder",
        "train.data.root": str(root),
        "train.data.image_size": 16,
        "train.network.base_channels": 2,
        "train.network.depth": 1,
        "train.optimizer.schedule": "constant",
        "train.trainer.max_epochs": epochs,
        "train.trainer.batch_size": 4,
        "train.trainer.tune": "off",  # compiling a network first may take a minute
    }
    return f"{visit.dashboard.address}/train?{urlencode(values)}"


@pytest.fixture
def trainings(visit: Visit) -> Iterator[Trainings]:
    """The dashboard's; what a failed test leaves running is stopped, for it outlives the page."""
    trainings = Trainings(visit.dashboard.run.folder.parent, PROJECT)
    yield trainings
    trainings.stop()


@pytest.mark.usefixtures("trainings")
def test_start_watch_stop_and_resume(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.goto(link(visit, write_disks(tmp_path / "disks"), epochs=100_000))
    page.get_by_role("textbox", name="Run name").fill("watched")
    page.get_by_role("textbox", name="Run name").press("Enter")
    expect(page.get_by_text("watched", exact=False).first).to_be_visible()
    expect_settled(visit)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("of 100000").first).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()

    page.reload()  # the training is no part of the page
    expect(page.get_by_role("button", name="Stop and save")).to_be_visible()
    page.get_by_role("button", name="Stop and save").click()
    expect(page.get_by_text("Interrupted after").first).to_be_visible()
    run = Run.open(visit.dashboard.run.folder.parent / "watched")
    done = len(run.rows())
    assert done > 0
    assert not run.finished

    expect_settled(visit)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Stop and save")).to_be_visible()
    expect(page.get_by_text(f"Epoch {done} of", exact=False)).to_have_count(0)
    page.get_by_role("button", name="Stop and save").click()
    expect(page.get_by_role("button", name="Resume")).to_be_enabled()
    epochs = [row["epoch"] for row in run.rows()]
    assert epochs == list(range(1, len(epochs) + 1))
    assert len(epochs) > done
    expect_no_error(visit)
    shutil.rmtree(run.folder)


@pytest.mark.parametrize("page", ["", "curves", "segment", "errors"])
def test_a_run_that_vanishes_or_breaks_while_a_page_is_open(visit: Visit, page: str) -> None:
    models = visit.dashboard.run.folder.parent
    doomed = Run(Path(shutil.copytree(visit.dashboard.run.folder, models / "doomed")))
    try:
        visit.page.goto(f"{visit.dashboard.address}/{page}?runs=doomed&run=doomed")
        expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
        expect_settled(visit)
        doomed.config_path.write_text('{"half": ')
        visit.page.reload()
        expect(visit.page.get_by_text("config.json: is not JSON").first).to_be_visible()
        shutil.rmtree(doomed.folder)
        visit.page.reload()
        expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
        expect_settled(visit)
        expect(visit.page.get_by_test_id("stException")).to_have_count(0)
        expect(visit.page.get_by_text("config.json: is not JSON")).to_have_count(0)
    finally:
        shutil.rmtree(doomed.folder, ignore_errors=True)
