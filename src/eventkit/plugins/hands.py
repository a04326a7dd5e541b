"""Threads that do one thing at a time for whoever does not want to wait for ever.

Each is kept for the next thing, because to start one takes longer than most of what plugins do. One
that overran is let be, and ends when it can. None keeps the process from ending, as the threads of
`concurrent.futures` would; whether a plugin has left such ones of its own, `strangers` says.
"""

from __future__ import annotations

import queue
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

REST = 5.0
"""Seconds that a thread waits for more to do before it ends."""


class Hands:
    """Threads by the name of whose work they do. Safe to share between threads."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, deque[_Hand]] = defaultdict(deque)

    def do(
        self, whose: str, what: Callable[[], T], seconds: float
    ) -> tuple[T | None, BaseException | None]:
        """What `what` answers, or what it raises; raises `queue.Empty` where it takes longer."""
        idle = self._idle[whose]
        hand = _taken(idle) or _Hand(whose, idle)
        hand.tasks.put(what)
        try:
            outcome = hand.outcomes.get(timeout=seconds)
        except BaseException:
            hand.tasks.put(None)
            raise
        idle.append(hand)
        return outcome


def _taken(idle: deque[_Hand]) -> _Hand | None:
    while True:
        try:
            hand = idle.pop()
        except IndexError:
            return None
        if hand.is_alive():  # else this process was forked from the one that has the thread
            return hand


class _Hand(threading.Thread):
    """One of them; it takes itself from those that are `idle` when it has rested."""

    def __init__(self, whose: str, idle: deque[_Hand]) -> None:
        super().__init__(name=f"plugin-{whose}", daemon=True)
        self.tasks: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self.outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self._idle = idle
        self.start()

    def run(self) -> None:
        """Do what there is to do, until there is nothing more."""
        while True:
            try:
                what = self.tasks.get(timeout=REST)
            except queue.Empty:
                try:
                    self._idle.remove(self)
                except ValueError:  # somebody has just taken it
                    continue
                return
            if what is None:
                return
            self.outcomes.put(_outcome(what))
            del what  # what it holds may be somebody's name


def strangers() -> bool:
    """Whether a thread is alive that Python may wait for at the end: neither main nor one of these.

    Those of `concurrent.futures` are waited for though they are daemons, as all are that one starts
    from here.
    """
    main = threading.main_thread()
    return any(one is not main and type(one) is not _Hand for one in threading.enumerate())


def _outcome(what: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    try:
        return Context().run(what), None  # so that nothing set for one call is set in the next
    except BaseException as error:  # it may raise anything, SystemExit included
        return None, error
