"""Class ids, label maps and colours."""

import dataclasses

import numpy as np
import pytest

from seglab.config import Experiment
from seglab.errors import DataError, UsageError
from seglab.experiment_parser import validate
from seglab.labels import (
    BACKGROUND_COLOUR,
    CLASS_COLOURS,
    IGNORE,
    IGNORE_COLOUR,
    LabelMap,
    class_colour,
    label_map,
    palette,
)
from tests.helpers import tiny_experiment

TRIMAP = np.array([[1, 2, 3], [3, 2, 1]], np.uint8)  # pet, background, border


@pytest.mark.parametrize(
    ("target", "border", "names", "expected"),
    [
        ("binary", "auto", ("background", "pet"), [[1, 0, 1], [1, 0, 1]]),
        ("binary", "foreground", ("background", "pet"), [[1, 0, 1], [1, 0, 1]]),
        ("binary", "background", ("background", "pet"), [[1, 0, 0], [0, 0, 1]]),
        ("binary", "ignore", ("background", "pet"), [[1, 0, IGNORE], [IGNORE, 0, 1]]),
        ("trimap", "auto", ("background", "pet", "border"), [[1, 0, 2], [2, 0, 1]]),
        ("trimap", "class", ("background", "pet", "border"), [[1, 0, 2], [2, 0, 1]]),
        ("trimap", "ignore", ("background", "pet"), [[1, 0, IGNORE], [IGNORE, 0, 1]]),
    ],
)
@pytest.mark.parametrize("source", ["oxford_pet", "synthetic"])
def test_the_trimap_s_classes(
    source: str, target: str, border: str, names: tuple[str, ...], expected: list[list[int]]
) -> None:
    data = {"source": source, "target": target, "border": border}
    experiment = tiny_experiment(data=data, loss={"name": "dice"})
    labels = label_map(experiment)
    assert labels.class_names == names
    assert labels.class_count == experiment.class_count == len(names)
    mapped = labels.apply(TRIMAP)
    assert mapped.dtype == np.uint8
    np.testing.assert_array_equal(mapped, expected)


def test_a_folder_s_classes() -> None:
    data = {
        "source": "folder",
        "classes": {"ground": [0, 4], "leaf": [10], "fruit": [255, 2]},
        "ignore_values": [7, 8],
    }
    labels = label_map(tiny_experiment(data=data, loss={"name": "dice"}))
    assert labels.class_names == ("ground", "leaf", "fruit")
    mapped = labels.apply(np.array([[0, 4, 10, 255], [2, 7, 8, 0]], np.uint8))
    np.testing.assert_array_equal(mapped, [[0, 0, 1, 2], [2, IGNORE, IGNORE, 0]])


def test_chosen_colours_are_those_of_their_classes() -> None:
    data = {
        "source": "folder",
        "classes": {"ground": [0], "leaf": [10], "fruit": [255]},
        "colours": {"fruit": "#Ff0080", "ground": "#102030"},
    }
    labels = label_map(tiny_experiment(data=data, loss={"name": "dice"}))
    assert labels.colours == {2: (255, 0, 128), 0: (16, 32, 48)}
    colours = palette(labels.colours)
    assert [tuple(colour) for colour in colours[:3]] == [
        (16, 32, 48),
        class_colour(1),
        (255, 0, 128),
    ]
    np.testing.assert_array_equal(colours[3:], palette()[3:])


def test_the_trimap_s_classes_have_colours_too() -> None:
    data = {"source": "synthetic", "target": "trimap", "colours": {"border": "#ffffff"}}
    labels = label_map(tiny_experiment(data=data, loss={"name": "dice"}))
    assert labels.colours == {2: (255, 255, 255)}


@pytest.mark.parametrize(
    ("colours", "reason"),
    [
        ({"tail": "#ffffff"}, "data.colours: there is no class tail, only background, pet"),
        ({"pet": "red"}, "such as #e69f00"),
        ({"pet": "#fff"}, "such as #e69f00"),
        ({"pet": 3}, "such as #e69f00"),
    ],
)
def test_colours_that_are_none_are_refused(colours: dict[str, object], reason: str) -> None:
    values = Experiment().as_dict()
    values["data"]["colours"] = colours
    with pytest.raises(UsageError, match=reason):
        validate(values)


def test_unknown_values_are_listed() -> None:
    labels = LabelMap(("background", "pet"), {1: 1, 2: 0, 3: 1})
    with pytest.raises(DataError, match=r"mask values 0, 4, 200 are not in the label map \(1, 2"):
        labels.apply(np.array([[1, 200, 0], [4, 4, 2]], np.uint8))


def test_of_many_unknown_values_eight_are_listed() -> None:
    labels = LabelMap(("ground", "leaf"), {0: 0})
    with pytest.raises(DataError, match="1, 2, 3, 4, 5, 6, 7, 8, … are not"):
        labels.apply(np.arange(30, dtype=np.uint8)[None])
    with pytest.raises(DataError, match="1, 2, 3, 4, 5, 6, 7, 8 are not"):
        labels.apply(np.arange(9, dtype=np.uint8)[None])


def test_values_are_not_guessed_from_the_mask() -> None:
    labels = LabelMap(("background", "pet"), {1: 1, 2: 0, 3: 1})
    np.testing.assert_array_equal(labels.apply(np.full((2, 2), 2, np.uint8)), 0)
    np.testing.assert_array_equal(labels.apply(np.full((2, 2), 1, np.uint8)), 1)


def test_the_map_in_plain_values() -> None:
    labels = LabelMap(("background", "pet"), {3: IGNORE, 1: 1, 2: 0})
    assert labels.as_dict() == {
        "class_names": ["background", "pet"],
        "values": {"1": 1, "2": 0, "3": IGNORE},
    }


def test_colours() -> None:
    assert class_colour(0) == BACKGROUND_COLOUR
    assert class_colour(IGNORE) == IGNORE_COLOUR
    assert [class_colour(number) for number in range(1, 8)] == list(CLASS_COLOURS)
    assert class_colour(8) == class_colour(1)
    assert len({BACKGROUND_COLOUR, IGNORE_COLOUR, *CLASS_COLOURS}) == 2 + len(CLASS_COLOURS)
    assert palette().shape == (256, 3)
    assert [tuple(colour) for colour in palette()] == [class_colour(k) for k in range(256)]


def test_the_palette_is_okabe_and_ito_s() -> None:
    published = {"#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00"}
    found = {"#{:02x}{:02x}{:02x}".format(*colour) for colour in CLASS_COLOURS}
    assert found == published - {"#000000"} | {"#cc79a7"}


def test_a_label_map_stays_as_it_is() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        label_map(tiny_experiment()).values = {}  # type: ignore[misc]
