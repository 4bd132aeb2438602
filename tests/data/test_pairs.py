"""What is found of the pairs of a split: counted once, and remembered beside their pixels."""

from pathlib import Path

import numpy as np

from seglab.data.cache import open_pairs
from seglab.data.pairs import Pairs
from seglab.data.sample import Dataset
from seglab.data.sources import open_dataset
from seglab.preprocessing import Preprocessing
from tests.helpers import tiny_experiment


def dataset_of(root: Path) -> Dataset:
    return open_dataset(tiny_experiment(data={"source": "folder", "root": str(root)}))


def pixels(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    everything = [pairs[index] for index in range(len(pairs))]
    return np.stack([image for image, _ in everything]), np.stack([mask for _, mask in everything])


def test_class_pixels_are_counted(folder_dataset: Path) -> None:
    pairs = open_pairs(dataset_of(folder_dataset), "train", Preprocessing(16, "letterbox"))
    counts = pairs.class_pixels()
    masks = pixels(pairs)[1]
    assert counts.sum() == masks.size
    assert (counts[0], counts[1]) == ((masks == 0).sum(), (masks == 1).sum())
    assert counts[255] == 9 * 16 * (16 - 13)


def test_what_was_found_of_the_pairs_is_found_once(folder_dataset: Path) -> None:
    data = {"source": "folder", "root": str(folder_dataset)}
    dataset = open_dataset(tiny_experiment(data=data))
    calls: list[int] = []

    def find() -> list[int]:
        calls.append(1)
        return [1, 2]

    for _ in range(2):
        assert open_pairs(dataset, "train", Preprocessing(16)).remembered("some", find) == [1, 2]
    assert len(calls) == 1
    for other in (
        open_pairs(dataset, "val", Preprocessing(16)),
        open_pairs(dataset, "train", Preprocessing(8)),
        open_pairs(dataset, "train", Preprocessing(16), use_cache=False),
    ):
        other.remembered("some", find)
    assert len(calls) == 4
