"""What int8 gains and loses: dataset IoU on the test part and milliseconds an image.

python benchmarks/int8_export.py [--model RUN] [--data.root DIR]

The network is quantised as ``python -m seglab.quantization`` does it, in a copy of the run.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from seglab.console import Console
from seglab.hardware import PACKAGES, environment, processor
from seglab.inference import load
from seglab.measuring import data_for, measure
from seglab.quantization import CALIBRATION, quantize
from seglab.run_list import find_run
from seglab.runs import Run

PROJECT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print both figures of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="run [default models/DEFAULT]")
    parser.add_argument("--data.root", dest="root", help="where the data lies now")
    options = parser.parse_args()
    made_with = environment(PROJECT, "cpu", "fp32")
    print(f"{made_with['device']}, {processor()}, {made_with['system']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    original = find_run(options.model, PROJECT / "models")
    with tempfile.TemporaryDirectory(prefix="int8-") as temporary:
        run = Run.open(shutil.copytree(original.folder, Path(temporary) / original.name))
        found = quantize(run, options.root, CALIBRATION, Console())
        print(
            f"{run.name}: validation dataset IoU {found.before:.4f} → {found.after:.4f}; an image "
            f"takes {found.time_share:.2f} of float32's time",
            flush=True,
        )
        dataset = data_for(run, options.root)
        for backend in ("onnx", "int8"):
            content, _ = measure(
                load(run, backend), dataset, "test", "network", run.threshold, Console()
            )
            figures = ", ".join(
                f"{name} {content[name]['value']:.4f}"
                for name in ("dataset_iou", "mean_image_iou", "mean_image_boundary_iou")
            )
            print(f"{backend}, {content['images']} test images: {figures}", flush=True)


if __name__ == "__main__":
    main()
