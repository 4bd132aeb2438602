"""What the schema says of each key, in words: for ``--help``, ``config.yaml``, errors and forms."""

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from seglab.config import Experiment, Section

Json = dict[str, Any]


def fields() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every leaf of the schema as (section, key, field), in reading order."""
    for section, section_field in Experiment.model_fields.items():
        kind = section_field.annotation
        assert isinstance(kind, type) and issubclass(kind, Section)
        for key, field in kind.model_fields.items():
            yield section, key, field


def allowed_values() -> dict[str, str]:
    """Dotted key to its allowed values in words, such as ``integer from 8 to 4096``."""
    schema = Experiment.model_json_schema()
    definitions = schema["$defs"]
    words = {}
    for section, field in Experiment.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type)
        for key, entry in definitions[kind.__name__]["properties"].items():
            words[f"{section}.{key}"] = _in_words(entry)
    return words


def default_of(field: FieldInfo) -> Any:
    """The default of a leaf."""
    return field.get_default(call_default_factory=True)


def explain(error: ValidationError) -> str:
    """A validation error as one line: the key, what is wrong, what is allowed, the nearest name."""
    return "; ".join(dict.fromkeys(_explain_one(entry) for entry in error.errors()))


def nearest(name: str, names: list[str]) -> str:
    """``, did you mean X?`` for the most similar name, or nothing when none is similar."""
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f", did you mean {found[0]}?" if found else ""


def unknown_key(key: str) -> str:
    """The sentence about a key that does not exist, with the nearest one or those of its section.

    ``key`` is dotted, without dashes in front.
    """
    known = list(allowed_values())
    suggestion = nearest(key, known)
    section = key.partition(".")[0]
    siblings = [name for name in known if name.startswith(section + ".")]
    if suggestion or not siblings:
        return f"{key}: no such key{suggestion or ''}" + (
            "" if suggestion else f"; sections are {', '.join(Experiment.model_fields)}"
        )
    return f"{key}: no such key; in {section} there are {', '.join(siblings)}"


def _explain_one(entry: Any) -> str:
    if entry["type"] == "value_error":
        return str(entry["ctx"]["error"])
    location = [str(part) for part in entry["loc"]]
    key = ".".join(location[:2])
    if entry["type"] == "extra_forbidden":
        return unknown_key(key)
    if len(location) == 1:
        return f"{key}: {entry['input']!r} is not a section of keys such as {key}: {{name: value}}"
    allowed = allowed_values()[key]
    given = entry["input"]
    choices = allowed.removeprefix("one of ").split(", ") if isinstance(given, str) else []
    suggestion = nearest(str(given), choices)
    return f"{key}: {given!r} is not allowed{suggestion or ';'} allowed: {allowed}"


def _in_words(entry: Json) -> str:
    if "anyOf" in entry:
        return " or ".join(_in_words(option) for option in entry["anyOf"])
    if "enum" in entry:
        return "one of " + ", ".join(str(value) for value in entry["enum"])
    if "const" in entry:
        return str(entry["const"])
    kind = entry.get("type", "value")
    if kind in ("integer", "number"):
        return kind + _range(entry)
    if kind == "array":
        return f"list of {_in_words(entry['items'])}"
    if kind == "object":
        return f"map of names, each with a {_in_words(entry['additionalProperties'])}"
    return {"boolean": "true or false", "string": "text"}.get(kind, str(kind))


def _range(entry: Json) -> str:
    low = entry.get("minimum", entry.get("exclusiveMinimum"))
    high = entry.get("maximum", entry.get("exclusiveMaximum"))
    words = ""
    if low is not None:
        words += f" above {low:g}" if "exclusiveMinimum" in entry else f" from {low:g}"
    if high is not None:
        words += f" below {high:g}" if "exclusiveMaximum" in entry else f" to {high:g}"
    return words
