"""Commands of a suite, and the signals that are passed on to them."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from seglab.child_processes import ChildProcesses
from seglab.errors import Interrupted

SAVING = """
import signal, sys, time
from pathlib import Path
def save(number, frame):
    with Path(sys.argv[1]).open("a") as file:
        print(number, file=file)
    time.sleep(0.2)
    sys.exit(130)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, save)
Path(sys.argv[1]).touch()
time.sleep(60)
"""


def send_when(path: Path, number: int) -> None:
    """Send this process a signal as soon as the file is there."""

    def wait_and_send() -> None:
        limit = time.monotonic() + 30
        while not path.exists() and time.monotonic() < limit:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    threading.Thread(target=wait_and_send, daemon=True).start()


def test_exit_codes_come_back(capfd: pytest.CaptureFixture[str]) -> None:
    with ChildProcesses() as processes:
        assert processes.run([sys.executable, "-c", "print('heard')"]) == 0
        assert processes.run([sys.executable, "-c", "raise SystemExit(3)"]) == 3
        killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
        assert processes.run([sys.executable, "-c", killed]) == -signal.SIGKILL
    assert capfd.readouterr().out == "heard\n"


def test_a_command_inherits_the_files_named_alone(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, ChildProcesses() as processes:
        looks = "import os, sys; os.fstat(int(sys.argv[1]))"
        command = [sys.executable, "-c", looks, str(file.fileno())]
        assert processes.run(command, [file.fileno()]) == 0
        assert processes.run(command) == 1


def run_saving(trace: Path, *numbers: int) -> None:
    """A block that gets these signals before it runs a command, which leaves a trace."""
    with ChildProcesses() as processes:
        for number in numbers:
            signal.raise_signal(number)
        processes.run([sys.executable, "-c", SAVING, str(trace)])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on_and_its_end_awaited(tmp_path: Path, number: int) -> None:
    trace = tmp_path / "trace"
    at_first = signal.signal(number, signal.SIG_DFL)  # nohup, for one, has it ignored
    try:
        send_when(trace, number)
        with pytest.raises(Interrupted):
            run_saving(trace)
        assert trace.read_text() == f"{int(number)}\n"
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, at_first)


def test_after_a_signal_no_command_is_started(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        run_saving(tmp_path / "trace", signal.SIGTERM)
    assert not (tmp_path / "trace").exists()


def test_a_signal_that_meets_no_command_is_not_lost() -> None:
    with pytest.raises(Interrupted), ChildProcesses():
        signal.raise_signal(signal.SIGINT)


def test_what_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ChildProcesses():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
