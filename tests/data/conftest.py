"""Datasets on disk that several files of tests share."""

from pathlib import Path

import pytest

from tests.helpers import write_disks


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder split by hand: 5 pairs to train, 3 to validate, 3 to test."""
    root = tmp_path / "parts"
    for split, first, count in (("train", 0, 5), ("val", 5, 3), ("test", 8, 3)):
        write_disks(root / split, count, first)
    return root
