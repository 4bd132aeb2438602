"""Small datasets and experiments that the tests share: drawn with NumPy, nothing downloaded."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from seglab.config import Experiment
from seglab.preprocessing import Preprocessing
from seglab.runs import Run

PROJECT = Path(__file__).resolve().parents[1]
SHARED_DATA = PROJECT.parent / "shared" / "data"

TINY: dict[str, dict[str, Any]] = {
    "data": {"image_size": 16},
    "network": {"base_channels": 2, "depth": 1},
    "optimizer": {"learning_rate": 0.01},
    "trainer": {
        "max_epochs": 2,
        "batch_size": 4,
        "workers": 0,
        "device": "cpu",
        "precision": "fp32",
        "tune": "off",
    },
}


def tiny_experiment(**sections: dict[str, Any]) -> Experiment:
    """An experiment that trains in a second; ``sections`` are laid over ``TINY``."""
    names = TINY | sections
    return Experiment.model_validate(
        {name: TINY.get(name, {}) | sections.get(name, {}) for name in names}
    )


def as_flags(experiment: Experiment) -> list[str]:
    """The experiment as command-line flags."""
    return [
        f"--{section}.{key}={value}"
        for section, keys in experiment.as_dict().items()
        for key, value in keys.items()
        if section != "network" or key in experiment.network.known_keys
    ]


def disk(height: int, width: int, row: float, column: float, radius: float) -> np.ndarray:
    """Boolean H×W: a filled disk."""
    rows, columns = np.mgrid[:height, :width]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def disk_pair(index: int, height: int = 40, width: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Photo uint8 H×W×3 of a bright disk on a dark ground with noise, and the disk as boolean."""
    generator = np.random.default_rng(index)
    row, column = generator.uniform(0.3, 0.7, 2) * (height, width)
    inside = disk(height, width, row, column, generator.uniform(0.2, 0.35) * height)
    image = generator.integers(0, 90, (height, width, 3), dtype=np.uint8)
    image[inside] += 150
    return image, inside


def photo_of(height: int, width: int) -> np.ndarray:
    """Noise, uint8 height×width×3, another one for each height."""
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file of this kind; options are Pillow's."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Gray or RGB uint8 or uint16 as PNG, whatever the suffix says; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    _, encoded = cv2.imencode(".png", ordered)
    path.write_bytes(encoded.tobytes())


def write_disks(folder: Path, count: int = 12, first: int = 0) -> Path:
    """``images/`` and ``masks/`` (0 and 255) of disks under ``folder``."""
    for index in range(first, first + count):
        image, inside = disk_pair(index)
        write_png(folder / "images" / f"disk-{index:02d}.png", image)
        write_png(folder / "masks" / f"disk-{index:02d}.png", np.uint8(inside) * 255)
    return folder


def write_official(home: Path, each: int = 4) -> Path:
    """Two breeds in the official layout, ``each`` pairs of both in trainval and in test."""
    lists: dict[str, list[str]] = {"trainval": [], "test": []}
    for breed, species in (("Abyssinian", 1), ("great_pyrenees", 2)):
        for number in range(2 * each):
            name = f"{breed}_{number + 1}"
            image, inside = disk_pair(number)
            border = cv2.dilate(np.uint8(inside), np.ones((3, 3), np.uint8)) > inside
            trimap = np.where(inside, 1, np.where(border, 3, 2)).astype(np.uint8)
            write_png(home / "images" / f"{name}.jpg", image)
            write_png(home / "annotations" / "trimaps" / f"{name}.png", trimap)
            part = "trainval" if number < each else "test"
            lists[part].append(f"{name} {species} {species} 1\n")
    for part, lines in lists.items():
        (home / "annotations" / f"{part}.txt").write_text("".join(lines))
    return home


def leaves_experiment(root: Path) -> Experiment:
    """Soil (0), leaf (255) and stem (7) under a new folder ``root``; the value 99 is ignored."""
    for path in (write_disks(root) / "masks").iterdir():
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        mask[:, 20:25] = 7
        mask[:5] = 99
        write_png(path, mask)
    data = {
        "source": "folder",
        "root": str(root),
        "ignore_values": [99],
        "classes": {"soil": [0], "leaf": [255], "stem": [7]},
    }
    return tiny_experiment(data=data, loss={"name": "cross_entropy"})


def write_run(folder: Path, experiment: Experiment) -> Run:
    """A run folder with random weights, as if it had been trained, without ``model.onnx``."""
    import torch

    from seglab.labels import label_map
    from seglab.networks.catalogue import build_network

    torch.manual_seed(0)
    network = build_network(experiment)
    network.train()
    with torch.no_grad():
        for _ in range(3):  # running statistics that are not 0 and 1
            network(3 * torch.randn(4, 3, 16, 16))
    config = {
        "experiment": experiment.as_dict(),
        "data": {"label_map": label_map(experiment).as_dict()},
        "preprocessing": Preprocessing(
            experiment.data.image_size, experiment.data.treatment
        ).as_dict(),
        "network": {"output": experiment.output},
        "environment": {},
    }
    run = Run.create(folder, config)
    run.save_weights(run.checkpoint_path, {"weights": network.state_dict(), "epoch": 1})
    return run


def run_python(*arguments: str, cache: Path) -> "subprocess.CompletedProcess[str]":
    """``python <arguments>`` at the project's root, waited for."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"SEGLAB_CACHE": str(cache)},
    )
