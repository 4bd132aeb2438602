"""Any photo file from anybody: a mask, or one line that names it. ``make torture`` has it all."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from seglab.app.photos import Photo
from seglab.decoding import decode_image, decode_mask, image_size_of, suffix_of
from seglab.errors import ImageError
from seglab.runs import Run
from tests.helpers import disk_pair, encode
from tests.photo_checks import check_predict, check_sources, refusal
from tests.photo_corpus import CORPUS_MINIMUM, GOOD, SPECIAL, write_corpus

PART = 8
"""Of the long series the tests take every so-many-th file."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_corpus(tmp_path_factory.mktemp("part"), PART)


@pytest.mark.parametrize("decode", [decode_image, decode_mask, image_size_of])
def test_every_file_is_decoded_or_refused_in_one_line(corpus: list[Path], decode: Any) -> None:
    assert len(corpus) >= CORPUS_MINIMUM
    said = [refusal(decode, path) for path in corpus]
    assert all("\n" not in line for line in said if line)
    assert said.count(None) >= (20 if decode is decode_mask else 100)  # masks in colour are none


def test_sound_but_unusual_files_are_decoded(corpus: list[Path]) -> None:
    by_name = {path.name: path for path in corpus}
    for name in ("float.tif", "cmyk.jpg", "palette-transparent.png", "one-bit.tif", "lab.tif"):
        assert decode_image(by_name[name]).dtype == np.uint8
    for name in ("animated.gif", "pages.tif", "two-pictures.jpg", "exif-broken.jpg", GOOD):
        assert decode_image(by_name[name]).shape == (40, 48, 3)
    assert decode_image(by_name["size-1x10000.png"]).shape == (10_000, 1, 3)


def test_what_is_no_picture_is_said(corpus: list[Path]) -> None:
    by_name = {path.name: path for path in corpus}
    told = {
        "postscript.jpg": "is not an image",  # no interpreter is started
        "icon.png": "is not an image",
        "twenty-thousand.png": "has 400 megapixels, more than the limit",
        "pipe.jpg": "is no file",
        "device.jpg": "is no file",
        "folder.jpg": "is a folder",
        "loop.jpg": "cannot be read",
        "dangling.jpg": "cannot be read",
        "unreadable.jpg": "cannot be read",
    }
    for name, words in told.items():
        with pytest.raises(ImageError, match=words):
            decode_image(by_name[name])


def test_predict_ends_each_in_a_mask_or_a_line(
    part: list[Path], trained: Run, tmp_path: Path
) -> None:
    check_predict(part, trained.folder, tmp_path / "results")
    assert (tmp_path / "results" / "a-good-neighbour_mask.png").exists()
    assert (tmp_path / "results" / "z-good-neighbour_mask.png").exists()


def test_all_sources_name_what_cannot_be_used(part: list[Path], tmp_path: Path) -> None:
    assert check_sources(part, tmp_path) > 100


def test_uploads_are_decoded_or_named(corpus: list[Path]) -> None:
    for path in corpus:
        if path.name in SPECIAL:
            continue
        photo = Photo(path.name, path.read_bytes(), "digest", path.name)
        said = refusal(lambda photo: photo.image, photo)
        assert said is None or said.startswith(path.name)


def test_files_that_are_too_large_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "sparse.jpg"
    with path.open("wb") as file:
        file.truncate(10**11)
    with pytest.raises(ImageError, match="holds 100000 MB, more than the limit"):
        decode_image(path)


# Bytes that nobody thought of.

FILES = [
    encode(Image.fromarray(disk_pair(0)[0]), kind)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
]
UNHURRIED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@UNHURRIED
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=9))))
def test_any_damage_is_decoded_or_refused(content: bytes, damages: list[tuple[int, bytes]]) -> None:
    broken = bytearray(content)
    for place, piece in damages:
        start = place % len(content)
        broken[start : start + len(piece)] = piece
    _decode_all(bytes(broken))


@UNHURRIED
@given(st.sampled_from([file[:12] for file in FILES]), st.binary(max_size=200))
def test_any_bytes_behind_a_beginning_are_refused(beginning: bytes, rest: bytes) -> None:
    _decode_all(beginning + rest)


def _decode_all(content: bytes) -> None:
    assert suffix_of(content).startswith((".", ""))
    for decode in (decode_image, decode_mask, image_size_of):
        assert "\n" not in (refusal(decode, content) or "")
