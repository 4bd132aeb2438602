"""``data_visualization.py``: a sheet of random samples of a dataset, or a check of its files."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import experiment_parser, given_keys, parse_experiment

MOST_ROWS = 50


def main(argv: list[str], project: Path) -> int:
    """Draw the sheet, or check; ``project`` holds ``config.yaml`` and ``sample_images/``."""
    default = project / "sample_images" / "data_visualization.png"
    parser = experiment_parser(
        "A sheet of random samples: image, mask, overlay. Without --data.source, of drawn pets. "
        "With --check, what is wrong with the files of a dataset instead.",
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
    add(
        "--check",
        action="store_true",
        help="read every file of all splits and tell what is wrong: exit 1 with an error, 0 with "
        "warnings alone; without --data.source the dataset of config.yaml",
    )
    add("--json", action="store_true", help="with --check: for a machine")
    add("--debug", action="store_true", help="tracebacks instead of one-line errors")
    experiment, options = parse_experiment(parser, [*argv, *_loss_for_any_classes(argv)])
    if options["json"] and not options["check"]:
        raise UsageError("--json: needs --check")
    if options["check"]:
        return _check(experiment, options)
    return _sheet(experiment, options, argv, default)


def _loss_for_any_classes(argv: list[str]) -> list[str]:
    """Nothing is trained here: the loss of config.yaml, for two classes, must not stand in the way
    of a dataset with more."""
    told = "loss.name" in given_keys(argv) or any(word.startswith("--config") for word in argv)
    return [] if told else ["--loss.name", "cross_entropy"]


def _check(experiment: Experiment, options: dict[str, Any]) -> int:
    if options["augmented"] or options["show"] or options["output"]:
        raise UsageError("--check: draws no sheet; leave out --augmented, --show and --output")

    from seglab.commands.arguments import printable
    from seglab.console import Console
    from seglab.data import doctor, doctor_text
    from seglab.data.sources import survey_dataset

    dataset = survey_dataset(experiment)
    for note in dataset.notes:
        print(f"warning: {note}", file=sys.stderr)
    pairs = sum(len(records) for records in dataset.splits.values())
    with Console().bar("reading", pairs) as progress:
        diagnosis = doctor.check(dataset, progress)
    if options["json"]:
        print(doctor_text.as_json(diagnosis))
    else:
        for line in doctor_text.as_text(diagnosis).splitlines():
            print(printable(line))
    return 1 if diagnosis.count("error") else 0


def _sheet(experiment: Experiment, options: dict[str, Any], argv: list[str], default: Path) -> int:
    if not 1 <= options["count"] <= MOST_ROWS:
        raise UsageError(f"--count: {options['count']} is not from 1 to {MOST_ROWS}")
    if options["augmented"] and options["split"] != "train":
        raise UsageError(f"--augmented: the {options['split']} split is never augmented; use train")
    if "data.source" not in given_keys(argv) and not any(a.startswith("--config") for a in argv):
        experiment = _drawn(experiment)

    from seglab.data.preview import as_training_sees, random_samples, write_sheet
    from seglab.data.sources import open_dataset

    dataset = open_dataset(experiment)
    for report in dataset.reports():
        print(f"warning: {report}", file=sys.stderr)
    split = options["split"]
    samples = []
    for index in random_samples(dataset, split, options["count"], options["sample_seed"]):
        sample = dataset.read(split, index)
        if options["augmented"]:
            sample = as_training_sees(sample, experiment, options["epoch"], index)
        samples.append(sample)
    path = Path(options["output"]) if options["output"] else default
    write_sheet(samples, dataset.labels, path)
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
