"""Work on many items at once with bounded memory, answers in the items' order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

WAITING = 2
"""Items under way for each worker: one is worked on while another's answer is fetched."""


def in_order(
    work: Callable[[Item], Answer], items: Iterable[Item], workers: int
) -> Iterator[tuple[Item, Callable[[], Answer]]]:
    """Each item with a call that gives its answer, or raises what ``work`` raised.

    Threads: decoding, ONNX Runtime and PNG encoding all release the interpreter's lock. Never more
    than ``WAITING`` items a worker are held, however many there are. When the loop ends early, what
    has not begun is not begun.
    """
    if workers < 2:
        for item in items:
            yield item, lambda item=item: work(item)  # type: ignore[misc]
        return
    executor = ThreadPoolExecutor(workers, thread_name_prefix="seglab")
    under_way: deque[tuple[Item, Future[Answer]]] = deque()
    try:
        for item in items:
            if len(under_way) >= WAITING * workers:
                first, future = under_way.popleft()
                yield first, future.result
            under_way.append((item, executor.submit(work, item)))
        while under_way:
            first, future = under_way.popleft()
            yield first, future.result
    finally:
        executor.shutdown(cancel_futures=True)
