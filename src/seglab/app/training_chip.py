"""The sign on every page that a training goes on."""

import streamlit as st

from seglab.app import state
from seglab.run_activity import in_training

REFRESH = 10
"""Seconds between two looks at the run."""


def training_chip() -> None:
    """``training 12/30 · 0.861`` while a run is being trained, kept up to date; else nothing."""
    if in_training(state.runs()[0]):
        st.fragment(_chip, run_every=REFRESH)()


def _chip() -> None:
    active = in_training(state.runs()[0])
    if not active:
        return
    latest = active[0]
    words = f"training {latest.epochs}/{latest.planned}"
    if latest.best is not None:
        words += f" · {latest.best:.3f}"
    if len(active) > 1:
        words += f" and {len(active) - 1} more"
    monitor = latest.run.experiment.trainer.monitor
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.badge(
            words,
            icon=":material/model_training:",
            color="green",
            help=f"{', '.join(f'`{one.run.name}`' for one in active)}: epochs done, and the best "
            f"`{monitor}` so far. Training curves shows it live.",
        )
