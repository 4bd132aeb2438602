"""The one path for pixels."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from seglab.data.sample import Record, read_sample
from seglab.errors import DataError, ImageError
from seglab.labels import IGNORE, LabelMap
from seglab.preprocessing import (
    IMAGE_SUFFIXES,
    Preprocessing,
    decode_image,
    decode_mask,
    image_size_of,
    suffix_of,
)
from tests.helpers import disk

SIZES = [(40, 48), (48, 40), (33, 47), (100, 7), (7, 100), (16, 16), (1, 1), (300, 200)]


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def photo() -> np.ndarray:
    """RGB 6×8, every pixel another colour."""
    return np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


# Decoding.


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
    with pytest.raises(ImageError, match="directory"):
        function(tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_truncated_files_are_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = encode(Image.fromarray(noise), kind)
    with pytest.raises(ImageError):
        decode_image(content[: int(share * len(content))])


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


# Masks.

VALUES = np.array([[0, 1, 2], [3, 128, 255]], np.uint8)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA", "16", "BMP"])
def test_mask_values_in_every_mode(mode: str) -> None:
    gray = Image.fromarray(VALUES)
    if mode == "P":
        # Colours that are not the indices.
        picture = gray.copy()
        picture.putpalette(np.random.default_rng(0).integers(0, 256, 768, np.uint8).tobytes())
    elif mode == "16":
        picture = Image.fromarray(VALUES.astype(np.uint16))
    else:
        picture = gray if mode == "BMP" else gray.convert(mode)
    mask = decode_mask(encode(picture, "BMP" if mode == "BMP" else "PNG"))
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, VALUES)


def test_one_bit_masks_are_0_and_255() -> None:
    mask = decode_mask(encode(Image.fromarray(np.eye(3, dtype=bool))))
    np.testing.assert_array_equal(mask, np.eye(3) * 255)


def test_coloured_masks_are_refused(photo: np.ndarray) -> None:
    with pytest.raises(ImageError, match="coloured mask; save it with one gray value a class"):
        decode_mask(encode(Image.fromarray(photo)))


def test_mask_values_above_255_are_refused() -> None:
    with pytest.raises(ImageError, match="mask values up to 256"):
        decode_mask(encode(Image.fromarray(np.array([[0, 256]], np.uint16))))


@pytest.mark.parametrize("values", [[0.0, 0.5], [0.0, np.nan]])
def test_mask_values_between_the_whole_numbers_are_refused(values: list[float]) -> None:
    with pytest.raises(ImageError, match="whole numbers"):
        decode_mask(encode(Image.fromarray(np.array([values], np.float32)), "TIFF"))


# Geometry.


def network_size(resize: str, size: int = 32) -> Preprocessing:
    return Preprocessing(size, resize)


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_there_and_back_gives_the_photo_s_size(resize: str, height: int, width: int) -> None:
    treatment = network_size(resize)
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = np.zeros((height, width), np.uint8)
    small, small_mask = treatment.resize_image(image), treatment.resize_mask(mask)
    assert (small.shape, small.dtype) == ((32, 32, 3), np.uint8)
    assert (small_mask.shape, small_mask.dtype) == ((32, 32), np.uint8)
    restored = treatment.restore(np.ones((2, 32, 32), np.float32), height, width)
    assert (restored.shape, restored.dtype) == ((2, height, width), np.float32)
    np.testing.assert_array_equal(restored, 1)


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize(("height", "width"), [(64, 96), (96, 64), (24, 36), (33, 47)])
def test_a_disk_comes_back_where_it_was(resize: str, height: int, width: int) -> None:
    treatment = network_size(resize, 64)
    inside = disk(height, width, 0.4 * height, 0.6 * width, 0.25 * min(height, width))
    small = treatment.resize_mask(inside.astype(np.uint8))
    restored = treatment.restore((small == 1)[None].astype(np.float32), height, width)[0] >= 0.5
    assert (restored & inside).sum() / (restored | inside).sum() > 0.9
    assert np.abs(centre(restored) - centre(inside)).max() < 0.75


def centre(weights: np.ndarray) -> np.ndarray:
    """Centre of mass (row, column)."""
    rows, columns = np.mgrid[: weights.shape[0], : weights.shape[1]]
    total = weights.sum()
    return np.array([(rows * weights).sum() / total, (columns * weights).sum() / total])


def test_a_letterbox_pads_the_image_with_0_and_the_mask_with_ignore() -> None:
    treatment = network_size("letterbox")
    image = treatment.resize_image(np.full((20, 40, 3), 200, np.uint8))
    mask = treatment.resize_mask(np.ones((20, 40), np.uint8))
    inner = np.zeros((32, 32), bool)
    inner[8:24] = True
    np.testing.assert_array_equal(image, inner[..., None] * np.full(3, 200))
    np.testing.assert_array_equal(mask, np.where(inner, 1, IGNORE))


def test_a_letterbox_keeps_proportions_and_a_stretch_does_not() -> None:
    inside = disk(100, 200, 50, 100, 40).astype(np.uint8)
    for resize, proportion in (("letterbox", 1.0), ("stretch", 0.5)):
        found = network_size(resize, 64).resize_mask(inside) == 1
        height, width = found.any(1).sum(), found.any(0).sum()
        assert width / height == pytest.approx(proportion, rel=0.1)


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize(
    ("height", "width"), [(100, 140), (140, 100), (23, 17), (90, 20), (31, 65), (500, 300)]
)
def test_image_and_mask_are_resized_alike(resize: str, height: int, width: int) -> None:
    treatment = network_size(resize, 32)
    inside = disk(height, width, 0.45 * height, 0.55 * width, 0.35 * min(height, width))
    image = np.dstack([np.uint8(inside) * 255] * 3)
    small_image = treatment.resize_image(image)[..., 0].astype(float)
    small_mask = (treatment.resize_mask(np.uint8(inside)) == 1).astype(float)
    assert np.abs(centre(small_image) - centre(small_mask)).max() < 0.5


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
def test_resizing_a_mask_invents_no_class(resize: str) -> None:
    mask = np.random.default_rng(0).choice(np.array([0, 7, IGNORE], np.uint8), (61, 83))
    assert set(np.unique(network_size(resize).resize_mask(mask))) <= {0, 7, IGNORE}


def test_shrinking_averages_instead_of_picking() -> None:
    stripes = np.zeros((128, 128, 3), np.uint8)
    stripes[:, ::2] = 200
    np.testing.assert_allclose(network_size("stretch").resize_image(stripes), 100, atol=1)


def test_an_image_of_the_network_s_size_is_left_alone(photo: np.ndarray) -> None:
    square = photo[:6, :6]
    for resize in ("stretch", "letterbox"):
        np.testing.assert_array_equal(network_size(resize, 6).resize_image(square), square)


# Normalising.


def test_normalise_is_imagenet_s_and_equal_for_numpy_and_torch() -> None:
    treatment = Preprocessing(4)
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3)).astype(np.float32)
    by_numpy = treatment.normalise(images)
    by_torch = treatment.normalise(torch.from_numpy(images))
    np.testing.assert_allclose(by_numpy, by_torch.numpy(), rtol=0, atol=1e-6)
    expected = (images[0, 1, 2] / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(by_numpy[0, 1, 2], expected, atol=1e-5)


def test_normalise_uses_its_own_mean_and_deviation() -> None:
    treatment = Preprocessing(4, mean=(0.5, 0.5, 0.5), std=(0.25, 0.5, 1.0))
    found = treatment.normalise(np.full((1, 3), 255, np.float32))
    np.testing.assert_allclose(found, [[2, 1, 0.5]])


def test_the_treatment_survives_its_dictionary() -> None:
    treatment = Preprocessing(48, "letterbox", (0.1, 0.2, 0.3), (1.0, 2.0, 3.0))
    assert Preprocessing.from_dict(treatment.as_dict()) == treatment


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


def test_a_pair_whose_sizes_disagree_names_both(tmp_path: Path) -> None:
    record = Record("pair", tmp_path / "pair.png", tmp_path / "pair-mask.png")
    record.image.write_bytes(encode(Image.new("RGB", (4, 3))))
    record.mask.write_bytes(encode(Image.new("L", (3, 4), 1)))
    with pytest.raises(DataError, match=r"pair\.png is 4×3 pixels, its mask pair-mask\.png 3×4"):
        read_sample(record, PET, "train")


def test_every_suffix_of_the_list_is_decodable(tmp_path: Path) -> None:
    for suffix in IMAGE_SUFFIXES:
        Image.new("RGB", (2, 2), "white").save(tmp_path / f"photo{suffix}")
        assert decode_image(tmp_path / f"photo{suffix}").min() > 250
