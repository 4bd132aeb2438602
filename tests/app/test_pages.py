"""What every page of the dashboard keeps to."""

from pathlib import Path

import pytest
from streamlit.web.server.app_discovery import discover_asgi_app

from tests.app.conftest import PAGES, Open, texts
from tests.helpers import PROJECT, run_python

ALL_PAGES = ("runs", "train", "dataset", "curves", "segment", "errors")
NEED_RUNS = ("runs", "dataset", "curves", "segment", "errors")


@pytest.mark.parametrize("page", NEED_RUNS)
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


@pytest.mark.parametrize("page", ["runs", "segment", "curves"])
def test_a_broken_run_is_listed_beside_the_others(page: str, open_page: Open, models: Path):
    app = open_page(page)
    assert "broken: config.json: is not JSON (line 1)" in texts(app)
    assert list(app.multiselect(key="runs").options) == ["disks"]


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


def test_what_the_server_reads_ahead_is_neither_torch_nor_albumentations(tmp_path: Path):
    lines = (
        "import sys",
        "from seglab.app.serving import FIRST, THEN, import_all",
        "import_all([*FIRST, *THEN])",
        "heavy = {'torch', 'lightning', 'albumentations', 'torchvision'} & set(sys.modules)",
        "assert not heavy, heavy",
        "assert {'pandas', 'plotly.graph_objects', 'onnxruntime'} <= set(sys.modules)",
    )
    finished = run_python("-c", "\n".join(lines), cache=tmp_path)
    assert finished.returncode == 0, finished.stderr[-2000:]


def test_streamlit_finds_the_server_that_reads_ahead():
    assert discover_asgi_app(PROJECT / "st_app.py").import_string == "st_app:app"


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
