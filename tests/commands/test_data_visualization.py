"""``data_visualization.py``: a sheet of any source and split."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglab.commands import data_visualization
from seglab.data import preview
from seglab.data.sample import Sample
from seglab.data.sources import open_dataset
from seglab.errors import DataError, UsageError
from tests.helpers import PROJECT, leaves_experiment, tiny_experiment, write_png


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


# --check


def check_flags(root: Path) -> list[str]:
    return ["--check", "--data.source", "folder", "--data.root", str(root)]


def test_a_sound_dataset_passes_the_check(
    folder_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data_visualization.main(check_flags(folder_dataset), PROJECT) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("nothing is wrong")
    assert "24 files" in lines[0]


def test_three_classes_need_no_word_about_a_loss(tmp_path: Path) -> None:
    data = leaves_experiment(tmp_path / "leaves").data
    classes = ["--data.classes", json.dumps(data.classes), "--data.ignore_values", "[99]"]
    assert data_visualization.main([*check_flags(Path(data.root)), *classes], PROJECT) == 0
    sheet = tmp_path / "sheet.png"
    assert data_visualization.main([*flags(Path(data.root), sheet), *classes], PROJECT) == 0
    assert sheet.exists()


def test_errors_exit_1_and_warnings_alone_0(
    folder_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_png(folder_dataset / "masks" / "disk-04.png", np.zeros((40, 48), np.uint8))
    assert data_visualization.main(check_flags(folder_dataset), PROJECT) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("1 warning")
    (folder_dataset / "images" / "disk-02.png").write_bytes(b"broken")
    (folder_dataset / "masks" / "disk-07.png").unlink()
    assert data_visualization.main(check_flags(folder_dataset), PROJECT) == 1
    text = capsys.readouterr().out
    assert text.splitlines()[-1].endswith("2 errors, 1 warning")
    for line in ("Missing files: 1 error", "Unreadable files: 1 error", "Blank masks: 1 warning"):
        assert line in text.splitlines()


def test_the_check_as_json(folder_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder_dataset / "images" / "disk-02.png").write_bytes(b"broken")
    words = [*check_flags(folder_dataset), "--json"]
    assert data_visualization.main(words, PROJECT) == 1
    content = json.loads(capsys.readouterr().out)
    assert [finding["sample"] for finding in content["findings"]] == ["disk-02"]
    assert content["errors"] == 1


def test_what_is_excluded_is_not_checked(folder_dataset: Path, tmp_path: Path) -> None:
    experiment = tiny_experiment(data={"source": "folder", "root": str(folder_dataset)})
    name = open_dataset(experiment).records("train")[0].name
    (folder_dataset / "images" / f"{name}.png").write_bytes(b"broken")
    (tmp_path / "names.txt").write_text(name)
    words = [*check_flags(folder_dataset), "--data.exclude"]
    assert data_visualization.main([*words, str(tmp_path / "names.txt")], PROJECT) == 0


@pytest.mark.parametrize("source", ["oxford_pet", "synthetic"])
def test_the_check_neither_downloads_nor_draws(tmp_path: Path, source: str) -> None:
    words = ["--check", "--data.source", source, "--data.root", str(tmp_path / "nothing")]
    with pytest.raises(DataError, match="python "):
        data_visualization.main(words, PROJECT)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("wrong", [["--json"], ["--check", "--augmented"]])
def test_a_check_draws_no_sheet(folder_dataset: Path, wrong: list[str]) -> None:
    words = ["--data.source", "folder", "--data.root", str(folder_dataset)]
    with pytest.raises(UsageError, match="--check"):
        data_visualization.main([*words, *wrong], PROJECT)
