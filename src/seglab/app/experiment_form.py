"""An experiment as a form: every widget made from the one schema."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st
import yaml

from seglab import schema
from seglab.config import Experiment
from seglab.errors import UsageError
from seglab.experiment_parser import validate
from seglab.yaml_reading import read_yaml

BASIC = (
    "data.source",
    "data.root",
    "data.image_size",
    "network.base_channels",
    "network.depth",
    "network.down",
    "network.up",
    "loss.name",
    "optimizer.learning_rate",
    "optimizer.schedule",
    "trainer.max_epochs",
    "trainer.batch_size",
    "trainer.seed",
)
"""Open from the start; all others stand folded under their section."""

WIDTH = 178
"""Pixels: three abreast beside the command on a wide screen."""
PREFIX = "train."


def fill(values: Mapping[str, Any]) -> None:
    """Set every widget: ``section.key`` to value. Before the form is drawn, as in a callback."""
    for section, key, field in schema.fields():
        name = f"{section}.{key}"
        value = values.get(name, schema.default_of(field))
        st.session_state[PREFIX + name] = value if _is_plain(name) else _flow(value)


def in_address(values: Mapping[str, Any]) -> dict[str, str]:
    """What a link to the form says so that it opens with ``section.key`` set to value."""
    return {PREFIX + name: _flow(value) for name, value in values.items()}


def experiment_form() -> tuple[Experiment | None, str]:
    """Draw the form; the experiment it describes, or ``None`` and what is wrong."""
    values: dict[str, dict[str, Any]] = {section: {} for section in Experiment.model_fields}
    fields = {f"{section}.{key}": field for section, key, field in schema.fields()}
    with st.container(horizontal=True):
        for name in BASIC:
            section, key = name.split(".")
            values[section][key] = _widget(name, fields[name])
    for section, described in Experiment.model_fields.items():
        rest = [name for name in fields if name.startswith(f"{section}.") and name not in BASIC]
        title = str(described.description)
        with st.expander(title[:1].upper() + title[1:]), st.container(horizontal=True):
            for name in rest:
                values[section][name.partition(".")[2]] = _widget(name, fields[name])
    try:
        return validate(values), ""
    except UsageError as error:
        return None, str(error)


def _widget(name: str, field: Any) -> Any:
    entry, default = schema.entry_of(name), schema.default_of(field)
    options: dict[str, Any] = {
        "label": name,
        "key": PREFIX + name,
        "help": f"{str(field.description)[:1].upper()}{str(field.description)[1:]}. "
        f"Allowed: {schema.allowed_values()[name]}.",
        "width": WIDTH,
        "persist_state": "session",
        "bind": "query-params",
    }
    if "enum" in entry:
        choices = entry["enum"]
        return st.selectbox(options=choices, index=choices.index(default), **options)
    kind = entry.get("type")
    if kind == "boolean":
        return st.toggle(value=default, **options)
    if kind == "integer":
        return st.number_input(
            value=default, min_value=entry.get("minimum"), max_value=entry.get("maximum"), **options
        )
    if kind == "number":
        # %g: the default format would show 3e-7 as 0.00.
        limits = {"min_value": entry.get("minimum"), "max_value": entry.get("maximum")}
        options |= {side: None if at is None else float(at) for side, at in limits.items()}
        return st.number_input(value=float(default), step=_step(default), format="%g", **options)
    written = st.text_input(value=_flow(default), **options)
    return written if kind == "string" else _read(written)


def _is_plain(name: str) -> bool:
    entry = schema.entry_of(name)
    return "enum" in entry or entry.get("type") in ("boolean", "integer", "number", "string")


def _step(default: float) -> float:
    """A tenth of the default's order of magnitude, so that + and − mean something."""
    return 0.05 if default == 0 else float(10 ** (math.floor(math.log10(abs(default))) - 1))


def _read(text: str) -> Any:
    try:
        return read_yaml(text)
    except ValueError:
        return text  # the validation says what is wrong with it


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return value
    dumped = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
    return dumped.removesuffix("\n").removesuffix("\n...")
