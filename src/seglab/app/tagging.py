"""Tags on a sample, put there and taken off: the same control on every page that shows one."""

from pathlib import Path
from typing import Any

import streamlit as st

from seglab.app import state
from seglab.app.experiment_form import in_address
from seglab.config import Experiment
from seglab.data.tags import LEFT_OUT, TAGS, left_out, read_tags, tags_file, write_tag
from seglab.errors import DataError
from seglab.reproduction import differences

FAILED = "tag_failed"
HELP = (
    f"Kept in a CSV of yours. Training leaves out what is tagged {' or '.join(LEFT_OUT)} when "
    "data.exclude names that file; a test sample is never left out."
)


def file_of(experiment: Experiment) -> Path:
    """Where the tags of an experiment's dataset are kept; ``data.root`` as the pages resolve it."""
    return tags_file(state.tags_folder(), experiment)


def training_without(experiment: Experiment) -> dict[str, Any]:
    """``section.key`` to value of a training on the experiment's data without what is tagged for
    that; empty where nothing is. Raises ``DataError``."""
    path = file_of(experiment)
    if not left_out(read_tags(path)):
        return {}
    told = differences(experiment, machine=True) | {
        "data.root": state.shown(Path(experiment.data.root)),
        "data.exclude": state.shown(path),
    }
    return {name: value for name, value in told.items() if name.startswith("data.")}


def control(experiment: Experiment, name: str) -> None:
    """Pills to tag the sample ``name`` of the experiment's dataset, and the way to a training
    without what is tagged. Raises ``DataError``."""
    path = file_of(experiment)
    given = read_tags(path).get(name, ())
    key = f"tags_of_{name}"
    # What the file says counts: another page, or another person, may have written it.
    st.session_state[key] = list(given)
    st.pills(
        "Tags",
        [*TAGS, *[tag for tag in given if tag not in TAGS]],
        selection_mode="multi",
        key=key,
        on_change=_write,
        args=(path, name, key),
        help=HELP,
    )
    failed = st.session_state.pop(FAILED, None)
    if failed:
        raise DataError(failed)
    without = training_without(experiment)
    if without:
        count = len(left_out(read_tags(path)))
        st.page_link(
            Path(__file__).parent / "pages" / "train.py",
            label=f"Train without the {'sample' if count == 1 else f'{count} samples'} tagged",
            icon=":material/model_training:",
            query_params=in_address(without),
        )


def _write(path: Path, name: str, key: str) -> None:
    try:
        given = set(read_tags(path).get(name, ()))
        chosen = set(st.session_state[key])
        for tag in sorted(given ^ chosen):
            write_tag(path, name, tag, present=tag in chosen)
    except DataError as error:
        st.session_state[FAILED] = str(error)  # a callback draws nothing: the control tells it
