"""Every key with a wrong value or name, hostile YAML, contradictions: one line, and early.

Generated from the schema: a new key is tested as soon as it is there.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seglab import schema
from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import experiment_parser, parse_experiment
from seglab.yaml_reading import read_yaml
from tests.helpers import PROJECT, as_flags, tiny_experiment

KEYS = list(schema.allowed_values())
PARSER = experiment_parser("", None)


def wrong_values(entry: dict[str, Any]) -> list[Any]:
    """Values that a key with this JSON schema must refuse: of each other type, out of range."""
    options = entry.get("anyOf", [entry])
    kinds = {option.get("type") for option in options}
    wrong: list[Any] = [None, float("nan"), float("inf"), [[[]]], {"a": {"b": None}}, {1: 2}]
    if "string" not in kinds or any("enum" in option for option in options):
        wrong += ["nonsense", "", "1e999x"]
    elif any(option.get("minLength") for option in options):
        wrong.append("")
    if "boolean" not in kinds:
        # YAML reads off as false: where off is a choice, false is taken for it.
        wrong += [True] if "off" in entry.get("enum", []) else [True, False]
    if not kinds & {"integer", "number"}:
        wrong += [7, 2.5, -1]
    if "number" not in kinds and "boolean" not in kinds:
        wrong += [0.123]
    for option in options:
        for bound, step in (("minimum", -1), ("exclusiveMinimum", 0)):
            if bound in option and not _allowed_elsewhere(option[bound] + step, options, option):
                wrong.append(option[bound] + step)
        for bound, step in (("maximum", 1), ("exclusiveMaximum", 0)):
            if bound in option and not _allowed_elsewhere(option[bound] + step, options, option):
                wrong.append(option[bound] + step)
    return wrong


def _allowed_elsewhere(value: float, options: list[dict[str, Any]], own: dict[str, Any]) -> bool:
    return any(other is not own and other.get("const") == value for other in options)


def parse(tmp_path: Path, text: str, *flags: str) -> Experiment:
    file = tmp_path / "experiment.yaml"
    file.write_text(text)
    return parse_experiment(PARSER, [f"--config={file}", *flags])[0]


def refuse(tmp_path: Path, text: str, *flags: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(tmp_path, text, *flags)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 2500  # a whole section's keys are named at most
    return said


@pytest.mark.parametrize("key", KEYS)
def test_no_key_takes_a_wrong_value(key: str, tmp_path: Path) -> None:
    section, name = key.split(".")
    for value in wrong_values(schema.entry_of(key)):
        said = refuse(tmp_path, yaml.safe_dump({section: {name: value}}))
        assert name in said, (value, said)


@pytest.mark.parametrize("key", KEYS)
def test_no_key_is_taken_under_a_wrong_name(key: str, tmp_path: Path) -> None:
    section, name = key.split(".")
    for wrong in (f"{section}.{name}x", f"{section}x.{name}", f"{section}.{name.upper()}X"):
        first, second = wrong.split(".")
        assert "no such key" in refuse(tmp_path, yaml.safe_dump({first: {second: 1}}))
        assert "no such key" in refuse(tmp_path, "{data: {}}", f"--{wrong}=1")


@pytest.mark.parametrize("section", Experiment.model_fields)
@pytest.mark.parametrize("value", ["1", "[]", "text", "[{a: 1}]"])
def test_a_section_is_a_map(section: str, value: str, tmp_path: Path) -> None:
    assert section in refuse(tmp_path, f"{section}: {value}")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{'abcdefghij'[n]}: &{'abcdefghij'[n]} [{', '.join(['*' + 'abcdefghij'[n - 1]] * 9)}]"
    for n in range(1, 10)
)
HOSTILE = {
    "bomb": BOMB,
    "bomb in a key": f"data:\n  root: x\n  classes: {{a: &a [1], b: *a}}\n{BOMB}",
    "merge": "data: &d {root: x}\nnetwork: {<<: *d}",
    "itself": "data: &d {root: *d}",
    "python": "data: {root: !!python/object/apply:os.mkdir [owned]}",
    "name": "data: {root: !!python/name:os.system }",
    "tag": "data: {root: !stranger x}",
    "deep list": "data: " + "[" * 5_000 + "]" * 5_000,
    "deep map": "data: " + "{a: " * 5_000,
    "day": "data: {split_seed: 2020-13-45}",
    "long number": "data: {split_seed: " + "9" * 10_000 + "}",
    "binary": "data: {root: !!binary x===}",
    "no number": "data: {split_seed: !!int x}",
    "empty number": "data: {split_seed: !!int ''}",
    "odd float": "data: {test: !!float x}",
    "odd set": "data: !!set {a, b}",
    "odd pairs": "data: !!pairs [a, b]",
    "unhashable": "data: {[a]: b}",
    "two documents": "data: {}\n---\ndata: {}",
    "tab": "data:\n\troot: x",
    "control": "data: {root: '\x07'}",
    "empty": "",
    "list": "[]",
    "text": "data",
    "number as a name": "1: {a: 2}",
    "nothing as a name": "~: {a: 2}",
    "too long": "data: {root: x}\n" + "#" * 5_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_refused(name: str, tmp_path: Path) -> None:
    assert "experiment.yaml" in refuse(tmp_path, HOSTILE[name]) or name in ("day", "long number")
    assert not Path("owned").exists()


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00\x80data")
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", 10**11)
    parser = experiment_parser("", None)
    for file in (tmp_path / "pipe", tmp_path / "bytes", tmp_path / "huge", tmp_path, "/dev/zero"):
        with pytest.raises(UsageError, match="--config") as caught:
            parse_experiment(parser, [f"--config={file}"])
        assert "\n" not in str(caught.value)


CONTRADICTIONS = {
    "network.depth": "{data: {image_size: 64}, network: {depth: 8}}",
    "network.output": "{data: {target: trimap}, network: {output: sigmoid}}",
    "loss.name": "{loss: {name: bce}, network: {output: softmax}}",
    "loss.parts": "{loss: {name: sum}}",
    "loss.positive_weight": "{loss: {positive_weight: -1}}",
    "network.max_channels": "{network: {max_channels: 8, base_channels: 16}}",
    "network.encoder": "{network: {encoder: mit_b0}}",
    "data.border": "{data: {border: class}}",
    "data.classes": "{data: {source: folder, classes: {a: [0], b: [0]}}}",
}


@pytest.mark.parametrize("key", CONTRADICTIONS)
def test_contradictions_name_the_key_to_change(key: str, tmp_path: Path) -> None:
    assert refuse(tmp_path, CONTRADICTIONS[key]).startswith(key)


def test_a_wrong_experiment_is_found_before_anything_is_loaded(tmp_path: Path) -> None:
    """Before torch: in a process of its own, where nothing was imported yet."""
    code = (
        "import sys; sys.argv = ['train.py', '--network.depth=8', '--data.image_size=64']\n"
        "from pathlib import Path; from seglab.commands import train\n"
        "from seglab.commands.script import run_script\n"
        "exit_code = run_script(lambda argv: train.main(argv, Path('.')))\n"
        "print(exit_code, sorted({'torch', 'lightning', 'cv2', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "2 []\n"
    assert done.stderr.startswith("error: network.depth")
    assert done.stderr.count("\n") == 1


def test_batches_larger_than_the_data_are_refused_before_a_pixel_is_read(
    folder_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seglab import training_setup
    from seglab.commands import train

    monkeypatch.setattr(training_setup, "open_pairs", lambda *_: pytest.fail("it was read"))
    experiment = tiny_experiment(
        data={"source": "folder", "root": str(folder_dataset)}, trainer={"batch_size": 64}
    )
    argv = [*as_flags(experiment), "--run_dir", str(tmp_path / "run")]
    with pytest.raises(UsageError, match=r"trainer\.batch_size: 64 is more than the 9 training"):
        train.main(argv, PROJECT)
    assert not (tmp_path / "run").exists()


UNHURRIED = settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@UNHURRIED
@given(st.text(max_size=200))
def test_any_text_is_yaml_or_refused_in_one_line(text: str) -> None:
    try:
        read_yaml(text)
    except ValueError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@UNHURRIED
@given(st.sampled_from(KEYS), PLAIN)
def test_any_value_is_taken_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any
) -> None:
    section, name = key.split(".")
    text = yaml.safe_dump({section: {name: value}})
    try:
        taken = parse(tmp_path_factory.getbasetemp(), text)
    except UsageError as error:
        said = str(error)
    else:
        said = ""
        assert Experiment.model_validate(taken.as_dict()) == taken
    assert "\n" not in said
