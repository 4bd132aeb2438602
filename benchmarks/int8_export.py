"""What an int8 ONNX would gain and lose: dataset IoU on the test part and milliseconds an image.

python benchmarks/int8_export.py [--model RUN] [--calibration 256] [--methods minmax]
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_static,
)

from seglab.data.cache import open_pairs
from seglab.data.pairs import Pairs
from seglab.evaluation import count_confusion
from seglab.hardware import PACKAGES, environment
from seglab.measuring import data_for
from seglab.run_list import find_run
from seglab.segmentation import mask_from

PROJECT = Path(__file__).resolve().parents[1]
ALLOWED_LOSS = 0.002
BATCH = 16
ROUNDS = 60
METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
"""Ways to find the range of each tensor; the last two take minutes."""


class TrainingImages(CalibrationDataReader):
    """Images of the training part, one at a time."""

    def __init__(self, pairs: Pairs, count: int) -> None:
        places = np.random.default_rng(0).choice(len(pairs), count, replace=False)
        self._images: Iterator[np.ndarray] = (pairs[int(place)][0] for place in places)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next feed, ``None`` at the end."""
        image = next(self._images, None)
        return None if image is None else {"images": image[None]}


def session_of(path: Path) -> onnxruntime.InferenceSession:
    """With all cores."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def dataset_iou(session: onnxruntime.InferenceSession, pairs: Pairs, threshold: float) -> float:
    """All pixels of all images pooled."""
    pooled = np.zeros((2, 2), np.int64)
    for first in range(0, len(pairs), BATCH):
        batch = [pairs[place] for place in range(first, min(first + BATCH, len(pairs)))]
        found = session.run(None, {"images": np.stack([image for image, _ in batch])})[0]
        for probabilities, (_, truth) in zip(found, batch, strict=True):
            pooled += count_confusion(mask_from(probabilities, threshold), truth, 2)
    return float(pooled[1, 1] / (pooled.sum() - pooled[0, 0]))


def milliseconds(
    sessions: Sequence[onnxruntime.InferenceSession], image: np.ndarray
) -> list[float]:
    """Median of each for one image; they take turns, so that a busy moment hits all of them."""
    spent: list[list[float]] = [[] for _ in sessions]
    for _ in range(ROUNDS):
        for session, seconds in zip(sessions, spent, strict=True):
            session.run(None, {"images": image})
            start = time.perf_counter()
            session.run(None, {"images": image})
            seconds.append(time.perf_counter() - start)
    return [1000 * statistics.median(seconds) for seconds in spent]


def main() -> None:
    """Print both figures of each way to quantise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="run of two classes [default models/DEFAULT]")
    parser.add_argument("--calibration", type=int, default=256, help="training images")
    parser.add_argument("--methods", nargs="*", default=["minmax"], choices=METHODS)
    parser.add_argument("--data.root", dest="root", help="where the data lies now")
    options = parser.parse_args()
    run = find_run(options.model, PROJECT / "models")
    dataset = data_for(run, options.root)
    training = open_pairs(dataset, "train", run.preprocessing)
    test = open_pairs(dataset, "test", run.preprocessing)
    made_with = environment(PROJECT, "cpu", "fp32")
    print(f"{made_with['device']}, {made_with['system']}, Python {made_with['python']}")
    print(", ".join(f"{name} {made_with['packages'].get(name)}" for name in PACKAGES))
    print(f"{run.name}, {len(test)} test images, threshold {run.threshold:g}")
    exact = session_of(run.onnx_path)
    reference = dataset_iou(exact, test, run.threshold)
    print(f"{'float32':<16} dataset IoU {reference:.4f}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        prepared = Path(temporary) / "prepared.onnx"
        quant_pre_process(str(run.onnx_path), str(prepared), skip_symbolic_shape=True)
        for name in options.methods:
            path = Path(temporary) / f"{name}.onnx"
            with contextlib.redirect_stdout(None):
                quantize_static(
                    str(prepared),
                    str(path),
                    TrainingImages(training, options.calibration),
                    quant_format=QuantFormat.QDQ,
                    op_types_to_quantize=["Conv", "ConvTranspose", "MaxPool", "Concat", "Relu"],
                    per_channel=True,
                    activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8,
                    calibrate_method=METHODS[name],
                )
            whole_numbers = session_of(path)
            found = dataset_iou(whole_numbers, test, run.threshold)
            before, after = milliseconds([exact, whole_numbers], test[0][0][None])
            print(
                f"{'int8 ' + name:<16} dataset IoU {found:.4f} ({found - reference:+.4f}), one "
                f"image {after:.2f} ms of {before:.2f} ms ({after / before:.2f})",
                flush=True,
            )
    print(f"kept only where it loses less than {ALLOWED_LOSS} and is faster")


if __name__ == "__main__":
    main()
