"""The picture of several models' masks, read back."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import seglab
from seglab.mask_sheet import CELL_HEIGHT, CELL_WIDTH, GAP, TITLE_HEIGHT, draw_mask_sheet
from seglab.runs import Run
from tests.helpers import disk_pair


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "wide.png", tmp_path / "high.png"]
    Image.fromarray(disk_pair(1, 60, 90)[0]).save(paths[0])
    Image.fromarray(disk_pair(2, 480, 300)[0]).save(paths[1])
    return paths


def test_a_row_a_photo_a_column_a_model(trained: Run, photos: list[Path], tmp_path: Path) -> None:
    predictor = seglab.load(str(trained.folder))
    path = tmp_path / "sheet.png"
    assert draw_mask_sheet({"one": predictor, "two" * 40: predictor}, photos, path) == []
    sheet = np.array(Image.open(path))
    width = CELL_WIDTH  # of the wide photo, 90×60 scaled to 360×240
    assert sheet.shape == (
        TITLE_HEIGHT + 2 * (CELL_HEIGHT + GAP),
        3 * (width + GAP) + GAP,
        3,
    )
    cells = [
        sheet[TITLE_HEIGHT : TITLE_HEIGHT + CELL_HEIGHT, left : left + width]
        for left in (GAP + place * (width + GAP) for place in range(3))
    ]
    photo = np.array(Image.open(photos[0]).resize((width, CELL_HEIGHT), Image.Resampling.BILINEAR))
    assert np.abs(cells[0].astype(int) - photo).mean() < 3
    assert np.array_equal(cells[1], cells[2])
    assert not np.array_equal(cells[0], cells[1])
    titles = sheet[:TITLE_HEIGHT]
    for left in (GAP + place * (width + GAP) for place in range(3)):
        assert (titles[:, left : left + width] < 128).any()
    assert (titles[:, GAP + width + 1 : 2 * GAP + width - 1] == 255).all()  # none runs over


def test_an_unreadable_photo_is_a_line(trained: Run, photos: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_text("no photo")
    predictor = seglab.load(str(trained.folder))
    path = tmp_path / "sheet.png"
    (line,) = draw_mask_sheet({"one": predictor}, [broken, photos[0]], path)
    assert "broken.jpg" in line
    assert Image.open(path).height == TITLE_HEIGHT + CELL_HEIGHT + GAP


def test_without_a_readable_photo_nothing_is_written(trained: Run, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    predictor = seglab.load(str(trained.folder))
    assert len(draw_mask_sheet({"one": predictor}, [b""], path)) == 1
    assert not path.exists()
