"""Who takes which image of an epoch."""

import itertools

import pytest

from seglab.data.sharing import Sharing

CASES = [
    (images, batch, ranks)
    for images, batch, ranks in itertools.product((1, 5, 13, 24, 25), (1, 4, 6, 7), (1, 2, 3, 5))
    if batch >= ranks
]


def of_all(images: int, batch: int, ranks: int) -> list[Sharing]:
    return [Sharing(images, batch, rank, ranks) for rank in range(ranks)]


@pytest.mark.parametrize(("images", "batch", "ranks"), CASES)
def test_each_image_once_in_the_order_of_a_single_process(
    images: int, batch: int, ranks: int
) -> None:
    shares = of_all(images, batch, ranks)
    alone = Sharing(images, batch)
    assert list(alone.once()) == list(alone.in_step()) == list(range(images))
    for step in range(alone.steps):
        together = [position for share in shares for position in share.positions(step)]
        assert together == list(alone.positions(step))
    everything = [position for share in shares for position in share.once()]
    assert sorted(everything) == list(range(images))


@pytest.mark.parametrize(("images", "batch", "ranks"), CASES)
def test_batches_of_the_share_s_size_are_the_steps(images: int, batch: int, ranks: int) -> None:
    """What a loader makes of it that cuts every so many samples."""
    for share in of_all(images, batch, ranks):
        drawn = list(share.in_step())
        cut = [drawn[start : start + share.share] for start in range(0, len(drawn), share.share)]
        assert len(cut) == share.steps
        for step, found in enumerate(cut):
            assert found == (list(share.positions(step)) or [0])


@pytest.mark.parametrize(("images", "batch", "ranks"), CASES)
def test_weights_make_the_mean_over_processes_that_over_images(
    images: int, batch: int, ranks: int
) -> None:
    shares = of_all(images, batch, ranks)
    for step in range(shares[0].steps):
        expected = list(Sharing(images, batch).positions(step))
        means = []
        for share in shares:
            own = list(share.positions(step))
            means.append(share.weight(step) * sum(own) / max(len(own), 1))
        assert sum(means) / ranks == pytest.approx(sum(expected) / len(expected))


def test_the_smallest_share() -> None:
    assert Sharing(13, 6, ranks=2).smallest_share == 1  # one is left: a stand-in for the second
    assert Sharing(9, 6, ranks=2).smallest_share == 1
    assert Sharing(10, 6, ranks=2).smallest_share == 2
    assert Sharing(12, 6, ranks=2).smallest_share == 3
