"""What a training starts from: a file of settings, and other runs' weights."""

from itertools import takewhile

import streamlit as st

from seglab.app import state, widgets
from seglab.app.experiment_form import PREFIX, fill
from seglab.yaml_reading import read_yaml

DEFAULT = "config.yaml"
FIRST_WEIGHTS = "train_init_from"


def start_from() -> None:
    """Fill the form from a file of differences; what the file says of itself stands below."""
    folder = state.project() / "experiments"
    files = [DEFAULT, *sorted(state.shown(path) for path in folder.rglob("*.yaml"))]
    chosen = st.selectbox(
        "Start from",
        files,
        key="train_from",
        on_change=_fill_from_file,
        help="Fills the form with a file's values; what you change afterwards stays changed.",
    )
    if chosen != DEFAULT and (said := _first_comment(chosen)):
        st.caption(widgets.plain(said))


def first_weights() -> list[str]:
    """Ask whose weights to begin with; the arguments that say so, none for random ones."""
    found = [run for run in state.runs()[0] if run.checkpoint_path.exists()]
    names = [run.name for run in found]
    chosen = st.multiselect(
        "First weights",
        names,
        key=FIRST_WEIGHTS,
        placeholder="Random",
        help="Begin with the weights of a run of the same network, or with the mean of several "
        "that went on from the same weights.",
    )
    folders = [state.shown(run.folder) for run in found if run.name in chosen]
    return ["--init_from", *folders] if folders else []


def _first_comment(name: str) -> str:
    lines = (state.project() / name).read_text(encoding="utf-8").splitlines()
    said = takewhile(lambda line: line.startswith("#"), lines)
    return " ".join(line.lstrip("# ").rstrip() for line in said)


def _fill_from_file() -> None:
    chosen = st.session_state["train_from"]
    content: dict[str, dict[str, object]] = {}
    if chosen != DEFAULT:
        content = read_yaml((state.project() / chosen).read_text(encoding="utf-8")) or {}
    values = {
        f"{section}.{key}": value
        for section, keys in content.items()
        for key, value in keys.items()
    }
    root = st.session_state.get(f"{PREFIX}data.root")  # where the data lies is no file's matter
    fill(({"data.root": root} if root else {}) | values)
