"""What the command line tells of itself: its help, and what is wrong with a call."""

from pathlib import Path

import pytest

from seglab.config import Experiment
from tests.helpers import run_python

HELP = """
import runpy, sys
sys.argv = ["train.py", "--help"]
try:
    runpy.run_path("train.py", run_name="__main__")
except SystemExit as stop:
    code = stop.code
heavy = {"torch", "lightning", "albumentations", "torchvision", "pandas"} & set(sys.modules)
print("heavy:", sorted(heavy), "code:", code)
"""


def test_help_imports_nothing_heavy_and_names_every_key(cache_folder: Path) -> None:
    done = run_python("-c", HELP, cache=cache_folder)
    assert done.stdout.splitlines()[-1] == "heavy: [] code: 0"
    for section, keys in Experiment().as_dict().items():
        for key in keys:
            assert f"--{section}.{key} " in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    "argv",
    [
        ["--data.image_sise", "64"],
        ["--data.image_size", "big"],
        ["--data.imag", "64"],
        ["--config", "nowhere.yaml"],
        ["--data.border", "class"],
        ["--resume"],
        ["--resume", "run", "--trainer.seed", "3"],
        ["stray"],
        ["-x"],
    ],
)
def test_wrong_usage_exits_with_2_and_one_line(argv: list[str], cache_folder: Path) -> None:
    done = run_python("train.py", *argv, cache=cache_folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
