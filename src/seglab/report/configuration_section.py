"""What the runs were told: the keys that differ, and everything folded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seglab.config import Experiment
from seglab.errors import RunError
from seglab.experiment_parser import to_yaml
from seglab.report.markup import Markup, element, notice, paragraph, section, table
from seglab.reproduction import as_written, told
from seglab.runs import Run


def configuration_section(runs: Sequence[Run], names: Mapping[Path, str]) -> Markup:
    """Runs by keys that differ; of a single run, against the defaults. Below, everything."""
    known, parts = [], []
    for run in runs:
        try:
            known.append((names[run.folder], run.experiment, run.first_runs))
        except RunError as error:
            parts.append(notice(f"{names[run.folder]}: {error}"))
    columns = [(name, told(experiment, first)) for name, experiment, first in known]
    if len(runs) == 1:
        columns.insert(0, ("default", told(Experiment())))
    if len(columns) > 1:
        parts.append(_differences(columns, with_defaults=len(runs) == 1))
    for name, experiment, _ in known:
        whole = element("pre", to_yaml(experiment))
        parts.append(element("details", element("summary", f"Everything {name} was told"), whole))
    return section("Configuration", *parts, anchor="configuration")


def _differences(columns: Sequence[tuple[str, Mapping[str, Any]]], with_defaults: bool) -> Markup:
    """Whatever is more, runs or keys, goes down the page."""
    names, values = [name for name, _ in columns], [settings for _, settings in columns]
    keys = [key for key in values[0] if any(one[key] != values[0][key] for one in values)]
    if not keys:
        rest = "from the defaults" if with_defaults else "between these runs"
        return paragraph(f"No key differs {rest}.")
    if len(keys) >= len(names):
        head = ["Key", *names]
        rows = [[key, *(as_written(one[key]) for one in values)] for key in keys]
    else:
        head = ["Run", *keys]
        rows = [[name, *(as_written(one[key]) for key in keys)] for name, one in columns]
    caption = "Keys that differ from the defaults." if with_defaults else "Keys that differ."
    return table(head, rows, caption, texts=len(head), class_="words")
