"""The commands of a report give the same experiment again."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from seglab.config import Experiment
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.measured import Measured
from seglab.report.origin_section import compare_command, evaluate_command, train_command
from tests.run_folders import write_evaluated_run

CLASSES = {"background": [0], "a 'leaf': \"x\", {y}": [1, 2], "stängel": [255]}


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"optimizer": {"learning_rate": 1e-05, "weight_decay": 0.0}},
        {"data": {"validation": "test", "root": "my photos"}, "trainer": {"deterministic": True}},
        {
            "data": {"source": "folder", "classes": CLASSES, "ignore_values": [7, 9]},
            "loss": {"name": "cross_entropy"},
        },
    ],
)
def test_the_training_command_is_the_experiment(sections: dict[str, Any], tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "a run", [0.5], **sections)
    run.write_config(run.config | {"init_from": ["models/first", "b"]})
    python, script, *arguments = shlex.split(train_command(run))
    assert (python, script) == ("python", "train.py")
    parser = experiment_parser("", None)
    parser.add_argument("--run_dir")
    parser.add_argument("--init_from", nargs="+")
    experiment, options = parse_experiment(parser, arguments)
    assert experiment == run.experiment
    assert options == {"run_dir": str(run.folder), "init_from": ["models/first", "b"]}
    defaults = Experiment().as_dict()
    for argument in arguments:
        if "." in argument and argument.startswith("--"):
            section, key = argument.removeprefix("--").split(".")
            assert defaults[section][key] != run.experiment.as_dict()[section][key]


def test_what_it_was_measured_with(tmp_path: Path) -> None:
    run = write_evaluated_run(tmp_path / "run", [0.5])
    assert (
        evaluate_command(run, Measured("test", "network"))
        == f"python evaluate.py {run.folder} --split test"
    )
    other = evaluate_command(run, Measured("val", "original"))
    assert other == f"python evaluate.py {run.folder} --split val --at original"
    content = {"split": "test", "size": "network", "flip": False, "command": "python evaluate.py x"}
    run.write_evaluation(content, "")
    assert evaluate_command(run, Measured("test", "network")) == "python evaluate.py x"


def test_the_page_again(tmp_path: Path) -> None:
    runs = [write_evaluated_run(tmp_path / name, [0.5]) for name in ("a", "b c")]
    command = compare_command(runs, Measured("test", "original"), Path("out.html"))
    assert shlex.split(command)[2:] == [
        *(str(run.folder) for run in runs),
        *("--split", "test", "--at", "original", "--report", "out.html"),
    ]
