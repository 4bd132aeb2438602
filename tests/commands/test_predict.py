"""``predict.py``: what it writes, what it says, how it ends."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import seglab
from seglab.commands import predict
from seglab.errors import RunError, UsageError
from seglab.runs import Run
from tests.helpers import PROJECT, disk_pair, leaves_experiment, run_python, write_run


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "disk.png"
    Image.fromarray(disk_pair(3, 61, 87)[0]).save(path)
    return path


def call(run: Run, tmp_path: Path, *arguments: object) -> int:
    words = [*map(str, arguments), "--model", str(run.folder), "-o", str(tmp_path / "out")]
    return predict.main(words, PROJECT)


def test_mask_overlay_and_copy_have_the_photos_size(
    trained: Run, photo: Path, tmp_path: Path
) -> None:
    assert call(trained, tmp_path, photo) == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["disk.png", "disk_mask.png", "disk_overlay.png"]
    mask = np.array(Image.open(tmp_path / "out" / "disk_mask.png"))
    assert mask.shape == (61, 87)
    assert set(np.unique(mask)) <= {0, 255}
    assert (mask == 255).any()
    assert (tmp_path / "out" / "disk.png").read_bytes() == photo.read_bytes()
    expected = seglab.load(str(trained.folder)).segment(photo).mask_png()
    assert (tmp_path / "out" / "disk_mask.png").read_bytes() == expected


def test_mask_only_and_extras(trained: Run, photo: Path, tmp_path: Path) -> None:
    assert call(trained, tmp_path, photo, "--mask-only", "--cutout", "--prob") == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["disk_cutout.png", "disk_mask.png", "disk_prob_foreground.png"]
    cutout = Image.open(tmp_path / "out" / "disk_cutout.png")
    assert cutout.mode == "RGBA"
    alpha = np.array(cutout)[..., 3]
    assert (alpha == np.array(Image.open(tmp_path / "out" / "disk_prob_foreground.png"))).all()


def test_the_threshold_decides(trained: Run, photo: Path, tmp_path: Path) -> None:
    shares = []
    for threshold in ("0.0", "0.5", "1.0"):
        assert call(trained, tmp_path, photo, "--threshold", threshold) == 0
        shares.append(np.array(Image.open(tmp_path / "out" / "disk_mask.png")).mean() / 255)
    assert shares[0] == 1
    assert shares[0] >= shares[1] >= shares[2]
    assert shares[2] < 1


def test_flip_averages_with_the_mirrored_photo(trained: Run, photo: Path, tmp_path: Path) -> None:
    assert call(trained, tmp_path, photo, "--flip", "--prob") == 0
    written = np.array(Image.open(tmp_path / "out" / "disk_prob_foreground.png"))
    flipping = seglab.load(str(trained.folder), flip=True).segment(photo)
    np.testing.assert_array_equal(written, (flipping.probabilities[1] * 255).round())
    plain = seglab.load(str(trained.folder)).segment(photo)
    assert (flipping.probabilities != plain.probabilities).any()


def test_tiles_are_segmented_at_the_photo_s_own_resolution(
    trained: Run, photo: Path, tmp_path: Path
) -> None:
    assert call(trained, tmp_path, photo, "--tile", "--prob") == 0
    probabilities = seglab.load(str(trained.folder), tile=True).segment(photo).probabilities
    assert probabilities.shape == (2, 61, 87)
    np.testing.assert_allclose(probabilities.sum(0), 1, atol=1e-5)
    written = np.array(Image.open(tmp_path / "out" / "disk_prob_foreground.png"))
    np.testing.assert_array_equal(written, (probabilities[1] * 255).round())
    mask = np.array(Image.open(tmp_path / "out" / "disk_mask.png"))
    np.testing.assert_array_equal(mask > 0, probabilities[1] >= trained.threshold)
    whole = seglab.load(str(trained.folder)).segment(photo).probabilities
    assert np.abs(whole - probabilities).max() > 1e-3


def test_one_broken_file_does_not_stop_the_others(
    trained: Run, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_text("no photo")
    assert call(trained, tmp_path, broken, tmp_path / "absent.jpg", photo) == 1
    output = capsys.readouterr()
    lines = output.err.strip().splitlines()
    assert len(lines) == 2
    assert "absent.jpg" in lines[0]
    assert "broken.jpg" in lines[1]
    assert "1 done, 0 skipped, 2 failed" in output.out
    assert (tmp_path / "out" / "disk_mask.png").exists()
    assert not list((tmp_path / "out").glob("broken*"))


def test_of_several_classes_each_share_is_told(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", leaves_experiment(tmp_path / "leaves"))
    assert call(run, tmp_path, photo, "--mask-only") == 0
    said = capsys.readouterr().out
    (file,) = (tmp_path / "out").glob("*_mask.png")
    mask = np.array(Image.open(file))
    leaf, stem = ((mask == class_id).mean() for class_id in (1, 2))
    assert f"(leaf {leaf:.1%}, stem {stem:.1%})" in said


def test_json_is_one_line_an_image(
    trained: Run, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(trained, tmp_path, photo, "--json", "--mask-only") == 0
    (line,) = capsys.readouterr().out.splitlines()
    content = json.loads(line)
    assert Path(content["mask"]).exists()
    mask = np.array(Image.open(content["mask"]))
    assert content["foreground_share"] == pytest.approx((mask > 0).mean(), abs=1e-6)
    shares = content["class_shares"]
    assert list(shares) == ["background", "foreground"]
    assert shares["foreground"] == content["foreground_share"]
    low, high = content["probability_range"]
    assert 0 <= low < high <= 1
    assert content["seconds"] > 0


def test_existing_masks_can_be_skipped(
    trained: Run, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = tmp_path / "out" / "disk_mask.png"
    mask.parent.mkdir()
    mask.write_bytes(b"mine")
    assert call(trained, tmp_path, photo, photo.parent / "more.png", "--skip-existing") == 1
    assert mask.read_bytes() == b"mine"
    assert "1 skipped" in capsys.readouterr().out
    assert call(trained, tmp_path, photo, "--overwrite") == 0
    assert mask.read_bytes() != b"mine"


def test_standard_input_is_a_photo(
    trained: Run, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Input:
        buffer = io.BytesIO(photo.read_bytes())

    monkeypatch.setattr(sys, "stdin", Input)
    assert call(trained, tmp_path, "-") == 0
    assert (tmp_path / "out" / "stdin_mask.png").exists()
    assert (tmp_path / "out" / "stdin.png").read_bytes() == photo.read_bytes()


def test_a_copy_onto_the_photo_itself_leaves_it_alone(trained: Run, photo: Path) -> None:
    before = photo.read_bytes()
    words = [str(photo), "--model", str(trained.folder), "-o", str(photo.parent)]
    assert predict.main(words, PROJECT) == 0
    assert photo.read_bytes() == before


def test_too_many_megapixels_are_refused(
    trained: Run, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(trained, tmp_path, photo, "--max-megapixels", "0.005") == 1
    assert "more than the limit" in capsys.readouterr().err


def test_a_checkpoint_by_its_path(trained: Run, photo: Path, tmp_path: Path) -> None:
    words = [str(photo), "--model", str(trained.epoch_path(2)), "-o", str(tmp_path / "out")]
    assert predict.main(words, PROJECT) == 0
    assert (tmp_path / "out" / "disk_mask.png").exists()


@pytest.mark.parametrize(
    "words",
    [[], ["x.jpg", "--thresh", "0.5"], ["x.jpg", "--threshold", "2"], ["x", "--backend", "z"]],
)
def test_wrong_usage_is_one_line(words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        predict.main(words, PROJECT)
    assert "\n" not in str(caught.value)


def test_results_go_into_a_folder_not_a_file(photo: Path) -> None:
    with pytest.raises(UsageError, match="is a file; name a folder"):
        predict.main([str(photo), "-o", str(photo)], PROJECT)


def test_a_run_that_is_not_there(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such run folder"):
        predict.main([str(photo), "--model", str(tmp_path / "absent")], PROJECT)


MAY_BE_IMPORTED = {
    *("seglab", "numpy", "cv2", "PIL", "onnxruntime"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
}
"""What cold ``predict.py`` may import besides the standard library; a few milliseconds each."""

COLD = """
import importlib.metadata, json, sys
from pathlib import Path
before = set(sys.modules)
from seglab.commands import predict
code = predict.main(sys.argv[1:], Path("."))
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
sys.exit(code)
"""


def test_cold_it_imports_no_more_than_it_may(trained: Run, photo: Path, tmp_path: Path) -> None:
    words = [str(photo), "--model", str(trained.folder), "-o", str(tmp_path / "out"), "--cutout"]
    done = run_python("-c", COLD, *words, cache=tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    imported = {
        name
        for name in json.loads(done.stdout.splitlines()[-1])
        if name not in sys.stdlib_module_names and not name.startswith("_")
    }
    assert imported <= MAY_BE_IMPORTED
    assert {"seglab", "onnxruntime"} <= imported
