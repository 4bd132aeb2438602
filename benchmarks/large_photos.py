"""Peak memory and seconds of ``predict.py`` on photos of 100 megapixels, each in a process of its
own, and how far the masks are from those of the photo read and enlarged whole.

python benchmarks/large_photos.py [--megapixels 100] [--model RUN] [--tile]
"""

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from seglab.hardware import PACKAGES, environment
from seglab.inference import Predictor, load
from seglab.photos import Photo
from seglab.run_list import find_run
from seglab.segmentation import mask_from

PROJECT = Path(__file__).resolve().parents[1]
STARTER = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

LIMIT = 1536
"""MiB that a photo may take."""


def drawn_photo(height: int, width: int, seed: int) -> np.ndarray:
    """Colours that vary on every scale, with noise, RGB uint8: made in bands, on little memory."""
    generator = np.random.default_rng(seed)
    coarse = [generator.normal(0, 25, (2 + n, 2 + n, 3)).astype(np.float32) for n in (2, 9, 60)]
    photo = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, 500):
        rows = np.arange(top, min(top + 500, height), dtype=np.float32)
        band = np.full((len(rows), width, 3), 128, np.float32)
        for level in coarse:
            places = rows / height * (len(level) - 1.01)
            columns = np.linspace(0, level.shape[1] - 1.01, width, dtype=np.float32)
            band += cv2.remap(level, *np.meshgrid(columns, places), cv2.INTER_LINEAR)
        band += generator.normal(0, 6, (*band.shape[:2], 1)).astype(np.float32)
        photo[top : top + len(rows)] = np.clip(band, 0, 255)
    return photo


def write_photos(folder: Path, megapixels: float) -> Iterator[tuple[str, Path]]:
    """One of each kind, 4:3."""
    width = round(math.sqrt(megapixels * 1e6 * 4 / 3))
    photo = Image.fromarray(drawn_photo(round(width * 3 / 4), width, 0))
    turned = Image.Exif()
    turned[0x0112] = 6
    for name, options in {
        "photo.jpg": {"quality": 90},
        "turned.jpg": {"quality": 90, "exif": turned},
        "progressive.jpg": {"quality": 90, "progressive": True},
        "photo.png": {"compress_level": 1},
        "turned.png": {"compress_level": 1, "exif": turned},
        "photo.tif": {"compression": "tiff_lzw"},
        "turned.tif": {"exif": turned},
        "photo.webp": {"quality": 80, "method": 0},
    }.items():
        photo.save(folder / name, **options)
        yield name, folder / name


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds and peak resident MiB of a command that must succeed."""
    # Through a small process: the kernel counts what the one that starts it holds, too.
    done = subprocess.run(
        [sys.executable, "-c", STARTER, *command], cwd=PROJECT, check=True, capture_output=True
    )
    seconds, kilobytes = map(float, done.stdout.split())
    return seconds, kilobytes / 1024


def dividing_threshold(predictor: Predictor, path: Path) -> float:
    """One that half of a photo's pixels reach: then the masks have an edge that can differ."""
    small, _, _ = Photo(path).network_image(predictor.preprocessing)
    return float(np.median(predictor.network_probabilities(small[None])[0, 1]))


def whole_mask(predictor: Predictor, path: Path, threshold: float) -> np.ndarray:
    """0 and 255: the photo decoded whole, shrunk and enlarged by OpenCV alone."""
    with Image.open(path) as image:
        orientation = image.getexif().get(0x0112, 1)
        pixels = np.asarray(image.convert("RGB"))
    if orientation == 6 and path.suffix != ".tif":  # Pillow turns a TIFF by itself
        pixels = np.rot90(pixels, -1)
    side = predictor.preprocessing.image_size
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    found = predictor.network_probabilities(small[None])[0]
    size = pixels.shape[1], pixels.shape[0]
    large = np.stack([cv2.resize(plane, size) for plane in found])
    return np.uint8(255) * mask_from(large, threshold)


def main() -> None:
    """Print a line for each kind of file, mask alone and with overlay and copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=100)
    parser.add_argument("--model", help="run [default models/DEFAULT]")
    parser.add_argument("--tile", action="store_true", help="in tiles; masks are not compared")
    parser.add_argument("--kinds", nargs="*", help="such as photo.jpg [default all]")
    options = parser.parse_args()
    predictor = load(find_run(options.model, PROJECT / "models"), "onnx")
    made_with = environment(PROJECT, "cpu", "fp32")
    print(f"{made_with['device']}, {made_with['system']}, Python {made_with['python']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    print(f"{options.megapixels:g} megapixels, {predictor.run.name}, at most {LIMIT} MiB")
    print(f"{'file':<16} {'MB':>4}   mask alone        with overlay, copy   mask differs in")
    model = ["--model", str(predictor.run.folder)] + (["--tile"] if options.tile else [])
    worst = 0.0
    with tempfile.TemporaryDirectory() as temporary:
        for name, path in write_photos(Path(temporary), options.megapixels):
            if options.kinds and name not in options.kinds:
                continue
            threshold = dividing_threshold(predictor, path)
            results = str(Path(temporary) / "results")
            predict = [sys.executable, "predict.py", str(path), "-o", results, *model]
            predict += ["--threshold", str(threshold)]
            alone, least = measured([*predict, "--mask-only"])
            seconds, most = measured(predict)
            worst = max(worst, least, most)
            differs = "-"
            if not options.tile:
                found = np.asarray(Image.open(Path(results) / f"{path.stem}_mask.png"))
                differs = f"{(found != whole_mask(predictor, path, threshold)).mean():.4%}"
            print(
                f"{name:<16} {path.stat().st_size / 1e6:4.0f}   {alone:5.1f} s {least:5.0f} MiB   "
                f"{seconds:6.1f} s {most:5.0f} MiB    {differs}",
                flush=True,
            )
    print(f"most {worst:.0f} MiB: {'within' if worst <= LIMIT else 'beyond'} {LIMIT}")


if __name__ == "__main__":
    main()
