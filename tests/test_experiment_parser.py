"""From the command line and YAML files to one validated experiment."""

from pathlib import Path

import pytest
import yaml

from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import (
    experiment_parser,
    given_keys,
    parse_experiment,
    to_yaml,
    validate,
)
from tests.helpers import PROJECT, tiny_experiment


def parse(*argv: str, defaults: Path | None = None) -> Experiment:
    return parse_experiment(experiment_parser("", defaults), argv)[0]


def refusal(*argv: str) -> str:
    """The one line with which ``argv`` is refused."""
    with pytest.raises(UsageError) as caught:
        parse(*argv)
    assert "\n" not in str(caught.value)
    assert caught.value.details == ()
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deltas.yaml"
    path.write_text("data: {image_size: 64}\nnetwork: {up: nearest, depth: 3}\n")
    return path


def test_nothing_given_is_the_default_experiment() -> None:
    assert parse() == parse(defaults=PROJECT / "config.yaml") == Experiment()


def test_the_defaults_file_stands_below_everything(tmp_path: Path, file: Path) -> None:
    defaults = tmp_path / "config.yaml"
    defaults.write_text("trainer: {seed: 4}\ndata: {image_size: 32}\n")
    experiment = parse("--config", str(file), "--network.depth", "2", defaults=defaults)
    assert experiment.trainer.seed == 4
    assert experiment.data.image_size == 64
    assert (experiment.network.depth, experiment.network.up) == (2, "nearest")


def test_a_wrong_defaults_file_is_refused_by_name(tmp_path: Path) -> None:
    defaults = tmp_path / "config.yaml"
    defaults.write_text("data: {image_sise: 32}\n")
    with pytest.raises(UsageError, match=r"config\.yaml: data\.image_sise: no such key"):
        parse(defaults=defaults)


def test_a_file_changes_only_its_own_keys(file: Path) -> None:
    changed = parse("--config", str(file)).as_dict()
    expected = Experiment().as_dict()
    expected["data"]["image_size"] = 64
    expected["network"] |= {"up": "nearest", "depth": 3}
    assert changed == expected


@pytest.mark.parametrize("flag_first", [True, False])
@pytest.mark.parametrize("joined", [True, False])
def test_a_flag_wins_wherever_it_stands(file: Path, flag_first: bool, joined: bool) -> None:
    config = [f"--config={file}"] if joined else ["--config", str(file)]
    flag = ["--data.image_size=48"] if joined else ["--data.image_size", "48"]
    experiment = parse(*(flag + config if flag_first else config + flag))
    assert experiment.data.image_size == 48
    assert experiment.network.depth == 3


def test_a_later_file_wins_over_an_earlier_one(tmp_path: Path, file: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_text("data: {image_size: 96}\n")
    both = parse("--config", str(file), "--config", str(second))
    assert (both.data.image_size, both.network.depth) == (96, 3)
    assert parse("--config", str(second), "--config", str(file)).data.image_size == 64


def test_classes_are_replaced_not_merged(tmp_path: Path) -> None:
    path = tmp_path / "classes.yaml"
    path.write_text("data: {source: folder, classes: {ground: [0], leaf: [7, 8]}}\n")
    from_file = parse("--config", str(path))
    from_flag = parse("--data.source=folder", "--data.classes", "{ground: [0], leaf: [7, 8]}")
    assert from_file.data.classes == {"ground": [0], "leaf": [7, 8]}
    assert list(from_file.data.classes) == ["ground", "leaf"]
    assert from_flag == from_file


@pytest.mark.parametrize(
    ("flag", "value", "kept"),
    [
        ("--optimizer.learning_rate", "3e-4", 3e-4),
        ("--data.validation", "test", "test"),
        ("--data.validation", "0.25", 0.25),
        ("--trainer.workers", "auto", "auto"),
        ("--trainer.workers", "3", 3),
        ("--data.cache", "false", False),
        ("--data.ignore_values", "[9, 10]", [9, 10]),
        ("--data.root", "2024", "2024"),
        ("--data.root", "my pets: all", "my pets: all"),
    ],
)
def test_values_of_flags_have_the_schema_s_types(flag: str, value: str, kept: object) -> None:
    section, _, key = flag.removeprefix("--").partition(".")
    found = parse("--data.source", "folder", flag, value)
    assert getattr(getattr(found, section), key) == kept


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--data.image_sise", "64"], "data.image_sise: no such key, did you mean data.image_size"),
        (["--data.imag=64"], "data.imag: no such key"),
        (["--loss.name=sum", "--loss.parts", "{bec: 1}"], "did you mean bce? allowed: map of bce,"),
        (["--netwrk.depth", "3"], "did you mean network.depth?"),
        (["--resum", "x"], "--resum: no such option"),
        (["--data", "{image_size: 64}"], "--data: no such option"),
        (["--data.image_size"], "--data.image_size: expected one argument"),
        (["--data.image_size", "big"], "data.image_size: 'big' is not allowed; allowed: integer"),
        (["--data.image_size", "4"], "data.image_size: 4 is not allowed; allowed: integer from 8"),
        (["--data.image_size", "[1"], "data.image_size: '[1' is not allowed"),
        (["--data.image_size", "64\n65"], "data.image_size: '64 65' is not allowed"),
        (["--network.up", "bilinaer"], "did you mean bilinear? allowed: one of transpose, biline"),
        (["--optimizer.learning_rate", "-1"], "optimizer.learning_rate: -1 is not allowed"),
        (["--optimizer.learning_rate", ".nan"], "optimizer.learning_rate: nan is not allowed"),
        (["--trainer.seed", "true"], "trainer.seed: True is not allowed; allowed: integer"),
        (["--data.classes", "{a: [0]}"], "allowed: map of at least 2 names, each with a list"),
        (["--data.border", "class"], "data.border: class needs --data.target trimap"),
        (["--config"], "--config: needs a file name"),
        (["--config", "nowhere.yaml"], "--config nowhere.yaml: cannot be read"),
        (["--config="], "--config"),
        (["stray"], "unrecognized arguments: stray"),
    ],
)
def test_wrong_flags_are_refused_in_one_line(argv: list[str], told: str) -> None:
    assert told in refusal(*argv)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("data: {image_sise: 64}", "data.image_sise: no such key, did you mean data.image_size?"),
        ("data: {image: 64}", "data.image: no such key, did you mean data.image_size?"),
        ("dta: {image_size: 64}", "dta: no such key, did you mean data?"),
        ("image_size: 64", "image_size: no such key, did you mean data.image_size?"),
        ("data: 64", "data needs keys, 'data: {key: value}'"),
        ("data:", "data needs keys"),
        ("- 1", "holds no sections"),
        ("", "holds no sections"),
        ("data: {", "is not YAML"),
        ("data: {image_size: big}", "data.image_size: 'big' is not allowed"),
        ("data: {root: 2024}", "data.root: 2024 is not allowed; allowed: text"),
        ("network: {name: unett}", "network.name: 'unett' is not allowed"),
        ("data: {border: class}", "data.border: class needs --data.target trimap"),
        ("network: {depth: }", "network.depth: None is not allowed; allowed: integer"),
    ],
)
def test_wrong_files_are_refused_in_one_line(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(content)
    assert told in refusal("--config", str(path))


def test_a_wrong_key_of_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("data: {image_sise: 64}")
    assert refusal("--config", str(path)).startswith(f"--config {path}: ")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.yaml"
    path.write_bytes(b"\x89PNG\xff\xfe")
    assert "is not YAML" in refusal("--config", str(path))


def test_a_contradiction_across_file_and_flag_is_found(file: Path) -> None:
    told = refusal("--config", str(file), "--data.image_size=8", "--network.depth=4")
    assert told.startswith("network.depth: 4 halvings need data.image_size of at least 16")


def test_print_config_prints_the_validated_result_and_stops(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        parse("--print_config", "--trainer.seed=3", "--config", str(file))
    assert stop.value.code == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    assert Experiment.model_validate(printed) == parse("--trainer.seed=3", f"--config={file}")


def test_what_print_config_prints_is_a_config_file(tmp_path: Path) -> None:
    experiment = tiny_experiment(
        data={"source": "folder", "root": "a: b", "classes": {"no": [0], "1": [1]}}
    )
    path = tmp_path / "printed.yaml"
    path.write_text(to_yaml(experiment), encoding="utf-8")
    assert parse("--config", str(path)) == experiment


def test_print_config_refuses_what_cannot_be_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert "data.border: class needs" in refusal("--print_config", "--data.border=class")
    assert capsys.readouterr().out == ""


def test_given_keys_are_those_of_the_command_line() -> None:
    argv = ["--data.root", "x", "--trainer.seed=3", "--config", "f.yaml", "--resume", "run"]
    assert given_keys(argv) == {"data.root", "trainer.seed"}


def test_validate_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"^trainer\.seed: -1 is not allowed; allowed: integer"):
        validate({"trainer": {"seed": -1}})


def test_help_has_no_abbreviation() -> None:
    assert "--hel: no such option" in refusal("--hel")


def test_a_key_of_another_network_is_refused_even_at_its_default(tmp_path: Path) -> None:
    told = refusal("--network.encoder", "resnet34")
    assert told.startswith("network.encoder: is no key of unet, it is of smp_unet, ")
    told = refusal("--network.name", "fpn", "--network.depth=4")
    assert told.startswith("network.depth: is no key of fpn, it is of unet; fpn has encoder, ")
    path = tmp_path / "few.yaml"
    path.write_text("network: {encoder: resnet34}\n")
    assert "network.encoder: is no key of unet" in refusal("--config", str(path))
    assert parse("--config", str(path), "--network.name", "fpn").network.encoder == "resnet34"


def test_a_whole_description_may_hold_other_networks_defaults(tmp_path: Path) -> None:
    path = tmp_path / "whole.yaml"
    path.write_text(to_yaml(Experiment()))
    assert parse("--config", str(path), "--network.name", "fpn").network.name == "fpn"


def test_an_unknown_network_is_told_with_the_nearest() -> None:
    told = refusal("--network.name", "deeplabv3+")
    assert told.startswith("network.name: 'deeplabv3+' is not allowed, did you mean deeplabv3")
    assert "segformer" in told
