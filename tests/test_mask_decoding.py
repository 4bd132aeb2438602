"""Mask files to class values."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglab.data.sample import Record, read_sample
from seglab.decoding import decode_mask
from seglab.errors import DataError, ImageError
from seglab.labels import LabelMap
from tests.helpers import encode

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


def test_coloured_masks_are_refused() -> None:
    with pytest.raises(ImageError, match="coloured mask; save it with one gray value a class"):
        decode_mask(encode(Image.new("RGB", (2, 2), (1, 2, 3))))


def test_mask_values_above_255_are_refused() -> None:
    with pytest.raises(ImageError, match="mask values up to 256"):
        decode_mask(encode(Image.fromarray(np.array([[0, 256]], np.uint16))))


@pytest.mark.parametrize("values", [[0.0, 0.5], [0.0, np.nan]])
def test_mask_values_between_the_whole_numbers_are_refused(values: list[float]) -> None:
    with pytest.raises(ImageError, match="whole numbers"):
        decode_mask(encode(Image.fromarray(np.array([values], np.float32)), "TIFF"))


def test_a_pair_whose_sizes_disagree_names_both(tmp_path: Path) -> None:
    record = Record("pair", tmp_path / "pair.png", tmp_path / "pair-mask.png")
    record.image.write_bytes(encode(Image.new("RGB", (4, 3))))
    record.mask.write_bytes(encode(Image.new("L", (3, 4), 1)))
    with pytest.raises(DataError, match=r"pair\.png is 4×3 pixels, its mask pair-mask\.png 3×4"):
        read_sample(record, LabelMap(("background", "pet"), {0: 0, 1: 1}), "train")
