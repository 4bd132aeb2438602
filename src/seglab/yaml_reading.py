"""YAML from anybody: plain values alone, no references that unfold, one-line reasons."""

from typing import Any

import yaml

MOST_CHARACTERS = 1_000_000


def read_yaml(text: str) -> Any:
    """Plain values of a YAML text. Raises ``ValueError`` with the reason in one line.

    References (``*name``) are refused: a few lines of them unfold to more than any memory holds.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"holds {len(text)} characters, more than {MOST_CHARACTERS}")
    try:
        if "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise ValueError("references such as *name are not taken; write the value out")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (TypeError, LookupError, AttributeError, OverflowError) as error:
        raise ValueError("a value does not fit its tag") from error
