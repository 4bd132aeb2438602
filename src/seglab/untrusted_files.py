"""Files that a stranger may have made: read within bounds, and never from outside their folder.

What is refused is an ``OSError`` with the reason as its ``strerror``, so that it is told like any
other file that cannot be read.
"""

import errno
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

MOST_MEGABYTES_OF_TEXT = 100

EXTERNAL_DATA = re.compile(rb"(\x08|\x88\x80*\x00)location")
"""The key that every tensor of an ONNX file must have whose values lie in another file: its length
as protobuf writes it, shortest or padded, and the word."""


def read_text(
    path: Path, home: Path | None = None, most_megabytes: float = MOST_MEGABYTES_OF_TEXT
) -> str:
    """A text file in UTF-8. ``home``: the folder that it must lie in, links followed.

    Raises ``OSError``, also for pipes, devices and larger files, and ``UnicodeDecodeError``.
    """
    check(path, home, most_megabytes)
    return path.read_text(encoding="utf-8")


def check(path: Path, home: Path | None = None, most_megabytes: float = float("inf")) -> None:
    """Refuse what is no regular file of at most this size in ``home``. Raises ``OSError``."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise _refused("is not a file")
    if home is not None and not path.resolve().is_relative_to(home.resolve()):
        raise _refused("is a link that leads out of its folder")
    if status.st_size > most_megabytes * 1e6:
        raise _refused(f"holds {status.st_size / 1e6:.0f} MB, more than {most_megabytes:g}")


def load_tensors(path: Path, home: Path | None = None, legacy: bool = False) -> Any:
    """Tensors and plain values that ``torch.save`` wrote; nothing in the file is run.

    They take no more memory than the file takes on the disk: packed ones are refused, and tensors
    that repeat few numbers. ``legacy``: files of torch before 1.6 too, which are no archives.
    Raises ``OSError`` and ``ValueError``.
    """
    import warnings

    import torch

    check(path, home)
    if zipfile.is_zipfile(path):
        _check_unpacked(path)
    elif not legacy:
        raise ValueError("it is not a file of torch.save")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong is said by the error
            content = torch.load(path, map_location="cpu", weights_only=True)
            whole = all(map(_holds_its_numbers, _tensors(content)))
    except OSError:
        raise
    except Exception as error:  # whatever a forged file makes of the reader
        raise ValueError("it holds no tensors and plain values alone") from error
    if not whole:
        raise ValueError("it holds a tensor larger than its numbers")
    return content


def read_array(
    path: Path, shape: tuple[int, ...] | None = None, dtype: type = np.uint8
) -> np.ndarray:
    """The array of a ``.npy`` file of this shape and type, memory-mapped; nothing in it is run.

    Raises ``OSError`` and ``ValueError``.
    """
    check(path, path.parent)
    array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype != dtype or (shape is not None and array.shape != shape):
        raise ValueError(f"{path.name} holds something else")
    return array


def check_onnx(path: Path, home: Path | None = None) -> None:
    """Refuse an ONNX file whose tensors lie in other files: they could be anybody's.

    Raises ``OSError``.
    """
    check(path, home)
    if EXTERNAL_DATA.search(path.read_bytes()):
        raise _refused("names other files as a part of it")


def _check_unpacked(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise ValueError("it is packed; torch.save packs nothing")


def _tensors(content: Any) -> "Iterator[torch.Tensor]":
    """Those in dictionaries, lists and tuples, however deep."""
    import torch

    seen: set[int] = set()
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            waiting.extend(value.values() if isinstance(value, dict) else value)


def _holds_its_numbers(tensor: "torch.Tensor") -> bool:
    """Whether each of its numbers has a place in memory: a copy of others takes as much as it."""
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def _refused(reason: str) -> OSError:
    return OSError(errno.EPERM, reason)
