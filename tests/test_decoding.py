"""Any photo to upright RGB."""

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from seglab.data.sample import Record, read_sample
from seglab.decoding import IMAGE_SUFFIXES, decode_image, decode_mask, image_size_of, suffix_of
from seglab.errors import ImageError
from seglab.labels import LabelMap
from tests.helpers import encode


@pytest.fixture
def photo() -> np.ndarray:
    """RGB 6×8, every pixel another colour."""
    return np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def test_colours_come_back_as_they_are(photo: np.ndarray) -> None:
    for kind in ("PNG", "BMP", "TIFF"):
        decoded = decode_image(encode(Image.fromarray(photo), kind))
        assert decoded.dtype == np.uint8
        np.testing.assert_array_equal(decoded, photo)


def test_gray_becomes_three_equal_channels(photo: np.ndarray) -> None:
    gray = photo[..., 0]
    decoded = decode_image(encode(Image.fromarray(gray)))
    np.testing.assert_array_equal(decoded, np.dstack([gray] * 3))


def test_one_bit_is_black_and_white() -> None:
    decoded = decode_image(encode(Image.fromarray(np.eye(3, dtype=bool))))
    np.testing.assert_array_equal(decoded[..., 1], np.eye(3) * 255)


def test_sixteen_bit_gray_keeps_its_range() -> None:
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    decoded = decode_image(encode(Image.fromarray(values)))
    np.testing.assert_array_equal(decoded[..., 0], [[0, 1, 128, 255]])


def test_sixteen_bit_with_a_small_range_is_not_blown_up() -> None:
    values = np.array([[0, 1000, 4095]], np.uint16)
    assert decode_image(encode(Image.fromarray(values))).max() == round(4095 / 257)


def test_float_pictures_are_zero_to_one() -> None:
    values = np.array([[0, 0.5, 1, np.nan]], np.float32)
    decoded = decode_image(encode(Image.fromarray(values), "TIFF"))
    np.testing.assert_array_equal(decoded[..., 2], [[0, 128, 255, 0]])


def test_a_palette_becomes_its_colours() -> None:
    picture = Image.fromarray(np.array([[0, 1], [2, 0]], np.uint8))
    picture.putpalette([10, 20, 30, 200, 0, 0, 0, 0, 250])
    expected = [[[10, 20, 30], [200, 0, 0]], [[0, 0, 250], [10, 20, 30]]]
    np.testing.assert_array_equal(decode_image(encode(picture)), expected)


def test_a_transparent_palette_colour_is_white() -> None:
    picture = Image.fromarray(np.array([[0, 1]], np.uint8))
    picture.putpalette([10, 20, 30, 200, 0, 0])
    decoded = decode_image(encode(picture, transparency=1))
    np.testing.assert_array_equal(decoded, [[[10, 20, 30], [255, 255, 255]]])


def test_transparency_is_shown_on_white() -> None:
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 128]]], np.uint8)
    decoded = decode_image(encode(Image.fromarray(pixels)))
    np.testing.assert_array_equal(decoded, [[[200, 0, 0], [255, 255, 255], [127, 127, 127]]])


def test_gray_with_transparency_is_shown_on_white() -> None:
    pixels = np.array([[[50, 255], [50, 0]]], np.uint8)
    decoded = decode_image(encode(Image.fromarray(pixels, "LA")))
    np.testing.assert_array_equal(decoded[..., 0], [[50, 255]])


def test_a_cmyk_jpeg_has_natural_colours() -> None:
    red = Image.new("RGB", (16, 16), (220, 30, 20)).convert("CMYK")
    decoded = decode_image(encode(red, "JPEG", quality=95))
    assert np.abs(decoded.astype(int) - (220, 30, 20)).max() <= 6


def test_the_first_image_of_an_animation() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    animation = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode_image(animation)[0, 0], [255, 0, 0])


# What a viewer shows for each orientation, from the EXIF specification: where row 0 and column 0
# of the file lie in the upright picture.
UPRIGHT = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored[::-1].swapaxes(0, 1),
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored[:, ::-1].swapaxes(0, 1),
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientations_of_image_and_mask(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = np.kron(np.array([[0, 80, 160], [40, 120, 240]], np.uint8), np.ones((16, 16)))
    stored = Image.fromarray(blocks.astype(np.uint8))
    options = {"quality": 95} if kind == "JPEG" else {}
    upright = UPRIGHT[orientation](blocks)
    image = encode(stored.convert("RGB"), kind, exif=exif, **options)
    decoded = decode_image(image)
    assert decoded.shape[:2] == upright.shape == image_size_of(image)
    assert np.abs(decoded[..., 0] - upright).max() <= 4
    mask = decode_mask(encode(stored, kind, exif=exif, **options))
    assert np.abs(mask - upright).max() <= 4


def test_a_wrong_orientation_is_no_orientation(photo: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    content = encode(Image.fromarray(photo), exif=exif)
    np.testing.assert_array_equal(decode_image(content), photo)
    assert image_size_of(content) == (6, 8)


def test_a_single_pixel() -> None:
    content = encode(Image.new("RGB", (1, 1), (1, 2, 3)))
    np.testing.assert_array_equal(decode_image(content), [[[1, 2, 3]]])
    assert image_size_of(content) == (1, 1)


def test_the_content_counts_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(Image.new("RGBA", (3, 2), (9, 8, 7, 255))))
    np.testing.assert_array_equal(decode_image(path), np.full((2, 3, 3), (9, 8, 7)))
    assert suffix_of(path.read_bytes()) == ".png"


@pytest.mark.parametrize("function", [decode_image, decode_mask, image_size_of])
def test_text_is_not_an_image(tmp_path: Path, function: Any) -> None:
    path = tmp_path / "photo.jpg"
    for content in (b"", b"no image", b"\xff\xd8\xff"):
        path.write_bytes(content)
        with pytest.raises(ImageError, match="is not an image"):
            function(path)


@pytest.mark.parametrize("function", [decode_image, decode_mask, image_size_of])
def test_absent_files_and_folders(tmp_path: Path, function: Any) -> None:
    with pytest.raises(ImageError, match="No such file"):
        function(tmp_path / "photo.jpg")
    with pytest.raises(ImageError, match="is a folder"):
        function(tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_truncated_files_are_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = encode(Image.fromarray(noise), kind)
    with pytest.raises(ImageError):
        decode_image(content[: int(share * len(content))])


def test_a_damaged_tiff_says_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    """libtiff writes to the terminal by itself, past Python."""
    content = bytearray(encode(Image.new("RGB", (64, 64)), "TIFF", compression="tiff_deflate"))
    content[8:40] = bytes(range(32))  # in the packed pixels
    with pytest.raises(ImageError, match="cannot be decoded"):
        decode_image(bytes(content))
    assert capfd.readouterr().err == ""


def huge_png(side: int) -> bytes:
    """A PNG whose header says side×side and whose data cannot be decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"no") + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("function", [decode_image, decode_mask])
def test_too_many_megapixels_are_refused_by_the_header(function: Any) -> None:
    told = "has 400 megapixels, more than the limit of 120"
    with pytest.raises(ImageError, match=told):
        function(huge_png(20_000))
    with pytest.raises(ImageError, match=r"more than the limit of 0\.5"):
        function(huge_png(1000), max_megapixels=0.5)
    with pytest.raises(ImageError, match="cannot be decoded"):
        function(huge_png(10))


def test_the_size_is_read_without_decoding() -> None:
    assert image_size_of(huge_png(20_000)) == (20_000, 20_000)


# Real photos.

PET = LabelMap(("background", "pet"), {1: 1, 2: 0, 3: 1})


def test_real_pets(shared_data: Path) -> None:
    home = shared_data / "oxford-iiit-pet-full"
    photos = sorted((home / "images").iterdir())[::40]
    for photo in photos:
        mask = home / "annotations" / "trimaps" / f"{photo.stem}.png"
        sample = read_sample(Record(photo.stem, photo, mask), PET, "train")
        assert sample.image.shape[:2] == sample.mask.shape == image_size_of(photo)
        assert 0.02 < sample.foreground_share() < 0.98
        expected = cv2.imread(str(photo), cv2.IMREAD_COLOR)[..., ::-1]
        assert np.abs(sample.image.astype(int) - expected).mean() < 1


def test_real_pets_whose_name_is_not_their_format(shared_data: Path) -> None:
    folder = shared_data / "oxford-iiit-pet-full" / "images"
    photos = [path for path in folder.iterdir() if suffix_of(path.read_bytes()) != ".jpg"]
    if not photos:
        pytest.skip("all of them are JPEG here")
    for photo in photos:
        image = decode_image(photo)
        assert image.shape == (*image_size_of(photo), 3)
        assert image.std() > 10


def test_every_suffix_of_the_list_is_decodable(tmp_path: Path) -> None:
    for suffix in IMAGE_SUFFIXES:
        Image.new("RGB", (2, 2), "white").save(tmp_path / f"photo{suffix}")
        assert decode_image(tmp_path / f"photo{suffix}").min() > 250
