"""``data_visualization.py``: a sheet of random samples of any source and split."""

import os
import subprocess
import sys
from pathlib import Path

from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import experiment_parser, given_keys, parse_experiment

MOST_ROWS = 50


def main(argv: list[str], project: Path) -> int:
    """Draw the sheet; ``project`` holds ``config.yaml`` and ``sample_images/``."""
    default = project / "sample_images" / "data_visualization.png"
    parser = experiment_parser(
        "A sheet of random samples: image, mask, overlay. Without --data.source, of drawn pets.",
        project / "config.yaml",
    )
    add = parser.add_argument
    add("--split", default="train", choices=["train", "val", "test"], help="[default train]")
    add("--count", type=int, default=6, metavar="N", help="rows, 1 to 50 [default 6]")
    add("--sample_seed", type=int, default=0, metavar="N", help="which samples [default 0]")
    add("--augmented", action="store_true", help="as training sees them (split train)")
    add("--epoch", type=int, default=0, metavar="N", help="with --augmented: epoch, from 0")
    add("-o", "--output", metavar="FILE", help=f"PNG [default {default.relative_to(project)}]")
    add("--show", action="store_true", help="open the sheet in the desktop's viewer")
    add("--debug", action="store_true", help="tracebacks instead of one-line errors")
    experiment, options = parse_experiment(parser, argv)
    if not 1 <= options["count"] <= MOST_ROWS:
        raise UsageError(f"--count: {options['count']} is not from 1 to {MOST_ROWS}")
    if options["augmented"] and options["split"] != "train":
        raise UsageError(f"--augmented: the {options['split']} split is never augmented; use train")
    if "data.source" not in given_keys(argv) and not any(a.startswith("--config") for a in argv):
        experiment = _drawn(experiment)

    from seglab.data.preview import as_training_sees, random_samples, write_sheet
    from seglab.data.sources import open_dataset

    dataset = open_dataset(experiment)
    report = dataset.missing_report()
    if report:
        print(f"warning: {report}", file=sys.stderr)
    split = options["split"]
    samples = []
    for index in random_samples(dataset, split, options["count"], options["sample_seed"]):
        sample = dataset.read(split, index)
        if options["augmented"]:
            sample = as_training_sees(sample, experiment, options["epoch"], index)
        samples.append(sample)
    path = Path(options["output"]) if options["output"] else default
    write_sheet(samples, dataset.labels.class_names, path)
    total = len(dataset.records(split))
    print(f"{len(samples)} of {total} {split} samples of {dataset.root} → {path}")
    if options["show"]:
        _show(path)
    return 0


def _drawn(experiment: Experiment) -> Experiment:
    data = experiment.data.model_copy(update={"source": "synthetic"})
    return experiment.model_copy(update={"data": data})


def _show(path: Path) -> None:
    if sys.platform == "win32":
        os.startfile(path)
        return
    viewer = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen([viewer, str(path)], stderr=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        raise UsageError(f"--show: {viewer} is not installed; open {path} yourself") from error
