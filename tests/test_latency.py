"""What is timed, and what is left out; never how long it took."""

import os
import shutil
from pathlib import Path

import pytest

from seglab.latency import measure_latencies
from seglab.runs import Run
from tests.helpers import disk_pair


def test_runs_with_an_export_are_timed(trained: Run, tmp_path: Path) -> None:
    second = Run.open(shutil.copytree(trained.folder, tmp_path / "second"))
    without = Run.open(shutil.copytree(trained.folder, tmp_path / "without"))
    without.onnx_path.unlink()
    rounds: list[int] = []
    found = measure_latencies(
        [trained, second, without], disk_pair(0)[0], rounds=3, progress=rounds.append
    )
    assert set(found.milliseconds) == {trained.folder, second.folder}
    assert all(value > 0 for value in found.milliseconds.values())
    assert not found.failures
    assert rounds == [1, 2, 3]
    assert "median of 3 rounds in which the models take turns" in found.origin
    assert f"{os.cpu_count()} cores" in found.origin


def test_the_median_of_turns(trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = Run.open(shutil.copytree(trained.folder, tmp_path / "second"))
    # Seconds of the timed calls in their order: first, second, first, second, …
    spent = iter([0.001, 0.010, 0.002, 0.020, 0.009, 0.090])
    now = [0.0]
    inside = [False]

    def clock() -> float:
        if inside[0]:
            now[0] += next(spent)
        inside[0] = not inside[0]
        return now[0]

    monkeypatch.setattr("seglab.latency.time.perf_counter", clock)
    found = measure_latencies([trained, second], disk_pair(0)[0], rounds=3)
    assert found.milliseconds[trained.folder] == pytest.approx(2)
    assert found.milliseconds[second.folder] == pytest.approx(20)
    # The quartiles of 1, 2 and 9 are 1.5, 2 and 5.5, of the second's ten times that.
    assert found.scatter == pytest.approx(1 - 2 / 5.5)
    assert "scatter, 64% of the slower one" in found.origin


def test_an_export_that_cannot_be_read_is_a_line(trained: Run, tmp_path: Path) -> None:
    broken = Run.open(shutil.copytree(trained.folder, tmp_path / "broken"))
    broken.onnx_path.write_bytes(b"no network")
    found = measure_latencies([broken, trained], disk_pair(0)[0], rounds=1)
    assert set(found.milliseconds) == {trained.folder}
    (line,) = found.failures
    assert "broken" in line
