"""The names of a run folder's files: other programs and earlier runs rely on them."""

from pathlib import Path

from seglab.run_files import RunFiles
from seglab.views import Views

HOME = Path("models") / "some"


def test_every_file_has_its_name() -> None:
    files = RunFiles(HOME)
    names = {
        files.config_path: "config.json",
        files.checkpoint_path: "checkpoint.pth",
        files.onnx_path: "model.onnx",
        files.int8_path: "model-int8.onnx",
        files.int8_record_path: "model-int8.json",
        files.last_path: "last.ckpt",
        files.first_path: "first.ckpt",
        files.metrics_path: "metrics.csv",
        files.log_path: "train.log",
        files.samples_path: "training-samples.csv",
        files.notes_path: "notes.md",
        files.threshold_path: "threshold.json",
        files.epoch_path(7): "checkpoint-epoch-0007.pth",
    }
    assert [path.relative_to(HOME).as_posix() for path in names] == list(names.values())


def test_an_evaluation_is_named_by_what_was_measured() -> None:
    files = RunFiles(HOME)
    both = Views(True, (1.0, 1.25))
    assert files.evaluation_path("test").name == "evaluation-test.json"
    assert files.evaluation_path("val", "original").name == "evaluation-val-original.json"
    name = files.evaluation_path("test", "original", both, ".csv").name
    assert name == "evaluation-test-original-flip-scales-1-1.25.csv"


def test_lasting_are_those_that_going_on_does_not_need(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    kept = {files.config_path, files.onnx_path, files.evaluation_path("test", suffix=".csv")}
    passing = {files.last_path, files.first_path, files.epoch_path(1)}
    for path in kept | passing | {files.int8_path, files.notes_path}:
        path.touch()
    assert set(files.lasting_files()) == kept


def test_the_name_is_the_folder_s(tmp_path: Path) -> None:
    assert RunFiles(tmp_path / "runs" / ".." / "some").name == "some"
