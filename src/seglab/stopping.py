"""How a training is stopped from outside: Ctrl-C, SIGTERM."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning

from seglab.errors import Interrupted

STOPPING = (signal.SIGINT, signal.SIGTERM)


class StopSignals(lightning.Callback):
    """Keeps our handlers where Lightning puts its own over them.

    Lightning's waits for the other processes before it calls ours: while they wait for this one's
    gradients, none would ever end.
    """

    def on_train_start(self, *_: Any) -> None:
        """Lightning has installed its handler by now."""
        _install()


@contextmanager
def stop_signals() -> Iterator[StopSignals]:
    """Ctrl-C and SIGTERM become ``Interrupted``; the last whole epoch is saved already.

    Yields the callback that the trainer needs.
    """
    before = {number: signal.getsignal(number) for number in STOPPING}
    _install()
    try:
        yield StopSignals()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _install() -> None:
    for number in STOPPING:
        signal.signal(number, _stop)


def _stop(_number: int, _frame: Any) -> None:
    raise Interrupted
