"""The dashboard's pages, run by Streamlit's own test harness: no browser, no server."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import seglab
from seglab.data.synthetic import write_dataset
from seglab.runs import Run
from tests.helpers import PROJECT, disk_pair, run_python, write_disks, write_official, write_png

PAGES = "src/seglab/app/pages"
ALL_PAGES = ("segment", "curves", "dataset")
Open = Callable[[str], AppTest]


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


def run(app: AppTest) -> AppTest:
    """One more run of the script, without an exception."""
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    """Everything the page says in words, without Markdown's escapes."""
    elements = [*app.info, *app.warning, *app.error, *app.markdown, *app.caption, *app.code]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def metric(app: AppTest, label: str) -> str:
    """The figure under a label that begins with ``label``."""
    return next(str(entry.value) for entry in app.metric if entry.label.startswith(label))


# Every page.


@pytest.mark.parametrize("page", ALL_PAGES)
def test_without_runs_a_page_says_what_gives_one(page: str, open_page: Open, no_models: Path):
    app = open_page(page)
    assert len(app.title) == 1
    assert not app.error
    if page != "dataset":
        assert "make demo" in texts(app)
        assert "python train.py" in texts(app)


@pytest.mark.parametrize("page", ALL_PAGES)
def test_every_page_ends_with_its_command(page: str, open_page: Open, models: Path):
    app = open_page(page)
    assert app.expander[-1].label == "From the shell"
    assert "python " in app.code[-1].value


@pytest.mark.parametrize("page", ["segment", "curves"])
def test_a_broken_run_is_listed_beside_the_others(page: str, open_page: Open, models: Path):
    app = open_page(page)
    assert "broken: config.json: is not JSON (line 1)" in texts(app)
    offered = app.selectbox(key="run") if page == "segment" else app.multiselect(key="runs")
    assert list(offered.options) == ["disks"]


@pytest.mark.parametrize("page", ALL_PAGES)
def test_the_first_paint_imports_nothing_heavy(
    page: str, models: Path, samples: Path, tmp_path: Path
):
    lines = (
        "import sys",
        "from streamlit.testing.v1 import AppTest",
        "app = AppTest.from_file('st_app.py', default_timeout=60).run()",
        f"app.switch_page('{PAGES}/{page}.py').run()",
        "assert not app.exception and len(app.title) == 1",
        "heavy = {'torch', 'lightning', 'albumentations', 'torchvision'} & set(sys.modules)",
        "assert not heavy, heavy",
    )
    finished = run_python("-c", "\n".join(lines), cache=tmp_path)
    assert finished.returncode == 0, finished.stderr[-2000:]


def test_started_without_streamlit_it_says_how(tmp_path: Path):
    finished = run_python("st_app.py", cache=tmp_path)
    assert finished.returncode == 1
    assert "streamlit run st_app.py" in finished.stderr.splitlines()[-1]


def test_without_the_package_it_is_one_line(tmp_path: Path):
    blocked = f"import sys, runpy; sys.modules['seglab'] = None; runpy.run_path({'st_app.py'!r})"
    finished = run_python("-c", blocked, cache=tmp_path)
    assert finished.returncode == 1
    assert "make setup" in finished.stderr
    assert "Traceback" not in finished.stderr


# Segment.


def test_samples_are_photos_only(open_page: Open, models: Path):
    app = open_page("segment")
    assert app.button_group(key="sample").options == ["First disk", "Second disk"]


def test_a_sample_is_segmented_and_the_threshold_counts(
    open_page: Open, models: Path, samples: Path
):
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    run(app)
    content = (samples / "first-disk.png").read_bytes()
    expected = seglab.load(str(models / "disks")).segment(content)
    assert metric(app, "Foreground") == f"{expected.foreground_share:.1%}"
    low, high = expected.probability_range
    assert metric(app, "Probability") == f"{low:.2f}–{high:.2f}"
    before = [url for image in app.get("image") for url in image.value]
    app.slider(key="threshold").set_value(0.0)
    run(app)
    assert metric(app, "Foreground") == "100.0%"
    after = [url for image in app.get("image") for url in image.value]
    assert before[0] == after[0]
    assert before[1] != after[1]
    app.slider(key="threshold").set_value(1.0)
    run(app)
    assert "Nothing found" in texts(app)
    assert "--model" in app.code[-1].value
    assert "--threshold 1" in app.code[-1].value


@pytest.mark.parametrize("result", ["mask", "contour", "cut-out", "probability"])
def test_every_kind_of_picture_is_shown(result: str, open_page: Open, models: Path):
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    app.button_group(key="result").set_value(result)
    run(app)
    assert len(app.get("image")) == 2


def test_a_broken_upload_is_a_sentence(open_page: Open, models: Path):
    app = open_page("segment")
    app.file_uploader(key="uploads").set_value([("cat.jpg", b"no picture", "image/jpeg")])
    run(app)
    assert [error.value.replace("\\", "") for error in app.error] == [
        "cat.jpg is not an image, or of a format that is not supported; choose another file"
    ]


def test_several_uploads_one_of_them_broken(open_page: Open, models: Path, samples: Path):
    app = open_page("segment")
    good = (samples / "first-disk.png").read_bytes()
    app.file_uploader(key="uploads").set_value(
        [("good.png", good, "image/png"), ("bad.png", good[:60], "image/png")]
    )
    run(app)
    assert not app.error
    app.selectbox(key="photo").select_index(1)
    run(app)
    assert "bad.png cannot be" in texts(app)


def test_a_run_that_lost_its_weights_is_no_choice(open_page: Open, models: Path):
    run_folder = Run.open(models / "disks")
    run_folder.onnx_path.unlink()
    run_folder.checkpoint_path.unlink()
    app = open_page("segment")
    assert "no trained run" in texts(app)


def test_a_broken_network_file_is_a_sentence(open_page: Open, models: Path):
    Run.open(models / "disks").onnx_path.write_bytes(b"nothing")
    app = open_page("segment")
    app.button(key="sample_first-disk.png").click()
    run(app)
    assert len(app.error) == 1
    assert "cannot be read" in texts(app)


# Training curves.


def test_curves_of_a_run_and_its_best_epoch(open_page: Open, models: Path):
    app = open_page("curves")
    table = app.dataframe[0].value
    rows = Run.open(models / "disks").metrics()
    best = rows.loc[rows["val_dataset_iou"].idxmax()]
    assert table["Run"].tolist() == ["disks"]
    assert table["Best"].tolist() == [best["epoch"]]
    assert table["Dataset IoU"].tolist() == pytest.approx([best["val_dataset_iou"]])
    app.selectbox(key="metric").set_value("loss")
    run(app)
    app.multiselect(key="runs").set_value([])
    run(app)
    assert "Choose a run" in texts(app)


def test_a_run_without_an_epoch_waits(open_page: Open, models: Path):
    Run.create(models / "fresh", Run.open(models / "disks").config)
    app = open_page("curves")
    assert "No epoch finished yet: fresh" in texts(app)
    assert app.dataframe[0].value["Run"].tolist() == ["disks"]


# Dataset.


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Drawn pets where the page looks for them."""
    root = tmp_path / "data"
    write_dataset(root / "drawn-pets-400-256px-seed0", 140, 32)
    return root


def open_dataset(open_page: Open, source: str, root: Path) -> AppTest:
    app = open_page("dataset")
    app.button_group(key="source").set_value(source)
    app.text_input(key="root").set_value(str(root))
    return run(app)


def test_browse_filter_and_open_one(open_page: Open, no_models: Path, drawn: Path):
    app = open_dataset(open_page, "synthetic", drawn)
    assert len(app.get("image")) == 24
    app.selectbox(key="species").set_value("cat")
    run(app)
    app.text_input(key="find").set_value("no such name")
    run(app)
    assert "No sample passes" in texts(app)
    app.text_input(key="find").set_value("")
    run(app)
    name = app.button(key="open_2").label
    app.button(key="open_2").click()
    run(app)
    assert app.subheader[0].value.replace("\\", "") == name


def test_paging_stays_within_the_pages(open_page: Open, no_models: Path, drawn: Path):
    app = open_dataset(open_page, "synthetic", drawn)
    app.get("pagination")[0].set_value(2)
    run(app)
    app.selectbox(key="breed").select_index(0)
    run(app)
    assert app.session_state["page"] == 1


def test_what_training_saw_is_what_training_sees(open_page: Open, no_models: Path, drawn: Path):
    app = open_dataset(open_page, "synthetic", drawn)
    app.button_group(key="show").set_value("What training saw")
    run(app)
    first = [url for image in app.get("image") for url in image.value]
    app.number_input(key="epoch").set_value(2)
    run(app)
    second = [url for image in app.get("image") for url in image.value]
    assert first[0] == second[0]
    assert first[1] != second[1]
    app.number_input(key="epoch").set_value(1)
    run(app)
    assert [url for image in app.get("image") for url in image.value] == first


def test_oxford_pets_that_are_absent_are_not_downloaded(
    open_page: Open, no_models: Path, tmp_path: Path
):
    app = open_dataset(open_page, "oxford_pet", tmp_path / "nothing")
    assert "python train.py" in texts(app)
    assert app.button(key="draw").label == "Draw the pets"
    assert not (tmp_path / "nothing").exists()


def test_the_button_draws_the_pets(
    open_page: Open, no_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from seglab.app import datasets

    def draw_few(root: Path, _count: int, _size: int, seed: int, progress: object) -> Path:
        del progress
        return write_dataset(root, 74, 32, seed)

    monkeypatch.setattr(datasets, "write_dataset", draw_few)
    app = open_dataset(open_page, "oxford_pet", tmp_path / "nothing")
    app.button(key="draw").click()
    run(app)
    assert len(app.get("image")) == 24


def test_official_layout_with_the_border_apart(open_page: Open, no_models: Path, tmp_path: Path):
    write_official(tmp_path / "pets", 4)
    app = open_dataset(open_page, "oxford_pet", tmp_path / "pets")
    app.selectbox(key="target").set_value("trimap")
    run(app)
    app.button_group(key="show").set_value("One sample")
    run(app)
    assert not app.error


def test_a_folder_and_its_errors_are_sentences(open_page: Open, no_models: Path, tmp_path: Path):
    app = open_dataset(open_page, "folder", tmp_path / "nothing")
    assert "there is no such folder" in app.error[0].value
    disks = write_disks(tmp_path / "disks")
    app.text_input(key="root").set_value(str(disks))
    run(app)
    assert not app.error
    app.text_input(key="classes").set_value("background=0, disk=many")
    run(app)
    assert "whole numbers" in app.error[0].value
    app.text_input(key="classes").set_value("background=0, disk=7")
    run(app)
    app.button_group(key="show").set_value("One sample")
    run(app)
    assert "mask values 255 are not in the label map" in texts(app)
