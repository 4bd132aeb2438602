"""Datasets that are wrong in every way people's are: told by name, all at once, or trained."""

import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from seglab.config import Experiment
from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.errors import DataError, SeglabError
from seglab.preprocessing import Preprocessing
from tests.helpers import disk_pair, tiny_experiment, write_disks, write_official, write_png
from tests.training_runs import fit

pytestmark = pytest.mark.usefixtures("no_export")


def folder(root: Path, **sections: dict[str, Any]) -> Experiment:
    data = {"source": "folder", "root": str(root)} | sections.pop("data", {})
    return tiny_experiment(data=data, **sections)


def refusal(experiment: Experiment) -> str:
    """Everything that opening and reading the training data says."""
    with pytest.raises(DataError) as caught:
        open_pairs(open_dataset(experiment), "train", Preprocessing(16))
    lines = [str(caught.value), *caught.value.details]
    assert not any("\n" in line for line in lines)
    return "\n".join(lines)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """A folder split by hand, sound."""
    for part, first, count in (("train", 0, 6), ("val", 6, 3), ("test", 9, 3)):
        write_disks(tmp_path / "data" / part, count, first)
    return tmp_path / "data"


def mask_of(split: Path, number: int = 2) -> Path:
    return split / "train" / "masks" / f"disk-{number:02d}.png"


def test_masks_of_another_size_are_named(split: Path) -> None:
    write_png(mask_of(split), np.zeros((20, 24), np.uint8))
    assert "disk-02.png is 48×40 pixels, its mask disk-02.png 24×20" in refusal(folder(split))


@pytest.mark.parametrize("values", [[0, 254], [1, 255], [7], [0, 128, 255]])
def test_unknown_values_are_named(split: Path, values: list[int]) -> None:
    write_png(mask_of(split), np.resize(np.array(values, np.uint8), (40, 48)))
    said = refusal(folder(split))
    assert "masks/disk-02.png: mask values" in said
    assert str(next(value for value in values if value not in (0, 255))) in said


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "F"])
def test_masks_of_every_mode_are_taken_or_named(split: Path, mode: str) -> None:
    values = np.uint8(disk_pair(2)[1]) * 255
    picture = Image.fromarray(values)
    kinds = {"I;16": values.astype(np.uint16), "F": values.astype(np.float32)}
    picture = Image.fromarray(kinds[mode]) if mode in kinds else picture.convert(mode)
    mask_of(split).unlink()
    picture.save(mask_of(split).with_suffix(".tif"))
    pairs = open_pairs(open_dataset(folder(split)), "train", Preprocessing(16))
    assert set(np.unique(pairs[2][1])) == {0, 1}


def test_a_coloured_mask_is_named(split: Path) -> None:
    write_png(mask_of(split), disk_pair(2)[0])
    assert "masks/disk-02.png is a coloured mask" in refusal(folder(split))


@pytest.mark.parametrize(("part", "said"), [("images", "has no image"), ("masks", "has no mask")])
def test_files_without_a_partner_are_named(split: Path, part: str, said: str) -> None:
    for number in (1, 4):
        (split / "train" / part / f"disk-{number:02d}.png").unlink()
    lines = refusal(folder(split))
    for number in (1, 4):
        assert f"disk-{number:02d}.png {said}" in lines


def test_stems_that_collide_are_named(split: Path) -> None:
    image = split / "train" / "images" / "disk-03.png"
    shutil.copy(image, image.with_suffix(".jpg"))
    said = refusal(folder(split))
    assert "disk-03.png and disk-03.jpg have the same stem" in said or (
        "disk-03.jpg" in said and "the same stem" in said
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_samples_to_split_are_refused(tmp_path: Path, count: int) -> None:
    root = write_disks(tmp_path / "few", count)
    for part in ("images", "masks"):
        (root / part).mkdir(parents=True, exist_ok=True)
    told = f"holds {count} pairs; training, validation and test need" if count else "holds no pairs"
    assert told in refusal(folder(root))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_training_samples_of_a_split_by_hand(split: Path, count: int, tmp_path: Path) -> None:
    shutil.rmtree(split / "train")
    write_disks(split / "train", count)
    for part in ("images", "masks"):
        (split / "train" / part).mkdir(parents=True, exist_ok=True)
    experiment = folder(split, trainer={"batch_size": max(count, 1)})
    if count:
        assert fit(tmp_path / "run", experiment).finished
    else:
        assert "the train split of this dataset is empty" in refusal(experiment)


@pytest.mark.parametrize("part", ["val", "test"])
def test_an_empty_part_is_told(split: Path, part: str) -> None:
    for path in (split / part).rglob("*.png"):
        path.unlink()
    dataset = open_dataset(folder(split))
    with pytest.raises(DataError, match=f"the {part} split of this dataset is empty"):
        dataset.records(part)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("loss", ["bce_dice", "cross_entropy_dice", "lovasz", "weighted_bce"])
def test_data_of_one_class_alone_is_trained_or_refused(
    split: Path, tmp_path: Path, value: int, loss: str
) -> None:
    for path in split.rglob("masks/*.png"):
        write_png(path, np.full((40, 48), value, np.uint8))
    experiment = folder(split, loss={"name": loss})
    if (loss, value) == ("weighted_bce", 0):
        with pytest.raises(DataError, match="has no foreground to weigh"):
            fit(tmp_path / "run", experiment)
        return
    run = fit(tmp_path / "run", experiment)
    assert run.finished
    assert all(np.isfinite(value) for row in run.rows() for value in row.values())


def test_everything_to_be_ignored_is_trained_or_refused(split: Path, tmp_path: Path) -> None:
    for path in split.rglob("masks/*.png"):
        write_png(path, np.full((40, 48), 7, np.uint8))
    try:
        finished = fit(tmp_path / "run", folder(split, data={"ignore_values": [7]})).finished
    except SeglabError as error:
        finished = "\n" not in str(error)
    assert finished


def test_a_list_that_names_what_is_absent_says_so(tmp_path: Path) -> None:
    home = write_official(tmp_path / "pets")
    lists = home / "annotations" / "trainval.txt"
    lists.write_text(lists.read_text() + "Absent_1 1 1 1\n../../etc/passwd 1 1 1\n")
    dataset = open_dataset(tiny_experiment(data={"source": "oxford_pet", "root": str(home)}))
    assert set(dataset.missing) == {"Absent_1", "../../etc/passwd"}
    assert "2 pairs that the split files name are not under" in str(dataset.missing_report())


@pytest.mark.parametrize("text", ["", "#\n", "one\n", "\0\n", "a 1 1 1\n" * 3, "\x80"])
def test_a_broken_list_is_told(tmp_path: Path, text: str) -> None:
    home = write_official(tmp_path / "pets")
    (home / "annotations" / "test.txt").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=r"test\.txt"):
        open_dataset(tiny_experiment(data={"source": "oxford_pet", "root": str(home)}))


def test_links_and_pipes_among_the_images_are_named(split: Path) -> None:
    images = split / "train" / "images"
    (images / "disk-01.png").unlink()
    os.mkfifo(images / "disk-01.png")
    (images / "disk-02.png").unlink()
    (images / "disk-02.png").symlink_to("nothing.png")
    (images / "disk-03.png").unlink()
    (images / "disk-03.png").mkdir()
    said = refusal(folder(split))
    assert "disk-01.png is no file" in said
    assert "disk-02.png cannot be read" in said
    assert "disk-03.png is a folder" in said


def test_data_that_changed_between_two_trainings_is_read_again(split: Path, tmp_path: Path) -> None:
    first = fit(tmp_path / "first", folder(split))
    brighter = cv2.imread(str(split / "train" / "images" / "disk-01.png")) // 2
    cv2.imwrite(str(split / "train" / "images" / "disk-01.png"), brighter)
    second = fit(tmp_path / "second", folder(split))
    before, after = (run.config["data"]["image_statistics"] for run in (first, second))
    assert before != after
