"""``predict.py`` over thousands of photos, and killed again and again in the middle of a folder.

python -m torture.predict_long [--photos 5000] [--kills 20] [--model RUN]

The first part prints the resident memory as the photos go by and fails where it grows; the second
kills with -9 at random moments, looks at every file, goes on with ``--skip-existing``, and fails
where a file under a final name is not whole, something is done twice, something half-written stays
for good, or the end is not that of an undisturbed call.
"""

import argparse
import filecmp
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
SIZES = [(240, 320), (384, 512), (111, 167), (400, 300)]
"""Small, so that thousands take minutes: to keep one photo in fifty would show as 30 MiB."""
DIFFERENT = 16
GROWTH = 32
"""MiB that memory may grow by between the first quarter of the photos and the last."""


def write_folder(folder: Path, count: int) -> None:
    """``count`` JPEGs of several sizes; only the first ones differ."""
    folder.mkdir()
    paths = [folder / f"photo-{number:05d}.jpg" for number in range(count)]
    generator = np.random.default_rng(0)
    for number, path in enumerate(paths):
        if number < DIFFERENT:
            coarse = generator.integers(0, 256, (9, 12, 3), dtype=np.uint8)
            height, width = SIZES[number % len(SIZES)]
            photo = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
            photo.save(path, quality=88)
        else:
            os.link(paths[number % DIFFERENT], path)


def resident(process: int) -> float:
    """MiB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def flat_memory(photos: Path, count: int, results: Path, model: list[str]) -> bool:
    """Whether memory stays where it was after a quarter of the photos; prints it on the way."""
    command = [sys.executable, "predict.py", str(photos), "-o", str(results), *model]
    start, seen = time.perf_counter(), []
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        done = 0
        for line in process.stdout:
            if "→" not in line or not line.startswith(str(photos)):
                continue
            done += 1
            if done % max(count // 20, 1) == 0:
                seen.append(resident(process.pid))
                if len(seen) % 5 == 0:
                    print(f"  {done:6d} photos: {seen[-1]:6.0f} MiB", flush=True)
    quarter = max(seen[: len(seen) // 4])
    growth = max(seen) - quarter
    print(
        f"{done} of {count} photos in {time.perf_counter() - start:.0f} s; most {max(seen):.0f} "
        f"MiB, {growth:.0f} MiB more than in the first quarter (at most {GROWTH})"
    )
    return process.returncode == 0 and done == count and growth <= GROWTH


def killed(photos: Path, count: int, folder: Path, kills: int, model: list[str]) -> bool:
    """Whether a call that is killed ``kills`` times ends as one that is not."""
    chosen = random.Random(0)
    command = [sys.executable, "predict.py", str(photos), "--skip-existing", *model, "-o"]
    process = _started([*command, str(folder / "whole")])
    start = time.perf_counter()
    process.communicate()
    seconds = time.perf_counter() - start
    assert process.returncode == 0
    results = folder / "killed"
    before: dict[Path, int] = {}
    for number in range(kills):
        process = _started([*command, str(results)])
        time.sleep(chosen.uniform(0, 1.5 * seconds / kills))
        process.kill()
        process.communicate()
        for path in final_files(results):
            Image.open(path).load()  # raises where it is not whole
        again = [path for path, written in before.items() if path.stat().st_mtime_ns != written]
        if again:
            print(f"kill {number + 1}: {again[0].name} was made twice")
            return False
        masks = [path for path in final_files(results) if path.stem.endswith("_mask")]
        before = {path: path.stat().st_mtime_ns for path in masks}
    print(f"{kills} kills: {len(before)} of {count} masks were there, every file was whole")
    last = subprocess.run(
        [*command, str(results)], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    print(f"the last call: {last.stdout.splitlines()[-1].partition(' → ')[0]}")
    names = sorted(path.name for path in final_files(folder / "whole"))
    _, different, absent = filecmp.cmpfiles(folder / "whole", results, names, shallow=False)
    more = set(names) ^ {path.name for path in final_files(results)}
    print(f"{len(names)} files, {len(different) + len(absent) + len(more)} not as undisturbed")
    left = list(results.rglob("*.partial*"))
    skipped = f"{len(before)} skipped" in last.stdout
    return skipped and len(names) == 3 * count and not (different or absent or more or left)


def _started(command: list[str]) -> "subprocess.Popen[str]":
    """``predict.py`` from the moment on when its network is loaded."""
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def final_files(folder: Path) -> list[Path]:
    """What stands under a final name: what is being written begins with a dot."""
    return [path for path in folder.glob("*") if not path.name.startswith(".")]


def main() -> int:
    """Both parts; the exit code says whether both hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--killed-photos", type=int, default=400)
    parser.add_argument("--model", help="run [default models/DEFAULT]")
    options = parser.parse_args()
    model = ["--model", options.model] if options.model else []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_folder(folder / "many", options.photos)
        flat = flat_memory(folder / "many", options.photos, folder / "results", model)
        write_folder(folder / "some", options.killed_photos)
        whole = killed(folder / "some", options.killed_photos, folder, options.kills, model)
    print("holds" if flat and whole else "DOES NOT HOLD")
    return 0 if flat and whole else 1


if __name__ == "__main__":
    sys.exit(main())
