"""Where the project lies, and which runs it holds: read again only when a file changed."""

import os
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from seglab.decoding import IMAGE_SUFFIXES
from seglab.errors import DataError
from seglab.labels import CLASS_COLOURS
from seglab.run_list import BrokenRun, read_run, run_folders
from seglab.runs import Run

PROJECT = "project"
MOST_LETTERS = 60
"""Of a path that is none, so many are told."""
FIGURES = ("architecture.png", "metrics.png", "data_visualization.png", "result.png")
"""Files among the sample images that are figures of the README, not photos."""


def set_project(folder: Path) -> None:
    """Name the project's folder; ``st_app.py`` does this before any page runs."""
    st.session_state[PROJECT] = str(folder)


def project() -> Path:
    """The folder of ``st_app.py``: relative paths on the pages count from here."""
    return Path(st.session_state.get(PROJECT, "."))


def models_folder() -> Path:
    """The folder of the runs: ``SEGLAB_MODELS``, else ``models/`` of the project."""
    return Path(os.environ.get("SEGLAB_MODELS") or project() / "models")


def samples_folder() -> Path:
    """The folder of photos to try: ``SEGLAB_SAMPLES``, else ``sample_images/``."""
    return Path(os.environ.get("SEGLAB_SAMPLES") or project() / "sample_images")


def tags_folder() -> Path:
    """The folder of the tags that people put on samples: ``SEGLAB_TAGS``, else ``data-tags/``."""
    return Path(os.environ.get("SEGLAB_TAGS") or project() / "data-tags")


def shown(path: Path) -> str:
    """A path as one types it: relative to the project where it lies in it."""
    # Not resolved: data/ may be a link, and the person knows it by its name here.
    return str(path.relative_to(project()) if path.is_relative_to(project()) else path)


def typed_folder(text: str) -> Path:
    """A folder as a person or an address names it: relative ones count from the project, ``~`` is
    home. Raises ``DataError`` where nothing can be called so."""
    try:
        folder = project() / Path(text or ".").expanduser()
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return folder
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{text[:MOST_LETTERS]}: cannot be a folder ({reason})") from error
    return folder


def sample_photos() -> list[Path]:
    """The photos to try, by name."""
    folder = samples_folder()
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES
        and path.name not in FIGURES
        and not path.name.startswith(".")
    )


def runs() -> tuple[list[Run], list[BrokenRun]]:
    """The runs of the models folder and the broken ones, for reading alone: all sessions have the
    same ones."""
    found = [_read(folder) for folder in run_folders(models_folder())]
    broken = [one for one in found if isinstance(one, BrokenRun)]
    return [one for one in found if isinstance(one, Run)], broken


def modified(path: Path) -> int:
    """When a file or folder changed, in nanoseconds; 0 where it is absent."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def icon() -> Image.Image:
    """The page's icon: a disc in the colours of the first two classes."""
    rows, columns = np.mgrid[-15.5:16, -15.5:16]
    picture = np.zeros((32, 32, 4), np.uint8)
    inside = rows**2 + columns**2 < 15**2
    picture[inside & (columns < 0)] = (*CLASS_COLOURS[0], 255)
    picture[inside & (columns >= 0)] = (*CLASS_COLOURS[1], 255)
    return Image.fromarray(picture)


def _read(folder: Path) -> Run | BrokenRun:
    run = Run(folder)
    stamp = modified(run.config_path), modified(run.metrics_path)
    before = _known.get(folder)
    if before is None or before[0] != stamp:
        before = _known[folder] = stamp, read_run(folder)
    return before[1]


# Not Streamlit's cache, which takes half a millisecond to find what it has: there are a hundred
# runs. By folder, so that of a run in training its last state alone is kept.
_known: dict[Path, tuple[tuple[int, int], Run | BrokenRun]] = {}
