"""The order in which writers get their turn: within a process by `FairLock`.

SQLite gives its lock to whoever happens to ask at the right moment, and so to whoever asks
oftenest.
"""

from __future__ import annotations

import threading
from collections import deque


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
