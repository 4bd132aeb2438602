"""Photos read as a network gets them, small and large, and never whole where that can be."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seglab import stored_images
from seglab.decoding import decode_image
from seglab.errors import ImageError
from seglab.photos import Photo
from seglab.preprocessing import Preprocessing

LARGE = (480, 640)
"""Fifteen times a network of 32 pixels and more: read at a half, of which an eighth remains."""


def smooth(height: int, width: int) -> np.ndarray:
    """Colours that change from left to right and from top to bottom, each another way."""
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    channels = [255 * rows, 255 * columns, 127 + 120 * np.sin(9 * rows + 5 * columns)]
    return np.uint8(np.stack(channels, axis=-1))


def encoded(pixels: Any, kind: str, orientation: int = 1, **options: Any) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, exif=exif, **options)
    return file.getvalue()


@pytest.mark.parametrize("resize", ["stretch", "letterbox"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_large_photo_is_the_same_input_as_its_pixels(
    kind: str, orientation: int, resize: str
) -> None:
    content = encoded(smooth(*LARGE), kind, orientation, quality=95)
    treatment = Preprocessing(32, resize)
    pixels = decode_image(content)
    small, height, width = Photo(content).network_image(treatment)
    assert (height, width) == pixels.shape[:2] == (LARGE if orientation < 5 else LARGE[::-1])
    difference = np.abs(small.astype(int) - treatment.resize_image(pixels))
    assert difference.max() <= 4
    assert difference.mean() < 1


def test_a_large_jpeg_is_never_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    upright = stored_images.upright_rgb

    def watched(image: Image.Image, factor: int) -> np.ndarray:
        image.load()
        sizes.append(image.size)
        return upright(image, factor)

    monkeypatch.setattr("seglab.decoding.upright_rgb", watched)
    content = encoded(smooth(1024, 1400), "JPEG")
    Photo(content).network_image(Preprocessing(32))
    assert sizes == [(175, 128)]


@pytest.mark.parametrize(("height", "width"), [(255, 700), (32, 32), (8, 9)])
def test_other_photos_are_read_as_ever(height: int, width: int) -> None:
    content = encoded(smooth(height, width), "JPEG")
    treatment = Preprocessing(32, "letterbox")
    small, *_ = Photo(content).network_image(treatment)
    np.testing.assert_array_equal(small, treatment.resize_image(decode_image(content)))


def test_pixels_that_are_there_are_not_decoded_again(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(smooth(40, 50), "PNG"))
    photo = Photo(path)
    pixels = photo.pixels
    path.unlink()
    small, height, width = photo.network_image(Preprocessing(32))
    assert (height, width) == (40, 50)
    np.testing.assert_array_equal(small, Preprocessing(32).resize_image(pixels))


def test_a_crop_is_the_middle_at_its_own_resolution() -> None:
    treatment = Preprocessing(32, "crop")
    pixels = smooth(*LARGE)
    small, *_ = Photo(pixels).network_image(treatment)
    np.testing.assert_array_equal(small, pixels[224:256, 304:336])
    from_file, *_ = Photo(encoded(pixels, "PNG")).network_image(treatment)
    np.testing.assert_array_equal(from_file, small)
    mask = np.uint8(pixels[..., 0] > 100)
    np.testing.assert_array_equal(treatment.resize_mask(mask), mask[224:256, 304:336])
    narrow = treatment.resize_mask(mask[:, :10])
    assert (narrow[:, :11] == 255).all()
    assert (narrow[:, 11:21] != 255).all()


PICTURES: dict[str, Any] = {
    "RGB": lambda rgb: Image.fromarray(rgb),
    "gray": lambda rgb: Image.fromarray(rgb[..., 0]),
    "alpha": lambda rgb: Image.fromarray(np.dstack([rgb, rgb[..., 1]])),
    "palette": lambda rgb: Image.fromarray(rgb).quantize(50),
    "16 bits": lambda rgb: Image.fromarray(rgb[..., 0].astype(np.uint16) * 201),
    "12 of 16 bits": lambda rgb: Image.fromarray(rgb[..., 0].astype(np.uint16) * 16),
    "float": lambda rgb: Image.fromarray(rgb[..., 2].astype(np.float32) / 255),
    "CMYK": lambda rgb: Image.fromarray(rgb).convert("CMYK"),
    "1 bit": lambda rgb: Image.fromarray(rgb[..., 0] > 99),
}


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("lossless", [False, True])
def test_a_large_webp_is_decoded_to_the_same_pixels(
    lossless: bool, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(smooth(61, 83)).save(file, "WEBP", exif=exif, lossless=lossless)
    small = decode_image(file.getvalue())
    monkeypatch.setattr(stored_images, "LARGE_MEGAPIXELS", 0.0)
    monkeypatch.setattr(stored_images, "BAND_PIXELS", 83 * 5)
    np.testing.assert_array_equal(decode_image(file.getvalue()), small)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("mode", PICTURES)
def test_bands_change_nothing(mode: str, orientation: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = PICTURES[mode](smooth(61, 83))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    picture.save(file, "TIFF", exif=exif)
    at_once = decode_image(file.getvalue())
    shrunk, *_ = Photo(file.getvalue()).network_image(Preprocessing(7))
    monkeypatch.setattr(stored_images, "BAND_PIXELS", 83 * 5)
    np.testing.assert_array_equal(decode_image(file.getvalue()), at_once)
    again, *_ = Photo(file.getvalue()).network_image(Preprocessing(7))
    np.testing.assert_array_equal(again, shrunk)


def test_a_large_photo_is_known_by_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seglab.photos.LARGE_PIXELS", 40 * 50)
    for height, large in ((40, False), (41, True)):
        pixels = smooth(height, 50)
        assert Photo(pixels).is_large == large
        assert Photo(encoded(pixels, "JPEG", 6)).is_large == large


def test_errors_name_the_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(smooth(*LARGE), "JPEG")[:-400])
    with pytest.raises(ImageError, match=r"photo\.jpg cannot be decoded"):
        Photo(path).network_image(Preprocessing(32))
    with pytest.raises(ImageError, match="the photo cannot be decoded"):
        _ = Photo(path.read_bytes()).pixels
