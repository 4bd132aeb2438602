"""Run folders as training and evaluation leave them, written by hand: no network, no weights."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seglab.labels import label_map
from seglab.runs import Run
from tests.helpers import tiny_experiment


def write_evaluated_run(
    folder: Path,
    ious: Sequence[float] | np.ndarray,
    *,
    seed: int = 0,
    split: str = "test",
    size: str = "network",
    names: Sequence[str] | None = None,
    fingerprint: str = "0123456789abcdef",
    boundary_iou: float = 0.4,
    truth: int = 90,
    result: dict[str, Any] | None = None,
    **sections: dict[str, Any],
) -> Run:
    """A finished run whose evaluation found ``ious`` on images ``names`` (default ``pet_0``, …).

    ``sections`` are laid over a tiny experiment; ``result`` over that of ``config.json``;
    ``fingerprint`` is that of the training, ``truth`` the pixels of each class but the background.
    """
    trainer = {"seed": seed} | sections.pop("trainer", {})
    experiment = tiny_experiment(trainer=trainer, **sections)
    labels = label_map(experiment).as_dict()
    run = Run.create(
        folder,
        {
            "experiment": experiment.as_dict(),
            "data": {"fingerprint": fingerprint, "label_map": labels},
            "preprocessing": {
                "image_size": experiment.data.image_size,
                "resize": experiment.data.treatment,
                "mean": [0.5, 0.5, 0.5],
                "std": [0.2, 0.2, 0.2],
            },
            "network": {"output": "sigmoid", "parameters": 1_942_577, "multiply_adds": 758_120_448},
            "environment": {},
            "result": {
                "epochs": 2,
                "best_epoch": 1,
                "monitor": "val_dataset_iou",
                "best": {"val_loss": 0.25, "val_dataset_iou": 0.8},
                "seconds": 61.0,
            }
            | (result or {}),
        },
    )
    run.write_rows([{"epoch": 1, "val_loss": 0.25}, {"epoch": 2, "val_loss": 0.3}])
    write_evaluation(run, ious, split, size, names, fingerprint, boundary_iou, truth)
    return run


def write_evaluation(
    run: Run,
    ious: Sequence[float] | np.ndarray,
    split: str = "test",
    size: str = "network",
    names: Sequence[str] | None = None,
    fingerprint: str = "0123456789abcdef",
    boundary_iou: float = 0.4,
    truth: int = 90,
) -> None:
    """``evaluation-<split>.json`` and ``.csv`` in the run's folder."""
    mean = float(np.mean(ious))
    values = {
        "dataset_iou": mean + 0.01,
        "mean_image_iou": mean,
        "mean_image_boundary_iou": boundary_iou,
        "dataset_accuracy": 0.9,
        "dataset_precision": 0.8,
        "dataset_recall": 0.85,
        "dataset_dice": 0.82,
    }
    content: dict[str, Any] = {
        "format": 2,
        "split": split,
        "images": len(ious),
        "size": size,
        "image_size": run.preprocessing.image_size,
        "data": {"fingerprint": fingerprint, "label_map": run.config["data"]["label_map"]},
    }
    # What was found and what was missed differ from run to run; their sum is the truth.
    found = round(truth * mean)
    content["confusion"] = [[500, 0] + [0] * (len(run.class_names) - 2)] + [
        [truth - found, found] + [0] * (len(run.class_names) - 2) for _ in run.class_names[1:]
    ]
    for name, value in values.items():
        content[name] = {"value": value, "low": value - 0.02, "high": value + 0.02}
    content["classes"] = {
        name: {"dataset_iou": {"value": mean - at / 10, "low": 0.0, "high": 1.0}}
        for at, name in enumerate(run.class_names)
    }
    lines = ["name,breed,species,iou"]
    for name, iou in zip(names or [f"pet_{n}" for n in range(len(ious))], ious, strict=True):
        lines.append(f"{name},,,{iou:.6f}")
    ending = "" if size == "network" else "-original"
    (run.folder / f"evaluation-{split}{ending}.json").write_text(json.dumps(content))
    (run.folder / f"evaluation-{split}{ending}.csv").write_text("\n".join(lines) + "\n")


def edit_json(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
