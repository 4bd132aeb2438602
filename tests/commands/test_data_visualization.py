"""``data_visualization.py``: a sheet of any source and split."""

from pathlib import Path

import pytest
from PIL import Image

from seglab.commands import data_visualization
from seglab.data import preview
from seglab.data.sample import Sample
from seglab.errors import UsageError
from tests.helpers import PROJECT


def flags(root: Path, output: Path) -> list[str]:
    words = ["--data.source", "folder", "--data.root", str(root), "--data.image_size", "32"]
    return [*words, "-o", str(output)]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_sheet_of_each_split(folder_dataset: Path, tmp_path: Path, split: str) -> None:
    output = tmp_path / "sheet.png"
    words = [*flags(folder_dataset, output), "--split", split, "--count", "1"]
    assert data_visualization.main(words, PROJECT) == 0
    with Image.open(output) as sheet:
        assert sheet.width > sheet.height / 2


def test_augmented_is_what_training_sees(
    folder_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Sample] = []
    monkeypatch.setattr(preview, "write_sheet", lambda samples, *_: shown.extend(samples))
    words = [*flags(folder_dataset, tmp_path / "sheet.png"), "--augmented", "--epoch"]
    for epoch in ("3", "3", "4"):
        assert data_visualization.main([*words, epoch, "--count", "1"], PROJECT) == 0
    assert shown[0].image.shape == (32, 32, 3)
    assert (shown[0].image == shown[1].image).all()
    assert (shown[0].image != shown[2].image).any()


def test_without_a_source_pets_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data.root", str(tmp_path), "--data.drawn_count", "20", "--data.drawn_size", "48"]
    words += ["-o", str(tmp_path / "sheet.png"), "--count", "2"]
    assert data_visualization.main(words, PROJECT) == 0
    assert "drawn-pets-20-48px-seed0" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--augmented", "--split", "test"]])
def test_wrong_usage_is_one_line(folder_dataset: Path, tmp_path: Path, wrong: list[str]) -> None:
    with pytest.raises(UsageError):
        data_visualization.main([*flags(folder_dataset, tmp_path / "x.png"), *wrong], PROJECT)
