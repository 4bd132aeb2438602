"""A folder of photos through ``predict.py``: against its stages alone and a plain torch loop.

python benchmarks/predict_folder.py [--count 1000] [--loop 60] [--model RUN]
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from large_photos import enlarged_photo, measured
from PIL import Image
from torch.nn import functional

from seglab import overlays
from seglab.files import write_bytes
from seglab.hardware import PACKAGES, environment
from seglab.inference import Predictor, load
from seglab.networks.catalogue import build_network
from seglab.photos import Photo
from seglab.pipeline import in_order
from seglab.run_list import find_run

PROJECT = Path(__file__).resolve().parents[1]

SIZES = [(3024, 4032), (4000, 3000), (1080, 1920), (2250, 4000), (1200, 1600), (960, 1280)]
"""Heights and widths as phones make photos and messengers pass them on."""

DIFFERENT = 12
"""Photos that are drawn; the others are the same files under other names."""


def write_folder(folder: Path, count: int) -> list[Path]:
    """``count`` JPEGs of all sizes in turn."""
    paths = [folder / f"photo-{number:05d}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        if number < DIFFERENT:
            height, width = SIZES[number % len(SIZES)]
            Image.fromarray(enlarged_photo(height, width, number)).save(path, quality=88)
        else:
            os.link(paths[number % DIFFERENT], path)
    return paths


def rate(work: Callable[[Path], object], photos: Sequence[Path], workers: int) -> float:
    """Photos a second."""
    start = time.perf_counter()
    for _, answer in in_order(work, photos, workers):
        answer()
    return len(photos) / (time.perf_counter() - start)


def stages(predictor: Predictor, results: Path) -> dict[str, Callable[[Path], object]]:
    """What ``predict.py --mask-only`` does, apart; of the later ones the input is kept."""
    inputs: dict[int, tuple[np.ndarray, int, int]] = {}
    masks: dict[int, np.ndarray] = {}

    def key(path: Path) -> int:
        return path.stat().st_ino  # of the drawn photo behind the name

    def decode(path: Path) -> None:
        inputs[key(path)] = Photo(path).network_image(predictor.preprocessing)

    def infer(path: Path) -> None:
        small, height, width = inputs[key(path)]
        foreground = predictor.network_probabilities(small[None])[0, 1]
        masks[key(path)], _, _ = predictor.preprocessing.restored_mask(
            foreground, height, width, predictor.threshold
        )

    def write(path: Path) -> None:
        content = overlays.mask_png(masks[key(path)], len(predictor.class_names))
        write_bytes(results / f"{path.stem}_mask.png", content)

    return {"decoding": decode, "inference": infer, "writing": write}


def plain_loop(predictor: Predictor, photos: Sequence[Path], results: Path) -> float:
    """Photos a second of the loop that one would write: PIL, float32 torch, one at a time."""
    run = predictor.run
    network = build_network(run.experiment).eval()
    network.load_state_dict(run.load_weights()["weights"])
    treatment = predictor.preprocessing
    side = treatment.image_size
    mean, deviation = (
        torch.tensor(values).view(3, 1, 1) for values in (treatment.mean, treatment.std)
    )
    results.mkdir()
    start = time.perf_counter()
    with torch.inference_mode():
        for path in photos:
            photo = Image.open(path).convert("RGB")
            small = np.array(photo.resize((side, side), Image.Resampling.BILINEAR))
            scaled = torch.from_numpy(small).permute(2, 0, 1).float() / 255
            logits = network(((scaled - mean) / deviation)[None])
            size = photo.height, photo.width
            large = functional.interpolate(logits, size, mode="bilinear")[0]
            if len(large) == 1:
                mask = (large[0].sigmoid() >= predictor.threshold).numpy()
            else:
                mask = large.argmax(0).numpy() > 0
            Image.fromarray(np.uint8(255) * mask).save(results / f"{path.stem}_mask.png")
    return len(photos) / (time.perf_counter() - start)


def main() -> None:
    """Print photos a second and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--loop", type=int, default=60, help="photos of the loop and the stages")
    parser.add_argument("--model", help="run [default models/DEFAULT]")
    options = parser.parse_args()
    cores = os.cpu_count() or 1
    predictor = load(find_run(options.model, PROJECT / "models"), "onnx", threads=1)
    made_with = environment(PROJECT, "cpu", "fp32")
    print(f"{made_with['device']}, {made_with['system']}, Python {made_with['python']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    with tempfile.TemporaryDirectory() as temporary:
        folder, results = Path(temporary) / "photos", Path(temporary) / "results"
        folder.mkdir()
        photos = write_folder(folder, options.count)
        megapixels = np.mean([height * width for height, width in SIZES]) / 1e6
        print(f"{options.count} JPEGs, {megapixels:.1f} megapixels in the mean; {cores} cores")
        part = list(itertools.islice(photos, options.loop))
        loop = plain_loop(predictor, part, Path(temporary) / "loop")
        alone: dict[str, float] = {}
        by_one_core: dict[str, float] = {}
        for name, work in stages(predictor, Path(temporary) / "stages").items():
            one, all_cores = rate(work, part, 1), rate(work, part, cores)
            alone[name], by_one_core[name] = all_cores, one
            print(f"{name:<10} alone: {one:6.1f} photos/s on one core, {all_cores:6.1f} on all")
        model = ["--model", str(predictor.run.folder)]
        few = [str(path) for path in part]
        command = [sys.executable, "predict.py", "-o", str(results), "--mask-only", *model]
        _, little = measured([*command, *few])
        seconds, much = measured([*command, str(folder)])
    found = options.count / seconds
    slowest = min(alone, key=lambda name: alone[name])
    together = 1 / sum(1 / value for value in alone.values())
    print(f"predict.py: {found:.1f} photos/s with its start, {seconds:.1f} s")
    print(
        f"  of the slowest stage alone on one core ({slowest}): {found / by_one_core[slowest]:.2f}"
    )
    print(f"  of the same on all cores: {found / alone[slowest]:.2f}, of which at most ", end="")
    print(f"{together / alone[slowest]:.2f} is possible: the others need the cores too")
    print(f"  of all three behind each other on all cores: {found / together:.2f}")
    print(f"  of a plain torch loop ({loop:.1f} photos/s): {found / loop:.2f}")
    print(f"memory: {little:.0f} MiB for {len(few)} photos, {much:.0f} MiB for {options.count}")


if __name__ == "__main__":
    main()
