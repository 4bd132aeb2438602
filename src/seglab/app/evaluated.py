"""What an evaluation says of each image, for the page Errors: read again only when it changed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas
import streamlit as st

from seglab import failure_kinds, image_scores
from seglab.app import state
from seglab.errors import RunError
from seglab.measured import Measured
from seglab.runs import Run

SPLITS = ("test", "val", "train")
SIZES = {"network": "", "original": "photo's own size"}


@dataclass(frozen=True)
class Evaluated:
    """A run's evaluation: ``content`` of its JSON, ``table`` with a row an image."""

    run: Run
    measured: Measured
    content: dict[str, Any]
    table: pandas.DataFrame

    @cached_property
    def names(self) -> list[str]:
        """The images' names, in the table's order."""
        return [str(name) for name in self.table["name"]]

    @cached_property
    def places(self) -> dict[str, int]:
        """Image name to its row."""
        return {name: place for place, name in enumerate(self.names)}

    @property
    def threshold(self) -> float:
        """The threshold it was measured at; of several classes none counts."""
        found = self.content.get("threshold")
        return self.run.threshold if found is None else float(found)

    def scores(self, measure: str) -> np.ndarray:
        """The measure of each image, float64 0–1. Raises ``RunError``."""
        return image_scores.scores(self.table, measure, self.run.class_names)

    def measures(self) -> list[str]:
        """The measures this table can give."""
        return image_scores.available(self.table, self.run.class_names)

    @cached_property
    def kinds(self) -> np.ndarray | None:
        """Place in ``failure_kinds.KINDS`` of each image by its counts alone, int64; ``None``
        where the table lacks them."""
        columns = {str(column): self.table[column].to_numpy() for column in self.table.columns}
        try:
            counts = failure_kinds.counts_from_table(columns, self.run.class_names)
        except KeyError:
            return None
        return failure_kinds.kinds(counts)

    @cached_property
    def object_sizes(self) -> np.ndarray | None:
        """``small``, ``medium`` or ``large`` object in each image, as the evaluation grouped
        them; ``None`` where it did not."""
        groups = self.content.get("groups", {}).get("object_size", {})
        try:
            limits = {
                name: (group["foreground_share_low"], group["foreground_share_high"])
                for name, group in groups.items()
            }
            shares = self.table["foreground_share"].to_numpy(np.float64)
        except (KeyError, TypeError):
            return None
        return image_scores.object_sizes(shares, limits) if limits else None


def measured_of(run: Run) -> list[str]:
    """The names of what a run was measured on, tests first."""
    names = [path.stem.removeprefix("evaluation-") for path in run.folder.glob("evaluation-*.csv")]
    known = [name for name in names if Measured.named(name)]
    return sorted(known, key=lambda name: (SPLITS.index(name.split("-")[0]), name))


def _measured(name: str) -> Measured:
    found = Measured.named(name)
    if found is None:
        raise RunError(f"{name}: is not the name of an evaluation")
    return found


def in_words(name: str) -> str:
    """A name for a person."""
    one = _measured(name)
    split = {"test": "Test", "val": "Validation", "train": "Training"}[one.split]
    extras = [words for words in (SIZES[one.size], one.views.in_words()) if words]
    return f"{split} ({', '.join(extras)})" if extras else split


def evaluated(run: Run, name: str) -> Evaluated:
    """One of a run's evaluations. Raises ``RunError`` where it is absent or broken."""
    one = _measured(name)
    paths = [run.evaluation_path(one.split, one.size, one.views, end) for end in (".json", ".csv")]
    stamp = tuple(map(state.modified, (run.config_path, *paths)))
    found: Evaluated = _evaluated(str(run.folder), name, stamp, run)
    return found


@st.cache_resource(max_entries=8, show_spinner="Reading the evaluation …")
def _evaluated(folder: str, name: str, stamp: tuple[int, ...], _run: Run) -> Evaluated:
    del folder, stamp  # part of the key
    one = _measured(name)
    remedy = " ".join(["python evaluate.py", state.shown(_run.folder), *one.options()])
    content = _run.evaluation(one.split, one.size, one.views)
    table = _run.evaluation_table(one.split, one.size, one.views)
    if content is None or table is None:
        raise RunError(f"{_run.name} was not measured on this: {remedy}")
    if not {"name", "iou"} <= set(table.columns) or table.empty:
        raise RunError(
            f"{_run.name}: its table on the {one.split} split names no images; measure it again: "
            f"{remedy}"
        )
    if len(table) != content.get("images", len(table)):
        raise RunError(
            f"{_run.name}: {len(table)} of {content['images']} images stand in its table on the "
            f"{one.split} split; measure it again: {remedy}"
        )
    return Evaluated(_run, one, content, table)
