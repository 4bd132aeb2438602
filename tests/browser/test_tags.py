"""A sample tagged by a person in the browser, and a training that leaves it out."""

import shutil

import pytest
from playwright.sync_api import Page, expect

from seglab.data.tags import read_tags
from seglab.runs import Run
from tests.browser.conftest import Dashboard, Visit
from tests.browser.test_dashboard import expect_no_error, expect_settled

pytestmark = pytest.mark.browser

NEW = "without"


def number(page: Page, label: str, value: int) -> None:
    """Write a number into the form."""
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Enter")


def test_tag_a_sample_and_see_training_leave_it_out(visit: Visit, measured: Dashboard) -> None:
    page, models = visit.page, measured.run.folder.parent
    name = measured.run.evaluation_table("train")["name"].iloc[-1]  # type: ignore[index]
    page.goto(f"{measured.address}/errors?run=tiny&photo={name}")
    expect(page.get_by_role("slider", name="Zoom")).to_be_visible()
    page.get_by_role("button", name="label wrong").click()
    page.get_by_role("link", name="Train without the sample tagged").click()

    expect(page.get_by_role("heading", name="Train", exact=True, level=1)).to_be_visible()
    expect_settled(visit)
    number(page, "network.base_channels", 2)
    number(page, "network.depth", 1)
    number(page, "trainer.max_epochs", 2)
    number(page, "trainer.batch_size", 4)
    page.get_by_role("textbox", name="Run name").fill(NEW)
    page.get_by_role("textbox", name="Run name").press("Enter")
    command = page.get_by_test_id("stCode").filter(has_text=f"--run_dir {models / NEW}")
    expect(command).to_contain_text("--data.exclude")
    expect(command).to_contain_text("--trainer.max_epochs 2")
    expect_settled(visit)
    page.get_by_role("button", name="Start training").click()
    try:
        expect(page.get_by_text("Finished: 2 epochs")).to_be_visible()
        expect(page.get_by_text("1 sample is left out of training")).to_be_attached()
        run, (file,) = Run.open(models / NEW), (models.parent / "tags").glob("*.csv")
        assert read_tags(file) == {name: ("label wrong",)}
        assert run.config["data"]["excluded"] == [name]
        before = measured.run.training_samples()
        assert before is not None
        assert run.training_samples() == before - {name}
        expect_no_error(visit)
    finally:
        shutil.rmtree(models / NEW, ignore_errors=True)
        shutil.rmtree(models.parent / "tags", ignore_errors=True)
