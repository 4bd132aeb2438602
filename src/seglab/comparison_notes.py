"""What a reader of a comparison has to know: how its figures came about and what they cover."""

from collections.abc import Iterator

from seglab.comparison_results import Comparison, Row, Table, of_one_loss
from seglab.first_weights import went_on
from seglab.intervals import FEW, RESAMPLES, method
from seglab.paired import TIE_WIDTH


def notes(comparison: Comparison) -> list[str]:
    """Sentences for below the tables; only those that apply."""
    if not comparison.tables:
        return []
    rows = [row for table in comparison.tables for row in table.rows]
    found = [
        f"[ , ]: 95 % {_methods(comparison)} interval over images. Boundary IoU is the mean over "
        "images; validation loss is the best epoch's."
    ]
    if any(row.folds for row in rows):
        found.append(
            "Folds: each image is measured by the run that held it out, and all are pooled. Their "
            "[ , ] is a 95 % jackknife interval over folds (Student's t), since the images of a "
            "fold share one training. Losses, times and epochs are means over the folds."
        )
    found += _unpooled(rows)
    if any(len(row.seeds) > 1 for row in rows):
        found.append("±: standard deviation over the seeds of one experiment (n − 1).")
    if any(row.best for row in rows):
        found.append(
            "Marked: the best of its column, the lowest of losses, sizes and times; whether a "
            "difference in IoU is decided, the pairs say."
        )
    if not of_one_loss(rows):
        found.append("Validation losses compare only between runs trained with the same loss.")
    found += went_on((row.name, row.runs[0]) for row in rows)
    found += _about_pairs(comparison)
    found += _chosen_on_test(comparison, rows)
    if comparison.timing:
        found.append(comparison.timing)
    return found


def _methods(comparison: Comparison) -> str:
    """Of rows that are single runs; of a pooled cross-validation these are its folds."""
    conditions = [table.conditions for table in comparison.tables]
    images = [len(each.images) // max(len(set(each.folds)), 1) for each in conditions]
    return " or ".join(sorted(set(map(method, images))))


def _drawn(comparison: Comparison) -> str:
    """How the pairs' intervals are made; by Student's t where a table has few images."""
    images = [len(table.conditions.images) for table in _plain(comparison) if table.pairs]
    ways = []
    if max(images) >= FEW:
        ways.append(f"{RESAMPLES:,} resamples of the images, the same for both")
    if min(images) < FEW:
        ways.append(f"Student's t over the images, where they are fewer than {FEW}")
    return "; ".join(ways)


def _plain(comparison: Comparison) -> list[Table]:
    return [table for table in comparison.tables if not table.conditions.folds]


def _unpooled(rows: list[Row]) -> Iterator[str]:
    names = [
        row.name
        for row in rows
        if not row.folds and any(run.experiment.data.folds for run in row.runs)
    ]
    if names:
        yield (
            f"{', '.join(names)}: single folds of a cross-validation that is not whole here; "
            "nothing of it is pooled."
        )


def _about_pairs(comparison: Comparison) -> Iterator[str]:
    pairs = [pair for table in comparison.tables for pair in table.pairs]
    if not pairs:
        return
    if all(pair.covers == "folds" for pair in pairs):
        yield (
            "a − b: mean difference of the images' IoU with a 95 % jackknife interval over folds. "
            f"A tie is a difference below {TIE_WIDTH:g}; undecided: the interval holds 0."
        )
        return
    seeds = ""
    if any("seeds" in pair.covers for pair in pairs):
        seeds = ", and the seeds within each experiment that has several"
    yield (
        "a − b: mean difference of the images' IoU with a paired 95 % interval: "
        f"{_drawn(comparison)}{seeds}. A tie is a difference below {TIE_WIDTH:g}; undecided: the "
        "interval holds 0."
    )
    if any(pair.covers not in ("images and seeds", "folds") for pair in pairs):
        yield (
            "A run of one seed: an interval covers the choice of images, not the randomness of its "
            "training: another seed may turn a small difference round."
        )
    if any("seeds" in pair.covers for pair in pairs):
        yield "Few seeds show little of the spread of training: such intervals are a little narrow."
    if len(pairs) > 1:
        yield (
            "Each interval is for its pair alone: about one pair in twenty misses the true "
            "difference by chance."
        )


def _chosen_on_test(comparison: Comparison, rows: list[Row]) -> Iterator[str]:
    names = [row.name for row in rows if row.runs[0].experiment.data.validation == "test"]
    if names and comparison.split == "test":
        yield (
            f"{', '.join(names)}: the best epoch was chosen on the test part itself "
            "(data.validation test), so the figures are too good."
        )
