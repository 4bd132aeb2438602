"""Building a cache: at once, interrupted, killed, and where nothing can be written."""

import subprocess
import sys
import threading
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seglab.data import cache
from seglab.data.cache import open_pairs
from seglab.data.pairs import Pairs
from seglab.data.sample import Dataset
from seglab.data.sources import open_dataset
from seglab.errors import DataError
from seglab.preprocessing import Preprocessing
from tests.helpers import PROJECT, tiny_experiment


def dataset_of(root: Path) -> Dataset:
    return open_dataset(tiny_experiment(data={"source": "folder", "root": str(root)}))


def pixels(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    everything = [pairs[index] for index in range(len(pairs))]
    return np.stack([image for image, _ in everything]), np.stack([mask for _, mask in everything])


def test_only_the_finished_folder_stays_behind(folder_dataset: Path, cache_folder: Path) -> None:
    open_pairs(dataset_of(folder_dataset), "train", Preprocessing(16))
    (home,) = cache_folder.iterdir()
    assert not home.name.startswith(".")
    assert {path.name for path in home.iterdir()} == {"images.npy", "masks.npy", "problems.json"}


def test_nothing_stays_behind_when_building_is_interrupted(
    folder_dataset: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache, "read_sample", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_pairs(dataset_of(folder_dataset), "train", Preprocessing(16))
    assert list(cache_folder.iterdir()) == []


BUILDER = """
import os, sys
from pathlib import Path
from seglab.data import cache
from seglab.preprocessing import Preprocessing
from tests.data.test_cache import dataset_of
def wait(*_):
    os.write(1, b"building\\n")  # whole: several threads come here at once
    input()
cache.read_sample = wait
cache.open_pairs(dataset_of(Path(sys.argv[1])), "train", Preprocessing(int(sys.argv[2])))
"""


def builder(root: Path, size: int) -> "subprocess.Popen[bytes]":
    """Another process in the middle of building."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(root), str(size)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline() == b"building\n"
    return process


def test_the_next_one_removes_what_a_killed_one_built(
    folder_dataset: Path, cache_folder: Path
) -> None:
    with builder(folder_dataset, 16) as killed, builder(folder_dataset, 24) as living:
        killed.kill()
        killed.wait()
        assert len(list(cache_folder.glob(".building-*/images.npy"))) == 2
        open_pairs(dataset_of(folder_dataset), "train", Preprocessing(16))
        (left,) = cache_folder.glob(".building-*/images.npy")
        assert np.load(left).shape[1] == 24  # which a living one is building
        living.kill()
        living.wait()
    open_pairs(dataset_of(folder_dataset), "train", Preprocessing(32))
    assert not list(cache_folder.glob(".building-*"))
    assert len(list(cache_folder.iterdir())) == 2


def open_when_all_are_ready(root: Path, barrier: Barrier | threading.Barrier) -> int:
    dataset = dataset_of(root)
    barrier.wait(60)
    return int(pixels(open_pairs(dataset, "train", Preprocessing(16)))[0].sum())


def test_two_threads_may_build_at_once(
    folder_dataset: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, barrier = cache._build, threading.Barrier(2)

    def build_together(*arguments: Any) -> None:
        barrier.wait(60)  # both have seen that no cache is there
        build(*arguments)

    monkeypatch.setattr(cache, "_build", build_together)
    sums, ready = [], threading.Barrier(2)
    threads = [
        threading.Thread(target=lambda: sums.append(open_when_all_are_ready(folder_dataset, ready)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(sums) == 2
    assert sums[0] == sums[1] > 0
    assert len(list(cache_folder.iterdir())) == 1


def test_two_processes_may_build_at_once(folder_dataset: Path, cache_folder: Path) -> None:
    context = get_context("spawn")
    with context.Manager() as manager:
        barrier = manager.Barrier(2)
        with context.Pool(2) as pool:
            sums = pool.starmap(open_when_all_are_ready, [(folder_dataset, barrier)] * 2)
    assert sums[0] == sums[1] > 0
    assert len(list(cache_folder.iterdir())) == 1


def test_a_cache_that_cannot_be_written_tells_what_to_do(
    folder_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEGLAB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match=r"cannot be written .*; name another folder in SEGLAB_CA"):
        open_pairs(dataset_of(folder_dataset), "train", Preprocessing(16))
