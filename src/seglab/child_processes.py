"""Commands that run one after another, and the signals that ask them to stop."""

import signal
import subprocess
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any

from seglab.errors import Interrupted

# Windows has no SIGHUP (a terminal that closes).
STOP_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class ChildProcesses:
    """Within a ``with`` block, a stop signal is passed on to the command that runs, and ends the
    block with ``Interrupted``.

    Each command is a process group of its own: Ctrl-C at a terminal reaches it once, through
    here, and not a second time while it saves.
    """

    def __init__(self) -> None:
        self._stop: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> "ChildProcesses":
        for number in STOP_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup has it ignored
                self._handlers[number] = signal.signal(number, self._pass_on)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._stop is not None:  # also one that met no command
            raise Interrupted

    def run(self, command: Sequence[str], descriptors: Sequence[int] = ()) -> int:
        """Run to its end, its output passed through; returns the exit code, −n for signal n.

        ``descriptors`` are files it inherits. Raises ``Interrupted``, once it has ended, after a
        stop signal; and at once where that came earlier.
        """
        if self._stop is not None:
            raise Interrupted
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, process_group=0, pass_fds=descriptors
        )
        if self._stop is not None:  # it came while the process was being started
            self._process.send_signal(self._stop)
        code = self._process.wait()
        self._process = None
        if self._stop is not None:
            raise Interrupted
        return code

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._stop = number
        if self._process is not None:
            self._process.send_signal(number)
