"""The run folder: what breaks its contract is told, and never takes the others down."""

import json
import math
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from seglab.config import Experiment
from seglab.errors import RunError, UsageError
from seglab.preprocessing import Preprocessing
from seglab.runs import Run

CONFIG: dict[str, Any] = {
    "experiment": Experiment().as_dict(),
    "data": {"label_map": {"class_names": ["background", "pet"], "values": {"1": 1, "2": 0}}},
    "preprocessing": Preprocessing(128).as_dict(),
    "environment": {"device": "CPU"},
    "network": {"output": "sigmoid"},
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "models" / "first", CONFIG)


def overwrite(run: Run, **parts: Any) -> Run:
    """The run's ``config.json`` with other parts, opened anew; ``None`` removes a part."""
    changed = {key: value for key, value in (CONFIG | parts).items() if value is not None}
    run.config_path.write_text(json.dumps(changed))
    return Run(run.folder)


def test_a_created_run_can_be_opened(run: Run) -> None:
    opened = Run.open(run.folder)
    assert opened.name == "first"
    assert opened.experiment == Experiment()
    assert opened.preprocessing == Preprocessing(128)
    assert opened.class_names == ("background", "pet")
    assert opened.output == "sigmoid"
    assert opened.config["format"] == 1
    assert not opened.finished
    assert opened.rows() == []
    assert opened.evaluation("test") is None


def test_an_empty_folder_may_become_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert Run.create(folder, CONFIG).config_path.is_file()


def test_create_refuses_what_is_there(run: Run) -> None:
    before = run.config_path.read_bytes()
    with pytest.raises(UsageError, match="is there already; name another one, or go on with it"):
        Run.create(run.folder, CONFIG | {"format": 9})
    assert run.config_path.read_bytes() == before
    with pytest.raises(UsageError, match="is there already"):
        Run.create(run.config_path, CONFIG)


def test_create_tells_why_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot be written \(Not a directory\)"):
        Run.create(tmp_path / "file" / "run", CONFIG)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "holds no config.json; it is not a run"),
        (b"{", "is not JSON (line 1)"),
        (b"[]", "is not a JSON object"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"{}", "the part 'experiment' is missing"),
        (json.dumps(CONFIG | {"data": 3}).encode(), "the part 'data' is missing"),
    ],
)
def test_a_broken_config_is_told(run: Run, content: bytes | None, reason: str) -> None:
    if content is None:
        run.config_path.unlink()
    else:
        run.config_path.write_bytes(content)
    with pytest.raises(RunError) as caught:
        Run.open(run.folder)
    assert reason in str(caught.value)
    assert str(run.folder) in str(caught.value)


def test_an_absent_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such run folder"):
        Run.open(tmp_path / "nowhere")


def test_an_experiment_of_another_version_is_told(run: Run) -> None:
    changed = overwrite(run, experiment={"data": {"image_sise": 3}})
    with pytest.raises(RunError, match=r"config\.json: data\.image_sise: no such key"):
        _ = changed.experiment


@pytest.mark.parametrize("value", [{}, {"image_size": "x", "resize": "stretch"}])
def test_a_broken_treatment_is_told(run: Run, value: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="preprocessing is broken"):
        _ = overwrite(run, preprocessing=value).preprocessing


@pytest.mark.parametrize(
    ("value", "names"), [(None, ()), ("a", ("a",)), (["a", "b"], ("a", "b")), ([], ()), (7, ("7",))]
)
def test_the_runs_it_began_with(run: Run, value: Any, names: tuple[str, ...]) -> None:
    assert overwrite(run, init_from=value).first_runs == names


@pytest.mark.parametrize("value", [{}, {"class_names": ["pet"]}, {"class_names": "pet"}, [], 3])
def test_absent_class_names_are_told(run: Run, value: Any) -> None:
    with pytest.raises(RunError, match="class_names is missing"):
        _ = overwrite(run, data={"label_map": value}).class_names


def test_rows_come_back_exactly(run: Run) -> None:
    rows = [
        {"epoch": 1, "train_loss": 0.1 + 0.2, "val_dataset_iou": 1 / 3, "learning_rate": 1e-17},
        {"epoch": 2, "train_loss": 2.0**-1074, "val_dataset_iou": 1.0, "learning_rate": 4e300},
    ]
    run.write_rows(rows)
    assert run.rows() == rows
    header, first, _ = run.metrics_path.read_text().splitlines()
    assert header == "epoch,train_loss,val_dataset_iou,learning_rate"
    assert first.startswith("1,0.30000000000000004,0.333")
    table = run.metrics()
    assert table["epoch"].tolist() == [1, 2]
    assert table["val_dataset_iou"].tolist() == [1 / 3, 1.0]


def test_rows_without_a_number(run: Run) -> None:
    run.metrics_path.write_text("epoch,val_loss\n1,\n2,nan\n")
    assert [math.isnan(row["val_loss"]) for row in run.rows()] == [True, True]


@pytest.mark.parametrize("text", ["epoch,loss\n1,high\n", "epoch\n1,2\n", "epoch\n\x00\n"])
def test_a_broken_table_is_told(run: Run, text: str) -> None:
    run.metrics_path.write_text(text)
    with pytest.raises(RunError, match=r"metrics\.csv: cannot be read"):
        run.rows()


# Weights.


def test_weights_come_back(run: Run) -> None:
    weights = {"head.bias": torch.tensor([1.5, -2.0])}
    run.save_weights(run.checkpoint_path, {"weights": weights, "epoch": 3, "value": None})
    content = Run.open(run.folder).load_weights()
    assert content["epoch"] == 3
    assert torch.equal(content["weights"]["head.bias"], weights["head.bias"])


class Harmful:
    """Unpickling it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch {self.path}",))


@pytest.mark.parametrize("plain", [True, False], ids=["pickle", "torch's format"])
def test_a_stranger_s_code_is_not_run(run: Run, tmp_path: Path, plain: bool) -> None:
    trace = tmp_path / "trace"
    content = {"weights": {"head": torch.zeros(1)} if not plain else {}, "extra": Harmful(trace)}
    if plain:
        run.checkpoint_path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, run.checkpoint_path)
    with pytest.raises(RunError, match=r"checkpoint\.pth: is not a checkpoint of weights and pl"):
        run.load_weights()
    assert not trace.exists()
    # The file is what it pretends to be: whoever trusts it does run its code.
    if plain:
        pickle.loads(run.checkpoint_path.read_bytes())
    else:
        torch.load(run.checkpoint_path, weights_only=False)
    assert trace.exists()


@pytest.mark.parametrize(
    "content", [b"", b"no weights", b"PK\x03\x04", b"\x80\x02}q\x00.", b"\x80\x05K\x01.", b"(" * 9]
)
def test_files_that_are_no_checkpoint_are_told(run: Run, content: bytes) -> None:
    run.checkpoint_path.write_bytes(content)
    with pytest.raises(RunError, match=r"checkpoint\.pth"):
        run.load_weights()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_checkpoint_is_told(run: Run, share: float) -> None:
    run.save_weights(run.checkpoint_path, {"weights": {"head": torch.zeros(3000)}})
    whole = run.checkpoint_path.read_bytes()
    run.checkpoint_path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(RunError, match="is not a checkpoint"):
        run.load_weights()


@pytest.mark.parametrize("content", [{"epoch": 1}, {"weights": 3}, [1, 2]])
def test_a_checkpoint_without_weights_is_told(run: Run, content: Any) -> None:
    torch.save(content, run.checkpoint_path)
    with pytest.raises(RunError, match="holds no weights"):
        run.load_weights()


def test_an_untrained_run_has_no_weights(run: Run) -> None:
    with pytest.raises(RunError, match=r"holds no checkpoint\.pth yet; train it first"):
        run.load_weights()


# Many runs.


def test_the_list_of_training_samples_is_read_back(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.training_samples() is None
    run.write_training_samples([("a,b", "train"), ("c\nd", "val")])
    assert run.training_samples() == {"a,b", "c\nd"}


def test_colours_are_those_of_the_experiment(run: Run) -> None:
    assert run.class_colours == {}
    chosen = {"data": {"colours": {"pet": "#ff8000"}}}
    assert overwrite(run, experiment=chosen).class_colours == {1: (255, 128, 0)}
    assert overwrite(run, experiment={}).class_colours == {}


@pytest.mark.parametrize("colour", ["", "#ff", "#-1-1-1", "#zzzzzz", 3, None, [1, 2, 3]])
def test_colours_that_are_none_are_told(run: Run, colour: Any) -> None:
    broken = overwrite(run, experiment={"data": {"colours": {"pet": colour}}})
    with pytest.raises(RunError, match="colours is broken"):
        _ = broken.class_colours
