"""The chosen runs' curves, ready to be drawn."""

from collections.abc import Sequence
from html import escape

from seglab.app import readings
from seglab.app.colours import marks
from seglab.curves import Curve, best_epoch, over_seeds
from seglab.reproduction import differences
from seglab.run_names import common_name
from seglab.runs import Run

SEED = "trainer.seed"


def curves_of(drawn: Sequence[Run], runs: Sequence[Run], together: bool) -> list[Curve]:
    """A curve a run of ``drawn`` that has an epoch behind it, in the colours it has among all
    ``runs``; with ``together`` a curve an experiment. Raises ``RunError``."""
    found = marks(runs)
    curves = []
    for group in experiments(drawn) if together else [[run] for run in drawn]:
        members = []
        for run in group:
            rows, mark = readings.table(run), found[run.name]
            if not rows.empty and "epoch" in rows:
                best = best_epoch(rows, run.experiment.trainer.monitor)
                # plotly reads tags in names.
                name = escape(run.name, quote=False)
                members.append(Curve(name, rows, mark.colour, mark.symbol, best))
        if len(members) > 1:
            name = f"{escape(common_name([run.name for run in group]), quote=False)}, "
            curves.append(over_seeds(members, f"{name}{len(members)} seeds"))
        else:
            curves += members
    return curves


def experiments(runs: Sequence[Run]) -> list[list[Run]]:
    """Lists of runs that differ in seed alone, first weights included; one seed never twice in a
    list."""
    groups: list[list[Run]] = []
    for run in runs:
        for group in groups:
            same = differences(run.experiment, group[0].experiment).keys() <= {SEED}
            same &= run.first_runs == group[0].first_runs
            seeds = [other.experiment.trainer.seed for other in group]
            if same and run.experiment.trainer.seed not in seeds:
                group.append(run)
                break
        else:
            groups.append([run])
    return groups
