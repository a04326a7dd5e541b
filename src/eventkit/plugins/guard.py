"""Run a plugin's code so that nothing it does hurts anybody.

A call runs in another thread (`hands`) with a budget, and is handed copies. What comes back is its
answer, made anew of our own types while still in that thread, or a `Trouble` that names the plugin:
no code of a plugin runs outside its thread, not even what prints its errors. What overruns three
times in a row is switched off until the next start, and nothing else of the plugin. What one
process cannot survive, ``os._exit`` and a crash in C, is outside the promise, and so is one call in
C that lets no other thread run, such as a regular expression that backtracks.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from itertools import islice
from traceback import format_exception
from types import CoroutineType, MappingProxyType, NoneType
from typing import Any, Final, TypeVar

import attrs
from attrs import field, frozen

from eventkit.formats.wording import LANGUAGES
from eventkit.model import decision, errors, event, values
from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import (
    DocumentError,
    EventkitError,
    FormatError,
    PluginError,
    SettingsError,
)
from eventkit.model.event import Event, Imported
from eventkit.plugins import hooks
from eventkit.plugins.hands import Hands
from eventkit.plugins.hooks import one_line, printable

T = TypeVar("T")

BUILTIN = "builtin"
"""The plugin that is ours: it is handed the values themselves, because copies take time."""

CORE_PREFIX = "EK"
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
        "ready": 2,
        "notify": 30,
        "close": 2,
        "export": 60,
        "recognise": 2,
        "import": 60,
    }
)
"""Seconds that one call of each sort may take."""

_NO_DATA: Mapping[str, Any] = MappingProxyType({})

_log = logging.getLogger("eventkit.plugins")
_log.addHandler(logging.NullHandler())  # who runs us decides where it is read


@frozen(kw_only=True)
class Trouble:
    """What a plugin did wrong.

    `code` is one of those in ``docs/reference/hooks.md``, and `data` what its sentence speaks of.
    `doing` says at what; `detail` is one line and `traceback` the whole story, both for developers.
    """

    plugin: str
    code: str
    doing: str
    detail: str = ""
    traceback: str = ""
    data: Mapping[str, Any] = field(factory=dict, hash=False)

    @property
    def error(self) -> PluginError:
        """The same as an error: to be raised, or said in the reader's language."""
        told = {"plugin": self.plugin, "doing": self.doing, "detail": self.detail}
        text = f"plugin {self.plugin} failed at {self.doing}: {self.detail}"
        return PluginError(text, code=self.code, **{**self.data, **told})


class RubbishError(EventkitError):
    """An answer that is not what was asked for; raised by what looks at answers."""


@frozen(kw_only=True)
class _Failure:
    """What a call came to instead of an answer, told while still in the plugin's thread."""

    code: str
    said: str
    traceback: str = ""
    data: Mapping[str, Any] = _NO_DATA


class Guard:
    """Asks plugins, and remembers what they did wrong. Safe to share between threads."""

    def __init__(
        self, budget: Mapping[str, float], switch_off: Callable[[str, Trouble], None]
    ) -> None:
        self._budget = budget
        self._switch_off = switch_off
        self._troubles: deque[Trouble] = deque(maxlen=REMEMBERED)
        self._overruns: Counter[tuple[str, str, str]] = Counter()
        self._counting = threading.Lock()
        self._latest: dict[str, tuple[Event, Any]] = {}
        self._hands = Hands()

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What went wrong since the start, the latest last."""
        return tuple(self._troubles)

    def ask(
        self,
        plugin: str,
        sort: str,
        doing: str,
        call: Callable[..., T],
        *given: Any,
        expected: tuple[type[Exception], ...] = (),
        failing: str = "plugin_raised",
    ) -> T | Trouble:
        """What `call` answers to `given` within the budget of its sort, or the trouble it is in.

        An error that is `expected` is the plugin's answer, and is raised. What overruns three times
        in a row is what the plugin does of this sort under this name, and that is switched off.
        """
        try:
            answer, error = self._hands.do(
                plugin,
                lambda: self._outcome(plugin, call, given, expected, failing),
                self._budget[sort],
            )
        except queue.Empty:
            said = f"took more than {self._budget[sort]:g} s"
            trouble = self.blame(plugin, "plugin_overran", doing, said)
            if self._overran((plugin, sort, doing)) == OVERRUNS:
                self._switch_off(sort, trouble)
                _log.warning("%s: switched off at %s until the next start", plugin, doing)
            return trouble
        self._overruns.pop((plugin, sort, doing), None)
        if isinstance(error, expected):
            raise error
        if error is not None:  # what not even `_outcome` could make a failure of
            return self.blame(plugin, failing, doing, _UNTOLD)
        if isinstance(answer, _Failure):
            told, data = answer.traceback, answer.data
            return self.blame(plugin, answer.code, doing, answer.said, traceback=told, data=data)
        return answer  # type: ignore[return-value]  # None only where `call` answers None

    def _outcome(
        self,
        plugin: str,
        call: Callable[..., T],
        given: tuple[Any, ...],
        expected: tuple[type[Exception], ...],
        failing: str,
    ) -> T | _Failure:
        """What `call` answers, or how it failed; raises, as ours, what is `expected`.

        It runs in the plugin's thread, because an error may bite whoever prints it, or never end.
        """
        try:
            try:
                return self._answer(plugin, call, given)
            except expected as error:
                ours = error if plugin == BUILTIN else _retold(error)
                ours = ours.with_traceback(error.__traceback__)
        except RubbishError as error:
            return _Failure(code=error.code, said=one_line(error), data=error.data)
        except BaseException as error:
            return _Failure(code=failing, said=_said(error), traceback=_story(error))
        raise ours

    def _answer(self, plugin: str, call: Callable[..., T], given: tuple[Any, ...]) -> T:
        """What `call` answers to copies of `given`.

        That it changed one is worse than any answer, for who knows what became of a copy.
        """
        if plugin == BUILTIN:
            return call(*given)
        handed = tuple(self._copy(plugin, one) for one in given)
        try:
            return anew(call(*handed))  # type: ignore[no-any-return]
        finally:
            pairs = tuple(zip(given, handed, strict=True))
            if changed := [type(ours).__name__ for ours, theirs in pairs if ours != theirs]:
                what = ", ".join(changed)
                said = f"changed what it was given: {what}"
                raise RubbishError(said, code="plugin_mutates", what=what)
            self._latest.update((plugin, pair) for pair in pairs if isinstance(pair[0], Event))

    def _copy(self, plugin: str, value: Any) -> Any:
        """A copy of `value`; of an event the one that the plugin had last, and did not change.

        Many sign up for the same event, and to copy one takes as long as all else of a call.
        """
        if isinstance(value, Event):
            known, copy = self._latest.pop(plugin, (None, None))
            if known is value:
                return copy
        return copied(value)

    def _overran(self, what: tuple[str, str, str]) -> int:
        """How often in a row, this time included; threads may ask at once."""
        with self._counting:
            self._overruns[what] += 1
            return self._overruns[what]

    def blame(
        self,
        plugin: str,
        code: str,
        doing: str,
        detail: str,
        *,
        traceback: str = "",
        data: Mapping[str, Any] = _NO_DATA,
    ) -> Trouble:
        """Remember what `plugin` did wrong, and log it without anybody's words."""
        trouble = Trouble(
            plugin=plugin, code=code, doing=doing, detail=detail, traceback=traceback, data=data
        )
        self._troubles.append(trouble)
        _log.warning("%s: %s at %s", plugin, code, doing)
        return trouble


_UNTOLD = "an error that cannot be printed"


def _said(error: BaseException) -> str:
    try:
        return one_line(f"{type(error).__name__}: {error}")
    except BaseException:
        return _UNTOLD


def _story(error: BaseException) -> str:
    try:
        return printable("".join(format_exception(error)), "\n")
    except BaseException:
        return ""


def _retold(error: Exception) -> Exception:
    """An error that a plugin may answer with, as one of ours; any other is ours already."""
    if not isinstance(error, FormatError | DocumentError | SettingsError):
        return error
    more: dict[str, Any] = {"code": one(anew(error.code), str), **values.frozen_object(error.data)}
    if isinstance(error, FormatError):
        return FormatError(printable(str(error), "\n"), **more)
    kind = DocumentError if isinstance(error, DocumentError) else SettingsError
    return kind(anew(several(error.faults, errors.Fault)), **more)


# --- handing over ----------------------------------------------------------------------------

_OURS = tuple(
    kind
    for module in (decision, errors, event, hooks, values)
    for kind in vars(module).values()
    if isinstance(kind, type)
)

_RECORDS: Final = frozenset(filter(attrs.has, _OURS))
"""Whatever of ours an answer may hold that has fields."""

_LEAVES: Final = frozenset(
    (
        *(NoneType, bool, int, float, str, bytes, date, datetime),
        *(kind for kind in _OURS if issubclass(kind, Enum)),
    )
)
"""What most values end in; any other type is looked at once, and may be a leaf too."""


def copied(value: Any) -> Any:
    """`value` anew, down to what nobody can change: `object.__setattr__` reaches nothing of ours.

    No converter and no validator runs: what is copied has been through them.
    """
    kind: Any = type(value)
    if kind is tuple:
        return tuple([one if type(one) in _LEAVES else copied(one) for one in value])
    if kind is MappingProxyType:
        return MappingProxyType({key: copied(one) for key, one in value.items()})
    if not (names := _fields(kind)):
        return value
    twin = object.__new__(kind)
    for name in names:
        one = getattr(value, name)
        object.__setattr__(twin, name, one if type(one) in _LEAVES else copied(one))
    return twin


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """The fields of an attrs class; any other class has none."""
    return tuple(one.name for one in attrs.fields(kind)) if attrs.has(kind) else ()


# --- looking at answers ----------------------------------------------------------------------
# Each runs in the plugin's thread, because an answer may bite whoever touches it.

_PLAIN: Mapping[type, Callable[[Any], Any]] = MappingProxyType(
    {
        str: str.__str__,
        int: int.__int__,
        float: float.__float__,
        bytes: bytes.__bytes__,
        datetime: lambda when: datetime.combine(datetime.date(when), datetime.timetz(when)),
        date: lambda day: date.fromordinal(date.toordinal(day)),
    }
)
"""How a value of a type derived from one of these is made plain, without asking it."""


def anew(answer: Any) -> Any:
    """`answer` made anew, of exactly our own types, so that nothing in it does anything.

    What is derived from text, a number or a time is made plain. What is derived from a type of ours
    is refused, for it could be stored and not read again. Every field's rule is asked once more,
    because frozen values can be forced. What is none of these is let be, such as the functions that
    a plugin hands over; but nobody awaits what an `async` one answers.
    """
    kind: Any = type(answer)
    if kind in _LEAVES:
        return answer
    if kind in _RECORDS:
        return kind(**{name: anew(getattr(answer, name)) for name in _fields(kind)})
    for base in kind.__mro__:
        if base in _PLAIN:
            return _PLAIN[base](answer)
        if base in _RECORDS:
            raise wrong_kind(answer, base.__name__)
    if kind is CoroutineType:
        raise wrong_kind(answer, NoneType.__name__)
    if isinstance(answer, tuple | list):
        return tuple([anew(one) for one in answer])
    if isinstance(answer, Mapping):
        items = {anew(key): anew(one) for key, one in answer.items()}
        return items if kind is dict else MappingProxyType(items)
    return answer


def one(answer: Any, kind: type[T]) -> T:
    """`answer` where it is a `kind`."""
    if not isinstance(answer, kind):
        raise wrong_kind(answer, kind.__name__)
    return answer


def wrong_kind(answer: Any, wanted: str) -> RubbishError:
    """That `answer` is not what is `wanted`."""
    if isinstance(answer, CoroutineType):  # of an `async def`, and Python would say so as well
        answer.close()
    got = one_line(type(answer).__name__)
    said = f"answered {got}, not {wanted}"
    return RubbishError(said, code="plugin_rubbish", got=got, wanted=wanted)


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
        raise wrong_kind(answer, kind.__name__)
    values = tuple(islice(answer, MOST + 1))
    if len(values) > MOST:
        said = f"answered more than {MOST:,} values"
        raise RubbishError(said, code="plugin_endless", most=MOST)
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
        if isinstance(day, datetime):  # which is a date to Python, and here the wrong one
            raise wrong_kind(day, date.__name__)
        several([*names, *names.values()], str)
    return days


def is_prefix(prefix: Any) -> bool:
    """Whether the codes of a plugin may begin with `prefix`."""
    return (
        type(prefix) is str
        and re.fullmatch(r"[A-Z]{1,8}", prefix) is not None
        and not prefix.startswith(CORE_PREFIX)
    )


def begins(code: str, prefixes: Iterable[str]) -> bool:
    """Whether `code` begins with a prefix, and not with a longer one: ``EK103`` is not of ``E``."""
    return any(
        code.startswith(prefix) and not code[len(prefix) :][:1].isupper() for prefix in prefixes
    )


def worded(said: Finding | Reason, prefixes: tuple[str, ...]) -> bool:
    """Whether a plugin's finding or reason has a code of its own, and its own words."""
    return said.text is not None and begins(said.code, prefixes)


def untold(said: Finding | Reason) -> tuple[str, ...]:
    """The languages in which a plugin's finding or reason says nothing."""
    text = said.text or {}
    return tuple(language for language in LANGUAGES if not text.get(language, "").strip())
