"""What training saw: one training sample, augmented exactly as in any epoch."""

import streamlit as st

from seglab import overlays
from seglab.app import datasets, state, widgets
from seglab.app.pictures import LOOKS, enlarge, pair_picture
from seglab.config import Experiment
from seglab.data.augmentation_steps import Step
from seglab.data.preview import as_training_sees, explained
from seglab.data.sample import Dataset
from seglab.errors import RunError
from seglab.preprocessing import Preprocessing
from seglab.runs import Run

DEFAULTS = "the default experiment"
LARGE, SMALL = 320, 148
MORE_EPOCHS = 6


def show(page_experiment: Experiment) -> None:
    """The view with its own controls. Raises ``DataError``."""
    runs = [run for run in state.runs()[0] if _fits(run, page_experiment)]
    names = [DEFAULTS, *[run.name for run in runs]]
    widgets.forget_unknown("training_of", names)
    with st.container(horizontal=True):
        name = st.selectbox(
            "Training of",
            names,
            key="training_of",
            bind="query-params",
            width=240,
            help="Whose augmentation, network size, split and seed.",
        )
        run = next((run for run in runs if run.name == name), None)
        experiment = _experiment(run, page_experiment)
        # A run remembers what it left out: positions count without those.
        excluded = run.config["data"].get("excluded", []) if run else None
        dataset = datasets.opened(experiment, excluded)
        count = len(dataset.records("train"))
        widgets.clamp("training_sample", 1, count)
        widgets.clamp("epoch", 1, experiment.trainer.max_epochs)
        position = st.number_input(
            f"Training sample, 1 to {widgets.count(count)}",
            1,
            count,
            key="training_sample",
            bind="query-params",
            width=190,
        )
        epoch = st.number_input(
            f"Epoch, 1 to {experiment.trainer.max_epochs}",
            1,
            experiment.trainer.max_epochs,
            key="epoch",
            bind="query-params",
            width=150,
        )
        look = st.segmented_control(
            "Show as",
            LOOKS,
            default="overlay",
            required=True,
            format_func=str.capitalize,
            key="training_look",
            bind="query-params",
        )
    if run is not None and dataset.fingerprint() != run.config["data"].get("fingerprint"):
        st.warning(
            f"This is not the data that {widgets.plain(run.name)} was trained on: other files "
            "stand in its training split. What is shown is what it would see here."
        )
    _pictures(experiment, dataset, int(position) - 1, int(epoch) - 1, str(look))


def _pictures(experiment: Experiment, dataset: Dataset, index: int, epoch: int, look: str) -> None:
    """``index`` and ``epoch`` from 0, as training counts them."""
    sample = datasets.sample(dataset, "train", index)
    preprocessing = Preprocessing(experiment.data.image_size, experiment.data.treatment)
    image, mask = sample.at_network_size(preprocessing)
    with st.spinner("Augmenting …"):
        later = range(epoch + 1, min(epoch + 1 + MORE_EPOCHS, experiment.trainer.max_epochs))
        augmented, steps = explained(sample, experiment, epoch, index)
        seen = {at: as_training_sees(sample, experiment, at, index) for at in later}
    drawn = {at: (sample.image, sample.mask) for at, sample in seen.items()}
    size = experiment.data.image_size
    with st.container(horizontal=True):
        for caption, pair in (
            (f"{sample.name}, at the network's {size} × {size} pixels", (image, mask)),
            (f"As training saw it in epoch {epoch + 1}", (augmented.image, augmented.mask)),
        ):
            picture = enlarge(pair_picture(*pair, look, 0.5, dataset.labels.colours), LARGE)
            # In a container: with a width of its own Streamlit would blur its pixels.
            with st.container(width=LARGE):
                st.image(overlays.encode_png(picture), caption, width="stretch", alt=caption)
        with st.container(width=LARGE):
            _parameters(steps)
    widgets.legend(dataset.labels.class_names, dataset.labels.colours)
    if later:
        st.markdown("And in the epochs that follow:")
        with st.container(horizontal=True):
            for at in later:
                picture = enlarge(
                    pair_picture(*drawn[at], look, 0.5, dataset.labels.colours), SMALL
                )
                caption = f"Epoch {at + 1}"
                with st.container(width=SMALL):
                    st.image(overlays.encode_png(picture), caption, width="stretch", alt=caption)
    st.caption(
        "Gray in the overlay and the mask: uncovered by the shift or rotation, and counted by no "
        f"loss. Drawn from seed {experiment.trainer.seed}, epoch {epoch} and index {index}, as "
        "training counts them from 0: the same three give the same picture on any machine."
    )
    with st.expander("Amounts of this augmentation"):
        st.dataframe(
            {"Key": list(experiment.augmentation.model_dump()),
             "Value": list(experiment.augmentation.model_dump().values()),
             "Meaning": [
                 field.description for field in type(experiment.augmentation).model_fields.values()
             ]},
            hide_index=True,
            width="stretch",
            alt="Keys of the augmentation and their values",
        )  # fmt: skip


def _parameters(steps: list[Step]) -> None:
    """What was drawn for the picture, in the order in which it was applied."""
    if not steps:
        st.markdown("Nothing was changed in this epoch.")
        return
    rows = [(step.name, what, value) for step in steps for what, value in step.values.items()]
    st.markdown("**Drawn for this picture**, in the order of application")
    st.dataframe(
        {
            "Step": [step for step, _, _ in rows],
            "What": [what.capitalize() for _, what, _ in rows],
            "Drawn": [value if isinstance(value, str) else f"{value:.3g}" for *_, value in rows],
        },
        hide_index=True,
        width="stretch",
        key="drawn",
        alt="What was drawn for this picture",
    )


def _fits(run: Run, experiment: Experiment) -> bool:
    """Whether the run was trained on this source; a run of an unreadable experiment was not."""
    try:
        return run.experiment.data.source == experiment.data.source
    except RunError:
        return False


def _experiment(run: Run | None, page_experiment: Experiment) -> Experiment:
    if run is None:
        return page_experiment
    return datasets.describe(run.experiment, root=page_experiment.data.root)
