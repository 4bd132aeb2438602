"""Pieces that all pages share: heading, errors as sentences, legends, the shell's command."""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from seglab.app import state
from seglab.app.training_chip import training_chip
from seglab.errors import SeglabError
from seglab.labels import NONE_CHOSEN, Colour, Colours, class_colour
from seglab.run_list import BrokenRun

MOST_DETAILS = 8


def header(title: str, question: str) -> None:
    """A page begins with its title and the question it answers, beside a sign of any training."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(title, width="content")
        training_chip()
    st.markdown(question)


@contextmanager
def sentences() -> Iterator[None]:
    """Errors meant for a person become one sentence; what stands below the block still runs."""
    try:
        yield
    except SeglabError as error:
        show_error(error)


def show_error(error: SeglabError) -> None:
    """What is wrong and what to do, with its findings listed."""
    lines = [plain(str(error))]
    lines += [f"- {plain(detail)}" for detail in error.details[:MOST_DETAILS]]
    if len(error.details) > MOST_DETAILS:
        lines.append(f"- … and {len(error.details) - MOST_DETAILS} more")
    st.error("\n".join(lines))


WORD_JOINER = "\u2060"
"""Has no width and parts no words."""


def plain(text: str) -> str:
    """``text`` so that Markdown shows it as it is."""
    for character in "\\`*_[]#$:~<>|":
        text = text.replace(character, "\\" + character)
    # Addresses become links whatever is escaped in them, unless something stands inside.
    for opening in ("//", "@", "www."):
        text = text.replace(opening, opening[:-1] + WORD_JOINER + opening[-1])
    return text


def broken_runs(broken: Sequence[BrokenRun]) -> None:
    """The folders that are no usable runs, each with its reason."""
    if not broken:
        return
    count = "One folder" if len(broken) == 1 else f"{len(broken)} folders"
    lines = [f"{count} under {plain(state.shown(state.models_folder()))} cannot be read as a run:"]
    lines += [f"- {plain(run.folder.name)}: {plain(_short(run))}" for run in broken]
    st.warning("\n".join(lines))


@contextmanager
def stoppable(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with a button beside it, both gone after the block; gives what moves the bar to so
    many of so many done. Pressing anything begins the page anew: moving the bar then ends the
    block."""
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", key=f"stop_{what}", icon=":material/stop:")
        bar = st.progress(0.0, f"{what} …")

    def show(done: int, total: int) -> None:
        bar.progress(done / total, f"{what}: {count(done)} of {count(total)}")

    yield show
    place.empty()


def legend(class_names: Sequence[str], colours: Colours = NONE_CHOSEN) -> None:
    """The colours of the classes; background has none."""
    numbered = [*enumerate(class_names)][1:]
    swatches([(name, class_colour(number, colours)) for number, name in numbered])


def swatches(entries: Sequence[tuple[str, Colour]]) -> None:
    """What colours mean: words, each with a square of its colour in front."""
    parts = [
        f'<span style="color:rgb{colour}">■</span> {_escaped(words)}' for words, colour in entries
    ]
    st.html("&emsp;".join(parts))


def from_the_shell(explanation: str, *commands: Sequence[str]) -> None:
    """The last thing on a page: the commands that do the same."""
    with st.expander("From the shell"):
        st.markdown(explanation)
        lines = [" ".join(shlex.quote(word) for word in command) for command in commands]
        st.code("\n".join(lines), language=None, wrap_lines=True)


def clamp(key: str, low: int, high: int) -> None:
    """Keep a number that the session remembers within the limits its widget is about to have."""
    value = st.session_state.get(key)
    if isinstance(value, int) and not low <= value <= high:
        st.session_state[key] = min(max(value, low), high)


def forget_unknown(key: str, options: Sequence[str]) -> None:
    """Drop a remembered choice that is no longer on offer."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]


def only(value: object) -> object:
    """What a plot says of a point, which may come alone or as a list of one."""
    return value[0] if isinstance(value, list | tuple) and value else value


def count(number: int) -> str:
    """A count with thin spaces: 3 662."""
    return f"{number:,}".replace(",", "\u202f")


def thin_spaced(text: str) -> str:
    """A sentence of the shell's with its counts as they stand on the pages."""
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "\u202f", text)


def signed(value: float) -> str:
    """A difference of IoUs with its sign: +0.012 or −0.012."""
    return f"{value:+.3f}".replace("-", "−")


def _short(run: BrokenRun) -> str:
    """The reason without the models folder in front, which stands above the list."""
    return run.reason.removeprefix(f"{run.folder}: ").replace(f"{run.folder}/", "")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
