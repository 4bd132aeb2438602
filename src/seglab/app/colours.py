"""One fixed colour a run, the same on every page."""

from collections.abc import Sequence

from seglab import run_marks
from seglab.run_marks import Mark
from seglab.runs import Run


def marks(runs: Sequence[Run]) -> dict[str, Mark]:
    """Run name to its mark. Give it every run there is: then a page that draws a few of them
    draws each as the others do."""
    found = run_marks.marks(runs)
    return {run.name: found[run.folder] for run in runs}
