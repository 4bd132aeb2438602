"""A parser for the scripts without experiment keys: wrong usage is one line, exit 2."""

import argparse
from typing import NoReturn

from seglab.errors import UsageError
from seglab.runs import Run
from seglab.views import Views


class Parser(argparse.ArgumentParser):
    """``argparse`` that accepts no abbreviations and raises ``UsageError`` instead of exiting."""

    def __init__(self, description: str, epilog: str | None = None) -> None:
        super().__init__(
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.HelpFormatter(
                prog, max_help_position=32, width=100
            ),
        )
        self.add_argument("--debug", action="store_true", help="tracebacks, not one-line errors")

    def error(self, message: str) -> NoReturn:
        """Called by argparse for any wrong usage."""
        raise UsageError(f"{message}; see --help")


def share(text: str) -> float:
    """A number from 0 to 1, for ``type=``."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return value


def positive(text: str) -> float:
    """A number above 0, for ``type=``."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def count(text: str) -> int:
    """A whole number above 0, for ``type=``."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def scale(text: str) -> float:
    """A number from 0.25 to 4, for ``type=``."""
    value = positive(text)
    if not 0.25 <= value <= 4:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0.25 to 4")
    return value


def add_views(parser: argparse._ActionsContainer) -> None:
    """The options for looking at a photo more than once; each look costs as much as the first."""
    parser.add_argument("--flip", action="store_true", help="mean with the mirrored photo")
    parser.add_argument(
        "--scales",
        type=scale,
        nargs="+",
        default=[1.0],
        metavar="X",
        help="mean over these times the network's size [default 1]",
    )


def views_of(options: argparse.Namespace) -> Views:
    """What the two options ask for; the order of the scales, or a second time, changes nothing."""
    return Views(options.flip, tuple(sorted(set(options.scales))))


def check_threshold(told: float | None, run: Run) -> None:
    """Refuse a threshold for a run that has no use for one. Raises ``UsageError``."""
    classes = len(run.class_names)
    if told is not None and classes > 2:
        raise UsageError(
            f"--threshold: {run.name} has {classes} classes, of which a pixel gets the most likely "
            "one; leave it out"
        )


def printable(name: object) -> str:
    """A file name on one line, whatever characters it holds."""
    return "".join(sign if sign.isprintable() else "�" for sign in str(name))
