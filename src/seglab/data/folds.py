"""Cross-validation: the whole dataset dealt into folds, each the test part of one run."""

from dataclasses import replace

from seglab.config import Experiment
from seglab.data.sample import Dataset, Record, Split
from seglab.data.splits import deal, hold_out
from seglab.errors import DataError


def in_folds(dataset: Dataset, experiment: Experiment) -> Dataset:
    """The dataset with fold ``data.fold`` of ``data.folds`` as its test part; as it is without.

    All samples of all parts are pooled and dealt, each breed in proportion, seeded by
    ``data.split_seed``: over the folds every sample is tested exactly once. Of the other folds'
    samples the share ``data.validation`` is held out. Raises ``DataError``.
    """
    data = experiment.data
    if not data.folds:
        return dataset
    everything = _distinct(dataset)
    if len(everything) < max(data.folds, 3):
        raise DataError(
            f"{dataset.root}: {len(everything)} samples cannot be dealt into {data.folds} folds"
        )
    folds = deal(everything, data.folds, data.split_seed)
    test = folds.pop(data.fold - 1)
    train = tuple(sorted((r for fold in folds for r in fold), key=lambda record: record.name))
    splits: dict[Split, tuple[Record, ...]] = {"train": train, "val": test, "test": test}
    if data.validation != "test":
        splits["train"], splits["val"] = hold_out(train, data.validation, data.split_seed)
    return replace(dataset, splits=splits)


def whole(experiment: Experiment) -> Experiment:
    """The experiment whose dataset has every sample in some part, where folds are to be dealt.

    With ``data.validation`` test, a ``val/`` beside it would be left out.
    """
    if not experiment.data.folds:
        return experiment
    return experiment.model_copy(
        update={"data": experiment.data.model_copy(update={"validation": 0.1})}
    )


def _distinct(dataset: Dataset) -> list[Record]:
    """Every sample once, though validation may be the test part itself."""
    found: dict[str, Record] = {}
    for records in dataset.splits.values():
        for record in records:
            if found.setdefault(record.name, record) != record:
                raise DataError(
                    f"{record.image} and {found[record.name].image} have the same name; folds "
                    "pool all parts, so rename one"
                )
    return list(found.values())
