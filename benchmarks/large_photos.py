"""Peak memory and seconds of ``predict.py`` on photos of 100 megapixels, each in a process of its
own, and how far the masks are from those of the photo read and enlarged whole.

python benchmarks/large_photos.py [--megapixels 100] [--model RUN] [--tile]
"""

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from seglab.hardware import PACKAGES, environment
from seglab.inference import Predictor, load
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


def enlarged_photo(height: int, width: int, seed: int) -> np.ndarray:
    """A photo of a cat enlarged, with the noise of a sensor, RGB uint8."""
    cat = np.asarray(Image.open(PROJECT / "sample_images" / "chelsea.png").convert("RGB"))
    photo = cv2.resize(cat, (width, height), interpolation=cv2.INTER_CUBIC)
    generator = np.random.default_rng(seed)
    for top in range(0, height, 500):  # in bands: floats of all of it would fill the memory
        band = photo[top : top + 500]
        noise = generator.normal(0, 5, (*band.shape[:2], 1)).astype(np.float32)
        band[:] = np.clip(band + noise, 0, 255)
    return photo


def write_photos(
    folder: Path, megapixels: float, kinds: Sequence[str]
) -> Iterator[tuple[str, Path]]:
    """One of each kind, 4:3."""
    width = round(math.sqrt(megapixels * 1e6 * 4 / 3))
    photo = Image.fromarray(enlarged_photo(round(width * 3 / 4), width, 0))
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
        if not kinds or name in kinds:
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


def whole_mask(predictor: Predictor, path: Path) -> np.ndarray:
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
    return np.uint8(255) * mask_from(large, predictor.threshold)


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
    worst = 0.0
    with tempfile.TemporaryDirectory() as temporary:
        results = Path(temporary) / "results"
        common = ["-o", str(results), "--model", str(predictor.run.folder)]
        for name, path in write_photos(Path(temporary), options.megapixels, options.kinds or ()):
            predict = [sys.executable, "predict.py", str(path), *common]
            words = [f"{name:<16} {path.stat().st_size / 1e6:4.0f}"]
            differs = "-"
            if options.tile:  # takes minutes: the larger call alone
                predict.append("--tile")
                words.append(" " * 15)
            else:
                seconds, peak = measured([*predict, "--mask-only"])
                worst = max(worst, peak)
                words.append(f"{seconds:5.1f} s {peak:5.0f} MiB")
                found = np.asarray(Image.open(results / f"{path.stem}_mask.png"))
                differs = f"{(found != whole_mask(predictor, path)).mean():.4%}"
            seconds, peak = measured(predict)
            worst = max(worst, peak)
            words += [f"{seconds:6.1f} s {peak:5.0f} MiB", f" {differs}"]
            print("   ".join(words), flush=True)
    print(f"most {worst:.0f} MiB: {'within' if worst <= LIMIT else 'beyond'} {LIMIT}")


if __name__ == "__main__":
    main()
