"""Dataset: the images and masks, and what training makes of them."""

import json
from contextlib import suppress
from pathlib import Path

import streamlit as st

from seglab.app import (
    dataset_doctor_view,
    datasets,
    distributions_view,
    state,
    tagging,
    training_view,
    widgets,
)
from seglab.app.dataset_filters import choose_entries
from seglab.app.dataset_reading import Reading, offer, reading
from seglab.app.one_sample_view import one_sample
from seglab.app.samples_view import VIEWS, browse
from seglab.config import Experiment
from seglab.data.folder import LAYOUT
from seglab.data.oxford_pet import find_home
from seglab.data.sample import SPLITS, Dataset
from seglab.data.sources import is_there
from seglab.data.tags import left_out, read_tags
from seglab.errors import DataError

CLASSES = "background=0, foreground=255"
HOME = "data"
"""Where downloaded and drawn pets lie."""
TARGETS = {"binary": "animal, border included", "trimap": "animal and border apart"}


def page() -> None:
    """The page from top to bottom."""
    widgets.header("Dataset", "What do the images and masks look like, and what does training see?")
    with widgets.sentences():
        experiment = choose_dataset()
        if not is_there(experiment):
            missing(experiment)
        elif _unnamed(experiment):
            st.info(f"Name your folder above: it holds {LAYOUT}.")
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
            HOME,
            key="root",
            bind="query-params",
            width=260,
            help="Where the dataset lies: a relative path counts from the project's folder.",
        )
        data: dict[str, object] = {"source": source, "root": str(state.typed_folder(root or ""))}
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
    return _described(**data)


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
    """One of the views of a dataset that is there. Raises ``DataError``."""
    dataset = datasets.surveyed(experiment)
    so_far = reading(experiment)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "View",
            VIEWS,
            default=VIEWS[0],
            required=True,
            key="show",
            bind="query-params",
            label_visibility="collapsed",
        )
        dataset_doctor_view.badge(so_far)
    st.caption(_made_of(dataset))
    if chosen == VIEWS[2]:
        training_view.show(experiment)
    elif chosen == VIEWS[3]:
        distributions_view.show(experiment, dataset, so_far)
    elif chosen == VIEWS[4]:
        dataset_doctor_view.show(experiment, dataset, so_far)
    else:
        _samples(experiment, dataset, so_far, large=chosen == VIEWS[1])


def _unnamed(experiment: Experiment) -> bool:
    """Nobody has named a folder of their own yet: the pets' is none of the kind."""
    if experiment.data.source != "folder" or st.session_state.get("root", HOME) != HOME:
        return False
    return not any((Path(experiment.data.root) / part).is_dir() for part in ("images", *SPLITS))


def shell() -> None:
    """The same from the shell."""
    source = str(st.session_state.get("source", "synthetic"))
    data = ["--data.source", source, "--data.root", str(st.session_state.get("root", HOME))]
    if source != "folder" and st.session_state.get("target") == "trimap":
        data += ["--data.target", "trimap", "--loss.name", "cross_entropy_dice"]
    without: list[str] = []
    with suppress(DataError):  # the page above told it
        if source == "folder":
            classes = datasets.parse_classes(str(st.session_state.get("classes", CLASSES)))
            data += ["--data.classes", json.dumps(classes)]
            data += ["--loss.name", "cross_entropy_dice"] if len(classes) > 2 else []
    with suppress(DataError):
        root = str(state.typed_folder(str(st.session_state.get("root") or "")))
        tags = tagging.file_of(_described(source=source, root=root))
        if left_out(read_tags(tags)):
            without = ["--data.exclude", state.shown(tags)]
    sheet = ["python", "data_visualization.py", *data]
    check = [*sheet, "--check"]
    if st.session_state.get("show") == VIEWS[2]:
        # The shell counts epochs as training does, from 0.
        sheet += ["--augmented", "--epoch", str(int(st.session_state.get("epoch", 1)) - 1)]
    widgets.from_the_shell(
        "A picture of samples with their masks and augmentations; the doctor's check of every "
        "file; and the training on this data, without the samples that are tagged for it.",
        sheet,
        check,
        ["python", "train.py", *data, *without],
    )


def _samples(experiment: Experiment, dataset: Dataset, so_far: Reading, large: bool) -> None:
    """Browse, or one sample large."""
    tagged = read_tags(tagging.file_of(experiment))
    split, entries = choose_entries(dataset, so_far.facts, tagged)
    if not entries:
        st.info("No sample passes these filters. Choose all breeds, or empty the search.")
    elif large:
        one_sample(experiment, dataset, split, entries, so_far)
    else:
        browse(dataset, split, entries, tagged)
    if not so_far.complete and not large:
        offer(experiment, so_far, "A filter by foreground share")


def _made_of(dataset: Dataset) -> str:
    """Counts by split, breeds, and what the disk lacks."""
    counts = [
        f"{widgets.count(len(dataset.splits[split]))} {datasets.SPLIT_NAMES[split].lower()}"
        for split in SPLITS
        if dataset.splits.get(split)
    ]
    breeds = {r.breed for of_split in dataset.splits.values() for r in of_split if r.breed}
    parts = [", ".join(counts), *([f"{len(breeds)} breeds"] if breeds else [])]
    if dataset.unpaired:
        parts.append(f"files without a partner: {len(dataset.unpaired)}, listed by the doctor")
    return widgets.plain(" · ".join([*parts, *dataset.reports()]))


def _described(**data: object) -> Experiment:
    # Dice, unlike the default loss, fits any number of classes; nothing here is trained.
    return datasets.describe(Experiment.model_validate({"loss": {"name": "dice"}}), **data)


def _draw() -> None:
    st.session_state["source"] = "synthetic"
    st.session_state["draw_now"] = True


def _oxford_there() -> bool:
    return find_home(state.project() / "data") is not None


page()
