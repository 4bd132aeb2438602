"""How a dataset is made up: foreground shares, sizes, breeds by split, the mean mask."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import streamlit as st

from seglab import overlays
from seglab.app import datasets, widgets
from seglab.app.dataset_reading import Reading, offer
from seglab.app.pictures import heat
from seglab.config import Experiment
from seglab.data.facts import Facts
from seglab.data.sample import SPLITS, Dataset, Record, Split

# Width of one of two plots side by side, pixels, and of a mean mask.
PLOT = 490
MEAN = 188
PLAIN = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def show(experiment: Experiment, dataset: Dataset, reading: Reading) -> None:
    """The plots that the records alone give, and, once the files are read, the others."""
    if reading.complete:
        by_split = {
            split: [reading.facts[record] for record in dataset.splits.get(split, ())]
            for split in SPLITS
            if dataset.splits.get(split)
        }
        _table(by_split)
        with st.container(horizontal=True):
            with st.container(width=PLOT):
                _shares(by_split)
            with st.container(width=PLOT):
                _sizes(by_split)
        _mean_masks(dataset, reading.facts)
    else:
        offer(experiment, reading, "Foreground shares, sizes and the mean mask: that")
    _breeds(dataset)


def _table(by_split: Mapping[Split, Sequence[Facts]]) -> None:
    rows = []
    for split, facts in by_split.items():
        shares = [share for share in (one.foreground_share for one in facts) if share is not None]
        quartiles = np.percentile(shares, [25, 50, 75]) if shares else [np.nan] * 3
        rows.append(
            {
                "Split": datasets.SPLIT_NAMES[split],
                "Samples": widgets.count(len(facts)),
                "Foreground, mean": f"{np.mean(shares):.1%}" if shares else "",
                "Median": f"{quartiles[1]:.1%}",
                "Middle half": f"{quartiles[0]:.1%} – {quartiles[2]:.1%}",
            }
        )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    st.dataframe(columns, hide_index=True, width="stretch", key="shares_table")


def _shares(by_split: Mapping[Split, Sequence[Facts]]) -> None:
    from seglab.dataset_plots import share_figure

    st.subheader("Foreground share")
    shares = {
        split: [one.foreground_share for one in facts if one.foreground_share is not None]
        for split, facts in by_split.items()
    }
    st.plotly_chart(
        share_figure(shares),
        key="share_plot",
        config=PLAIN,
        alt="Percentage of the images of each split by foreground share",
    )


def _sizes(by_split: Mapping[Split, Sequence[Facts]]) -> None:
    from seglab.dataset_plots import size_figure

    st.subheader("Image sizes")
    sizes = [
        (one.image.width, one.image.height)
        for facts in by_split.values()
        for one in facts
        if one.image.state == "fine"
    ]
    if len(set(sizes)) > 1:
        st.plotly_chart(
            size_figure(sizes), key="size_plot", config=PLAIN, alt="Widths and heights of images"
        )
    elif sizes:
        width, height = sizes[0]
        st.markdown(f"All {widgets.count(len(sizes))} images are {width} × {height} pixels.")
    else:
        st.markdown("No image could be read; the doctor says why.")


def _mean_masks(dataset: Dataset, facts: Mapping[Record, Facts]) -> None:
    st.subheader("Mean mask")
    st.caption(
        "The share of images whose pixel is foreground, each image stretched to the square: "
        "dark violet nowhere, yellow in all."
    )
    records = {split: dataset.splits.get(split, ()) for split in SPLITS}
    groups = {datasets.SPLIT_NAMES[split]: of_split for split, of_split in records.items()}
    everything = [record for of_split in records.values() for record in of_split]
    for species in sorted({record.species for record in everything if record.species}):
        groups[species.capitalize()] = tuple(r for r in everything if r.species == species)
    with st.container(horizontal=True):
        for name, group in groups.items():
            maps = [facts[record].foreground_map() for record in group]
            counted = [one for one in maps if one is not None]
            if counted:
                mean = np.stack(counted).mean(axis=0).astype(np.float32)
                large = cv2.resize(mean, (2 * MEAN, 2 * MEAN), interpolation=cv2.INTER_LINEAR)
                caption = f"{name}, {widgets.count(len(counted))}"
                picture = overlays.encode_png(heat(large))
                with st.container(width=MEAN):
                    st.image(picture, caption, width="stretch", alt=f"Mean mask: {caption}")


def _breeds(dataset: Dataset) -> None:
    counts = {split: dataset.breed_counts(split) for split in SPLITS if dataset.splits.get(split)}
    if {breed for of_breed in counts.values() for breed in of_breed} == {"unknown"}:
        return
    from seglab.dataset_plots import breed_figure

    st.subheader("Breeds by split")
    st.plotly_chart(
        breed_figure(counts), key="breed_plot", config=PLAIN, alt="Samples of each breed by split"
    )
