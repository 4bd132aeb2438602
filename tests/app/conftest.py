"""Folders for the dashboard's pages, and the pages run by Streamlit's own test harness."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from seglab.data.sources import open_dataset as open_for_training
from seglab.runs import Run
from tests.helpers import PROJECT, disk_pair, tiny_experiment, write_png
from tests.run_folders import write_evaluated_run

PAGES = "src/seglab/app/pages"
Open = Callable[[str], AppTest]
Offered = dict[str, Callable[[], bytes]]

# Of each image of the runs of ``board``: two seeds of one loss, and another loss.
IOUS = {0: [0.8, 0.6, 0.7], 1: [0.9, 0.5, 0.7]}
DICE = [0.4, 0.2, 0.3]


@pytest.fixture
def models(tmp_path: Path, trained: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with the run ``disks``, named as the default, and a broken one."""
    folder = tmp_path / "models"
    shutil.copytree(trained.folder, folder / "disks")
    (folder / "DEFAULT").write_text("disks\n")
    broken = Run(folder / "broken")
    broken.folder.mkdir()
    broken.config_path.write_text("{oops")
    monkeypatch.setenv("SEGLAB_MODELS", str(folder))
    return folder


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder without a run."""
    folder = tmp_path / "no-models"
    folder.mkdir()
    monkeypatch.setenv("SEGLAB_MODELS", str(folder))
    return folder


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two seeds, one run with another loss, one at another size, an unfinished, a broken one."""
    folder = tmp_path / "models"
    for seed, ious in IOUS.items():
        write_evaluated_run(folder / f"unet-seed-{seed}", ious, seed=seed)
    write_evaluated_run(folder / "dice", DICE, loss={"name": "dice"})
    write_evaluated_run(folder / "larger", DICE, data={"image_size": 32})
    unfinished = write_evaluated_run(folder / "unfinished", DICE, trainer={"max_epochs": 9})
    unfinished.write_config({k: v for k, v in unfinished.config.items() if k != "result"})
    for path in (unfinished.config_path, unfinished.metrics_path):
        os.utime(path, (0, 0))
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text("{oops")
    monkeypatch.setenv("SEGLAB_MODELS", str(folder))
    return folder


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photos to try, and a figure that is none."""
    folder = tmp_path / "samples"
    for index, name in enumerate(("first-disk", "second-disk", "metrics")):
        write_png(folder / f"{name}.png", disk_pair(index)[0])
    monkeypatch.setenv("SEGLAB_SAMPLES", str(folder))
    return folder


@pytest.fixture
def open_page(samples: Path) -> Open:
    """Opens a page by name; no page may show an exception."""

    def open_page(name: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "st_app.py"), default_timeout=60).run()
        app.switch_page(f"{PAGES}/{name}.py").run()
        assert not app.exception
        return app

    assert samples.is_dir()
    return open_page


@pytest.fixture
def tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the page keeps tags."""
    monkeypatch.setenv("SEGLAB_TAGS", str(tmp_path / "tags"))
    return tmp_path / "tags"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What each download button gives when it is pressed, by its label; filled by the pages."""
    found: Offered = {}
    button = streamlit.download_button

    def remember(label: str, data: Any, *args: Any, **settings: Any) -> bool:
        found[label] = data if callable(data) else lambda: data
        return button(label, data, *args, **settings)

    monkeypatch.setattr(streamlit, "download_button", remember)
    return found


def rerun(app: AppTest) -> AppTest:
    """One more run of the script, without an exception."""
    app.run()
    assert not app.exception, app.exception
    return app


def choose(app: AppTest, *chosen: str) -> AppTest:
    """With these runs chosen in the sidebar."""
    app.multiselect(key="runs").set_value(list(chosen))
    return rerun(app)


def names(app: AppTest, table: int = 0) -> list[str]:
    """The runs named in a table of the page."""
    found: list[str] = app.dataframe[table].value["Run"].tolist()
    return found


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """With these files, names and bytes, brought to the page Segment."""
    app.file_uploader(key="uploads").set_value([(name, data, "image/png") for name, data in files])
    return rerun(app)


def texts(app: AppTest) -> str:
    """Everything the page says in words, without Markdown's escapes."""
    elements = [*app.info, *app.warning, *app.error, *app.markdown, *app.caption, *app.code]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def metric(app: AppTest, label: str) -> str:
    """The figure under a label that begins with ``label``."""
    return next(str(entry.value) for entry in app.metric if entry.label.startswith(label))


def open_dataset(open_page: Open, source: str, root: Path) -> AppTest:
    """The page Dataset on the data of a source in a folder."""
    app = open_page("dataset")
    app.button_group(key="source").set_value(source)
    app.text_input(key="root").set_value(str(root))
    return rerun(app)


def read_everything(app: AppTest) -> AppTest:
    """With every file of the dataset read."""
    app.button(key="read_files").click()
    return rerun(app)


def training_names(root: Path) -> list[str]:
    """The training samples of a folder, as training splits it."""
    experiment = tiny_experiment(data={"source": "folder", "root": str(root)})
    return [record.name for record in open_for_training(experiment).records("train")]
