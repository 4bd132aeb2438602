"""The schema in words."""

import pytest
from pydantic import ValidationError

from seglab import schema
from seglab.config import Experiment


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("data.image_size", "integer from 8 to 4096"),
        ("data.validation", "number above 0 below 1 or test"),
        ("data.cache", "true or false"),
        ("network.up", "one of transpose, bilinear, nearest"),
        ("data.ignore_values", "list of integer from 0 to 255"),
        ("trainer.workers", "integer from 0 to 256 or auto"),
        ("trainer.seed", "integer from 0 below 2147483648"),
    ],
)
def test_allowed_values_in_words(key: str, words: str) -> None:
    assert schema.allowed_values()[key] == words


def test_every_leaf_is_described_and_has_allowed_values() -> None:
    leaves = list(schema.fields())
    assert {f"{section}.{key}" for section, key, _ in leaves} == set(schema.allowed_values())
    assert [key for _, key, field in leaves if not field.description] == []
    defaults = {section: {} for section, _, _ in leaves}
    for section, key, field in leaves:
        defaults[section][key] = schema.default_of(field)
    assert defaults == Experiment().as_dict()


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("data.imagesize", "did you mean data.image_size?"),
        ("optimizer.lr", "optimizer.learning_rate"),
        ("optimiser.learning_rate", "did you mean optimizer.learning_rate?"),
        ("qqq", "sections are data, augmentation, network, loss, optimizer, trainer"),
    ],
)
def test_an_unknown_key_is_told_its_neighbours(key: str, told: str) -> None:
    sentence = schema.unknown_key(key)
    assert sentence.startswith(f"{key}: no such key")
    assert told in sentence


def test_nearest_is_silent_when_nothing_is_similar() -> None:
    assert schema.nearest("maxpol", ["maxpool", "strided"]) == ", did you mean maxpool?"
    assert schema.nearest("xyz", ["maxpool", "strided"]) == ""


def test_all_errors_are_explained_in_one_line() -> None:
    with pytest.raises(ValidationError) as caught:
        Experiment.model_validate(
            {
                "data": {"image_size": "big", "validation": "tset"},
                "network": {"upp": "bilinear"},
                "loss": 3,
                "lost": {},
            }
        )
    line = schema.explain(caught.value)
    assert "\n" not in line
    assert line.split("; ") == [
        "data.image_size: 'big' is not allowed",
        "allowed: integer from 8 to 4096",
        "data.validation: 'tset' is not allowed, did you mean test? allowed: number above 0 "
        "below 1 or test",
        "network.upp: no such key, did you mean network.up?",
        "loss: 3 is not a section of keys such as loss: {name: value}",
        "lost: no such key, did you mean loss?",
    ]
