"""How the images of an epoch are dealt to the processes that train together."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Sharing:
    """The part of ``images`` positions that process ``rank`` of ``ranks`` takes, step by step.

    A step takes ``batch_size`` images over all processes, the last one of an epoch what is left.
    Each process takes a run of neighbours, the first ones an image more where it does not go
    even: the processes' shares one after the other are the batch of a single process.
    """

    images: int
    batch_size: int
    rank: int = 0
    ranks: int = 1

    @property
    def steps(self) -> int:
        """Steps of an epoch, the same for every process."""
        return -(-self.images // self.batch_size)

    @property
    def share(self) -> int:
        """Images of a whole batch that this process takes."""
        return len(self._part(self.batch_size))

    @property
    def smallest_share(self) -> int:
        """Images that the process with the least of the last step sees, at least 1."""
        return max(self._size(self.steps - 1) // self.ranks, 1)

    def positions(self, step: int) -> range:
        """This process's positions of a step; empty where the last one has fewer than ``ranks``."""
        part = self._part(self._size(step))
        start = step * self.batch_size
        return range(start + part.start, start + part.stop)

    def weight(self, step: int) -> float:
        """Factor of this process's mean loss, so that the mean over the processes is that over
        all images of the step; 1 where all take the same number."""
        return len(self.positions(step)) * self.ranks / self._size(step)

    def once(self) -> Iterator[int]:
        """This process's positions of an epoch; over all processes each comes exactly once."""
        for step in range(self.steps):
            yield from self.positions(step)

    def in_step(self) -> Iterator[int]:
        """The same with a stand-in, the epoch's first position, in a step without any: every
        process has to take part in every step. Its weight is 0, and nothing counts it."""
        for step in range(self.steps):
            yield from self.positions(step) or range(1)

    def _size(self, step: int) -> int:
        return min(self.batch_size, self.images - step * self.batch_size)

    def _part(self, size: int) -> range:
        each, over = divmod(size, self.ranks)
        start = self.rank * each + min(self.rank, over)
        return range(start, start + each + (self.rank < over))
