"""A large photo in overlapping tiles at its own resolution, blended so that no seam is seen."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

BATCH = 8
"""Tiles that the network gets at a time."""

SMALLEST_WEIGHT = 1e-3
"""Of a tile's outermost pixels: more than nothing, for the photo's own edge has no other tile."""


def blended(
    pixels: np.ndarray, side: int, network: Callable[[np.ndarray], np.ndarray]
) -> Iterator[tuple[int, np.ndarray]]:
    """Probabilities of a photo uint8 H×W×3 in bands of rows: first row, float32 planes×h×W.

    ``network`` gets tiles uint8 N×side×side×3 and gives float32 N×planes×side×side. Tiles overlap
    by half or more, and count the less the farther a pixel is from their middle, as in nnU-Net
    (Isensee et al. 2021), here with a raised cosine. A photo smaller than a tile stands in the
    middle of one, padded with 0. Held at a time: one row of tiles.
    """
    height, width = pixels.shape[:2]
    tall, broad = min(height, side), min(width, side)
    rows, columns = starts(height, side), starts(width, side)
    row_weights = _weights(rows, tall, height)
    column_weights = _weights(columns, broad, width)
    top_pad, left_pad = (side - tall) // 2, (side - broad) // 2
    carried: np.ndarray | None = None
    for place, top in enumerate(rows):
        strip: np.ndarray | None = None
        for first in range(0, len(columns), BATCH):
            lefts = columns[first : first + BATCH]
            tiles = np.zeros((len(lefts), side, side, 3), np.uint8)
            for tile, left in zip(tiles, lefts, strict=True):
                tile[top_pad : top_pad + tall, left_pad : left_pad + broad] = pixels[
                    top : top + tall, left : left + broad
                ]
            found = network(tiles)[:, :, top_pad : top_pad + tall, left_pad : left_pad + broad]
            if strip is None:
                strip = np.zeros((found.shape[1], tall, width), np.float32)
            for tile_planes, left, weights in zip(
                found, lefts, column_weights[first : first + BATCH], strict=True
            ):
                strip[:, :, left : left + broad] += tile_planes * weights
        assert strip is not None
        strip *= row_weights[place][:, None]
        if carried is not None:
            strip[:, : carried.shape[1]] += carried
        done = (rows[place + 1] if place + 1 < len(rows) else height) - top
        yield top, strip[:, :done]
        carried = strip[:, done:]


def starts(length: int, side: int) -> list[int]:
    """First pixels of the tiles along ``length`` pixels: evenly spaced, half a side apart at most.

    The first begins and the last ends with the photo.
    """
    if length <= side:
        return [0]
    count = -(-(length - side) // max(side // 2, 1)) + 1
    return [round(place * (length - side) / (count - 1)) for place in range(count)]


def _weights(firsts: Sequence[int], side: int, length: int) -> list[np.ndarray]:
    """The weight of each tile's pixels along one side, float32; they sum to 1 at every pixel."""
    window = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2 + SMALLEST_WEIGHT
    total = np.zeros(length)
    for first in firsts:
        total[first : first + side] += window
    return [(window / total[first : first + side]).astype(np.float32) for first in firsts]
