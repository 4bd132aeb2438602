"""The official layout of Oxford-IIIT Pet."""

from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torchvision.datasets

from seglab.data import oxford_pet
from seglab.data.oxford_pet import open_oxford_pet
from seglab.data.sample import SPLITS, Dataset
from seglab.errors import DataError
from tests.helpers import tiny_experiment, write_official


def opened(root: Path, **data: Any) -> Dataset:
    return open_oxford_pet(tiny_experiment(data={"root": str(root)} | data))


def test_the_official_layout_is_read_directly(official_dataset: Path) -> None:
    dataset = opened(official_dataset, validation=0.25)
    assert {split: len(dataset.records(split)) for split in SPLITS} == {
        "train": 6,
        "val": 2,
        "test": 8,
    }
    assert dataset.breed_counts("val") == {"Abyssinian": 1, "great_pyrenees": 1}
    assert dataset.missing_report() is None
    species = {record.breed: record.species for record in dataset.records("test")}
    assert species == {"Abyssinian": "cat", "great_pyrenees": "dog"}
    sample = dataset.read("train", 0)
    assert sample.image.shape == (40, 48, 3)
    assert set(np.unique(sample.mask)) == {0, 1}


def test_it_is_found_below_torchvision_s_folder(tmp_path: Path) -> None:
    write_official(tmp_path / "data" / "oxford-iiit-pet")
    dataset = opened(tmp_path / "data")
    assert dataset.root == tmp_path / "data" / "oxford-iiit-pet"
    assert len(dataset.records("test")) == 8


def test_the_folder_s_name_changes_nothing_of_the_split(tmp_path: Path) -> None:
    first = opened(write_official(tmp_path / "here"), validation=0.5)
    second = opened(write_official(tmp_path / "there"), validation=0.5)
    assert first.fingerprint() == second.fingerprint()
    other = opened(tmp_path / "here", validation=0.5, split_seed=1)
    assert first.fingerprint() != other.fingerprint()


def test_validation_may_be_the_test_part(official_dataset: Path) -> None:
    dataset = opened(official_dataset, validation="test")
    assert dataset.records("val") == dataset.records("test")
    assert len(dataset.records("train")) == 8


@pytest.mark.parametrize(
    ("border", "target", "values"),
    [
        ("auto", "binary", {0, 1}),
        ("background", "binary", {0, 1}),
        ("ignore", "binary", {0, 1, 255}),
        ("class", "trimap", {0, 1, 2}),
    ],
)
def test_the_border_counts_as_asked(
    official_dataset: Path, border: str, target: str, values: set[int]
) -> None:
    data = {"root": str(official_dataset), "border": border, "target": target}
    dataset = open_oxford_pet(tiny_experiment(data=data, loss={"name": "dice"}))
    assert set(np.unique(dataset.read("test", 0).mask)) == values


def test_missing_files_are_reported_with_count_and_names(official_dataset: Path) -> None:
    (official_dataset / "images" / "Abyssinian_2.jpg").unlink()
    (official_dataset / "annotations" / "trimaps" / "great_pyrenees_7.png").unlink()
    dataset = opened(official_dataset)
    assert dataset.missing == ("Abyssinian_2", "great_pyrenees_7")
    report = dataset.missing_report()
    assert report is not None
    assert report.startswith("2 pairs that the split files name are not under")
    assert report.endswith("Abyssinian_2, great_pyrenees_7")
    assert sum(len(dataset.records(split)) for split in SPLITS) == 14


def test_of_many_missing_files_five_are_named(official_dataset: Path) -> None:
    for number in range(1, 8):
        (official_dataset / "images" / f"Abyssinian_{number}.jpg").unlink()
    report = opened(official_dataset).missing_report()
    assert report is not None
    assert report.startswith("7 pairs")
    assert report.count("Abyssinian_") == 5
    assert report.endswith(", …")


def test_a_part_without_any_file_is_refused(official_dataset: Path) -> None:
    for photo in (official_dataset / "images").iterdir():
        photo.unlink()
    with pytest.raises(DataError, match=r"none of the pairs that trainval\.txt names is there"):
        opened(official_dataset)


def test_absent_lists_are_told(official_dataset: Path) -> None:
    (official_dataset / "annotations" / "test.txt").unlink()
    with pytest.raises(DataError, match=r"test\.txt: cannot be read \(No such file"):
        opened(official_dataset)


def test_comments_and_empty_lines_of_the_lists_are_skipped(official_dataset: Path) -> None:
    path = official_dataset / "annotations" / "test.txt"
    path.write_text("#Image CLASS-ID SPECIES BREED-ID\n\n" + path.read_text())
    assert len(opened(official_dataset).records("test")) == 8


def test_an_offline_download_tells_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_arguments: Any, **_options: Any) -> None:
        raise URLError("Name or service\nnot known")

    monkeypatch.setattr(torchvision.datasets, "OxfordIIITPet", offline)
    with pytest.raises(DataError) as caught:
        opened(tmp_path / "data")
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.details == ()
    for part in (
        str(tmp_path / "data"),
        "Name or service not known",
        "unpack images.tar.gz and annotations.tar.gz there",
        "--data.source synthetic",
    ):
        assert part in message


def test_a_download_is_used_when_its_counts_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(root: str, **_options: Any) -> None:
        write_official(Path(root) / "oxford-iiit-pet")

    monkeypatch.setattr(torchvision.datasets, "OxfordIIITPet", download)
    monkeypatch.setattr(oxford_pet, "OFFICIAL_COUNTS", {"trainval": 8, "test": 8})
    assert len(opened(tmp_path / "data").records("test")) == 8
    monkeypatch.setattr(oxford_pet, "OFFICIAL_COUNTS", {"trainval": 8, "test": 9})
    with pytest.raises(DataError, match=r"test\.txt lists 8 pairs, not 9; delete it"):
        opened(tmp_path / "again")


def test_the_whole_official_dataset(shared_data: Path) -> None:
    dataset = opened(shared_data / "oxford-iiit-pet-128")
    held = len(dataset.records("val"))
    assert len(dataset.records("train")) + held == 3673
    assert held == 367
    assert len(dataset.records("test")) == 3662
    counts = dataset.breed_counts("val")
    assert len(counts) == 37
    assert max(counts.values()) - min(counts.values()) <= 2
