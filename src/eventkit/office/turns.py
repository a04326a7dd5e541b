"""The order in which writers get their turn: `FairLock` within a process, `Turnstile` between them.

SQLite gives its lock to whoever happens to ask at the right moment, and so to whoever asks
oftenest: of eight processes that wrote without pause, one got a twelfth of its share.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows: there SQLite's own waiting must do
    fcntl = None  # type: ignore[assignment]

GATE, TURN = 0.0005, 0.00005
"""Seconds between two looks at a lock that another process holds, since none can be waited for
with a limit. At the turn there is one who looks; those at the gate draw lots."""


class FairLock:
    """A lock that is given in the order it was asked for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._queue: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for the lock, at most `timeout` seconds; whether it was given."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        try:
            if turn.acquire(timeout=timeout):
                return True
        except BaseException:
            if not self._leave(turn):
                self.release()  # it was handed over at that very moment
            raise
        return not self._leave(turn)

    def _leave(self, turn: threading.Lock) -> bool:
        """Step out of the queue; False where the lock was handed over in the meantime."""
        with self._mutex:
            if turn in self._queue:
                self._queue.remove(turn)
                return True
            return False

    def release(self) -> None:
        """Hand the lock to whoever waited longest."""
        with self._mutex:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._taken = False


class Turnstile:
    """Two locks between processes, on files beside `path`; whoever dies holding them loses them.

    One waits at the gate, holding it, for the turn; all others wait for the gate. So whoever has
    had a turn stands behind everybody who waits. It makes nobody wait in vain: where the locks are
    not to be had, writers do without, as SQLite still lets only one of them write.
    """

    def __init__(self, path: Path) -> None:
        self._gate = path.with_name(f"{path.name}-gate")
        self._turn = path.with_name(f"{path.name}-turn")

    @contextmanager
    def passed(self, timeout: float) -> Iterator[bool]:
        """Within it, it is this process's turn; False where it was not within `timeout` seconds."""
        until = time.monotonic() + timeout
        with ExitStack() as held:
            with ExitStack() as waiting:
                if fcntl is None:
                    got = True
                else:
                    got = _locked(self._gate, until, GATE, waiting) and _locked(
                        self._turn, until, TURN, held
                    )
            yield got


def _locked(path: Path, until: float, pause: float, held: ExitStack) -> bool:
    """Lock the file until `held` ends; whether that was done, or cannot be done at all, in time."""
    try:
        # Opened each time: a child that is forked meanwhile then shares no lock for longer.
        file = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:
        return True
    held.callback(os.close, file)
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(pause)
        except OSError:  # a file system without locks
            return True
        else:
            return True
