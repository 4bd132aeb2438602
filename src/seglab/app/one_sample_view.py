"""One sample large: its picture, its numbers, its tags, and what the doctor says of it."""

from collections.abc import Sequence

import streamlit as st

from seglab.app import datasets, state, tagging, widgets
from seglab.app.dataset_filters import Entry
from seglab.app.dataset_reading import Reading
from seglab.app.pictures import pair_picture, shrink, shrink_mask
from seglab.app.samples_view import VIEWS, choose_look
from seglab.config import Experiment
from seglab.data.facts import orientation_of
from seglab.data.findings import TITLES
from seglab.data.sample import Dataset, Record, Sample, Split
from seglab.errors import ImageError
from seglab.labels import IGNORE
from seglab.stored_images import read_image_file

# Beside each other on a wide screen, below each other on a narrow one.
LARGE, FACTS = 560, 400

ORIENTATIONS = {
    1: "stored upright",
    2: "stored mirrored",
    3: "stored upside down",
    4: "stored upside down and mirrored",
    5: "stored turned and mirrored",
    6: "stored turned to the left, shown turned back",
    7: "stored turned and mirrored",
    8: "stored turned to the right, shown turned back",
}


def one_sample(
    experiment: Experiment,
    dataset: Dataset,
    split: Split,
    entries: Sequence[Entry],
    reading: Reading,
) -> None:
    """The sample at the chosen position of ``entries``. Raises ``DataError`` naming the file."""
    widgets.clamp("position", 1, len(entries))
    with st.container(horizontal=True):
        position = st.number_input(
            f"Sample, 1 to {widgets.count(len(entries))}",
            1,
            len(entries),
            key="position",
            bind="query-params",
            width=180,
        )
        look, opacity = choose_look()
    index, record = entries[int(position) - 1]
    for finding in reading.findings:
        if finding.sample == record.name and finding.split == split:
            show = st.error if finding.severity == "error" else st.warning
            what = f"{TITLES[finding.kind]}: {finding.problem}."
            show(f"{widgets.plain(what)} {finding.remedy}")
    sample = datasets.sample(dataset, split, index)
    row = st.container(horizontal=True)
    with row.container(width=LARGE):
        pair, colours = (shrink(sample.image), shrink_mask(sample.mask)), dataset.labels.colours
        shown = pair_picture(*pair, look, opacity, colours)
        st.image(
            shown,
            width="stretch",
            output_format="PNG" if look == "mask" else "JPEG",
            alt=f"{look} of {record.name}",
        )
        widgets.legend(dataset.labels.class_names, dataset.labels.colours)
    with row.container(width=FACTS):
        st.subheader(widgets.plain(record.name))
        tagging.control(experiment, record.name)
        # A table reads Markdown, as files and classes may be called.
        numbers = _numbers(dataset, sample, split, index)
        st.table(
            {widgets.plain(key): widgets.plain(value) for key, value in numbers.items()},
            border="horizontal",
        )
        if split == "train":
            st.button(
                "What training saw of it",
                key="to_training",
                on_click=_see_training,
                args=(index + 1,),
                icon=":material/auto_awesome:",
            )


def show_large(dataset: Dataset, split: Split, name: str) -> None:
    """Go to a sample of the whole split. Only in a callback, after ``dataset_filters.clear``."""
    names = [record.name for record in dataset.splits.get(split, ())]
    st.session_state["position"] = names.index(name) + 1
    st.session_state["show"] = VIEWS[1]


def _numbers(dataset: Dataset, sample: Sample, split: Split, index: int) -> dict[str, str]:
    record, (height, width) = sample.record, sample.mask.shape
    lines = {
        "Size, pixels": f"{width} × {height}",
        "Orientation (EXIF)": _orientation(record),
        "Foreground": f"{sample.foreground_share():.1%} of what is counted",
    }
    for number, name in enumerate(dataset.labels.class_names):
        lines[name.capitalize()] = f"{float((sample.mask == number).mean()):.1%} of the pixels"
    ignored = float((sample.mask == IGNORE).mean())
    if ignored:
        lines["Not counted"] = f"{ignored:.1%} of the pixels"
    if record.breed:
        lines["Breed"] = record.breed.replace("_", " ")
    if record.species:
        lines["Species"] = record.species
    return lines | {
        "Split": f"{datasets.SPLIT_NAMES[split]}, number {index + 1}",
        "Image": state.shown(record.image),
        "Mask": state.shown(record.mask),
    }


def _orientation(record: Record) -> str:
    try:
        found = orientation_of(read_image_file(record.image))
    except ImageError as error:
        return f"not known: the file {error}"
    return f"{found}, {ORIENTATIONS[found]}"


def _see_training(position: int) -> None:
    st.session_state["training_sample"] = position
    st.session_state["show"] = VIEWS[2]
