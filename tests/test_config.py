"""The schema: one description of an experiment."""

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from seglab.combinations import combination_problems
from seglab.config import Experiment
from seglab.experiment_parser import commented_yaml, experiment_parser, parse_experiment
from tests.helpers import PROJECT

CONFIG_FILE = PROJECT / "config.yaml"
EXPERIMENTS = sorted((PROJECT / "experiments").rglob("*.yaml"))


def build(**keys: Any) -> Experiment:
    """An experiment of dotted keys, with ``__`` for the dot."""
    sections: dict[str, dict[str, Any]] = {}
    for dotted, value in keys.items():
        section, _, key = dotted.partition("__")
        sections.setdefault(section, {})[key] = value
    return Experiment.model_validate(sections)


def test_config_file_equals_the_defaults() -> None:
    content = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    assert content == Experiment().as_dict()


def test_config_file_is_the_generated_text() -> None:
    assert CONFIG_FILE.read_text(encoding="utf-8") == commented_yaml()


def test_every_key_of_the_config_file_has_a_comment_above_it() -> None:
    lines = CONFIG_FILE.read_text(encoding="utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if line.lstrip()[:1] not in ("#", "")]
    assert len(keys) == sum(1 + len(section) for section in Experiment().as_dict().values())
    bare = [lines[number] for number in keys if not lines[number - 1].lstrip().startswith("# ")]
    assert bare == []


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_experiment_files_validate_and_differ_from_the_defaults(path: Any) -> None:
    experiment, _ = parse_experiment(experiment_parser("", CONFIG_FILE), ["--config", str(path)])
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    for section, keys in given.items():
        for key, value in keys.items():
            assert getattr(getattr(experiment, section), key) == value
    assert experiment != Experiment()


def test_there_are_experiment_files() -> None:
    assert {path.parent.name for path in EXPERIMENTS} >= {"experiments", "four-variants"}


def test_an_experiment_survives_its_own_dictionary() -> None:
    experiment = build(data__target="trimap", loss__name="cross_entropy", trainer__seed=5)
    assert Experiment.model_validate(experiment.as_dict()) == experiment


def test_an_experiment_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Experiment().trainer.seed = 1


@pytest.mark.parametrize(
    ("keys", "border", "classes", "output", "channels"),
    [
        ({}, "foreground", 2, "sigmoid", 1),
        ({"data__border": "ignore"}, "ignore", 2, "sigmoid", 1),
        ({"data__border": "background"}, "background", 2, "sigmoid", 1),
        ({"loss__name": "cross_entropy"}, "foreground", 2, "softmax", 2),
        ({"network__output": "softmax", "loss__name": "dice"}, "foreground", 2, "softmax", 2),
        ({"data__target": "trimap", "loss__name": "dice"}, "class", 3, "softmax", 3),
        (
            {"data__target": "trimap", "data__border": "ignore", "loss__name": "cross_entropy"},
            "ignore",
            2,
            "softmax",
            2,
        ),
        (
            {
                "data__source": "folder",
                "data__classes": {"ground": [0], "leaf": [1, 2], "fruit": [3], "stem": [4]},
                "loss__name": "cross_entropy_dice",
            },
            "foreground",
            4,
            "softmax",
            4,
        ),
    ],
)
def test_what_follows_from_the_keys(
    keys: dict[str, Any], border: str, classes: int, output: str, channels: int
) -> None:
    experiment = build(**keys)
    found = (
        experiment.border,
        experiment.class_count,
        experiment.output,
        experiment.output_channels,
    )
    assert found == (border, classes, output, channels)


@pytest.mark.parametrize(
    ("keys", "key", "remedy"),
    [
        ({"data__border": "class"}, "data.border", "--data.target trimap"),
        (
            {"data__target": "trimap", "data__border": "foreground", "loss__name": "dice"},
            "data.border",
            "--data.target binary",
        ),
        ({"data__source": "folder", "data__target": "trimap"}, "data.target", "data.classes"),
        ({"data__source": "folder", "data__border": "ignore"}, "data.border", "data.classes"),
        (
            {"data__source": "folder", "data__classes": {"ground": [0, 1], "leaf": [1]}},
            "data.classes",
            "1 is listed twice",
        ),
        (
            {"data__source": "folder", "data__ignore_values": [255]},
            "data.classes",
            "255 is listed twice",
        ),
        (
            {"data__source": "folder", "data__classes": {"ground": [0], "leaf": []}},
            "data.classes",
            "at least one",
        ),
        (
            {"data__classes": {"ground": [0], "leaf": [1]}},
            "data.classes",
            "--data.source folder",
        ),
        (
            {"data__source": "synthetic", "data__ignore_values": [9]},
            "data.ignore_values",
            "--data.source folder",
        ),
        ({"loss__focal_gamma": 3.0}, "loss.focal_gamma", "take focal"),
        ({"loss__tversky_alpha": 0.5}, "loss.tversky_alpha", "take tversky"),
        ({"loss__positive_weight": 2.0}, "loss.positive_weight", "take weighted_bce"),
        ({"network__depth": 6, "data__image_size": 63}, "network.depth", "at least 64"),
        ({"network__depth": 1, "network__attention": "gate"}, "network.depth", "at least 2"),
        ({"network__depth": 1, "network__deep_supervision": True}, "network.depth", "at least 2"),
        ({"network__max_channels": 15}, "network.max_channels", "network.base_channels 16"),
        (
            {"data__target": "trimap", "network__output": "sigmoid", "loss__name": "dice"},
            "network.output",
            "use softmax",
        ),
        (
            {"network__output": "sigmoid", "loss__name": "cross_entropy"},
            "loss.name",
            "network.output softmax",
        ),
        ({"data__target": "trimap"}, "loss.name", "cross_entropy, cross_entropy_dice or dice"),
        ({"network__output": "softmax", "loss__name": "bce"}, "loss.name", "use cross_entropy"),
        ({"loss__positive_weight": 0}, "loss.positive_weight", "not above 0"),
    ],
)
def test_contradictions_name_the_key_and_the_remedy(
    keys: dict[str, Any], key: str, remedy: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        build(**keys)
    message = str(caught.value.errors()[0]["ctx"]["error"])
    assert key in message
    assert remedy in message
    assert "\n" not in message


def test_allowed_combinations_have_no_problems() -> None:
    assert combination_problems(build(network__depth=6, data__image_size=64)) == []
    at_their_edge = {"depth": 2, "attention": "gate", "deep_supervision": True, "max_channels": 16}
    assert combination_problems(Experiment.model_validate({"network": at_their_edge})) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("data", "image_size", 7),
        ("data", "image_size", 4097),
        ("data", "validation", 1.0),
        ("data", "root", ""),
        ("data", "classes", {"only": [0]}),
        ("data", "classes", {"ground": [0], "leaf": [256]}),
        ("augmentation", "strength", -0.1),
        ("network", "dropout", 1.0),
        ("network", "depth", 0),
        ("network", "block", "dense"),
        ("network", "deep_supervision", 2),
        ("network", "max_channels", -1),
        ("augmentation", "erase", 1.1),
        ("augmentation", "close_up", -0.1),
        ("augmentation", "background_blur", 1.1),
        ("trainer", "ema_decay", 1.0),
        ("optimizer", "learning_rate", 0),
        ("optimizer", "learning_rate", float("nan")),
        ("trainer", "batch_size", 0),
        ("trainer", "seed", 2**31),
        ("trainer", "seed", True),
        ("trainer", "max_epochs", True),
        ("trainer", "workers", "many"),
    ],
)
def test_values_out_of_range_are_refused(section: str, key: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Experiment.model_validate({section: {key: value}})
    assert caught.value.errors()[0]["loc"][:2] == (section, key)
