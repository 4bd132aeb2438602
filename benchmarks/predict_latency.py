"""Cold ``predict.py`` on one photo against ``python -c "import torch"``, side by side.

python benchmarks/predict_latency.py [--model RUN] [--photo FILE] [--rounds 7]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seglab.hardware import PACKAGES, environment

PROJECT = Path(__file__).resolve().parents[1]


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=PROJECT)
    return time.perf_counter() - start


def main() -> None:
    """Print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="run [default models/DEFAULT]")
    parser.add_argument("--photo", default=str(PROJECT / "sample_images" / "chelsea.png"))
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    model = ["--model", options.model] if options.model else []
    predicting, importing = [], []
    with tempfile.TemporaryDirectory() as results:
        predict = [sys.executable, "predict.py", options.photo, "-o", results, *model]
        seconds(predict)  # the first round reads everything from disk: not counted
        seconds([sys.executable, "-c", "import torch"])
        for _ in range(options.rounds):  # alternating: a busy moment hits both
            predicting.append(seconds(predict))
            importing.append(seconds([sys.executable, "-c", "import torch"]))
    made_with = environment(PROJECT, "cpu", "fp32")
    print(f"{made_with['device']}, {made_with['system']}, Python {made_with['python']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    print(f"python predict.py photo   median {statistics.median(predicting):.2f} s")
    print(f"python -c 'import torch'  median {statistics.median(importing):.2f} s")
    ratios = sorted(a / b for a, b in zip(predicting, importing, strict=True))
    print(
        f"ratio                     median {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f} in {options.rounds} rounds)"
    )


if __name__ == "__main__":
    main()
