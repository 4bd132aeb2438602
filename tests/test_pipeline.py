"""Many items at once: in order, bounded, every failure its own item's."""

import threading

import pytest

from seglab.pipeline import WAITING, in_order


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_answers_come_in_order_and_failures_with_their_item(workers: int) -> None:
    def work(number: int) -> int:
        if number % 7 == 3:
            raise ValueError(str(number))
        return number * number

    for number, answer in in_order(work, range(50), workers):
        if number % 7 == 3:
            with pytest.raises(ValueError, match=f"^{number}$"):
                answer()
        else:
            assert answer() == number * number


def test_items_are_worked_on_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=30)
    assert len([answer() for _, answer in in_order(lambda _: together.wait(), range(6), 3)]) == 6


def test_only_a_few_items_are_taken_ahead() -> None:
    taken = []

    def items():  # type: ignore[no-untyped-def]
        for number in range(1000):
            taken.append(number)
            yield number

    for number, answer in in_order(lambda number: number, items(), 2):
        assert len(taken) <= number + 2 * WAITING + 2
        answer()


def test_stopping_early_begins_nothing_more() -> None:
    begun, release = [], threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        release.wait(30)
        return number

    loop = in_order(work, range(1000), 2)
    release.set()
    next(loop)[1]()
    loop.close()
    after = len(begun)
    assert after < 10
    assert len(begun) == after
