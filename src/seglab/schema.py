"""What the schema says of each key, in words: for ``--help``, ``config.yaml``, errors and forms."""

import difflib
import reprlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from seglab.config import Experiment, Section

Json = dict[str, Any]

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 120


def fields() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every leaf of the schema as (section, key, field), in reading order."""
    for section, section_field in Experiment.model_fields.items():
        kind = section_field.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, Section)
        for key, field in kind.model_fields.items():
            yield section, key, field


def allowed_values() -> dict[str, str]:
    """Dotted key to its allowed values in words, such as ``integer from 8 to 4096``."""
    return {name: _in_words(entry) for name, entry in _entries().items()}


def entry_of(name: str) -> Json:
    """The JSON schema of a dotted key: its type, range or choices."""
    return _entries()[name]


def default_of(field: FieldInfo) -> Any:
    """The default of a leaf."""
    return field.get_default(call_default_factory=True)


def explain(error: ValidationError) -> str:
    """A validation error as one line: the key, what is wrong, what is allowed, the nearest name."""
    return "; ".join(dict.fromkeys(_explain_one(entry) for entry in error.errors()))


def nearest(name: str, names: list[str]) -> str:
    """``, did you mean X?`` for the most similar name, or nothing when none is similar."""
    found = _closest(name, names)
    return f", did you mean {found[0]}?" if found else ""


def unknown_key(key: str) -> str:
    """The sentence about a key that does not exist, with the nearest one or those of its section.

    ``key`` is dotted, without dashes in front.
    """
    section, dot, name = key.partition(".")
    known = list(allowed_values())
    siblings = [other for other in known if other.startswith(section + ".")]
    namesakes = [other for other in known if _leaf(other) == (name if dot else section)]
    if namesakes:
        suggestions = difflib.get_close_matches(key, namesakes, n=1, cutoff=0)
    elif siblings:
        leaves = [_leaf(other) for other in siblings]
        suggestions = [f"{section}.{leaf}" for leaf in _closest(name, leaves)]
    elif dot:
        suggestions = _closest(key, known)
    else:
        suggestions = _closest(key, list(Experiment.model_fields))
        if not suggestions:
            leaves = _closest(key, [_leaf(other) for other in known])
            suggestions = [other for other in known if _leaf(other) in leaves]
    if suggestions:
        return f"{key}: no such key, did you mean {suggestions[0]}?"
    if siblings:
        return f"{key}: no such key; in {section} there are {', '.join(siblings)}"
    return f"{key}: no such key; sections are {', '.join(Experiment.model_fields)}"


def _leaf(key: str) -> str:
    return key.partition(".")[2]


def _closest(name: str, names: list[str]) -> list[str]:
    """The most similar name, or nothing."""
    return difflib.get_close_matches(name, names, n=1, cutoff=0.5)


def _explain_one(entry: Any) -> str:
    if entry["type"] == "value_error":
        return str(entry["ctx"]["error"])
    location = [str(part) for part in entry["loc"]]
    key = ".".join(location[:2])
    if entry["type"] == "extra_forbidden":
        return unknown_key(key)
    if len(location) == 1:
        given = _shown(entry["input"])
        return f"{key}: {given} is not a section of keys such as {key}: {{name: value}}"
    allowed = allowed_values()[key]
    given = entry["input"]
    choices = (
        allowed.removeprefix("one of ").removeprefix("map of ").replace(" or ", ", ").split(", ")
    )
    suggestion = nearest(given, choices) if isinstance(given, str) else ""
    return f"{key}: {_shown(given)} is not allowed{suggestion or ';'} allowed: {allowed}"


def _shown(value: Any) -> str:
    """A value in one short line, however large it is."""
    return _SHORT.repr(value)


@cache
def _entries() -> dict[str, Json]:
    definitions = Experiment.model_json_schema()["$defs"]
    entries = {}
    for section, field in Experiment.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type)
        for key, entry in definitions[kind.__name__]["properties"].items():
            entries[f"{section}.{key}"] = entry
    return entries


def _in_words(entry: Json) -> str:
    if "anyOf" in entry:
        return " or ".join(_in_words(option) for option in entry["anyOf"])
    if "enum" in entry:
        return "one of " + ", ".join(str(value) for value in entry["enum"])
    if "const" in entry:
        return str(entry["const"])
    kind = str(entry.get("type", "value"))
    if kind in ("integer", "number"):
        return kind + _range(entry)
    if kind == "array":
        least, most = entry.get("minItems"), entry.get("maxItems")
        count = f"{least} values, each a " if least and least == most else ""
        return f"list of {count}{_in_words(entry['items'])}"
    if kind == "object":
        least = f"at least {entry['minProperties']} " if "minProperties" in entry else ""
        names = ", ".join(entry.get("propertyNames", {}).get("enum", [])) or f"{least}names"
        return f"map of {names}, each with a {_in_words(entry['additionalProperties'])}"
    if "pattern" in entry:
        return "colour such as #e69f00"
    text = "text, not empty" if entry.get("minLength") else "text"
    return {"boolean": "true or false", "string": text}.get(kind, kind)


def _range(entry: Json) -> str:
    low = entry.get("minimum", entry.get("exclusiveMinimum"))
    high = entry.get("maximum", entry.get("exclusiveMaximum"))
    words = ""
    if low is not None:
        words += (" above " if "exclusiveMinimum" in entry else " from ") + _exact(low)
    if high is not None:
        words += (" below " if "exclusiveMaximum" in entry else " to ") + _exact(high)
    return words


def _exact(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"
