"""From command line and YAML files to one validated ``Experiment``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import ArgumentError, ArgumentParser, DefaultHelpFormatter
from pydantic import ValidationError

from seglab import schema
from seglab.combinations import foreign_keys
from seglab.config import Experiment, Network
from seglab.errors import UsageError
from seglab.untrusted_files import read_text
from seglab.yaml_reading import read_yaml

MOST_MEGABYTES = 4


class _HelpFormatter(DefaultHelpFormatter):
    """Our help texts say allowed values and default themselves."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=100)  # type: ignore[no-untyped-call]

    def _get_help_string(self, action: argparse.Action) -> str:
        return action.help or ""


def experiment_parser(description: str, defaults: Path | None) -> ArgumentParser:
    """A parser for the schema's keys, ``--config`` and ``--print_config``.

    ``defaults`` is a YAML file whose values stand in for the class's own, where it exists.
    """
    parser = ArgumentParser(
        description=description,
        usage="%(prog)s [--config FILE] [--section.key VALUE ...] [options]",
        allow_abbrev=False,
        exit_on_error=False,
        print_config=None,
        formatter_class=_HelpFormatter,
        default_config_files=[str(defaults)] if defaults and defaults.is_file() else [],
    )
    parser.add_argument("--config", action="config", help="YAML file of the keys that differ")
    parser.add_argument(
        "--print_config", action="store_true", help="print the whole experiment as YAML and stop"
    )
    allowed = schema.allowed_values()
    groups: dict[str, Any] = {}
    for section, key, field in schema.fields():
        if section not in groups:
            groups[section] = parser.add_argument_group(
                f"{section} — {Experiment.model_fields[section].description}"
            )
        name = f"{section}.{key}"
        default = schema.default_of(field)
        note = f"[{allowed[name]}; default {_flow(default)}]"
        groups[section].add_argument(
            f"--{name}",
            type=_text if field.annotation is str else _yaml_value,
            default=default,
            metavar="VALUE",
            help=f"{field.description} {note}".replace("%", "%%"),
        )
    return parser


def parse_experiment(
    parser: ArgumentParser, argv: Sequence[str]
) -> tuple[Experiment, dict[str, Any]]:
    """Parse ``argv`` with an ``experiment_parser``.

    Files given with ``--config`` are applied first, in their order, then the flags: a flag wins
    wherever it stands. ``--print_config`` prints the validated result as YAML and exits with 0.

    Returns the experiment and the parser's other options by name. Raises ``UsageError``.
    """
    files, flags = _split_configs(argv)
    for file in [*parser.default_config_files, *files]:
        _check_keys(Path(file))
    _check_flags(parser, flags)
    try:
        values = parser.parse_args([f"--config={file}" for file in files] + flags).as_dict()
    except ArgumentError as error:
        raise UsageError(_one_line(error)) from error
    for internal in ("config", "__default_config__"):
        values.pop(internal, None)
    experiment = validate({name: values.pop(name) for name in Experiment.model_fields})
    for problem in foreign_keys(experiment.network, _given_of_network(files, flags)):
        raise UsageError(problem)
    if values.pop("print_config"):
        print(to_yaml(experiment), end="")
        sys.exit(0)
    return experiment, values


def given_keys(argv: Sequence[str]) -> set[str]:
    """The dotted keys that stand on the command line itself."""
    names = {argument.partition("=")[0].removeprefix("--") for argument in argv}
    return names & set(schema.allowed_values())


def validate(values: Any) -> Experiment:
    """The one full validation, whatever the values came from. Raises ``UsageError``, one line."""
    try:
        return Experiment.model_validate(values)
    except ValidationError as error:
        raise UsageError(schema.explain(error)) from error


def to_yaml(experiment: Experiment) -> str:
    """The experiment as YAML, every key."""
    return yaml.safe_dump(experiment.as_dict(), sort_keys=False, allow_unicode=True)


def commented_yaml() -> str:
    """The default experiment with a comment above every key: the content of ``config.yaml``."""
    allowed = schema.allowed_values()
    lines = [
        "# The default experiment: what `python train.py` does without flags.",
        "# Written by `python -m seglab.experiment_parser`; every key can be overridden with",
        "# `--section.key value` or in a file of differences given with `--config`.",
    ]
    current = ""
    for section, key, field in schema.fields():
        if section != current:
            current = section
            lines += ["", f"# {Experiment.model_fields[section].description}", f"{section}:"]
        lines.append(f"  # {field.description} [{allowed[f'{section}.{key}']}]")
        lines.append(f"  {key}: {_flow(schema.default_of(field))}")
    return "\n".join(lines) + "\n"


def _split_configs(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    files, flags = [], []
    remaining = iter(argv)
    for argument in remaining:
        if argument == "--config":
            file = next(remaining, None)
            if file is None:
                raise UsageError("--config: needs a file name")
            files.append(file)
        elif argument.startswith("--config="):
            files.append(argument.removeprefix("--config="))
        else:
            flags.append(argument)
    return files, flags


def _check_keys(path: Path) -> None:
    """Values are checked in the full validation; here only that sections and keys exist."""
    try:
        content = read_yaml(read_text(path, most_megabytes=MOST_MEGABYTES))
    except OSError as error:
        raise UsageError(f"--config {path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise UsageError(f"--config {path}: is not YAML ({_one_line(error)})") from error
    if not isinstance(content, dict):
        raise UsageError(f"--config {path}: holds no sections such as 'data: {{image_size: 128}}'")
    known = schema.allowed_values()
    for section, keys in content.items():
        if section not in Experiment.model_fields:
            raise UsageError(f"--config {path}: {schema.unknown_key(str(section))}")
        if not isinstance(keys, dict):
            raise UsageError(f"--config {path}: {section} needs keys, '{section}: {{key: value}}'")
        for key in keys:
            if f"{section}.{key}" not in known:
                raise UsageError(f"--config {path}: {schema.unknown_key(f'{section}.{key}')}")


def _check_flags(parser: ArgumentParser, flags: Sequence[str]) -> None:
    known = [option for action in parser._actions for option in action.option_strings]
    for flag in flags:
        name = flag.partition("=")[0]
        if name.startswith("--") and name not in known and len(name) > 2:
            if "." in name:
                raise UsageError(schema.unknown_key(name.removeprefix("--")))
            raise UsageError(f"{name}: no such option{schema.nearest(name, known)}")


def _given_of_network(files: Sequence[str], flags: Sequence[str]) -> list[str]:
    """The keys of the section network that somebody wrote down, at their default or not.

    A file with every key, such as ``config.yaml`` and what ``--print_config`` shows, describes
    a whole experiment: in it a key at its default chooses nothing.
    """
    found = [key for key in given_keys(flags) if key.startswith("network.")]
    names = [key.partition(".")[2] for key in found]
    for file in files:
        section = yaml.safe_load(Path(file).read_text(encoding="utf-8")).get("network", {})
        if len(section) < len(Network.model_fields):
            names += section
    return sorted(names)


def _text(value: Any) -> Any:
    return value  # what a file says is checked in the full validation


def _yaml_value(value: Any) -> Any:
    if not isinstance(value, str):
        return value  # from a file, already read as YAML
    try:
        return read_yaml(value)
    except ValueError:
        return value


def _flow(value: Any) -> str:
    dumped = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
    return dumped.removesuffix("\n").removesuffix("\n...")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


if __name__ == "__main__":
    (Path(__file__).resolve().parents[2] / "config.yaml").write_text(commented_yaml())
