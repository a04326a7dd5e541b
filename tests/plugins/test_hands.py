"""The threads in which plugins run: kept, let be, and none of them in anybody's way."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from decimal import getcontext

import pytest

from eventkit.plugins import hands
from eventkit.plugins.hands import Hands


def done(at: Hands, what: Callable[[], object], whose: str = "one", seconds: float = 10) -> object:
    """What `what` answers."""
    answer, error = at.do(whose, what, seconds)
    assert error is None, error
    return answer


def test_a_thread_is_kept_for_the_next_call() -> None:
    """And another plugin has one of its own."""
    at = Hands()
    first = done(at, threading.current_thread)
    assert done(at, threading.current_thread) is first
    assert first is not threading.current_thread()
    assert done(at, threading.current_thread, "other") is not first


def test_two_at_once_are_two_threads() -> None:
    """Neither waits for the other."""
    at, both = Hands(), threading.Barrier(2, timeout=10)
    asking = [threading.Thread(target=lambda: done(at, both.wait)) for _ in range(2)]
    for one in asking:
        one.start()
    for one in asking:
        one.join(10)
    assert not both.broken
    assert done(at, lambda: 1) == 1


def test_one_that_overran_does_nothing_more() -> None:
    """What it answers too late is nobody's answer, and then it ends."""
    at, go_on, seen = Hands(), threading.Event(), []

    def late() -> str:
        seen.append(threading.current_thread())
        go_on.wait(10)
        return "late"

    with pytest.raises(queue.Empty):
        at.do("one", late, 0.05)
    assert done(at, lambda: "in time") == "in time"
    assert done(at, threading.current_thread) is not seen[0]
    go_on.set()
    seen[0].join(10)
    assert not seen[0].is_alive()
    assert done(at, lambda: "in time") == "in time"


def test_what_it_raises_is_handed_on() -> None:
    """Whatever it is; and the thread lives on."""
    at = Hands()
    before = done(at, threading.current_thread)
    for error in (ValueError("no"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()):

        def bites(error: BaseException = error) -> None:
            raise error

        assert at.do("one", bites, 10) == (None, error)
    assert done(at, threading.current_thread) is before


def test_nothing_set_for_one_call_is_set_in_the_next() -> None:
    """Not the precision of decimal numbers either."""
    at, kept = Hands(), ContextVar("kept", default="nothing")
    usual = done(at, lambda: getcontext().prec)

    def sets() -> None:
        kept.set("a name")
        getcontext().prec = 3

    done(at, sets)
    assert done(at, lambda: (kept.get(), getcontext().prec)) == ("nothing", usual)


def test_a_thread_that_has_rested_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not asked after that."""
    monkeypatch.setattr(hands, "REST", 0.05)
    at = Hands()
    first = done(at, threading.current_thread)
    assert isinstance(first, threading.Thread)
    first.join(10)
    assert not first.is_alive()
    assert done(at, lambda: 1) == 1


def test_threads_that_are_about_to_end_lose_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """However close: each rests for about as long as the next call takes to come."""
    monkeypatch.setattr(hands, "REST", 0.0005)
    at, ends = Hands(), time.monotonic() + 1
    seen = set()
    while time.monotonic() < ends:
        for pause in (0, 0.0004, 0.0005, 0.0006):
            time.sleep(pause)
            seen.add(done(at, threading.get_ident, seconds=5))
    assert seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    """A server may load everything, and then fork."""
    at = Hands()
    done(at, lambda: 1)
    child = os.fork()
    if child == 0:
        answer = 1
        try:
            answer = 0 if at.do("one", lambda: 2, 5) == (2, None) else 1
        finally:
            os._exit(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
