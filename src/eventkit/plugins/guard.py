"""Run a plugin's code so that nothing it does hurts anybody.

A call runs in a thread of its own with a budget. What comes back is its answer, looked at while
still in that thread, or a `Trouble` that names the plugin. A plugin that overruns three times is
switched off until the next start. What one process cannot survive, ``os._exit`` and a crash in C,
is outside the promise.
"""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import frozen

from eventkit.model.decision import Finding, Reason
from eventkit.model.event import Event, Imported

T = TypeVar("T")

OVERRUNS = 3
REMEMBERED = 200
"""Troubles kept in memory, the latest ones."""

MOST = 100_000
"""Values that one answer may hold."""

BUDGET: Mapping[str, float] = MappingProxyType(
    {
        "load": 10,
        "gather": 2,
        "veto": 1,
        "check": 5,
        "panel": 1,
        "notify": 30,
        "export": 60,
        "import": 60,
    }
)
"""Seconds that one call of each sort may take."""

_log = logging.getLogger("eventkit.plugins")
_log.addHandler(logging.NullHandler())  # who runs us decides where it is read


@frozen(kw_only=True)
class Trouble:
    """What a plugin did wrong.

    `code` is ``plugin_raised``, ``plugin_overran``, ``plugin_rubbish``, ``plugin_unloadable``,
    ``plugin_other_api``, ``plugin_taken`` (a name another plugin has) or ``plugin_unset`` (a
    setting it needs). `doing` says at what; `detail` is one line and `traceback` the whole story,
    both for developers.
    """

    plugin: str
    code: str
    doing: str
    detail: str = ""
    traceback: str = ""


class RubbishError(Exception):
    """An answer that is not what was asked for; raised by what looks at answers."""


class Guard:
    """Asks plugins, and remembers what they did wrong. Safe to share between threads."""

    def __init__(self, budget: Mapping[str, float], switch_off: Callable[[Trouble], None]) -> None:
        self._budget = budget
        self._switch_off = switch_off
        self._troubles: deque[Trouble] = deque(maxlen=REMEMBERED)
        self._overruns: Counter[str] = Counter()

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What went wrong since the start, the latest last."""
        return tuple(self._troubles)

    def ask(
        self,
        plugin: str,
        sort: str,
        doing: str,
        call: Callable[[], T],
        *,
        expected: tuple[type[Exception], ...] = (),
        failing: str = "plugin_raised",
    ) -> T | Trouble:
        """What `call` answers within the budget of its sort, or the trouble it is in.

        An error that is `expected` is the plugin's answer, and is raised.
        """
        outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put((call(), None))
            except BaseException as error:  # a plugin may raise anything, SystemExit included
                outcome.put((None, error))

        threading.Thread(target=run, name=f"plugin-{plugin}", daemon=True).start()
        try:
            answer, error = outcome.get(timeout=self._budget[sort])
        except queue.Empty:
            said = f"took more than {self._budget[sort]:g} s"
            trouble = self.blame(plugin, "plugin_overran", doing, said)
            self._overruns[plugin] += 1
            if self._overruns[plugin] >= OVERRUNS:
                self._switch_off(trouble)
            return trouble
        if error is None:
            return answer  # type: ignore[return-value]  # None only where `call` answers None
        if isinstance(error, expected):
            raise error
        if isinstance(error, RubbishError):
            return self.blame(plugin, "plugin_rubbish", doing, _one_line(error))
        return self.blame(plugin, failing, doing, _one_line(error), error)

    def blame(
        self, plugin: str, code: str, doing: str, detail: str, error: BaseException | None = None
    ) -> Trouble:
        """Remember what `plugin` did wrong, and log it without anybody's words."""
        told = "".join(traceback.format_exception(error)) if error is not None else ""
        trouble = Trouble(plugin=plugin, code=code, doing=doing, detail=detail, traceback=told)
        self._troubles.append(trouble)
        _log.warning("%s: %s at %s", plugin, code, doing)
        return trouble


def _one_line(error: BaseException) -> str:
    try:
        said = str(error)
    except BaseException:  # an error may lie about itself
        said = "an error that cannot be printed"
    if isinstance(error, RubbishError):
        return said
    return " ".join(f"{type(error).__name__}: {said}".split())[:200]


# --- looking at answers ----------------------------------------------------------------------
# Each runs in the plugin's thread, because an answer may bite whoever touches it.


def one(answer: Any, kind: type[T]) -> T:
    """`answer` where it is a `kind`."""
    if not isinstance(answer, kind):
        raise RubbishError(f"answered {type(answer).__name__}, not {kind.__name__}")
    return answer


def one_or_none(answer: Any, kind: type[T]) -> T | None:
    """`answer` where it is a `kind` or None."""
    return None if answer is None else one(answer, kind)


def several(answer: Any, kind: type[T]) -> tuple[T, ...]:
    """The values of `answer`, each a `kind`; None is none, and one alone is one."""
    if answer is None:
        return ()
    if isinstance(answer, kind):
        return (answer,)
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes):
        raise RubbishError(f"answered {type(answer).__name__}, not several {kind.__name__}")
    values = tuple(islice(answer, MOST + 1))
    if len(values) > MOST:
        raise RubbishError(f"answered more than {MOST:,} values")
    return tuple(one(value, kind) for value in values)


def imported(answer: Any) -> Imported:
    """`answer` where it is an `Imported` of events and findings."""
    found = one(answer, Imported)
    several(found.events, Event)
    several(found.findings, Finding)
    return found


def holidays(answer: Any) -> dict[date, dict[str, str]]:
    """The days in `answer`, each with its name by language."""
    if answer is None:
        return {}
    days = {day: dict(names) for day, names in one(answer, Mapping).items()}  # type: ignore[type-abstract]
    for day, names in days.items():
        one(day, date)
        if isinstance(day, datetime):
            raise RubbishError("a holiday is a date, not a time")
        several([*names, *names.values()], str)
    return days


def worded(said: Finding | Reason, prefixes: tuple[str, ...]) -> bool:
    """Whether a plugin's finding or reason has a code of its own, and its own words."""
    return said.text is not None and said.code.startswith(prefixes)
