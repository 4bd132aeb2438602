"""Train: compose an experiment, start it, watch it, stop it, go on with it."""

import ipaddress
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from seglab.app import state, widgets
from seglab.app.curve_data import curves_of
from seglab.app.experiment_form import experiment_form
from seglab.app.training_progress import progress
from seglab.app.training_start import first_weights, start_from
from seglab.config import Experiment
from seglab.reproduction import differences, flags
from seglab.runs import Run
from seglab.trainings import AVAILABLE, Trainings

ALLOW = "SEGLAB_ALLOW_TRAINING"
"""Environment variable: 1 lets people at other machines start trainings here."""

REFRESH = 2
CURVES = ("loss", "dataset_iou")
MOST_CLASSES = 4
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def page() -> None:
    """The page from top to bottom."""
    widgets.header("Train", "What should be trained next, and how far is it?")
    refusal = refused()
    if refusal:
        st.info(refusal)
        return
    trainings = Trainings(state.models_folder(), state.project())
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Experiment")
        start_from()
        experiment, problem = experiment_form()
    with right:
        if experiment is None:
            st.error(widgets.plain(problem))
        else:
            launch(trainings, experiment)
        # A fragment: while something trains, only its progress is drawn anew.
        running = trainings.running
        st.fragment(watch, run_every=REFRESH if running else None)(trainings, running)
        go_on(trainings)
    widgets.from_the_shell(
        "The command above is the whole of it; every key is explained by --help.",
        ["python", "train.py", "--help"],
        ["python", "experiments.py", "experiments/four-variants", "--seeds", "0", "1", "2"],
    )


def refused() -> str:
    """Why nobody may train from here, or nothing."""
    if not AVAILABLE:
        return "Trainings are started from the shell on this system: `python train.py`."
    address = st.get_option("server.address")
    if _is_loopback(address) or os.environ.get(ALLOW) == "1":
        return ""
    return (
        "Training from the dashboard is off, because it can be reached from other machines "
        f"(server.address is {address or 'every address'}). Start the dashboard with "
        f"`--server.address 127.0.0.1`, or set `{ALLOW}=1` to let everybody who reaches it train "
        "here. From the shell: `python train.py`."
    )


def launch(trainings: Trainings, experiment: Experiment) -> None:
    """The equivalent command, and the button that runs it."""
    st.subheader("Command")
    name = st.text_input(
        "Run name",
        value=f"{experiment.network.name}-{experiment.loss.name}-seed-{experiment.trainer.seed}",
        help="The folder under models/ that this training writes.",
    )
    folder = state.models_folder() / name
    arguments = flags(differences(experiment, machine=True))
    arguments += [*first_weights(), "--run_dir", state.shown(folder)]
    command = shlex.join(["python", "train.py", *arguments])
    st.code(command, language=None, wrap_lines=True)
    problem = _name_problem(name, folder)
    if problem:
        st.warning(problem)
    running = trainings.running
    if st.button(
        "Start training",
        type="primary",
        disabled=running or bool(problem),
        help="A training runs already: one at a time." if running else None,
    ):
        with widgets.sentences():
            trainings.start(arguments, folder)
            st.rerun()


def watch(trainings: Trainings, running: bool) -> None:
    """Progress, curve and log of the latest training; stop it."""
    if running and not trainings.running:
        st.rerun()  # it ended: the buttons of the whole page change
    latest = trainings.latest
    if latest is None:
        return
    run, output = Run(Path(latest.run)), trainings.output()
    st.subheader(f"{'Training' if running else 'Latest training'}: {widgets.plain(run.name)}")
    with widgets.sentences():
        seen = progress(run, output, running)
        if seen.total:
            st.progress(min(seen.epochs / seen.total, 1.0), seen.sentence)
        else:
            st.markdown(widgets.plain(seen.sentence))
        if seen.failure:
            st.error(widgets.plain(seen.failure))
        if seen.rows:
            live_curves(Run.open(run.folder))
    if running and st.button(
        "Stop and save", help="The last whole epoch is kept; the run can be gone on with."
    ):
        trainings.stop()
        st.toast("Asked it to stop; it ends within a moment.")
    with st.expander("Log", expanded=running):
        st.code("\n".join(output) or "nothing yet", language=None, wrap_lines=True)
    files(run, output)


def files(run: Run, output: Sequence[str]) -> None:
    """The log, and a row an epoch, to be taken away; read when they are asked for."""

    def log() -> bytes:
        # One that failed early has no folder yet: what it printed is all there is.
        written = run.log_path
        return written.read_bytes() if written.exists() else "\n".join(output).encode()

    with st.container(horizontal=True):
        if output:
            st.download_button(
                "Log (TXT)",
                log,
                f"{run.name}-train-log.txt",
                "text/plain",
                key="download_log",
                on_click="ignore",
                icon=":material/download:",
            )
        if run.metrics_path.exists():
            st.download_button(
                "Epochs (CSV)",
                run.metrics_path.read_bytes,
                f"{run.name}-metrics.csv",
                "text/csv",
                key="download_epochs",
                on_click="ignore",
                icon=":material/download:",
            )


def live_curves(run: Run) -> None:
    """Loss and headline figure so far, and of several classes each. Raises ``RunError``."""
    from seglab.curve_names import class_ious
    from seglab.plots import small_figures

    listed, _ = state.runs()
    # The list is as old as the page: it may not hold a run that has just begun.
    all_runs = [*[one for one in listed if one.name != run.name], run]
    curves = curves_of([run], all_runs, together=False)
    classes = class_ious([curve.rows for curve in curves])[:MOST_CLASSES]
    figure = small_figures(curves, [*CURVES, *classes], abreast=1)
    st.plotly_chart(
        figure,
        key="live",
        config={"displayModeBar": False},
        alt="Loss, dataset IoU and IoU of each class by epoch",
    )
    st.caption("solid: validation · dotted: training")


def go_on(trainings: Trainings) -> None:
    """Runs that were interrupted, to be gone on with."""
    runs, _ = state.runs()
    latest = trainings.latest
    busy = Path(latest.run).name if latest and trainings.running else ""
    names = [run.name for run in runs if not run.finished and run.name != busy]
    if not names:
        return
    st.subheader("Interrupted")
    name = st.selectbox("Run to go on with", names, key="train_resume")
    folder = state.models_folder() / name
    if st.button("Resume", disabled=trainings.running):
        with widgets.sentences():
            trainings.start(["--resume", state.shown(folder)], folder)
            st.rerun()
    st.code(f"python train.py --resume {state.shown(folder)}", language=None)


def _is_loopback(address: object) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def _name_problem(name: str, folder: Path) -> str:
    if not NAME.fullmatch(name):
        return "A run's name is letters, digits, dots, dashes and underscores, a letter first."
    if folder.exists():
        return f"{widgets.plain(state.shown(folder))} is there already; choose another name."
    return ""


page()
