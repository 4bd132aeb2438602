"""What a command says: lines to the terminal and a log, and a bar where somebody watches."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any


class Console:
    """Lines to standard output and, once ``log_to`` was called, to a file as well.

    A progress bar is drawn on a terminal only, never into a file or a pipe. A ``silent`` one says
    nothing.
    """

    def __init__(self, silent: bool = False) -> None:
        self._silent = silent
        self.interactive = sys.stdout.isatty() and not silent
        self._log: Path | None = None
        self._held: list[str] = []

    def line(self, text: str = "") -> None:
        """One line for the reader and the log."""
        if self._silent:
            return
        print(text, flush=True)
        if self._log:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(text + "\n")
        else:
            self._held.append(text)

    def log_to(self, path: Path) -> None:
        """From now on, and for the lines so far, keep a copy in ``path`` (appended)."""
        with path.open("a", encoding="utf-8") as log:
            log.writelines(text + "\n" for text in self._held)
        self._held, self._log = [], path

    def bar(self, label: str, total: int) -> "Bar":
        """A bar of ``total`` steps, for a ``with`` statement."""
        return Bar(label, total, self.interactive)


class Bar:
    """A progress bar that vanishes when done; silent where nobody watches."""

    def __init__(self, label: str, total: int, visible: bool) -> None:
        from tqdm import tqdm

        self._tqdm: Any = tqdm(
            total=total, desc=label, leave=False, disable=not visible, dynamic_ncols=True
        )

    def to(self, done: int, total: int = 0, note: str = "") -> None:
        """Move to ``done`` steps, of ``total`` where it is known only now; ``note`` behind."""
        if total:
            self._tqdm.total = total
        if note:
            self._tqdm.set_postfix_str(note, refresh=False)
        self._tqdm.update(done - self._tqdm.n)

    def close(self) -> None:
        """Remove the bar."""
        self._tqdm.close()

    def __enter__(self) -> Callable[..., None]:
        return self.to

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def duration(seconds: float) -> str:
    """Seconds in words: ``48 s``, ``25 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def magnitude(value: float) -> str:
    """Three digits and a unit: ``1.94 M``."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            digits = 2 if value < 10 * size else 1 if value < 100 * size else 0
            return f"{value / size:.{digits}f} {unit}"
    return f"{value:.0f}"


@contextmanager
def quiet() -> Iterator[None]:
    """The libraries' advice goes to nobody who can act on it."""
    for name in (
        "lightning.pytorch",
        "lightning.fabric",
        "lightning.pytorch.utilities.rank_zero",
        "torch.utils.cpp_extension",
    ):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
