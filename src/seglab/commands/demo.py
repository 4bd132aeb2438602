"""``make demo``: draw pets, train a small U-Net on them, predict, and say what came of it."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from seglab.commands import predict, script
from seglab.config import Experiment
from seglab.console import Console
from seglab.errors import Interrupted, RunError
from seglab.run_activity import INTERRUPTED
from seglab.runs import Run

PROJECT = Path(__file__).resolve().parents[3]

SETTINGS = {
    "data": {"source": "synthetic", "root": "data", "image_size": 96},
    "network": {"base_channels": 8},
    "optimizer": {"learning_rate": 0.01},
    "trainer": {"max_epochs": 40, "batch_size": 16},
}


def main(_argv: list[str]) -> int:
    """Train into ``models/demo`` (replaced) and segment drawn pets it has not seen."""
    from seglab.inference import load
    from seglab.measuring import data_for, measure, threshold_on_validation

    os.chdir(PROJECT)  # short paths in what is printed and kept
    console = Console()
    folder, results = Path("models/demo"), Path("results/demo")
    try:
        run = trained(folder, console)
    except Interrupted:
        console.line(f"{INTERRUPTED}go on with  make demo")
        return 130
    predictor, dataset = load(run), data_for(run, root=None)
    threshold = threshold_on_validation(predictor, dataset, console)
    figures, table = measure(predictor, dataset, "test", "network", threshold, console)
    run.write_evaluation(figures, table)
    drawings = [record.image for record in dataset.records("test")[::40]]
    console.line()
    status = predict.main(
        [*map(str, drawings), "--model", str(folder), "-o", str(results), "--overwrite"], PROJECT
    )
    iou = figures["dataset_iou"]
    share = run.config["data"]["class_balance"]["pet"]
    count = run.config["data"]["counts"]["test"]
    console.line()
    console.line(
        f"learnt     on {count} drawings it never saw, dataset IoU is "
        f"{iou['value']:.3f} [{iou['low']:.3f}, {iou['high']:.3f}]; calling every pixel "
        f"pet would give about {share:.3f}"
    )
    console.line(f"run        {folder}")
    console.line(f"masks      {results}")
    console.line("look       make app   (pages Segment and Training curves, run 'demo')")
    console.line("next       python train.py   trains on the real pets (downloads 800 MB once)")
    return status


def trained(folder: Path, console: Console) -> Run:
    """An interrupted demo is gone on with; a finished one is replaced. Raises ``Interrupted``."""
    from seglab.training import resume, train

    experiment = Experiment.model_validate(SETTINGS)
    with suppress(RunError):  # nothing there, or nothing that can be read
        run = Run.open(folder)
        if not run.finished and run.experiment == experiment:
            return resume(run, console)
    shutil.rmtree(folder, ignore_errors=True)
    return train(experiment, folder, PROJECT, console)


if __name__ == "__main__":
    sys.exit(script.run_script(main))
