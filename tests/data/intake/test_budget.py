"""Threads together never hold more than there is, and whoever waits gets its turn."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from data.intake.budget import Budget


def test_threads_together_hold_no_more_than_there_is() -> None:
    budget, lock, held, seen = Budget(100), threading.Lock(), [0], []

    def work(size: int) -> None:
        with budget.hold(size):
            with lock:
                held[0] += size
                seen.append(held[0])
            threading.Event().wait(0.001)
            with lock:
                held[0] -= size

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [10, 60, 45, 100, 5] * 20))
    assert len(seen) == 100
    assert max(seen) <= 100
    assert max(seen) > 60, "several at once"


def test_more_than_there_is_counts_as_all_and_errors_give_back() -> None:
    budget = Budget(10)
    with pytest.raises(ZeroDivisionError), budget.hold(1_000):
        raise ZeroDivisionError
    with budget.hold(10):
        pass


def test_a_large_one_is_not_overtaken_for_ever() -> None:
    budget, order = Budget(10), []
    release = threading.Event()

    def hold(name: str, size: int) -> None:
        with budget.hold(size):
            order.append(name)
            release.wait(5)

    with ThreadPoolExecutor(3) as pool:
        pool.submit(hold, "small", 6)
        while not order:
            release.wait(0.001)
        pool.submit(hold, "large", 10)
        while not budget._turn.locked():
            release.wait(0.001)
        pool.submit(hold, "small, later", 1)
        release.set()
    assert order == ["small", "large", "small, later"]
