"""Samples left out of training: the dataset, the training, and the measuring afterwards."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from seglab.commands import evaluate
from seglab.config import Experiment
from seglab.console import Console
from seglab.data.sample import SPLITS, Dataset
from seglab.data.sources import open_dataset
from seglab.data.tags import write_tags
from seglab.errors import DataError
from seglab.measuring import check_unseen, data_for
from seglab.runs import Run
from seglab.training import resume, train
from tests.helpers import PROJECT, tiny_experiment


def experiment_of(root: Path, exclude: Path | str = "", **data: Any) -> Experiment:
    keys = {"source": "folder", "root": str(root), "exclude": str(exclude)} | data
    return tiny_experiment(data=keys)


def names(dataset: Dataset) -> dict[str, set[str]]:
    return {split: {record.name for record in dataset.splits[split]} for split in SPLITS}


def test_listed_samples_leave_training_and_validation_alone(
    folder_dataset: Path, tmp_path: Path
) -> None:
    whole = open_dataset(experiment_of(folder_dataset, validation=0.3))
    before = names(whole)
    unwanted = {sorted(before["train"])[1], sorted(before["val"])[0], sorted(before["test"])[0]}
    listed = tmp_path / "names.txt"
    listed.write_text("# seen by eye\n\n" + "".join(f"  {name} \n" for name in unwanted) + "gone\n")
    dataset = open_dataset(experiment_of(folder_dataset, listed, validation=0.3))
    assert names(dataset) == {
        "train": before["train"] - unwanted,
        "val": before["val"] - unwanted,
        "test": before["test"],
    }
    assert set(dataset.excluded) == unwanted - before["test"]
    assert dataset.fingerprint() != whole.fingerprint()
    left_out, stays, unknown = dataset.reports()
    assert "2 samples are left out" in left_out
    assert "names test samples, which stay" in stays
    assert sorted(before["test"])[0] in stays
    assert "(gone)" in unknown


def test_a_leaked_name_leaves_training_and_stays_in_the_test(
    official_dataset: Path, tmp_path: Path
) -> None:
    lists = official_dataset / "annotations"
    leaked = (lists / "test.txt").read_text().splitlines()[0]
    with (lists / "trainval.txt").open("a") as trainval:
        trainval.write(leaked + "\n")
    name = leaked.split()[0]
    (tmp_path / "names.txt").write_text(name)
    experiment = experiment_of(official_dataset, tmp_path / "names.txt", source="oxford_pet")
    held = {split for split, found in names(open_dataset(experiment)).items() if name in found}
    assert held == {"test"}


def test_validation_on_the_test_part_loses_nothing(folder_dataset: Path, tmp_path: Path) -> None:
    write = tmp_path / "names.txt"
    whole = open_dataset(experiment_of(folder_dataset, validation="test"))
    write.write_text(whole.records("test")[0].name)
    dataset = open_dataset(experiment_of(folder_dataset, write, validation="test"))
    assert names(dataset) == names(whole)


def test_a_csv_of_tags_is_taken_as_it_is(folder_dataset: Path, tmp_path: Path) -> None:
    whole = open_dataset(experiment_of(folder_dataset))
    first, second, third = (record.name for record in whole.records("train")[:3])
    tags = tmp_path / "tags.csv"
    write_tags(tags, [first], "label wrong")
    write_tags(tags, [second], "exclude")
    write_tags(tags, [third], "hard")
    dataset = open_dataset(experiment_of(folder_dataset, tags))
    assert dataset.excluded == (first, second)


@pytest.mark.parametrize("name", ["nothing.txt", "nothing.csv"])
def test_a_list_that_is_not_there_is_a_sentence(
    folder_dataset: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(DataError, match=r"data\.exclude: .*cannot be read"):
        open_dataset(experiment_of(folder_dataset, tmp_path / name))


def test_a_list_that_leaves_nothing_is_a_sentence(folder_dataset: Path, tmp_path: Path) -> None:
    listed = tmp_path / "all.txt"
    listed.write_text("".join(f"disk-{number:02d}\n" for number in range(12)))
    with pytest.raises(DataError, match="leaves no train sample"):
        open_dataset(experiment_of(folder_dataset, listed))


@pytest.fixture(scope="module")
def run_without(
    tmp_path_factory: pytest.TempPathFactory, trained: Run
) -> tuple[Run, list[str], Path]:
    """A run on the disks of ``trained`` without two of them; these; the list that named them."""
    root = tmp_path_factory.mktemp("without")
    whole = open_dataset(trained.experiment)
    unwanted = [whole.records("train")[0].name, whole.records("train")[2].name]
    tags = root / "tags.csv"
    write_tags(tags, unwanted, "exclude")
    experiment = experiment_of(Path(trained.experiment.data.root), tags)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGLAB_CACHE", str(root / "cache"))
        run = train(experiment, root / "run", root, Console())
    tags.unlink()  # what training did is what counts from now on
    return run, unwanted, tags


@pytest.fixture
def run(run_without: tuple[Run, list[str], Path], tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(run_without[0].folder, tmp_path / "run"))


def test_training_leaves_them_out_and_says_so(
    run_without: tuple[Run, list[str], Path], trained: Run
) -> None:
    run, unwanted, tags = run_without
    assert run.config["data"]["excluded"] == sorted(unwanted)
    seen, everything = run.training_samples(), trained.training_samples()
    assert seen is not None
    assert everything is not None
    assert seen == everything - set(unwanted)
    assert f"warning: {tags}: 2 samples are left out" in run.log_path.read_text()
    assert run.config["data"]["counts"]["train"] == trained.config["data"]["counts"]["train"] - 2


def test_the_run_is_measured_on_the_same_test_as_the_whole(run: Run, trained: Run) -> None:
    dataset = data_for(run, None)
    assert dataset.fingerprint() == run.config["data"]["fingerprint"]
    assert names(dataset)["test"] == names(open_dataset(trained.experiment))["test"]
    for split in ("val", "test"):
        assert evaluate.main([str(run.folder), "--split", split], PROJECT) == 0
        table = run.evaluation_table(split)
        assert table is not None
        assert set(table["name"]) == names(dataset)[split]
    assert run.threshold_curve() is not None


def test_by_its_own_list_the_whole_data_holds_no_test_sample_it_saw(
    run: Run, run_without: tuple[Run, list[str], Path], trained: Run
) -> None:
    """Without its record of what was left out the fingerprints differ, and the names decide."""
    whole = open_dataset(trained.experiment)
    assert whole.fingerprint() != run.config["data"]["fingerprint"]
    check_unseen(run, whole, "test")
    with pytest.raises(DataError, match="trained or validated on"):
        check_unseen(run, whole, "train")
    unseen = {record.name: record for record in whole.records("train")}[run_without[1][0]]
    moved = Dataset(whole.source, whole.root, whole.labels, {**whole.splits, "test": (unseen,)})
    check_unseen(run, moved, "test")  # left out is not seen


def test_going_on_needs_no_list(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    config = {key: value for key, value in run.config.items() if key != "result"}
    run.write_config(config)
    resumed = resume(Run.open(run.folder), Console())
    assert resumed.finished
