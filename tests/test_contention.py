"""Whether other programs hindered us."""

import subprocess
import sys
from pathlib import Path

import pytest

from seglab import contention
from seglab.contention import Moment, taken_by_others

START = Moment(clock=100.0, own=7.0, busy=500.0)


def after(seconds: float, own: float, busy: float | None) -> Moment:
    return Moment(100.0 + seconds, 7.0 + own, None if busy is None else 500.0 + busy)


@pytest.mark.parametrize(
    ("end", "threads", "share"),
    [
        (after(10, own=20, busy=20), 2, 0.0),  # both cores ours
        (after(10, own=10, busy=20), 2, 0.5),  # two threads get one of two cores
        (after(10, own=10, busy=20), 1, 0.0),  # another program has the other core: no hindrance
        (after(10, own=5, busy=19), 1, 0.7),
        (after(10, own=10, busy=10.5), 2, 0.0),  # half idle of itself
        (after(10, own=14, busy=20), 8, 0.3),  # more threads than cores
        (after(10, own=10, busy=None), 2, 0.0),  # the system does not tell
        (after(0, own=0, busy=0), 2, 0.0),
    ],
)
def test_hindered_is_who_gets_less_while_others_take(
    end: Moment, threads: int, share: float
) -> None:
    assert taken_by_others(START, end, threads, cores=2) == pytest.approx(share)


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="only Linux tells")
def test_what_another_program_computes_is_seen() -> None:
    start = contention.now()
    code = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    end = contention.now()
    assert start.busy is not None
    assert end.busy is not None
    assert end.own - start.own < 0.4  # not ours
    assert end.busy - start.busy >= 0.4  # counted in hundredths of a second


def test_at_least_one_core_can_be_used() -> None:
    assert contention.usable_cores() >= 1
