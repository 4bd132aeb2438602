"""Tiles of networks whose answer is known."""

from itertools import pairwise

import numpy as np
import pytest

from seglab.segmentation import whole
from seglab.tiles import blended, starts
from tests.helpers import photo_of

SIZES = [(16, 16), (40, 64), (17, 33), (5, 100), (100, 7), (3, 3), (63, 16), (129, 75)]
SIDE = 16


def red(tiles: np.ndarray) -> np.ndarray:
    """A network that sees no neighbour: one plane, the red of each pixel."""
    assert tiles.dtype == np.uint8
    assert tiles.shape[1:] == (SIDE, SIDE, 3)
    return np.float32(tiles[..., 0] / 255)[:, None]


def frames(tiles: np.ndarray) -> np.ndarray:
    """A network that is wrong where it sees least: 1 on a tile's outermost pixels, else 0."""
    answer = np.ones((len(tiles), 1, SIDE, SIDE), np.float32)
    answer[:, :, 1:-1, 1:-1] = 0
    return answer


@pytest.mark.parametrize("length", [1, 5, 16, 17, 24, 25, 100, 1000])
def test_tiles_cover_all_and_overlap_by_half(length: int) -> None:
    firsts = starts(length, SIDE)
    assert firsts[0] == 0
    assert firsts[-1] + min(SIDE, length) == length
    assert all(0 < after - before <= SIDE // 2 for before, after in pairwise(firsts))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_network_without_neighbours_is_not_changed_by_tiles(height: int, width: int) -> None:
    photo = photo_of(height, width)
    found = whole(blended(photo, SIDE, red), height, width, 2)
    np.testing.assert_allclose(found[1], photo[..., 0] / 255, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(40, 64), (129, 75), (64, 33)])
def test_what_is_wrong_at_a_tile_s_edge_is_not_seen(height: int, width: int) -> None:
    found = whole(blended(photo_of(height, width), SIDE, frames), height, width, 2)[1]
    inner = found[1:-1, 1:-1]  # the photo's own edge is no seam
    assert inner.max() < 0.05
    assert found[0].min() > 0.9


def test_bands_follow_each_other_and_are_no_higher_than_a_tile() -> None:
    rows = 0
    for top, planes in blended(photo_of(129, 75), SIDE, red):
        assert top == rows
        assert planes.shape[1] <= SIDE
        rows += planes.shape[1]
    assert rows == 129


def test_the_network_gets_few_tiles_at_a_time() -> None:
    counts = []

    def network(tiles: np.ndarray) -> np.ndarray:
        counts.append(len(tiles))
        return red(tiles)

    for _ in blended(photo_of(20, 2000), SIDE, network):
        pass
    assert max(counts) <= 8
    assert sum(counts) == len(starts(20, SIDE)) * len(starts(2000, SIDE))
