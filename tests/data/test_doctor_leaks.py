"""The dataset doctor on pictures and names that stand twice, in one split or in two."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from tests.data.diagnoses import diagnosis, told
from tests.helpers import disk_pair, write_official, write_png


def test_the_same_bytes_in_two_splits_are_an_error_and_in_one_a_warning(parts: Path) -> None:
    shutil.copy(
        parts / "train" / "images" / "disk-00.png", parts / "test" / "images" / "disk-10.png"
    )
    shutil.copy(
        parts / "train" / "images" / "disk-01.png", parts / "train" / "images" / "disk-02.png"
    )
    found = diagnosis(parts)
    assert told(found) == [("duplicate", "error", "disk-10"), ("duplicate", "warning", "disk-02")]
    assert [finding.leave_out for finding in found.findings] == [("disk-00",), ("disk-01",)]
    assert "disk-00 (train)" in found.findings[0].problem
    assert found.findings[0].files == (
        parts / "train" / "images" / "disk-00.png",
        parts / "test" / "images" / "disk-10.png",
    )


def test_a_picture_saved_anew_and_smaller_is_a_near_duplicate(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    for number in range(12):
        coarse = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        photo = Image.fromarray(coarse).resize((160, 120), Image.Resampling.BICUBIC)
        split = "train" if number < 8 else "test"
        path = tmp_path / split / "images" / f"photo-{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        photo.save(path)
        mask = np.zeros((120, 160), np.uint8)
        mask[30:60, 40:90] = 255
        write_png(tmp_path / split / "masks" / f"photo-{number}.png", mask)
    known = Image.open(tmp_path / "train" / "images" / "photo-5.jpg")
    known.resize((80, 60)).save(tmp_path / "test" / "images" / "copy.jpg", quality=70)
    write_png(tmp_path / "test" / "masks" / "copy.png", mask[::2, ::2])
    found = diagnosis(tmp_path, validation=0.2)
    assert told(found) == [("near-duplicate", "warning", "copy")]
    assert "maybe the picture of photo-5" in found.findings[0].problem
    assert found.findings[0].leave_out == ("photo-5",)


def test_flat_pictures_are_no_near_duplicates(tmp_path: Path) -> None:
    for number, split in enumerate(("train", "train", "train", "test", "test")):
        image, inside = disk_pair(number)
        flat = np.full_like(image, 10 * number)
        write_png(tmp_path / split / "images" / f"flat-{number}.png", flat)
        write_png(tmp_path / split / "masks" / f"flat-{number}.png", np.uint8(inside) * 255)
    assert diagnosis(tmp_path).findings == ()


def test_a_name_in_two_splits(parts: Path) -> None:
    for part in ("images", "masks"):
        for split, old in (("train", "disk-00"), ("test", "disk-08")):
            (parts / split / part / f"{old}.png").rename(parts / split / part / "001.png")
    found = diagnosis(parts)
    assert told(found) == [("name", "warning", "001")]
    assert found.findings[0].problem == "stands in train and test: other pictures"


def test_an_official_name_in_both_lists_is_a_leak(tmp_path: Path) -> None:
    home = write_official(tmp_path / "pets")
    lists = home / "annotations"
    leaked = (lists / "test.txt").read_text().splitlines()[0]
    with (lists / "trainval.txt").open("a") as trainval:
        trainval.write(leaked + "\n")
    found = diagnosis(home, "oxford_pet")
    errors = [finding for finding in found.findings if finding.kind == "name"]
    assert [(one.sample, one.severity) for one in errors] == [(leaked.split()[0], "error")]
    assert errors[0].leave_out == (leaked.split()[0],)


def test_validation_on_the_test_part_itself_is_no_leak(parts: Path) -> None:
    shutil.rmtree(parts / "val")
    assert diagnosis(parts, validation="test").findings == ()
