"""What tables and plots say of runs that did not begin from scratch."""

from collections.abc import Iterable, Sequence

from seglab.runs import Run


def went_on(shown: Iterable[tuple[str, Run]]) -> list[str]:
    """A sentence for each run that began with other runs' weights, by the name it is shown under.

    Its row and its curve hold its own epochs alone, and would look as if they had sufficed.
    """
    return [
        f"{name} began with {in_words(run.first_runs)}: its epochs and training time come on top "
        "of theirs."
        for name, run in shown
        if run.first_runs
    ]


def in_words(names: Sequence[str]) -> str:
    """Whose weights they are, of one run or more by name."""
    return f"{'the mean of ' * (len(names) > 1)}the weights of {listed(names)}"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
