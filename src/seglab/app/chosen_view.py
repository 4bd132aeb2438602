"""What is said of the chosen runs: where to look at them, how they differ, which is better."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from seglab.app import classes_view, readings, widgets
from seglab.comparison_notes import notes
from seglab.comparison_results import Comparison, Pair
from seglab.config import Experiment
from seglab.errors import RunError
from seglab.measured import Measured
from seglab.reproduction import INCIDENTAL, as_written, told
from seglab.runs import Run

MOST_PAIRS = 10
MOST_PAIRED = 12
"""More runs have too many pairs to be read one by one."""
LINKS = {
    "curves": ("Training curves", ":material/show_chart:"),
    "errors": ("Errors", ":material/search:"),
    "segment": ("Masks side by side", ":material/compare:"),
}
VERDICTS = {
    "better": "better by more than chance",
    "worse": "worse by more than chance",
    "undecided": "undecided: the interval holds 0",
}


def links(chosen: Sequence[Run]) -> None:
    """Ways to the other pages, which show the same runs."""
    with st.container(horizontal=True):
        for page, (label, icon) in LINKS.items():
            st.page_link(
                Path(__file__).parent / "pages" / f"{page}.py",
                label=label,
                icon=icon,
                query_params={"runs": [run.name for run in chosen]},
            )


def configurations(chosen: Sequence[Run]) -> None:
    """The keys in which the runs differ, of one run those that are not the default."""
    columns = {run.name: told(run.experiment, run.first_runs) for run in chosen}
    if len(chosen) == 1:
        columns = {"Default": told(Experiment())} | columns
    first, *others = columns.values()
    differ = {key for key in first if any(other[key] != first[key] for other in others)}
    keys = sorted(differ.difference(INCIDENTAL))
    st.markdown(
        f"**Configuration**, the keys that {'differ' if len(chosen) > 1 else 'are not the default'}"
    )
    if not keys:
        several = len(chosen) > 1
        st.markdown("They were told the same." if several else "Every key has its default.")
        return
    table = {"Key": keys} | {
        name: [as_written(values[key]) for key in keys] for name, values in columns.items()
    }
    st.dataframe(
        table, hide_index=True, height="content", key="differences", alt="Keys that differ"
    )


def classes(chosen: Sequence[Run], way: Measured) -> None:
    """Of runs of more than two classes: figures of each class and the confusion, folded away."""
    for run in chosen:
        try:
            content = None
            if len(run.class_names) > 2:
                content = run.evaluation(way.split, way.size, way.views)
        except RunError:
            continue  # the table above names what is damaged
        if content is not None:
            classes_view.show(content, f"By class: {widgets.plain(run.name)}")


def differences_in_quality(chosen: Sequence[Run], told: Sequence[str], way: Measured) -> None:
    """Each pair on the same photos, as a sentence; why two cannot be compared.

    ``told``: notes that stand above already.
    """
    st.markdown("**On the same photos**")
    if len(chosen) > MOST_PAIRED:
        st.markdown(f"Choose at most {MOST_PAIRED} runs to see each pair, or use the shell's.")
        return
    comparison = readings.compared(chosen, True, way)
    pairs = [pair for table in comparison.tables for pair in table.pairs]
    lines = [f"- {_sentence(pair)}" for pair in pairs[:MOST_PAIRS]]
    if len(pairs) > MOST_PAIRS:
        lines.append(f"- … and {len(pairs) - MOST_PAIRS} more pairs: see the shell's command below")
    lines += [f"- {line}" for line in _hindrances(comparison)]
    seeds = [row.name for table in comparison.tables for row in table.rows if row.members]
    if not pairs and seeds:
        lines.append(f"- {widgets.plain(', '.join(seeds))}: seeds of one experiment, no pair.")
    st.markdown("\n".join(lines))
    if pairs:
        new = [note for note in notes(comparison) if note not in told]
        st.caption(widgets.plain(widgets.thin_spaced(" ".join(new))))


def _sentence(pair: Pair) -> str:
    first, second = (f"**{widgets.plain(row.name)}**" for row in (pair.first, pair.second))
    difference = pair.difference
    interval = ""
    if difference.low is not None and difference.high is not None:
        interval = f" [{widgets.signed(difference.low)}, {widgets.signed(difference.high)}]"
    return (
        f"{first} against {second}: {widgets.signed(difference.value)}{interval} IoU a photo, "
        f"{VERDICTS[pair.verdict]}; better on {widgets.count(pair.wins)}, worse on "
        f"{widgets.count(pair.losses)}, equal on {widgets.count(pair.ties)}."
    )


def _hindrances(comparison: Comparison) -> list[str]:
    """Why runs have no pair with the first ones."""
    lines = [
        f"{widgets.plain(', '.join(row.name for row in table.rows))}: not comparable with the "
        f"others: {widgets.plain(widgets.thin_spaced('; '.join(table.differs)))}."
        for table in comparison.tables
        if table.differs
    ]
    apart = [(one.run.name, readings.reason_of(one.run, one.reason)) for one in comparison.apart]
    return lines + [f"{widgets.plain(name)}: {widgets.plain(reason)}" for name, reason in apart]
