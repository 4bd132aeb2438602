"""The dataset doctor on datasets that were broken in a known way."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from seglab.data import doctor_text
from seglab.data.doctor import by_kind
from seglab.data.findings import TITLES
from tests.data.diagnoses import diagnosis, told
from tests.helpers import disk_pair, write_official, write_png

ORIENTATION = 0x0112


def test_nothing_is_wrong_with_sound_pairs(parts: Path, official_dataset: Path) -> None:
    found = diagnosis(parts)
    assert found.findings == ()
    assert (found.files, found.read) == (22, 22)
    # The official fixture repeats its disks in both breeds and on both sides: those are told.
    kinds = {finding.kind for finding in diagnosis(official_dataset, "oxford_pet").findings}
    assert kinds == {"duplicate"}


Breaking = Callable[[Path], None]


def a_text(path: Path) -> None:
    path.write_text("no picture at all")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nothing.png"))


@pytest.mark.parametrize("part", ["images", "masks"])
@pytest.mark.parametrize("breaking", [a_text, empty, half, a_folder])
def test_unreadable_files_are_told_and_the_rest_is_checked(
    parts: Path, part: str, breaking: Breaking
) -> None:
    breaking(parts / "train" / part / "disk-02.png")
    cv2.imwrite(str(parts / "test" / "masks" / "disk-09.png"), np.zeros((40, 48), np.uint8))
    found = diagnosis(parts)
    assert told(found) == [("unreadable", "error", "disk-02"), ("blank", "warning", "disk-09")]
    assert found.findings[0].files == (parts / "train" / part / "disk-02.png",)
    assert part[:-1] in found.findings[0].problem


def test_a_link_to_nothing_is_missing(parts: Path) -> None:
    a_link_to_nothing(parts / "val" / "images" / "disk-06.png")
    assert told(diagnosis(parts)) == [("missing", "error", "disk-06")]


def test_any_damaged_bytes_leave_the_doctor_standing(parts: Path) -> None:
    """Files of several formats with bytes changed at random: told or read, never raised."""
    generator = np.random.default_rng(0)
    formats = [("png", {}), ("jpg", {"exif": exif(6)}), ("gif", {}), ("tiff", {}), ("webp", {})]
    for number in range(60):
        suffix, options = formats[number % len(formats)]
        image, inside = disk_pair(number)
        path = parts / "train" / "images" / f"damaged-{number}.{suffix}"
        Image.fromarray(image).save(path, **options)
        content = np.frombuffer(path.read_bytes(), np.uint8).copy()
        places = generator.integers(0, min(len(content), 400), 6)
        content[places] = generator.integers(0, 256, 6)
        path.write_bytes(content.tobytes())
        write_png(parts / "train" / "masks" / f"damaged-{number}.png", np.uint8(inside) * 255)
    found = diagnosis(parts)
    assert found.files == 2 * (11 + 60)
    assert 5 < sum(finding.kind == "unreadable" for finding in found.findings) < 60


def test_wrong_mask_values_are_listed(parts: Path) -> None:
    mask = np.uint8(disk_pair(1)[1]) * 255
    mask[0, :3] = 7, 9, 7
    write_png(parts / "train" / "masks" / "disk-01.png", mask)
    colours = np.zeros((40, 48, 3), np.uint8)
    colours[..., 0] = 200
    write_png(parts / "test" / "masks" / "disk-08.png", colours)
    found = diagnosis(parts)
    assert told(found) == [("mask values", "error", name) for name in ("disk-01", "disk-08")]
    assert found.findings[0].problem.endswith("not in the label map: 7, 9")
    assert "coloured mask" in found.findings[1].problem
    assert "data.classes" in found.findings[0].remedy
    named = {"background": [0, 7, 9], "foreground": [255]}
    assert told(diagnosis(parts, classes=named)) == [("mask values", "error", "disk-08")]


def test_sizes_that_differ_are_told(parts: Path) -> None:
    mask = np.zeros((20, 24), np.uint8)
    mask[5:9] = 255
    write_png(parts / "train" / "masks" / "disk-04.png", mask)
    found = diagnosis(parts)
    assert told(found) == [("size", "error", "disk-04")]
    assert "48×40 pixels, the mask 24×20" in found.findings[0].problem


def exif(orientation: int) -> Image.Exif:
    header = Image.Exif()
    header[ORIENTATION] = orientation
    return header


@pytest.mark.parametrize(
    ("orientation", "upright_mask", "expected"),
    [
        (6, True, None),  # the mask was drawn on the picture as it is shown
        (6, False, "error"),  # … on the picture as it is stored
        (8, False, "error"),
        (3, True, "warning"),  # the sizes cannot tell
        (1, True, None),
    ],
)
def test_exif_that_turns_the_image_alone(
    parts: Path, orientation: int, upright_mask: bool, expected: str | None
) -> None:
    image, inside = disk_pair(3)
    (parts / "train" / "images" / "disk-03.png").unlink()
    path = parts / "train" / "images" / "disk-03.jpg"
    Image.fromarray(image).save(path, exif=exif(orientation))
    turned = orientation > 4 and upright_mask
    mask = np.rot90(inside).astype(np.uint8) if turned else np.uint8(inside)
    write_png(parts / "train" / "masks" / "disk-03.png", np.ascontiguousarray(mask) * 255)
    expectation = [("exif", expected, "disk-03")] if expected else []
    assert told(diagnosis(parts)) == expectation


def test_both_turned_by_exif_fit(parts: Path) -> None:
    image, inside = disk_pair(3)
    for part, pixels, suffix in (
        ("images", image, "jpg"),
        ("masks", np.uint8(inside) * 255, "png"),
    ):
        (parts / "train" / part / "disk-03.png").unlink()
        path = parts / "train" / part / f"disk-03.{suffix}"
        Image.fromarray(pixels).save(path, exif=exif(6))
    assert diagnosis(parts).findings == ()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0, "holds no foreground"),
        (255, "is foreground everywhere"),
        (100, "nothing that is counted"),
    ],
)
def test_blank_masks_are_warnings(parts: Path, value: int, problem: str) -> None:
    write_png(parts / "val" / "masks" / "disk-05.png", np.full((40, 48), value, np.uint8))
    found = diagnosis(parts, ignore_values=[100])
    assert told(found) == [("blank", "warning", "disk-05")]
    assert problem in found.findings[0].problem


def test_files_without_a_partner_are_told_and_the_pairs_are_checked(parts: Path) -> None:
    (parts / "train" / "masks" / "disk-03.png").unlink()
    (parts / "test" / "images" / "disk-09.png").unlink()
    write_png(parts / "val" / "images" / "disk-06.jpg", disk_pair(6)[0])
    write_png(parts / "val" / "masks" / "disk-07.png", np.zeros((40, 48), np.uint8))
    found = diagnosis(parts)
    assert told(found) == [
        ("missing", "error", "disk-03"),
        ("missing", "error", "disk-06"),
        ("missing", "error", "disk-09"),
        ("blank", "warning", "disk-07"),
    ]


def test_what_the_official_lists_name_and_the_disk_lacks(tmp_path: Path) -> None:
    home = write_official(tmp_path / "pets")
    (home / "images" / "Abyssinian_1.jpg").unlink()
    (home / "annotations" / "trimaps" / "Abyssinian_1.png").unlink()
    (home / "annotations" / "trimaps" / "Abyssinian_2.png").unlink()
    missing = [one for one in diagnosis(home, "oxford_pet").findings if one.kind == "missing"]
    assert [(one.sample, one.severity) for one in missing] == [
        ("Abyssinian_2", "error"),  # half a pair was lost
        ("Abyssinian_1", "warning"),  # a partial copy, which training does without
    ]


def test_every_kind_has_a_title_and_a_remedy(parts: Path) -> None:
    (parts / "train" / "masks" / "disk-03.png").unlink()
    half(parts / "train" / "images" / "disk-02.png")
    found = diagnosis(parts)
    for kind, findings in by_kind(found.findings).items():
        assert TITLES[kind]
        assert all(finding.remedy.endswith(".") for finding in findings)
    text = doctor_text.as_text(found)
    assert text.splitlines()[-1].endswith("2 errors")
    assert "Missing files: 1 error" in text
    content = json.loads(doctor_text.as_json(found))
    assert (content["errors"], content["warnings"]) == (2, 0)
    assert content["kinds"] == {"missing": 1, "unreadable": 1}
    assert content["findings"][1]["files"] == [str(parts / "train" / "images" / "disk-02.png")]
    assert content["data"]["counts"] == {"train": 4, "val": 3, "test": 3}


def test_the_text_lists_twenty_of_a_kind_and_the_json_all(parts: Path) -> None:
    for number in range(30, 60):
        image, inside = disk_pair(number)
        write_png(parts / "train" / "images" / f"disk-{number}.png", image)
        write_png(parts / "train" / "masks" / f"disk-{number}.png", np.uint8(inside))
    found = diagnosis(parts)
    lines = doctor_text.as_text(found).splitlines()
    assert sum(line.startswith("  error: disk-") for line in lines) == 20
    assert "  … and 10 more; --json lists all" in lines
    assert len(json.loads(doctor_text.as_json(found))["findings"]) == 30


def test_the_shared_photos(shared_data: Path) -> None:
    found = diagnosis(shared_data / "oxford-iiit-pet-full", "oxford_pet")
    assert found.files == 708
    assert not any(finding.severity == "error" for finding in found.findings)
