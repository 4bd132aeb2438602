"""Facts about pairs, and the file that keeps them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seglab.data import fact_cache
from seglab.data.fact_cache import all_records, facts_file, gather, known
from seglab.data.facts import SMALL, Facts, orientation_of, read_facts
from seglab.data.sample import Dataset, Record
from seglab.data.sources import survey_dataset
from seglab.labels import IGNORE, LabelMap
from tests.helpers import disk_pair, tiny_experiment, write_png

TWO = LabelMap(("background", "foreground"), {0: 0, 255: 1, 128: IGNORE})


def dataset_of(root: Path, **data: Any) -> Dataset:
    return survey_dataset(tiny_experiment(data={"source": "folder", "root": str(root)} | data))


def facts_of(tmp_path: Path, image: np.ndarray, mask: np.ndarray) -> Facts:
    record = Record("one", tmp_path / "one.png", tmp_path / "one-mask.png")
    write_png(record.image, image)
    write_png(record.mask, mask)
    return read_facts(record, TWO)


def test_numbers_of_a_pair_agree_with_its_arrays(tmp_path: Path) -> None:
    image, inside = disk_pair(2)
    mask = np.uint8(inside) * 255
    mask[:4] = 128
    facts = facts_of(tmp_path, image, mask)
    assert (facts.image.height, facts.image.width) == image.shape[:2]
    assert facts.foreground_share == pytest.approx((mask[4:] == 255).mean())
    assert facts.pixels == {0: (mask == 0).sum(), 1: (mask == 255).sum(), IGNORE: 4 * 48}
    small = facts.foreground_map()
    assert small is not None
    assert small.shape == (SMALL, SMALL)
    reference = Image.fromarray(np.uint8(mask == 255) * 255).resize((SMALL, SMALL))
    assert (small == (np.array(reference) >= 128)).mean() > 0.97


def test_hashes_agree_with_block_means(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    coarse = generator.integers(0, 256, (8, 72), dtype=np.uint8)
    gray = np.repeat(coarse, 8, axis=0)
    facts = facts_of(tmp_path, np.dstack([gray] * 3), np.zeros((64, 72), np.uint8))
    nine = np.rint(coarse.reshape(8, 9, 8).mean(2))
    eight = np.rint(coarse.reshape(8, 8, 9).mean(2))
    assert facts.hashes is not None
    for value, expected in zip(
        facts.hashes, (nine[:, 1:] > nine[:, :-1], eight > eight.mean()), strict=True
    ):
        bits = np.array([int(bit) for bit in f"{value:064b}"], bool).reshape(8, 8)
        assert (bits == expected).sum() >= 63  # a tie may round either way


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_orientations_are_read_as_they_were_written(tmp_path: Path, orientation: int) -> None:
    header = Image.Exif()
    header[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    Image.fromarray(disk_pair(0)[0]).save(path, exif=header)
    assert orientation_of(path.read_bytes()) == orientation
    assert orientation_of(b"no picture") == 1


def test_facts_survive_their_file(folder_dataset: Path) -> None:
    write_png(folder_dataset / "masks" / "disk-01.png", np.full((40, 48), 9, np.uint8))
    (folder_dataset / "images" / "disk-02.png").write_text("broken")
    write_png(folder_dataset / "images" / "disk-03.png", np.zeros((40, 48, 3), np.uint8))
    dataset = dataset_of(folder_dataset)
    assert known(dataset) == {}
    first = gather(dataset)
    assert len(first) == 12
    assert known(dataset) == first
    assert {facts.image.state for facts in first.values()} == {"fine", "unreadable"}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the pairs that were read from their files."""
    names: list[str] = []

    def counting(record: Record, labels: LabelMap) -> Facts:
        names.append(record.name)
        return read_facts(record, labels)

    monkeypatch.setattr(fact_cache, "read_facts", counting)
    return names


def test_only_what_changed_is_read_again(folder_dataset: Path, read: list[str]) -> None:
    gather(dataset_of(folder_dataset))
    read.clear()
    gather(dataset_of(folder_dataset, validation=0.4, split_seed=3))  # other splits, same files
    assert read == []
    mask = folder_dataset / "masks" / "disk-04.png"
    os.utime(mask, ns=(1, 1))
    gather(dataset_of(folder_dataset))
    assert read == ["disk-04"]
    read.clear()
    gather(dataset_of(folder_dataset, classes={"background": [255], "hole": [0]}))
    assert len(read) == 12


def test_the_same_folder_by_another_way(
    folder_dataset: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gather(dataset_of(folder_dataset))
    read.clear()
    monkeypatch.chdir(folder_dataset.parent)
    gather(dataset_of(Path(folder_dataset.name)))
    assert read == []


def test_stopped_it_keeps_what_was_read(folder_dataset: Path, read: list[str]) -> None:
    dataset = dataset_of(folder_dataset)

    def stop(done: int, total: int) -> None:
        assert total == 12
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather(dataset, stop)
    assert len(known(dataset)) == 5
    read.clear()
    assert len(gather(dataset)) == 12
    assert len(read) == 7


def test_a_part_of_the_dataset_forgets_nothing(folder_dataset: Path, read: list[str]) -> None:
    whole = dataset_of(folder_dataset)
    gather(whole)
    names = folder_dataset / "names.txt"
    names.write_text(f"{whole.records('train')[0].name}\n")
    part = dataset_of(folder_dataset, exclude=str(names))
    os.utime(part.records("train")[0].mask, ns=(1, 1))
    gather(part)
    read.clear()
    gather(whole)
    assert read == []


def test_a_broken_file_of_facts_is_read_anew(folder_dataset: Path) -> None:
    dataset = dataset_of(folder_dataset)
    gather(dataset)
    facts_file(dataset).write_text("{oops")
    assert known(dataset) == {}
    assert len(gather(dataset)) == len(all_records(dataset))


def test_a_cache_that_cannot_be_written_costs_no_answer(
    folder_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SEGLAB_CACHE", str(tmp_path / "file"))
    assert len(gather(dataset_of(folder_dataset))) == 12
