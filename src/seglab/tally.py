"""Losses and pixel counts of an epoch, from which its row is made."""

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from torch import Tensor

from seglab import metrics
from seglab.ranks import Ranks


class Tally:
    """Losses and pixel counts of an epoch, image by image, whatever the batch size."""

    def __init__(self) -> None:
        self._losses: list[Tensor] = []
        self._counts: list[np.ndarray] = []

    def add(self, loss: Tensor, counts: np.ndarray) -> None:
        """A batch's mean loss and its counts N×classes×4."""
        self._losses.append(loss.detach())
        self._counts.append(counts)

    def figures(self, prefix: str, class_names: Sequence[str]) -> dict[str, float]:
        """``<prefix>_loss`` (mean over images) and the metrics of ``metrics.reduce``; with more
        than two classes ``<prefix>_iou_<class name>`` of each too."""
        pairs = zip(self._losses, self._counts, strict=True)
        total = sum(float(loss) * len(counts) for loss, counts in pairs)
        counts = np.concatenate(self._counts) if self._counts else np.zeros((0, 2, 4))
        figures = {"loss": total / max(self.images, 1)} | metrics.reduce(counts)
        if len(class_names) > 2:
            figures |= metrics.class_ious(counts, class_names)
        return {f"{prefix}_{name}": value for name, value in figures.items()}

    def of_all(self, ranks: Ranks) -> "Tally":
        """The tallies of all processes as one, in the order in which a single one had added them:
        so that even the last digit of a figure is the same."""
        if ranks.count == 1:
            return self
        whole = Tally()
        own = list(zip([loss.cpu() for loss in self._losses], self._counts, strict=True))
        for step in zip_longest(*ranks.gathered(own)):
            for batch in step:
                if batch is not None:
                    whole.add(*batch)
        return whole

    @property
    def images(self) -> int:
        """Images added so far."""
        return sum(len(counts) for counts in self._counts)

    @property
    def last_loss(self) -> float:
        """The latest batch's loss."""
        return float(self._losses[-1]) if self._losses else float("nan")
