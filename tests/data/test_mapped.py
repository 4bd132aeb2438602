"""Arrays in files: zeros at first, their room on the disk taken."""

import os
from pathlib import Path

import numpy as np
import pytest

from seglab.data import mapped
from seglab.data.mapped import new_array


@pytest.mark.parametrize("system_takes_room", [True, False])
def test_room_is_taken_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_takes_room: bool
) -> None:
    if not system_takes_room:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
        monkeypatch.setattr(mapped, "BLOCK", 1000)
    path = tmp_path / "images.npy"
    array = new_array(path, (50, 64, 64, 3))
    assert path.stat().st_blocks * 512 >= array.nbytes  # no holes
    assert array.dtype == np.uint8
    assert not np.load(path).any()
    array[7] = 9
    array.flush()
    kept = np.load(path)
    assert kept.shape == (50, 64, 64, 3)
    assert (kept[7] == 9).all()
    assert kept.sum(dtype=np.int64) == 9 * 64 * 64 * 3
