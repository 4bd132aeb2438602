"""Training curves as values: one run's rows, several seeds together, smoothed ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy
import pandas

PARTS = ("val", "train")
MINUTE = 60.0


@dataclass(frozen=True)
class Curve:
    """One run's rows and how it is drawn; ``best_epoch`` 0 where there is none.

    Of several seeds ``rows`` are the means, ``low`` and ``high`` the extremes at each epoch, and
    ``members`` the runs themselves.
    """

    name: str
    rows: pandas.DataFrame
    colour: str
    symbol: str
    best_epoch: int
    low: pandas.DataFrame | None = None
    high: pandas.DataFrame | None = None
    members: tuple["Curve", ...] = ()


def best_epoch(rows: pandas.DataFrame, monitor: str) -> int:
    """The epoch whose ``monitor`` is best, counted from 1; 0 where no epoch tells."""
    if rows.empty or monitor not in rows or rows[monitor].isna().all():
        return 0
    values = rows[monitor].to_numpy()
    position = numpy.nanargmin(values) if monitor.endswith("loss") else numpy.nanargmax(values)
    return int(rows["epoch"].iloc[int(position)])


def columns_of(
    rows: pandas.DataFrame, metric: str, parts: Sequence[str] = PARTS
) -> Mapping[str, str]:
    """Part (``val``, ``train``, or nothing for figures of the whole epoch) to its column."""
    if metric in rows:
        return {"": metric}
    found = {part: f"{part}_{metric}" for part in PARTS if part in parts}
    return {part: column for part, column in found.items() if column in rows}


def over_seeds(curves: Sequence[Curve], name: str) -> Curve:
    """Seeds of one experiment as their mean with the lowest and highest value of each epoch.

    Only epochs that every seed has reached: where one is missing, the mean would jump. Drawn as
    the first.
    """
    tables = [curve.rows.set_index("epoch") for curve in curves]
    epochs = reduce(pandas.Index.intersection, (table.index for table in tables))
    columns = [one for one in tables[0] if all(one in table for table in tables)]
    stacked = pandas.concat([table.loc[epochs, columns] for table in tables])
    by_epoch = stacked.groupby(level="epoch")
    mean, low, high = (
        table.reset_index() for table in (by_epoch.mean(), by_epoch.min(), by_epoch.max())
    )
    first = curves[0]
    return Curve(name, mean, first.colour, first.symbol, 0, low, high, tuple(curves))


def smoothed(values: pandas.Series, weight: float) -> pandas.Series:
    """Exponential moving average: ``weight`` (0 below 1) of what was before, the rest of the new.

    Corrected for its start at 0 by dividing by 1 − weightᵗ (Kingma and Ba 2014, arXiv 1412.6980,
    section 3), so that the first value is the first. A value that is not a number stays one and
    moves nothing.
    """
    average = values.ewm(alpha=1 - weight, adjust=True, ignore_na=True).mean()
    return average.where(values.notna())


def minutes(rows: pandas.DataFrame) -> pandas.Series:
    """Minutes of training at the end of each epoch; pauses before a resumption do not count."""
    return rows["seconds"].cumsum() / MINUTE
