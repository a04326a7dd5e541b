"""Turns: within a process, and between processes."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from eventkit.office import tables
from eventkit.office.store import Store
from eventkit.office.turns import FairLock


@pytest.fixture
def url(sqlite_url: str) -> str:
    return sqlite_url


def test_the_lock_is_given_in_the_order_it_was_asked_for() -> None:
    """Eight wait; each gets its turn, the first first."""
    lock, got = FairLock(), []
    assert lock.acquire(1)

    def wait(number: int) -> None:
        assert lock.acquire(10)
        got.append(number)
        lock.release()

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        until = time.monotonic() + 5
        while len(lock._queue) <= number and time.monotonic() < until:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert got == list(range(8))


def test_who_gives_up_leaves_the_queue() -> None:
    """A waiter whose time is up does not get the lock later."""
    lock = FairLock()
    assert lock.acquire(1)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0.01)
    lock.release()


def test_no_writer_starves(store: Store) -> None:
    """Of 8 threads that write without pause, none gets less than a quarter of its share."""
    counts, stop = [0] * 8, threading.Event()

    def write(number: int) -> None:
        while not stop.is_set():
            with store._database.writing() as connection:
                connection.execute(sa.select(tables.events.c.id))
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert min(counts) >= sum(counts) / 8 / 4, counts
