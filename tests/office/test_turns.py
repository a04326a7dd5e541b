"""Turns: within a process, and between processes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from eventkit.office import tables, turns
from eventkit.office.store import Store
from eventkit.office.turns import FairLock, Turnstile

SRC = Path(__file__).parents[2] / "src"


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


# --- between processes -----------------------------------------------------------------------


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that has said that it is ready, and waits to be told to go."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.deep  # tests/races asks the same of registrations each time
def test_no_process_starves(store: Store, url: str) -> None:
    """Of 8 processes that commit without pause, none gets less than a quarter of its share.

    SQLite's own waiting gives the last of them a twelfth to a third.
    """
    code = """
        import sys, time
        import sqlalchemy as sa
        from eventkit.office import tables, turns
        from eventkit.office.store import Store
        database = Store.open(sys.argv[1])._database
        change = sa.update(tables.version).values(version_num=tables.version.c.version_num)
        print("ready", flush=True)
        sys.stdin.readline()
        until, commits = time.monotonic() + 2, 0
        while time.monotonic() < until:
            with database.writing() as connection:
                connection.execute(change)
            commits += 1
        print(commits)
    """
    processes = [started(code, url) for _ in range(8)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    counts = sorted(int(process.communicate()[0]) for process in processes)
    print(f"commits of each process: {counts}")
    assert counts[0] >= sum(counts) / 8 / 4, counts


def test_a_process_that_is_killed_leaves_the_lock(store: Store, url: str) -> None:
    """SIGKILL in the middle of a transaction: the next writer has its turn at once."""
    code = """
        import sys
        from eventkit.office.store import Store
        with Store.open(sys.argv[1])._database.writing():
            print("ready", flush=True)
            sys.stdin.readline()
    """
    process = started(code, url)
    with Turnstile(Path(store.name)).passed(0.05) as ours:
        assert not ours
    process.kill()
    process.communicate()
    began = time.monotonic()
    with store._database.writing():
        pass
    assert time.monotonic() - began < 5


def test_whoever_had_a_turn_stands_behind_who_waits(tmp_path: Path) -> None:
    """The next turn is never that of whoever just had one, while another waits."""
    mine, theirs = Turnstile(tmp_path / "a.db"), Turnstile(tmp_path / "a.db")
    had: list[str] = []

    def wait() -> None:
        with theirs.passed(5) as ours:
            assert ours
            had.append("theirs")

    for _ in range(20):
        with mine.passed(5) as ours:
            assert ours
            thread = threading.Thread(target=wait)
            thread.start()
            while not _is_locked(tmp_path / "a.db-gate"):
                time.sleep(0.0001)
        with mine.passed(5):
            had.append("mine")
        thread.join()
    assert had == ["theirs", "mine"] * 20


def _is_locked(path: Path) -> bool:
    with path.open() as file, contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    return True


def test_readers_take_no_turn(store: Store) -> None:
    """They read while another process writes."""
    with Turnstile(Path(store.name)).passed(1) as ours:
        assert ours
        assert store.count() == 0
        assert store.audit() == ()


@pytest.mark.parametrize("trouble", ["no file", "no lock"])
def test_without_the_locks_writers_do_without(
    store: Store, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """A folder or a file system where they cannot be had is no reason to refuse a registration."""

    def refuse(*_: object) -> int:
        raise OSError

    if trouble == "no file":
        (Path(store.name).parent / "eventkit.db-gate").unlink()
        (Path(store.name).parent / "eventkit.db-gate").mkdir()
    else:
        monkeypatch.setattr(turns.fcntl, "flock", refuse)
    with store._database.writing() as connection:
        connection.execute(sa.select(tables.events.c.id))
    monkeypatch.setattr(turns, "fcntl", None)
    with store._database.writing():
        pass
