"""The scripts as a person calls them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import PROJECT

SCRIPTS = [
    "train.py",
    "predict.py",
    "evaluate.py",
    "compare.py",
    "experiments.py",
    "data_visualization.py",
]
HEAVY = {"torch", "lightning", "albumentations", "pandas", "streamlit", "matplotlib"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_imports_nothing_heavy(script: str, tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", str(PROJECT / script), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0
    assert "usage:" in done.stdout
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.split("\n")
    }
    assert "seglab" in imported
    assert not imported & HEAVY


@pytest.mark.parametrize("script", SCRIPTS)
def test_wrong_usage_is_one_line_and_exit_2(script: str, tmp_path: Path) -> None:
    command = [sys.executable, str(PROJECT / script), "--nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("script", [*SCRIPTS, "st_app.py"])
def test_without_its_environment_a_script_says_what_to_do(script: str, tmp_path: Path) -> None:
    # -S and -I: no site-packages, as on a machine where nothing was installed.
    command = [sys.executable, "-I", "-S", str(PROJECT / script)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert "make setup" in done.stderr


def test_the_networks_table(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "seglab.networks", "--network.base_channels", "64"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0
    # The classic U-Net with one output: 31.04 M parameters, batch norm included.
    assert "31,037,633" in done.stdout
