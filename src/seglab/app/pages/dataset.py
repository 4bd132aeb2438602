"""Dataset: the images and masks, and what training makes of them."""

import json
from pathlib import Path

import streamlit as st

from seglab.app import datasets, state, training_view, widgets
from seglab.app.samples_view import VIEWS, browse, choose_entries, one_sample
from seglab.config import Experiment
from seglab.data.oxford_pet import find_home

CLASSES = "background=0, foreground=255"
TARGETS = {"binary": "animal, border included", "trimap": "animal and border apart"}


def page() -> None:
    """The page from top to bottom."""
    widgets.heading(
        "Dataset", "What do the images and masks look like, and what does training see?"
    )
    with widgets.sentences():
        experiment = choose_dataset()
        if not datasets.is_there(experiment):
            missing(experiment)
        else:
            view(experiment)
    shell()


def choose_dataset() -> Experiment:
    """Source, folder and classes. Raises ``DataError``."""
    with st.container(horizontal=True):
        source = st.segmented_control(
            "Source",
            [*datasets.SOURCE_NAMES],
            default="oxford_pet" if _oxford_there() else "synthetic",
            required=True,
            format_func=datasets.SOURCE_NAMES.__getitem__,
            key="source",
            bind="query-params",
        )
        root = st.text_input(
            "Folder",
            "data",
            key="root",
            bind="query-params",
            width=260,
            help="Where the dataset lies: a relative path counts from the project's folder.",
        )
        data: dict[str, object] = {"source": source, "root": str(state.project() / (root or "."))}
        if source == "folder":
            written = st.text_input(
                "Classes and their mask values",
                CLASSES,
                key="classes",
                bind="query-params",
                width=320,
                help="Background first; several values of a class with a space between.",
            )
            data["classes"] = datasets.parse_classes(written or "")
        else:
            data["target"] = st.selectbox(
                "Classes",
                [*TARGETS],
                format_func=TARGETS.__getitem__,
                key="target",
                bind="query-params",
                width=260,
            )
    # Dice, unlike the default loss, fits any number of classes; nothing here is trained.
    return datasets.describe(Experiment.model_validate({"loss": {"name": "dice"}}), **data)


def missing(experiment: Experiment) -> None:
    """The dataset is not on disk: what gives it. Raises ``DataError``."""
    root = state.shown(Path(experiment.data.root))
    if experiment.data.source == "oxford_pet":
        st.info(
            f"Oxford-IIIT Pet is not under `{root}`. `python train.py` downloads it (800 MB); or "
            f"unpack images.tar.gz and annotations.tar.gz under `{root}/oxford-iiit-pet`. "
            "Drawn pets need no download: same layout, same pages."
        )
    else:
        st.info(
            f"There are no drawn pets under `{root}` yet. Drawing {experiment.data.drawn_count} "
            "takes about half a minute; they are the same on every machine."
        )
    st.button("Draw the pets", key="draw", on_click=_draw, type="primary", icon=":material/draw:")
    if st.session_state.pop("draw_now", False):
        datasets.draw(experiment)
        st.rerun()


def view(experiment: Experiment) -> None:
    """One of the three views of a dataset that is there. Raises ``DataError``."""
    dataset = datasets.opened(experiment)
    report = dataset.missing_report()
    if report:
        st.caption(widgets.plain(report))
    chosen = st.segmented_control(
        "View",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="show",
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
    )
    if chosen == VIEWS[2]:
        training_view.show(experiment)
        return
    split, entries = choose_entries(dataset)
    if not entries:
        st.info("No sample passes these filters. Choose all breeds, or empty the search.")
    elif chosen == VIEWS[1]:
        one_sample(dataset, split, entries)
    else:
        browse(dataset, split, entries)


def shell() -> None:
    """The same from the shell."""
    source = str(st.session_state.get("source", "synthetic"))
    data = ["--data.source", source, "--data.root", str(st.session_state.get("root", "data"))]
    if source != "folder" and st.session_state.get("target") == "trimap":
        data += ["--data.target", "trimap", "--loss.name", "cross_entropy_dice"]
    if source == "folder":
        with widgets.sentences():
            classes = datasets.parse_classes(str(st.session_state.get("classes", CLASSES)))
            data += ["--data.classes", json.dumps(classes)]
            data += ["--loss.name", "cross_entropy_dice"] if len(classes) > 2 else []
    sheet = ["python", "data_visualization.py", *data]
    if st.session_state.get("show") == VIEWS[2]:
        # The shell counts epochs as training does, from 0.
        sheet += ["--augmented", "--epoch", str(int(st.session_state.get("epoch", 1)) - 1)]
    widgets.from_the_shell(
        "A picture of samples with their masks and augmentations; and the training on this data.",
        sheet,
        ["python", "train.py", *data],
    )


def _draw() -> None:
    st.session_state["source"] = "synthetic"
    st.session_state["draw_now"] = True


def _oxford_there() -> bool:
    return find_home(state.project() / "data") is not None


page()
