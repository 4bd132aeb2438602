"""Runs measured for the report: real data and a real evaluation, but a network of one line."""

from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.console import Console
from seglab.inference import Predictor
from seglab.measuring import data_for, measure
from seglab.report import write_report
from seglab.runs import Run
from seglab.views import ONE_LOOK, Views
from tests.run_folders import write_evaluated_run

SWEEP = {
    "split": "val",
    "images": 2,
    "value": 0.4,
    "figure": "dataset_iou",
    "curve": [
        {"threshold": at / 100, "dataset_iou": 0.5 + at / 1000, "mean_image_iou": 0.4}
        for at in range(1, 100)
    ],
}
ENVIRONMENT = {
    "started": "2026-11-20T09:02:14+00:00",
    "python": "3.11.7",
    "system": "Linux x86_64",
    "device": "CPU, 2 cores",
    "precision": "bf16",
    "packages": {"torch": "2.15.0"},
    "git_commit": "1d79f01aa8c61620ad1a59c565aaf85c1f734b3a",
}

Element = tuple[str, dict[str, str | None]]
Measured = Callable[..., Run]


class Page(HTMLParser):
    """A report taken apart: its elements in order, what a reader sees, scripts and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.text, self.style = "", ""
        self.scripts: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()
        assert not self._inside, "every element is closed"

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        self.elements.append((tag, dict(attributes)))
        if tag == "script":
            self.scripts.append("")
        if tag not in ("br", "img", "meta"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if self._inside and self._inside[-1] == "script":
            self.scripts[-1] += data
        elif self._inside and self._inside[-1] == "style":
            self.style += data
        else:
            self.text += data

    def having(self, attribute: str) -> list[str]:
        """The values of an attribute, in order."""
        return [
            attributes[attribute] or ""
            for _, attributes in self.elements
            if attribute in attributes
        ]

    def count(self, tag: str) -> int:
        """How many elements of a kind there are."""
        return [name for name, _ in self.elements].count(tag)

    def charts(self) -> list[str]:
        """What a screen reader says of each chart."""
        return [
            str(attributes["aria-label"])
            for _, attributes in self.elements
            if attributes.get("class") == "chart"
        ]


def brightness(images: np.ndarray) -> np.ndarray:
    """A network of two classes that takes the bright for foreground."""
    foreground = images.mean(axis=-1, dtype=np.float32) / 255
    return np.stack([1 - foreground, foreground], axis=1)


def brightness_of_three(images: np.ndarray) -> np.ndarray:
    """Background, pet and border by brightness."""
    light = images.mean(axis=-1, dtype=np.float32)[:, None] / 255
    near = np.exp(-20 * (light - np.array([0.2, 0.8, 0.5], np.float32)[:, None, None]) ** 2)
    return near / near.sum(axis=1, keepdims=True)


@pytest.fixture
def measured(tmp_path: Path, official_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> Measured:
    """Makes a measured run by name: with epochs, threshold, evaluation, and a stand-in for weights
    that the report's pictures are made with."""

    def make(name: str, **sections: Any) -> Run:
        data = {"source": "oxford_pet", "root": str(official_dataset), "validation": 0.25}
        sections["data"] = data | sections.get("data", {})
        run = write_evaluated_run(tmp_path / "runs" / name, [0.5], **sections)
        dataset = data_for(run, None)
        described = run.config["data"] | {"source": "oxford_pet"}
        described["fingerprint"] = dataset.fingerprint()
        run.write_config(run.config | {"data": described, "environment": ENVIRONMENT})
        run.write_rows([_row(epoch) for epoch in range(1, 4)])
        run.onnx_path.write_bytes(b"a network of one line stands in for it")
        classes = len(run.class_names)
        if classes == 2:
            run.write_threshold(SWEEP)
        threshold = run.threshold if classes == 2 else None
        content, table = measure(predictor(run), dataset, "test", "network", threshold, Console())
        command = f"python evaluate.py {run.folder} --split test"
        run.write_evaluation(content | {"environment": ENVIRONMENT, "command": command}, table)
        return Run.open(run.folder)

    monkeypatch.setattr("seglab.report.pictures.load", predictor)
    return make


def predictor(run: Run, views: Views = ONE_LOOK) -> Predictor:
    """Stands in for ``seglab.inference.load``."""
    network = brightness if len(run.class_names) == 2 else brightness_of_three
    return Predictor(run, network, "onnx", views)


def report_on(runs: Sequence[Run], tmp_path: Path, **options: Any) -> Page:
    """The report, read back."""
    path = tmp_path / "report.html"
    write_report(runs, path, **options)
    return Page(path.read_text(encoding="utf-8"))


def _row(epoch: int) -> Mapping[str, float]:
    row = {"epoch": epoch}
    for part in ("train", "val"):
        row |= {f"{part}_loss": 1 / epoch, f"{part}_dataset_iou": 1 - 1 / (epoch + 1)}
    return row
