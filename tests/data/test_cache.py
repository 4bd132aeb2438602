"""Decoded pairs on disk."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seglab.data import cache, pairs
from seglab.data.cache import open_pairs
from seglab.data.pairs import Pairs
from seglab.data.sample import Dataset
from seglab.data.sources import open_dataset
from seglab.errors import DataError
from seglab.preprocessing import Preprocessing
from tests.helpers import disk_pair, tiny_experiment, write_png


def dataset_of(root: Path) -> Dataset:
    return open_dataset(tiny_experiment(data={"source": "folder", "root": str(root)}))


def pixels(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    everything = [pairs[index] for index in range(len(pairs))]
    return np.stack([image for image, _ in everything]), np.stack([mask for _, mask in everything])


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the pairs that were read from their files, as they are read."""
    read, names = pairs.read_sample, []

    def counting(record: Any, *others: Any) -> Any:
        names.append(record.name)
        return read(record, *others)

    for reader in (cache, pairs):
        monkeypatch.setattr(reader, "read_sample", counting)
    return names


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
def test_pixels_are_equal_with_and_without_cache(folder_dataset: Path, resize: str) -> None:
    dataset, treatment = dataset_of(folder_dataset), Preprocessing(16, resize)
    with_cache = pixels(open_pairs(dataset, "train", treatment))
    without = pixels(open_pairs(dataset, "train", treatment, use_cache=False))
    from_disk = pixels(open_pairs(dataset, "train", treatment))
    for first, second, third in zip(with_cache, without, from_disk, strict=True):
        assert first.dtype == np.uint8
        np.testing.assert_array_equal(first, second)
        np.testing.assert_array_equal(first, third)
    image, inside = disk_pair(int(dataset.records("train")[2].name.removeprefix("disk-")))
    np.testing.assert_array_equal(with_cache[0][2], treatment.resize_image(image))
    np.testing.assert_array_equal(with_cache[1][2], treatment.resize_mask(np.uint8(inside)))


def test_nothing_is_decoded_twice(folder_dataset: Path, decoded: list[str]) -> None:
    dataset, treatment = dataset_of(folder_dataset), Preprocessing(16)
    pairs = open_pairs(dataset, "train", treatment)
    assert sorted(decoded) == [record.name for record in dataset.records("train")]
    decoded.clear()
    pixels(pairs)
    pixels(open_pairs(dataset, "train", treatment))
    assert decoded == []


def test_without_cache_files_are_checked_once_and_read_each_time(
    folder_dataset: Path, decoded: list[str]
) -> None:
    dataset, treatment = dataset_of(folder_dataset), Preprocessing(16)
    open_pairs(dataset, "train", treatment, use_cache=False)
    decoded.clear()
    pairs = open_pairs(dataset, "train", treatment, use_cache=False)
    assert decoded == []
    _ = pairs[0], pairs[0]
    assert decoded == [dataset.records("train")[0].name] * 2


def test_what_changes_pixels_makes_another_cache(folder_dataset: Path, decoded: list[str]) -> None:
    dataset = dataset_of(folder_dataset)
    count = len(dataset.records("train"))
    for treatment in (Preprocessing(16), Preprocessing(24), Preprocessing(16, "letterbox")):
        decoded.clear()
        pairs = open_pairs(dataset, "train", treatment)
        assert len(decoded) == count
        assert pairs[0][0].shape == (treatment.image_size, treatment.image_size, 3)
    swapped = {"source": "folder", "root": str(folder_dataset)}
    swapped["classes"] = {"ground": [255], "disk": [0]}
    other = open_pairs(open_dataset(tiny_experiment(data=swapped)), "train", Preprocessing(16))
    first = open_pairs(dataset, "train", Preprocessing(16))
    np.testing.assert_array_equal(pixels(other)[1], 1 - pixels(first)[1])


def test_how_pixels_are_normalised_makes_no_other_cache(
    folder_dataset: Path, decoded: list[str]
) -> None:
    dataset = dataset_of(folder_dataset)
    open_pairs(dataset, "train", Preprocessing(16))
    decoded.clear()
    open_pairs(dataset, "train", Preprocessing(16, mean=(0.5, 0.5, 0.5)))
    assert decoded == []


def test_a_changed_file_is_read_again(folder_dataset: Path) -> None:
    dataset, treatment = dataset_of(folder_dataset), Preprocessing(16)
    path = dataset.records("train")[1].image
    Image.new("RGB", (48, 40), (55, 55, 55)).save(path, "BMP")
    assert (open_pairs(dataset, "train", treatment)[1][0] == 55).all()
    before = path.stat()
    Image.new("RGB", (48, 40), (77, 77, 77)).save(path, "BMP")
    os.utime(path, ns=(before.st_mtime_ns + 1, before.st_mtime_ns + 1))
    assert path.stat().st_size == before.st_size
    assert (open_pairs(dataset, "train", treatment)[1][0] == 77).all()


@pytest.mark.parametrize("use_cache", [True, False])
def test_all_broken_files_are_named_at_once_and_remembered(
    folder_dataset: Path, decoded: list[str], use_cache: bool
) -> None:
    dataset, treatment = dataset_of(folder_dataset), Preprocessing(16)
    text, values, size, colour = dataset.records("train")[:4]
    text.image.write_text("no image")
    write_png(values.mask, np.full((40, 48), 7, np.uint8))
    write_png(size.mask, np.zeros((41, 48), np.uint8))
    write_png(colour.mask, disk_pair(0)[0])
    messages = []
    for _ in range(2):
        with pytest.raises(DataError) as caught:
            open_pairs(dataset, "train", treatment, use_cache)
        messages.append((str(caught.value), caught.value.details))
    assert messages[0] == messages[1]
    summary, details = messages[0]
    assert summary.startswith(f"{folder_dataset}: 4 of 9 train pairs cannot be used")
    for path, reason in [
        (text.image, "is not an image"),
        (values.mask, "mask values 7 are not in the label map (0, 255)"),
        (size.image, "is 48×40 pixels, its mask"),
        (colour.mask, "is a coloured mask"),
    ]:
        assert [detail for detail in details if str(path) in detail and reason in detail], path
    assert len(details) == 4
    assert len(decoded) == 9


def test_mended_files_are_accepted(folder_dataset: Path) -> None:
    dataset, treatment = dataset_of(folder_dataset), Preprocessing(16)
    record = dataset.records("train")[0]
    whole = record.image.read_bytes()
    record.image.write_bytes(whole[:100])
    with pytest.raises(DataError):
        open_pairs(dataset, "train", treatment)
    record.image.write_bytes(whole)
    assert len(open_pairs(dataset, "train", treatment)) == 9


def test_progress_counts_every_pair(folder_dataset: Path) -> None:
    told: list[tuple[int, int]] = []
    open_pairs(
        dataset_of(folder_dataset),
        "train",
        Preprocessing(16),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(done, 9) for done in range(1, 10)]
