"""A folder of your own images and masks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.data.cache import open_pairs
from seglab.data.folder import open_folder
from seglab.data.sample import SPLITS, Dataset
from seglab.data.sources import open_dataset
from seglab.errors import DataError
from seglab.preprocessing import Preprocessing
from tests.helpers import disk_pair, tiny_experiment, write_disks, write_png


def opened(root: Path, **data: Any) -> Dataset:
    return open_folder(tiny_experiment(data={"source": "folder", "root": str(root)} | data))


def names(dataset: Dataset) -> dict[str, set[str]]:
    return {split: {record.name for record in dataset.records(split)} for split in SPLITS}


def test_a_flat_folder_is_split_in_three(folder_dataset: Path) -> None:
    dataset = opened(folder_dataset, test=0.25, validation=0.25)
    assert dataset.source == "folder"
    assert {split: len(found) for split, found in names(dataset).items()} == {
        "train": 7,
        "val": 2,
        "test": 3,
    }
    assert len(set.union(*names(dataset).values())) == 12
    sample = dataset.read("train", 0)
    image, inside = disk_pair(int(sample.name.removeprefix("disk-")))
    np.testing.assert_array_equal(sample.image, image)
    np.testing.assert_array_equal(sample.mask, inside)
    assert sample.foreground_share() == pytest.approx(inside.mean())


def test_the_split_seed_decides_the_split(folder_dataset: Path) -> None:
    first, again, other = (names(opened(folder_dataset, split_seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first["val"] != other["val"]
    assert first["test"] != other["test"]


def test_the_seed_of_the_test_part_is_not_the_validation_s(folder_dataset: Path) -> None:
    """What is held out for validation comes from the rest: the test part does not move."""
    parts = [names(opened(folder_dataset, validation=share)) for share in (0.1, 0.5)]
    assert parts[0]["test"] == parts[1]["test"]


def test_parts_split_by_hand_are_kept(tmp_path: Path) -> None:
    for split, first, count in (("train", 0, 5), ("val", 5, 3), ("test", 8, 2)):
        write_disks(tmp_path / split, count, first)
    found = names(opened(tmp_path))
    assert found["train"] == {f"disk-0{number}" for number in range(5)}
    assert found["val"] == {"disk-05", "disk-06", "disk-07"}
    assert found["test"] == {"disk-08", "disk-09"}


def test_validation_is_held_out_of_train_where_val_is_absent(tmp_path: Path) -> None:
    write_disks(tmp_path / "train", 8)
    write_disks(tmp_path / "test", 2, first=8)
    found = names(opened(tmp_path, validation=0.25))
    assert (len(found["train"]), len(found["val"])) == (6, 2)
    assert not found["train"] & found["val"]
    assert found["test"] == {"disk-08", "disk-09"}


def test_validation_may_be_the_test_part(tmp_path: Path, folder_dataset: Path) -> None:
    write_disks(tmp_path / "parts" / "train", 4)
    write_disks(tmp_path / "parts" / "test", 2, first=8)
    found = names(opened(tmp_path / "parts", validation="test"))
    assert found["val"] == found["test"] == {"disk-08", "disk-09"}
    assert len(found["train"]) == 4
    flat = names(opened(folder_dataset, validation="test"))
    assert flat["val"] == flat["test"]
    assert len(flat["train"]) + len(flat["test"]) == 12


def test_without_test_there_is_no_test(tmp_path: Path) -> None:
    write_disks(tmp_path / "train", 4)
    dataset = opened(tmp_path)
    with pytest.raises(DataError, match="the test split of this dataset is empty"):
        dataset.records("test")
    with pytest.raises(DataError, match="validation is test, but there is no test/"):
        opened(tmp_path, validation="test")


def test_all_files_without_partner_are_named(folder_dataset: Path) -> None:
    (folder_dataset / "masks" / "disk-03.png").unlink()
    (folder_dataset / "masks" / "disk-07.png").unlink()
    (folder_dataset / "images" / "disk-05.png").rename(folder_dataset / "images" / "disc-05.png")
    with pytest.raises(DataError) as caught:
        opened(folder_dataset)
    assert str(caught.value) == f"{folder_dataset}: 4 files have no partner of the same stem"
    assert [detail.removeprefix(f"{folder_dataset}/") for detail in caught.value.details] == [
        "images/disc-05.png has no mask",
        "images/disk-03.png has no mask",
        "images/disk-07.png has no mask",
        "masks/disk-05.png has no image",
    ]


def test_equal_stems_are_refused(folder_dataset: Path) -> None:
    write_png(folder_dataset / "images" / "disk-03.jpg", disk_pair(3)[0])
    with pytest.raises(DataError, match=r"disk-03\.png and disk-03\.jpg have the same stem"):
        opened(folder_dataset)


def test_suffixes_may_differ_and_other_files_are_left_alone(folder_dataset: Path) -> None:
    (folder_dataset / "images" / "disk-03.png").rename(folder_dataset / "images" / "disk-03.JPG")
    (folder_dataset / "images" / "notes.txt").write_text("not an image")
    (folder_dataset / "masks" / ".disk-99.png").write_text("hidden")
    assert len(set.union(*names(opened(folder_dataset)).values())) == 12


@pytest.mark.parametrize("absent", ["", "images", "masks"])
def test_absent_folders_are_told_with_the_layout(folder_dataset: Path, absent: str) -> None:
    (folder_dataset / absent).rename(folder_dataset.parent / "away")
    with pytest.raises(DataError, match=r"there is no such folder; data\.root needs images/ and"):
        opened(folder_dataset)


def test_too_few_pairs_are_told(tmp_path: Path) -> None:
    write_disks(tmp_path / "two", 2)
    with pytest.raises(
        DataError, match="holds 2 pairs; training, validation and test need at least"
    ):
        opened(tmp_path / "two")
    write_disks(tmp_path / "one" / "train", 1)
    with pytest.raises(DataError, match="one training pair cannot be split; add val/"):
        opened(tmp_path / "one")
    write_disks(tmp_path / "test-only" / "test", 3)
    with pytest.raises(DataError, match="there is no train/ beside test"):
        opened(tmp_path / "test-only")


def test_fingerprints_say_which_splits_are_comparable(folder_dataset: Path) -> None:
    first, again, other = (opened(folder_dataset, split_seed=s).fingerprint() for s in (0, 0, 1))
    assert first == again
    assert first != other


def test_the_lab_s_folder(shared_data: Path) -> None:
    experiment = tiny_experiment(data={"source": "folder", "root": str(shared_data / "lab18")})
    dataset = open_dataset(experiment)
    assert {split: len(dataset.records(split)) for split in SPLITS} == {
        "train": 10,
        "val": 4,
        "test": 4,
    }
    pairs = open_pairs(dataset, "train", Preprocessing(32))
    pixels = pairs.class_pixels()
    assert pixels.sum() == 10 * 32 * 32
    assert 0.05 < pixels[1] / pixels.sum() < 0.95
