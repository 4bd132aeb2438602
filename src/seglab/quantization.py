"""``python -m seglab.quantization``: a run's network in whole numbers of 8 bits, for faster
prediction on a CPU, where that costs next to nothing."""

import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seglab.commands.arguments import Parser, count
from seglab.commands.script import run_script
from seglab.errors import RunError
from seglab.files import draft_folder, write_text
from seglab.runs import Run

if TYPE_CHECKING:
    from seglab.console import Console
    from seglab.data.pairs import Pairs
    from seglab.data.sample import Dataset
    from seglab.inference import Predictor

LARGEST_LOSS = 0.002
"""What int8 may lose in dataset IoU."""
CALIBRATION = 256
"""Training images whose values tell the range of each tensor."""
QUANTIZED = ["Conv", "ConvTranspose", "MaxPool", "Concat", "Relu"]
ROUNDS = 40


@dataclass(frozen=True)
class Quantized:
    """What came of it: dataset IoU on validation before and after, of 1, and the milliseconds that
    int8 takes for an image, as a share of float32's."""

    before: float
    after: float
    time_share: float

    @property
    def loss(self) -> float:
        """How much dataset IoU is lost; below 0 where it is more than before."""
        return self.before - self.after


def main(argv: list[str]) -> int:
    """Quantise, measure, keep or refuse."""
    parser = Parser(
        "Write model-int8.onnx beside a run's network: calibrated on its training images, measured "
        "on its validation images, refused where it loses more than "
        f"{LARGEST_LOSS:g} of dataset IoU. For predict.py --backend int8."
    )
    parser.add_argument("run", help="run folder")
    parser.add_argument(
        "--calibration",
        type=count,
        default=CALIBRATION,
        help=f"training images [default {CALIBRATION}]",
    )
    parser.add_argument("--data.root", dest="root", help="where the data lies now")
    options = parser.parse_args(argv)
    from seglab.console import Console

    run = Run.open(options.run)
    found = quantize(run, options.root, options.calibration, Console())
    print(
        f"→ {run.int8_path}: {run.int8_path.stat().st_size / 1e6:.1f} MB; validation dataset IoU "
        f"{found.after:.4f} of {found.before:.4f}, an image takes {found.time_share:.2f} of "
        "float32's time here"
    )
    if found.time_share >= 1:
        print("note: that is no gain for this network on this machine; leave --backend as it is")
    return 0


def quantize(run: Run, root: str | None, calibration: int, console: "Console") -> Quantized:
    """Write the run's ``model-int8.onnx``: static quantisation, with each tensor's range over
    ``calibration`` training images. ``root``: where the data lies now, if elsewhere.

    Raises ``RunError`` when it loses more than ``LARGEST_LOSS`` or the run has no ``model.onnx``,
    and ``DataError``; then an earlier file stays as it was.
    """
    from seglab.data.cache import open_pairs
    from seglab.inference import Predictor, load
    from seglab.measuring import data_for
    from seglab.onnx_networks import fingerprint, onnx_network

    exact = load(run, "onnx")
    dataset = data_for(run, root)
    training = open_pairs(dataset, "train", run.preprocessing)
    with draft_folder(run.folder) as draft, _temporary_files_in(draft):
        path = draft / run.int8_path.name
        _write(run.onnx_path, path, training, calibration)
        whole_numbers = Predictor(run, onnx_network(run, path), "int8")
        before, after = (
            _dataset_iou(predictor, dataset, console) for predictor in (exact, whole_numbers)
        )
        share = _time_share(exact, whole_numbers, training[0][0][None])
        found = Quantized(before, after, share)
        if found.loss > LARGEST_LOSS:
            raise RunError(
                f"{run.folder}: int8 loses {found.loss:.4f} of dataset IoU on validation "
                f"({before:.4f} → {after:.4f}), more than {LARGEST_LOSS:g}; nothing was written"
            )
        path.replace(run.int8_path)
        record = {"made_from": fingerprint(run.onnx_path), **asdict(found)}
        write_text(run.int8_record_path, json.dumps(record, indent=2) + "\n")
    return found


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """ONNX Runtime's quantiser keeps copies of the network in temporary folders: here they go with
    the draft, whatever ends this process."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _write(source: Path, target: Path, training: "Pairs", calibration: int) -> None:
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quant_pre_process,
        quantize_static,
    )

    class TrainingImages(CalibrationDataReader):  # type: ignore[misc]
        """One at a time, the same ones at every call."""

        def __init__(self) -> None:
            count = min(calibration, len(training))
            places = np.random.default_rng(0).choice(len(training), count, replace=False)
            self._images: Iterator[np.ndarray] = (training[int(place)][0] for place in places)

        def get_next(self) -> dict[str, np.ndarray] | None:
            image = next(self._images, None)
            return None if image is None else {"images": image[None]}

    prepared = target.with_name("prepared.onnx")
    with contextlib.redirect_stdout(None):
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(target),
            TrainingImages(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=QUANTIZED,
            nodes_to_exclude=_after_the_network(prepared),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )


def _after_the_network(path: Path) -> list[str]:
    """Names of the operations behind the last convolution, which make probabilities of logits:
    they keep their precision."""
    import onnx

    nodes = list(onnx.load(str(path)).graph.node)
    last = max(place for place, node in enumerate(nodes) if node.op_type == "Conv")
    return [node.name for node in nodes[last + 1 :]]


def _dataset_iou(predictor: "Predictor", dataset: "Dataset", console: "Console") -> float:
    from seglab.measuring import measure

    content, _ = measure(predictor, dataset, "val", "network", predictor.threshold, console)
    return float(content["dataset_iou"]["value"])


def _time_share(exact: "Predictor", whole_numbers: "Predictor", image: np.ndarray) -> float:
    """They take turns, so that a busy moment hits both."""
    spent: dict[str, list[float]] = {exact.backend: [], whole_numbers.backend: []}
    for _ in range(ROUNDS):
        for predictor in (exact, whole_numbers):
            start = time.perf_counter()
            predictor.network_probabilities(image)
            spent[predictor.backend].append(time.perf_counter() - start)
    return statistics.median(spent["int8"]) / statistics.median(spent[exact.backend])


if __name__ == "__main__":
    sys.exit(run_script(main))
