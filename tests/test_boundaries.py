"""Boundary figures against scipy's erosion and distance transform, and torchmetrics' outlines."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage
from torchmetrics.functional.segmentation.utils import mask_edges

from seglab import boundaries
from seglab.labels import IGNORE
from tests.helpers import disk


def blobs(seed: int, height: int = 90, width: int = 110) -> np.ndarray:
    """A random mask of smooth shapes, some cut by the image's edge: uint8 H×W of 0 and 1."""
    noise = np.random.default_rng(seed).normal(size=(height, width))
    smooth = ndimage.gaussian_filter(noise, 6)
    return np.uint8(smooth > np.quantile(smooth, 0.6))


def reference_band(mask: np.ndarray, distance: int) -> np.ndarray:
    eroded = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=distance, border_value=0)
    return mask.astype(bool) & ~eroded


def reference_f1(predicted: np.ndarray, truth: np.ndarray, tolerance: float) -> float:
    outlines = [
        mask.astype(bool) & ~ndimage.binary_erosion(mask, border_value=1)
        for mask in (predicted, truth)
    ]
    to_predicted, to_truth = (ndimage.distance_transform_edt(~outline) for outline in outlines)
    precision = (to_truth[outlines[0]] <= tolerance).mean()
    recall = (to_predicted[outlines[1]] <= tolerance).mean()
    return float(2 * precision * recall / (precision + recall))


@pytest.mark.parametrize("seed", range(6))
def test_both_figures_equal_scipy_s(seed: int) -> None:
    predicted, truth = blobs(seed), blobs(seed + (seed % 2))
    predicted = np.roll(predicted, 2 * seed, axis=1)
    found = boundaries.boundary_figures(boundaries.count_boundary(predicted, truth, 2))
    distance = boundaries.iou_distance_pixels(*truth.shape)
    assert distance == 3
    for class_id in (0, 1):
        bands = [reference_band(mask == class_id, distance) for mask in (predicted, truth)]
        expected = (bands[0] & bands[1]).sum() / (bands[0] | bands[1]).sum()
        assert found["boundary_iou"][class_id] == pytest.approx(expected)
        expected = reference_f1(
            predicted == class_id,
            truth == class_id,
            boundaries.f1_tolerance_pixels(*truth.shape),
        )
        assert found["boundary_f1"][class_id] == pytest.approx(expected)


def test_outlines_are_torchmetrics_s_where_the_image_does_not_cut_them() -> None:
    inside = disk(60, 60, 30, 28, 14)
    counts = boundaries.count_boundary(np.uint8(inside), np.uint8(inside), 2)[1]
    edges = mask_edges(torch.from_numpy(inside), torch.from_numpy(inside), crop=False)[0]
    assert counts[boundaries.PREDICTED] == int(edges.sum())


@pytest.mark.parametrize(
    ("height", "width", "distance", "tolerance"),
    [(128, 128, 4, 2), (8, 8, 1, 1), (375, 500, 12, 5)],
)
def test_distances_are_shares_of_the_diagonal(
    height: int, width: int, distance: int, tolerance: int
) -> None:
    assert boundaries.iou_distance_pixels(height, width) == distance
    assert boundaries.f1_tolerance_pixels(height, width) == tolerance
    assert math.isclose(distance, 0.02 * math.hypot(height, width), abs_tol=1)


EMPTY, FULL, ISLAND = np.zeros((40, 40)), np.ones((40, 40)), disk(40, 40, 20, 20, 9)


@pytest.mark.parametrize(
    ("predicted", "truth", "iou", "f1"),
    [
        (EMPTY, EMPTY, 1, 1),
        (EMPTY, ISLAND, 0, 0),
        (ISLAND, EMPTY, 0, 0),
        (ISLAND, ISLAND, 1, 1),
        (FULL, FULL, 1, 1),
        (ISLAND, ISLAND * 0 + IGNORE, 1, 1),
    ],
    ids=["both empty", "empty prediction", "empty truth", "equal", "both full", "all ignored"],
)
def test_degenerate_masks(predicted: np.ndarray, truth: np.ndarray, iou: int, f1: int) -> None:
    counts = boundaries.count_boundary(np.uint8(predicted), np.uint8(truth), 2)
    found = boundaries.boundary_figures(counts)
    assert found["boundary_iou"][1] == iou
    assert found["boundary_f1"][1] == f1


def test_the_edge_of_an_ignored_region_is_no_outline() -> None:
    predicted = np.uint8(ISLAND)
    truth = predicted.copy()
    truth[:, 20:] = IGNORE
    found = boundaries.boundary_figures(boundaries.count_boundary(predicted, truth, 2))
    assert found["boundary_iou"].tolist() == [1, 1]
    assert found["boundary_f1"].tolist() == [1, 1]
    truth[:, :20] = 0  # what is counted is wrong, and it shows
    found = boundaries.boundary_figures(boundaries.count_boundary(predicted, truth, 2))
    assert found["boundary_iou"][1] < 0.2


def test_pooled_counts_of_several_images_keep_their_shape() -> None:
    counts = np.stack([boundaries.count_boundary(blobs(k), blobs(k + 1), 3) for k in range(4)])
    assert counts.shape == (4, 3, 7)
    assert counts.dtype == np.int64
    each, pooled = boundaries.boundary_figures(counts), boundaries.boundary_figures(counts.sum(0))
    assert each["boundary_f1"].shape == (4, 3)
    assert each["boundary_iou"][:, 1].min() < pooled["boundary_iou"][1]
    assert pooled["boundary_iou"][1] < each["boundary_iou"][:, 1].max()
    assert pooled["boundary_iou"][2] == 1  # absent in truth and prediction
