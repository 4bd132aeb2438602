"""Errors: the photos on which a run is wrong, and in which way."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import streamlit as st

from seglab.app import (
    classes_view,
    error_filters,
    error_gallery,
    error_groups,
    error_kinds,
    opened_photo,
    state,
    tagging,
    two_runs,
    widgets,
)
from seglab.app.error_choice import MEASURE, OTHER, choose_evaluation, choose_range
from seglab.app.error_photos import Source, experiment_at, source_of
from seglab.app.evaluated import Evaluated, evaluated, measured_of
from seglab.data.tags import read_tags
from seglab.errors import DataError, RunError, SeglabError
from seglab.image_scores import worst_first
from seglab.reproduction import flags
from seglab.runs import Run

ORDERS = {
    "worst": "worst first",
    "losses": "where the other run is better",
    "gains": "where this run is better",
}


def page() -> None:
    """The page from top to bottom."""
    widgets.header("Errors", "On which photos is this run wrong, and in which way?")
    runs, broken = state.runs()
    measured = [run for run in runs if measured_of(run)]
    shown = None
    if measured:
        with widgets.sentences():
            shown = choose_evaluation(runs, measured)
        if shown is not None:
            with widgets.sentences():
                view(shown, measured)
    else:
        nothing_measured(runs)
    widgets.broken_runs(broken)
    shell(shown, runs)


def view(found: Evaluated, measured: Sequence[Run]) -> None:
    """The answer: spread, kinds, the other run, one photo, the gallery. Raises ``RunError``."""
    measure = str(st.session_state[MEASURE])
    scores = found.scores(measure)
    kinds = error_kinds.kinds_of(found)
    source = find_source(found)
    tags = read_tags(tagging.file_of(experiment_at(found, _root())))
    among, of_kind = error_filters.choose(found, kinds, tags)
    passed = among & of_kind
    with st.grid(2, min_column_width=300):
        with st.container():
            passed_range = choose_range(scores, passed, measure)
        if kinds is not None:
            with st.container():
                st.markdown("**Kind of failure**")
                error_kinds.show(found, kinds, among, source)
    error_groups.show(found)
    classes_view.show(found.content)
    passed &= passed_range
    paired = pair_with(found, measured, measure)
    if paired is not None:
        st.subheader("Two runs")
        two_runs.show(paired, passed)
    places, values = put_in_order(found, passed, scores, measure, paired)
    ordered = [found.names[place] for place in places]
    name = opened_photo.choose(ordered, found)
    if name is not None:
        with widgets.sentences():
            one_photo(found, source, paired, name)
    columns = partial(error_gallery.columns_of, found, places, kinds, values)
    if not ordered:
        st.info("No photo passes these filters: widen the range, or choose All.")
    elif source is not None:
        error_gallery.gallery(source, ordered, values)
        opened_photo.legend(len(found.run.class_names) > 2)
        details = st.expander("As a table", on_change="rerun", key="as_table")
        if details.open:
            with details:
                error_gallery.table(columns())
    else:
        error_gallery.table(columns())
    if ordered:
        error_gallery.download(found, columns)


def find_source(found: Evaluated) -> Source | None:
    """The photos and weights, or in a sentence what is absent: the numbers need neither."""
    try:
        source = source_of(found, _root())
    except (DataError, RunError) as error:
        text = str(error)
        st.info(f"No pictures: {widgets.plain(text)}. The numbers are shown all the same.")
        if isinstance(error, DataError):
            st.text_input(
                "Folder of the photos",
                key="photos_root",
                bind="query-params",
                placeholder=found.run.experiment.data.root,
                width=420,
            )
        return None
    if not source.same_data:
        st.warning(
            "These are not quite the photos that were measured: other files or splits stand under "
            f"{widgets.plain(state.shown(source.dataset.root))}. They are matched by name."
        )
    return source


def pair_with(found: Evaluated, measured: Sequence[Run], measure: str) -> two_runs.Paired | None:
    """The run against the other one, where one is chosen. Raises ``RunError``."""
    name = st.session_state.get(OTHER)
    other = next((run for run in measured if run.name == name), None)
    if other is None:
        return None
    return two_runs.pair(found, evaluated(other, found.measured.name), measure)


def put_in_order(
    found: Evaluated,
    passed: np.ndarray,
    scores: np.ndarray,
    measure: str,
    paired: two_runs.Paired | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Places in the table of the images to show, in their order, and the value of each."""
    st.subheader(f"{widgets.count(int(passed.sum()))} photos")
    order = "worst"
    if paired is not None:
        order = st.segmented_control(
            "Order",
            [*ORDERS],
            default="worst",
            required=True,
            format_func=lambda name: ORDERS[name].capitalize(),
            key="order",
            bind="query-params",
        )
    if paired is None or order == "worst":
        places = worst_first(scores, measure)
        places = places[passed[places]]
        return places, scores[places]
    losses = paired.losses if order == "losses" else -paired.losses
    inside = passed[paired.places] & (losses > 0)
    falling = np.argsort(-losses[inside], kind="stable")
    return paired.places[inside][falling], losses[inside][falling]


def one_photo(
    found: Evaluated, source: Source | None, paired: two_runs.Paired | None, name: str
) -> None:
    """One image large, by both runs where there are two. Raises ``DataError``, ``RunError``."""
    both = [found]
    if paired is not None and name in paired.second.places:
        both.append(paired.second)
    for one in both:
        opened_photo.numbers(one, name)
    if source is None:
        tagging.control(experiment_at(found, _root()), name)
        return
    others = []
    for other in both[1:]:
        try:
            others.append(source_of(other, _root()))
        except SeglabError as error:
            st.caption(
                f"No pictures by {widgets.plain(other.run.name)}: {widgets.plain(str(error))}"
            )
    opened_photo.show(source, others, name)


def nothing_measured(runs: Sequence[Run]) -> None:
    """No run was measured: the command that measures one."""
    folder = state.shown(state.models_folder())
    if runs:
        st.info(
            f"None of the {len(runs)} runs under `{folder}` was measured yet: `python evaluate.py "
            f"{state.shown(runs[0].folder)}` scores every test photo. Then the worst are shown."
        )
        return
    st.info(
        f"There is no run under `{folder}` yet. `make demo` trains and measures a small one on "
        "drawn pets in a few minutes, `python train.py` and then `python evaluate.py` one on the "
        "Oxford pets. Then its worst photos are shown here."
    )


def shell(shown: Evaluated | None, runs: Sequence[Run]) -> None:
    """The same from the shell."""
    folder = state.shown(shown.run.folder if shown else state.models_folder() / "<run>")
    options = shown.measured.options() if shown else ["--split", "test"]
    commands = [["python", "evaluate.py", folder, *options]]
    if shown is not None:
        table = shown.measured.table_of(shown.run)
        column = [*map(str, shown.table.columns)].index("iou") + 1
        commands.append(["sort", "-t,", "-g", f"-k{column},{column}", state.shown(table)])
        with widgets.sentences():
            without = tagging.training_without(experiment_at(shown, _root()))
            if without:
                commands.append(["python", "train.py", *flags(without)])
    other = st.session_state.get(OTHER)
    if shown is not None and other:
        second = next((state.shown(run.folder) for run in runs if run.name == other), other)
        commands.append(["python", "compare.py", folder, second])
    widgets.from_the_shell(
        "Scores every photo, a row each in a CSV; sorts it by IoU; and, where you tagged samples, "
        "trains without those whose label is wrong.",
        *commands,
    )


def _root() -> str | None:
    typed = str(st.session_state.get("photos_root") or "")
    with suppress(DataError):  # what cannot be a folder is as if nothing was typed
        return str(state.typed_folder(typed)) if typed else None
    return None


page()
