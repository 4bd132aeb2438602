"""Statistics of photos, against NumPy's own on arrays drawn by hand."""

import numpy as np
import pytest

from seglab.data.cache import open_pairs
from seglab.data.sources import open_dataset
from seglab.data.statistics import image_statistics, photo_statistics
from seglab.preprocessing import Preprocessing
from tests.helpers import tiny_experiment, write_disks


def test_a_photo_by_hand():
    image = np.zeros((2, 2, 3), np.uint8)
    image[0] = (255, 51, 0)
    found = photo_statistics(image)
    np.testing.assert_allclose(found["mean"], [0.5, 0.1, 0])
    np.testing.assert_allclose(found["sd"], [0.5, 0.1, 0])


def test_over_a_split_against_numpy(tmp_path):
    data = {"source": "folder", "root": str(write_disks(tmp_path / "disks"))}
    pairs = open_pairs(open_dataset(tiny_experiment(data=data)), "train", Preprocessing(16))
    images = np.stack([pairs[index][0] for index in range(len(pairs))]) / 255
    found = image_statistics(pairs)
    for name, each in (("mean", images.mean((1, 2))), ("sd", images.std((1, 2)))):
        assert found[name]["mean"] == pytest.approx(each.mean(0).tolist(), abs=1e-5)
        assert found[name]["sd"] == pytest.approx(each.std(0).tolist(), abs=1e-5)
        assert min(found[name]["sd"]) > 0
