"""Cross-validation: every sample is tested exactly once."""

from collections import Counter
from pathlib import Path

import pytest

from seglab.config import Experiment
from seglab.data.sample import Dataset, Record
from seglab.data.sources import open_dataset, survey_dataset
from seglab.data.splits import deal
from seglab.errors import DataError, UsageError
from seglab.experiment_parser import validate
from tests.helpers import tiny_experiment, write_disks


def experiment_of(root: Path, **data: object) -> Experiment:
    return tiny_experiment(data={"source": "folder", "root": str(root)} | data)


def names(dataset: Dataset, split: str) -> set[str]:
    return {record.name for record in dataset.splits[split]}


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    """Thirteen pairs, split by hand."""
    for part, count, first in (("train", 7, 0), ("val", 3, 7), ("test", 3, 10)):
        write_disks(tmp_path / "parted" / part, count, first)
    return tmp_path / "parted"


def test_each_sample_is_tested_once_and_never_where_it_is_trained(parted: Path) -> None:
    datasets = [open_dataset(experiment_of(parted, folds=4, fold=fold)) for fold in range(1, 5)]
    tested = Counter(name for dataset in datasets for name in names(dataset, "test"))
    assert tested == Counter({f"disk-{number:02d}": 1 for number in range(13)})
    assert sorted(len(dataset.splits["test"]) for dataset in datasets) == [3, 3, 3, 4]
    for dataset in datasets:
        parts = [names(dataset, split) for split in ("train", "val", "test")]
        assert len(set.union(*parts)) == 13 == sum(map(len, parts))
    assert len({dataset.fingerprint() for dataset in datasets}) == 4


def test_the_same_seed_deals_the_same_another_otherwise(parted: Path) -> None:
    first, again, other = (
        names(open_dataset(experiment_of(parted, folds=4, split_seed=seed)), "test")
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_each_breed_is_in_every_fold_in_proportion() -> None:
    records = [
        Record(f"{breed}_{number}", Path("i"), Path("m"), breed)
        for breed, count in (("pug", 10), ("beagle", 5), ("birman", 7))
        for number in range(count)
    ]
    folds = deal(records, 5, 0)
    assert sorted(map(len, folds)) == [4, 4, 4, 5, 5]
    for breed, whole in (("pug", 10), ("beagle", 5), ("birman", 7)):
        shares = [sum(record.breed == breed for record in fold) for fold in folds]
        assert whole // 5 <= min(shares) <= max(shares) <= -(-whole // 5)


def test_official_parts_are_pooled(official_dataset: Path) -> None:
    experiment = tiny_experiment(data={"root": str(official_dataset), "folds": 4, "fold": 4})
    dataset = open_dataset(experiment)
    assert sum(len(names(dataset, split)) for split in ("train", "val", "test")) == 16
    assert dataset.breed_counts("test") == Counter(Abyssinian=2, great_pyrenees=2)


def test_validation_may_be_the_fold_itself(parted: Path) -> None:
    dataset = open_dataset(experiment_of(parted, folds=4, fold=2, validation="test"))
    assert names(dataset, "val") == names(dataset, "test")
    assert len(names(dataset, "train")) + len(names(dataset, "test")) == 13


def test_what_is_left_out_of_training_is_tested_in_its_fold(parted: Path) -> None:
    (parted / "unwanted.txt").write_text("disk-05\n")
    told = {"folds": 4, "exclude": str(parted / "unwanted.txt")}
    datasets = [open_dataset(experiment_of(parted, fold=fold, **told)) for fold in range(1, 5)]
    for split, expected in (("test", 1), ("train", 0), ("val", 0)):
        assert sum("disk-05" in names(dataset, split) for dataset in datasets) == expected


def test_looking_at_the_data_shows_the_same_folds(parted: Path) -> None:
    experiment = experiment_of(parted, folds=3, fold=2)
    assert survey_dataset(experiment).splits == open_dataset(experiment).splits


def test_one_name_in_two_parts_is_refused(parted: Path) -> None:
    write_disks(parted / "val", 1, 0)
    with pytest.raises(DataError, match=r"disk-00\.png have the same name; folds pool"):
        open_dataset(experiment_of(parted, folds=3))


def test_too_few_samples_are_refused(parted: Path) -> None:
    with pytest.raises(DataError, match="13 samples cannot be dealt into 14 folds"):
        open_dataset(experiment_of(parted, folds=14))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"folds": 1}, "data.folds: 1 fold leaves nothing to train on"),
        ({"folds": 3, "fold": 4}, "data.fold: 4 is not one of data.folds 3"),
        ({"fold": 2}, "data.fold: 2 is not one of data.folds 0"),
    ],
)
def test_contradictions_are_refused(data: dict[str, int], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        validate({"data": data})
