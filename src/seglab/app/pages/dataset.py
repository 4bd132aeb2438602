"""Dataset: the images and masks, and what training makes of them."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from seglab.app import datasets, state, training_view, widgets
from seglab.app.pictures import LOOKS, pair_picture, shrink, shrink_mask, tile
from seglab.config import Experiment
from seglab.data.oxford_pet import find_home
from seglab.data.sample import SPLITS, Dataset, Record, Split
from seglab.errors import DataError
from seglab.labels import IGNORE

VIEWS = ("Browse", "One sample", "What training saw")
GRID = 24
TILE = 150
TARGETS = {"binary": "animal, border included", "trimap": "animal and border apart"}
Entry = tuple[int, Record]


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
    with st.container(horizontal=True, gap="medium"):
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
                "background=0, foreground=255",
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
        widgets.legend(dataset.labels.class_names)
        return
    split, entries = choose_entries(dataset)
    if not entries:
        st.info("No sample passes these filters. Choose all breeds, or empty the search.")
    elif chosen == VIEWS[1]:
        one_sample(dataset, split, entries)
    else:
        browse(dataset, split, entries)


def choose_entries(dataset: Dataset) -> tuple[Split, list[Entry]]:
    """The split and, of it, what passes the filters: positions in the split and records."""
    splits = [split for split in SPLITS if dataset.splits.get(split)]
    widgets.forget_unknown("split", splits)
    with st.container(horizontal=True, gap="medium"):
        split = st.segmented_control(
            "Split",
            splits,
            default=splits[0],
            required=True,
            format_func=datasets.SPLIT_NAMES.__getitem__,
            key="split",
            bind="query-params",
        )
        records = dataset.records(split)
        species = _one_of("Species", {record.species for record in records}, "species", 120)
        among = [record for record in records if species in (None, record.species)]
        breed = _one_of("Breed", {record.breed for record in among}, "breed", 190)
        wanted = st.text_input(
            "Name contains",
            key="find",
            bind="query-params",
            width=150,
            placeholder="such as 101",
        )
    return split, [
        (index, record)
        for index, record in enumerate(records)
        if species in (None, record.species)
        and breed in (None, record.breed)
        and (wanted or "").lower() in record.name.lower()
    ]


def browse(dataset: Dataset, split: Split, entries: Sequence[Entry]) -> None:
    """A grid with pages."""
    look, opacity = choose_look()
    pages = -(-len(entries) // GRID)
    widgets.clamp("page", 1, pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_number = st.pagination(pages, key="page", bind="query-params")
        first = (page_number - 1) * GRID
        last = min(first + GRID, len(entries))
        st.markdown(f"{first + 1}–{last} of {widgets.count(len(entries))}", width="content")
    with st.container(horizontal=True):
        for position in range(first, last):
            index, record = entries[position]
            with st.container(width=TILE, gap="xsmall"):
                try:
                    picture = _tile(dataset, split, index, look, opacity)
                    st.image(picture, width=TILE, alt=f"{look} of {record.name}")
                except DataError as error:
                    st.error("Unreadable")
                    st.caption(widgets.plain(str(error)))
                st.button(
                    record.name,
                    key=f"open_{position - first}",
                    help="Show it large",
                    on_click=_open,
                    args=(position + 1,),
                    type="tertiary",
                    width="stretch",
                )
    widgets.legend(dataset.labels.class_names)


def one_sample(dataset: Dataset, split: Split, entries: Sequence[Entry]) -> None:
    """One sample large, with its numbers. Raises ``DataError`` that names the file."""
    widgets.clamp("position", 1, len(entries))
    with st.container(horizontal=True, gap="medium"):
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
    sample = datasets.sample(dataset, split, index)
    height, width = sample.mask.shape
    picture, facts = st.columns([3, 2], gap="large")
    with picture:
        shown = pair_picture(shrink(sample.image), shrink_mask(sample.mask), look, opacity)
        st.image(
            shown,
            width="stretch",
            output_format="PNG" if look == "mask" else "JPEG",
            alt=f"{look} of {record.name}",
        )
        widgets.legend(dataset.labels.class_names)
    with facts:
        st.subheader(widgets.plain(record.name))
        names = list(dataset.labels.class_names)
        shares = [
            (name, float((sample.mask == number).mean())) for number, name in enumerate(names)
        ]
        lines = [("Size, pixels", f"{width} × {height}")]
        lines += [(name.capitalize(), f"{share:.1%} of the pixels") for name, share in shares]
        ignored = float((sample.mask == IGNORE).mean())
        lines += [("Not counted", f"{ignored:.1%} of the pixels")] if ignored else []
        lines += [("Breed", record.breed.replace("_", " "))] if record.breed else []
        lines += [("Species", record.species)] if record.species else []
        lines += [
            ("Split", f"{datasets.SPLIT_NAMES[split]}, number {index + 1}"),
            ("Image", state.shown(record.image)),
            ("Mask", state.shown(record.mask)),
        ]
        st.table(dict(lines), border="horizontal")


def choose_look() -> tuple[str, float]:
    """Image, overlay or mask, and how strongly the overlay covers."""
    with st.container(horizontal=True, gap="medium", width="content"):
        look = st.segmented_control(
            "Show as",
            LOOKS,
            default="overlay",
            required=True,
            format_func=str.capitalize,
            key="look",
            bind="query-params",
        )
        opacity = 0.5
        if look == "overlay":
            opacity = st.slider(
                "Opacity",
                0.0,
                1.0,
                0.5,
                0.05,
                key="opacity",
                bind="query-params",
                persist_state="page",
                width=260,
            )
    return str(look), float(opacity)


def shell() -> None:
    """The same from the shell."""
    source = str(st.session_state.get("source", "synthetic"))
    data = ["--data.source", source, "--data.root", str(st.session_state.get("root", "data"))]
    if source != "folder" and st.session_state.get("target") == "trimap":
        data += ["--data.target", "trimap", "--loss.name", "cross_entropy_dice"]
    widgets.from_the_shell(
        "A picture of samples with their masks and augmentations; and the training on this data.",
        ["python", "data_visualization.py", *data],
        ["python", "train.py", *data],
    )


def _tile(dataset: Dataset, split: Split, index: int, look: str, opacity: float) -> bytes:
    sample = datasets.sample(dataset, split, index)
    # Twice the size on the screen, for screens with two pixels a point.
    image, mask = shrink(sample.image, 2 * TILE), shrink_mask(sample.mask, 2 * TILE)
    return tile(pair_picture(image, mask, look, opacity), 2 * TILE)


def _one_of(label: str, found: set[str | None], key: str, width: int) -> str | None:
    """A filter over the values that occur; nothing to choose where there are fewer than two."""
    options = sorted(value for value in found if value)
    if len(options) < 2:
        return None
    widgets.forget_unknown(key, options)
    return st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda value: value.replace("_", " "),
        key=key,
        bind="query-params",
        placeholder="All",
        width=width,
    )


def _open(position: int) -> None:
    st.session_state["position"] = position
    st.session_state["show"] = VIEWS[1]


def _draw() -> None:
    st.session_state["source"] = "synthetic"
    st.session_state["draw_now"] = True


def _oxford_there() -> bool:
    return find_home(state.project() / "data") is not None


page()
