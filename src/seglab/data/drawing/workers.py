"""Draws many pairs into files, on all cores.

The workers are fresh interpreters that import nothing but the drawing: threads would wait for
each other, and forks of a process that has loaded a learning framework are fragile.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from seglab.data.drawing.breeds import name_of_pair
from seglab.data.drawing.pairs import draw_pair

_JPEG_QUALITY = 92
_FEWEST_PER_WORKER = 12


def write_pairs(
    images: Path, trimaps: Path, count: int, size: int, seed: int
) -> Generator[int, None, None]:
    """Write pairs 0 to count - 1 as JPEG and PNG files; yields the number done so far.

    Raises OSError where a file cannot be written or a worker fails. Closing the iterator ends the
    workers.
    """
    workers = min(os.cpu_count() or 1, count // _FEWEST_PER_WORKER)
    if workers > 1:
        yield from _write_in_parallel(images, trimaps, count, size, seed, workers)
    else:
        for done, index in enumerate(range(count), 1):
            _write_pair(images, trimaps, index, size, seed)
            yield done


def _write_in_parallel(
    images: Path, trimaps: Path, count: int, size: int, seed: int, workers: int
) -> Generator[int, None, None]:
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    reading, writing = os.pipe()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        try:
            for first in range(workers):
                numbers = map(str, (first, count, workers, size, seed))
                command = [sys.executable, "-P", "-m", "seglab.data.drawing.workers"]
                processes.append(
                    subprocess.Popen(
                        [*command, str(images.resolve()), str(trimaps.resolve()), *numbers],
                        stdin=subprocess.DEVNULL,
                        stdout=writing,
                        stderr=subprocess.PIPE,
                        env=environment,
                    )
                )
        finally:
            os.close(writing)
        yield from _count_reports(reading)
        for process in processes:
            _, complaint = process.communicate()
            if process.returncode != 0:
                lines = complaint.decode(errors="replace").split("\n")
                reason = next((line for line in reversed(lines) if line.strip()), "no message")
                raise OSError(f"a worker that draws pets has failed: {reason}")
    finally:
        os.close(reading)
        for process in processes:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def _count_reports(reading: int) -> Generator[int, None, None]:
    """Counts the bytes that the workers send, one for each pair, until all have ended."""
    done = 0
    while reports := os.read(reading, 64):
        for _ in reports:
            done += 1
            yield done


def _write_pair(images: Path, trimaps: Path, index: int, size: int, seed: int) -> None:
    pair = draw_pair(seed, index, size)
    name = name_of_pair(index)
    picture = cv2.cvtColor(pair.image, cv2.COLOR_RGB2BGR)
    _write(
        images / f"{name}.jpg",
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]),
    )
    _write(trimaps / f"{name}.png", cv2.imencode(".png", pair.trimap))


def _write(path: Path, encoding: tuple[bool, npt.NDArray[np.uint8]]) -> None:
    encoded, data = encoding
    if not encoded:
        raise OSError(f"could not encode {path.name}")
    path.write_bytes(data.tobytes())


def _work(arguments: list[str]) -> None:
    """One worker's share: every so many-th pair, each followed by a byte to the parent."""
    # Ctrl-C reaches the whole group; the parent is the one to answer it and end the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    images, trimaps = Path(arguments[0]), Path(arguments[1])
    first, count, step, size, seed = map(int, arguments[2:])
    for index in range(first, count, step):
        _write_pair(images, trimaps, index, size, seed)
        try:
            os.write(1, b".")
        except BrokenPipeError:
            return  # The parent is gone, and nobody wants the rest.


if __name__ == "__main__":
    _work(sys.argv[1:])
