"""``make demo``: draw pets, train a small U-Net on them, predict, and say what came of it."""

import os
import shutil
import sys
from pathlib import Path

from seglab.commands import predict, script
from seglab.config import Experiment
from seglab.console import Console

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
    from seglab.training import train

    os.chdir(PROJECT)  # short paths in what is printed and kept
    console = Console()
    folder, results = Path("models/demo"), Path("results/demo")
    shutil.rmtree(folder, ignore_errors=True)
    experiment = Experiment.model_validate(SETTINGS)
    run = train(experiment, folder, PROJECT, console)
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


if __name__ == "__main__":
    sys.exit(script.run_script(main))
