"""Every sentence people read, in Danish and English.

The words stand in two Babel catalogues, ``locales/{da,en}/LC_MESSAGES/eventkit.po``, under keys
such as ``state.open`` or ``finding.EK101``; the build compiles them. Page, mail, API and command
line all ask here, so a reason reads the same everywhere.

A catalogue entry may hold ``{name}``, and for times and amounts ``{closes:date}``, ``:time``,
``:when``, ``:last``, ``:until``, ``:from``, ``:number`` and ``:money``. A placeholder is a plain
name: no attribute or index is looked up, and a value is never formatted again. Where a value ends
in a full stop, as ``250 kr.`` does, the sentence gets no second one.
"""

from __future__ import annotations

import gettext
import re
import string
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeAlias

from babel.core import Locale
from babel.dates import format_date, get_timezone_gmt, get_timezone_location
from babel.numbers import format_decimal

from eventkit.model.decision import Finding, Reason, Severity
from eventkit.model.errors import DocumentError, EventkitError, Fault, SettingsError
from eventkit.model.event import Event
from eventkit.model.values import Deadline, Money, first_instant, instant, parse_time
from eventkit.rules.deadlines import (
    Cancelled,
    Closed,
    Draft,
    Moment,
    NotYetOpen,
    Open,
    Over,
    Postponed,
    State,
    WaitingOnly,
    closing,
    last_day,
)

LANGUAGES = ("da", "en")

_Day: TypeAlias = date  # `Wording.date` hides the name inside the class

_LOCALE = {"da": Locale.parse("da"), "en": Locale.parse("en_GB")}
_CLOCK = {"da": ".", "en": ":"}
_DASH = "–"


class Wording:
    """The words of one language; ask `wording()` for it."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue
        self._locale = _LOCALE[language]

    def __call__(self, key: str, /, **data: Any) -> str:
        """The entry `key`, with `data` in its places; raises `KeyError` for one not there."""
        return self._filled(self.template(key), data)

    def template(self, key: str) -> str:
        """The entry `key` as it stands, places and all; raises `KeyError` for one not there."""
        text = self._catalogue.gettext(key)
        if text == key:
            raise KeyError(key)
        return text

    def __contains__(self, key: str) -> bool:
        return self._catalogue.gettext(key) != key

    def count(self, key: str, n: int, /, **data: Any) -> str:
        """The entry `key` in the form that fits `n`, which it may show as ``{n}``."""
        text = self._catalogue.ngettext(key, key, n)
        if text == key:
            raise KeyError(key)
        return self._filled(text, {"n": n, **data})

    # --- time ---

    def date(self, day: _Day) -> str:
        """``torsdag den 21. april 2022``."""
        # A time is no key: on other clocks it equals one of another day.
        return _full_date(day.date() if isinstance(day, datetime) else day, self.language)

    def month(self, day: _Day) -> str:
        """``april 2022``."""
        return format_date(day, "MMMM y", self._locale)

    def weekday(self, day: _Day, *, short: bool = False) -> str:
        """``torsdag``, or ``tors.`` where `short`."""
        return format_date(day, "ccc" if short else "cccc", self._locale)

    def clock(self, time: datetime) -> str:
        """``9.30``."""
        return f"{time.hour}{_CLOCK[self.language]}{time.minute:02}"

    def hours(self, starts: datetime, ends: datetime | None) -> str:
        """``9.30–15.00``, or ``9.30`` where nobody said when it ends."""
        return self.clock(starts) + (_DASH + self.clock(ends) if ends is not None else "")

    def moment(self, time: datetime) -> str:
        """``torsdag den 21. april 2022 kl. 9.30``, in the zone `time` has."""
        return self("when.moment", day=self.date(time), clock=self.clock(time))

    def when(self, event: Event) -> str:
        """When `event` is: one day or several, with hours or whole days."""
        starts, ends = event.starts, event.ends
        if ends is None:
            return self.moment(starts)
        if is_whole_days(event):
            last = ends.date() - timedelta(days=1)
            if last == starts.date():
                return self("when.whole_day", day=self.date(starts))
            return self("when.days", first=self.date(starts), last=self.date(last))
        if starts.date() == ends.date():
            return self("when.hours", day=self.date(starts), hours=self.hours(starts, ends))
        return self("when.span", first=self.moment(starts), last=self.moment(ends))

    def apart(self, one: Event, other: Event) -> tuple[str, str]:
        """When two events are; with their zones where the two would else read the same.

        In one zone that is so in the night when clocks show an hour twice.
        """
        told = self.when(one), self.when(other)
        if told[0] != told[1]:
            return told
        cities = [self._city(event) for event in (one, other)]
        if cities[0] != cities[1]:
            key, marks = "when.in_zone", cities
        else:
            key, marks = "when.offset", [self._offset(event) for event in (one, other)]
        first, second = (self(key, when=told[0], zone=mark) for mark in marks)
        return first, second

    def _city(self, event: Event) -> str:
        return get_timezone_location(event.zone, locale=self._locale, return_city=True)

    def _offset(self, event: Event) -> str:
        times = [event.starts] if event.ends is None else [event.starts, event.ends]
        said = (get_timezone_gmt(time, locale=self._locale) for time in times)
        return _DASH.join(dict.fromkeys(said))

    def deadline(self, deadline: Deadline | None, event: Event) -> str:
        """``til og med mandag den 18. april 2022``: until when, in the same words everywhere."""
        if deadline is None:
            return self("deadline.start")
        return self.until(last_day(deadline, event) or closing(deadline, event))

    def until(self, last: _Day | datetime | str) -> str:
        """The words of a deadline that is a day, which counts, or a moment, which does not."""
        day = _day(last)
        if isinstance(day, datetime):
            return self("deadline.moment", moment=self.moment(day))
        return self("deadline.day", day=self.date(day))

    def since(self, first: _Day | datetime | str) -> str:
        """The words of a beginning: a day that counts from its first moment, or a moment."""
        day = _day(first)
        return self.moment(day) if isinstance(day, datetime) else self.date(day)

    def last(self, ends: datetime) -> str:
        """Until when something was to be done: the day where that ends with it, else the moment."""
        if (ends.hour, ends.minute) == (0, 0):
            return self.date(ends.date() - timedelta(days=1))
        return self.moment(ends)

    # --- money ---

    def money(self, money: Money) -> str:
        """``500 kr.``, ``1.250,50 kr.`` or ``Gratis``."""
        if money.amount == 0:
            return self("money.free")
        pattern = "#,##0" if money.amount == money.amount.to_integral_value() else "#,##0.00"
        amount = format_decimal(Decimal(money.amount), pattern, self._locale)
        if money.currency == "DKK":
            return self("money.kroner", amount=amount)
        return self("money.other", amount=amount, currency=money.currency)

    def number(self, number: int) -> str:
        """``1.000.000``."""
        return format_decimal(number, "#,##0", self._locale)

    # --- what things are called ---

    def field(self, name: str) -> str:
        """``sted``: what people call a field of an event; `name` itself where they have no word."""
        key = f"field.{name}"
        return self(key) if key in self else name

    def place(self, path: str) -> str:
        """``programpunkt 8, slut``: the place in an event's document that `path` leads to.

        Lists count from 1. From the first step on that people have no word for, it is the path.
        """
        names, rest = self._steps(path)
        return ", ".join(filter(None, (*names, rest)))

    def _steps(self, path: str) -> tuple[list[str], str]:
        """What the steps of `path` are called, and what is left of it from one without a name."""
        names: list[str] = []
        while path and (step := _STEP.match(path)) is not None:
            name, place = step[1], step[2]
            key = f"field.{name}" if place is None else f"part.{name or 'events'}"
            if key not in self:
                break
            names.append(self(key) if place is None else self(key, n=int(place) + 1))
            path = path[step.end() :]
        return names, path

    # --- what rules answer ---

    def state(self, state: State) -> str:
        """The state of registration in two or three words: ``Tilmelding lukket``."""
        return self(f"state.{_STATE[type(state)]}")

    def state_sentence(self, event: Event, state: State) -> str:
        """Whether one may join `event`, until when, or why not."""
        key = f"sentence.{_STATE[type(state)]}"
        match state:
            case Cancelled(reason) | Postponed(reason) if reason:
                return self(f"{key}_because", reason=reason)
            case NotYetOpen(opens):
                day = None if event.opens is None else last_day(event.opens, event)
                return self(key, opens=day or opens)
            case Closed(_, reason):
                return self.reason(reason, event)
            case WaitingOnly() | Open():
                return self(key, until=self.deadline(event.deadline, event))
        return self(key)

    def reason(self, reason: Reason, event: Event | None = None) -> str:
        """The sentence of a reason: a plugin's own, or the catalogue's.

        With `event` a deadline is said as its organiser wrote it: the last day that counted. A code
        may have an entry of its own for a mode, or for where somebody stands.
        """
        if reason.text is not None:
            return self._own(reason.text)
        if event is not None and reason.code == "deadline_passed" and event.deadline is not None:
            return self("reason.deadline_passed_until", until=self.deadline(event.deadline, event))
        data = dict(reason.data)
        if "status" in data and (key := f"standing.{data['status']}") in self:
            data["standing"] = self(key)
        for variant in (data.get("mode"), data.get("status")):
            if (key := f"reason.{reason.code}_{variant}") in self:
                return self(key, **data)
        return self(f"reason.{reason.code}", **data)

    def finding(self, finding: Finding, event: Event | None = None) -> str:
        """The sentence of a finding; items are called by their titles where `event` is given.

        A code may have an entry of its own for a `trouble`, for where it concerns an ``item``, for
        two times on different days, and for an event of several days. One may count its `capacity`.
        """
        if finding.text is not None:
            return self._own(finding.text)
        titles = {item.key: item.title for item in event.programme} if event is not None else {}
        data = dict(finding.data)
        for name in ("item", "other"):
            key = data.get(name)
            data[f"{name}_title"] = titles.get(str(key), f"#{key}")
        data["provider"] = data.get("provider") or self("word.meeting")
        several = event is not None and event.ends is not None and not _one_day(event, event.ends)
        variants = (
            data.get("trouble"),
            "days" if _on_two_days(data) else None,
            "that_day" if several else None,
            "item" if "item" in data else None,
        )
        for variant in filter(None, variants):
            if (key := f"finding.{finding.code}_{variant}") in self:
                return self(key, **data)
        if "capacity" in data:
            return self.count(f"finding.{finding.code}", data["capacity"], **data)
        return self(f"finding.{finding.code}", **data)

    def severity(self, severity: Severity) -> str:
        """``fejl``, ``advarsel`` or ``bemærkning``."""
        return self(f"severity.{severity}")

    def error(self, error: EventkitError) -> list[str]:
        """An error in the reader's language: one line, or one for each fault."""
        if isinstance(error, DocumentError | SettingsError):
            named = error.code == "bad_document"  # others have headings or settings for paths
            return [self._fault(fault, named=named) for fault in error.faults]
        return [self._sentence(error.code, str(error), error.data)]

    def changes(self, moment: Moment) -> list[str]:
        """What changes at a moment of the timeline, a sentence each."""
        return [self(f"moment.{change.code}", **change.data) for change in moment.changes]

    def _fault(self, fault: Fault, *, named: bool) -> str:
        """A fault with its path, in words where it is `named`; a code may have an entry for one."""
        own = f"{fault.code}_{fault.path}"
        code = own if f"error.{own}" in self else fault.code
        sentence = self._sentence(code, fault.text, fault.data)
        where = self._where(fault) if named else fault.path
        return f"{where}: {sentence}" if where else sentence

    def _where(self, fault: Fault) -> str:
        """``Programpunkt 8, slut (programme[7].ends)``: for who reads it, and for who looks it up.

        A key that no document has stands as it was written.
        """
        path, strange = fault.path, ""
        if fault.code in ("unknown_key", "unknown_key_near"):
            path, _, strange = path.rpartition(".")
        names, rest = self._steps(path)
        where = ", ".join(filter(None, (*names, ".".join(filter(None, (rest, strange))))))
        return f"{where[0].upper()}{where[1:]} ({fault.path})" if names else where

    def _sentence(self, code: str, english: str, data: Mapping[str, Any]) -> str:
        try:
            return self(f"error.{code}", **data)
        except KeyError:  # a plugin's error, which has only its English text
            return english

    def _own(self, texts: Mapping[str, str]) -> str:
        return texts.get(self.language) or next(iter(texts.values()))

    # --- filling in ---

    def _filled(self, template: str, data: Mapping[str, Any]) -> str:
        said = ""
        for literal, name, form in _pieces(template):
            said += following(said, literal)
            if name is not None:
                said += self._shown(data[name], form)
        return said

    def _shown(self, value: Any, form: str) -> str:
        if form == "date":
            return self.date(_day(value))
        if form == "time":
            return self.clock(_time(value))
        if form == "when":
            return self.moment(_time(value))
        if form == "last":
            return self.last(_time(value))
        if form == "until":
            return self.until(value)
        if form == "from":
            return self.since(value)
        if form == "number":
            return self.number(value)
        if form == "money":
            return self.money(Money(**value))
        if isinstance(value, tuple):
            return ", ".join(map(str, value))
        return str(value)


class KeptWording(Wording):
    """Words as they are set: no line ends inside a day, nor between ``kl.`` and the hours.

    The spaces that keep these together are in what we say ourselves, never in what people wrote.
    """

    def __init__(self, plain: Wording, space: str) -> None:
        super().__init__(plain.language, plain._catalogue)
        self._space = space
        self._templates: dict[str, str] = {}

    def template(self, key: str) -> str:
        """As elsewhere, the hours kept to their ``kl.``"""
        known = self._templates.get(key)
        if known is None:
            known = super().template(key).replace("kl. {", f"kl.{self._space}{{")
            self._templates[key] = known
        return known

    def date(self, day: _Day) -> str:
        """``torsdag den 21. april 2022``, the day, its number and its month kept together."""
        return _kept(super().date(day), self._space)


KEPT = "\u00a0"
"""A space at which no line ends."""

_DAY = re.compile(r"(?:den )?\d+\.? \w+")
_STEP = re.compile(r"(\w*)(?:\[(\d{1,9})\])?(?:\.|$)")
"""One step of a path: the name of a field, and the place in it where it is a list."""

_STATE: Mapping[type, str] = {
    Draft: "draft",
    Cancelled: "cancelled",
    Postponed: "postponed",
    Over: "over",
    NotYetOpen: "not_yet_open",
    Closed: "closed",
    WaitingOnly: "waiting_only",
    Open: "open",
}


def state_name(state: State) -> str:
    """The name of a state in documents and style sheets: ``not_yet_open``."""
    return _STATE[type(state)]


def is_whole_days(event: Event) -> bool:
    """Whether `event` runs from one local midnight to another, so that hours say nothing."""
    return (
        event.ends is not None
        and instant(event.ends) > instant(event.starts)
        and all(
            instant(time) == instant(first_instant(time.date(), event.zone))
            for time in (event.starts, event.ends)
        )
    )


@lru_cache(maxsize=2048)
def _pieces(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """A catalogue entry as text, and the placeholder after it with its form."""
    parsed = string.Formatter().parse(template)
    return tuple((literal, name, form or "") for literal, name, form, _ in parsed)


def following(said: str, text: str) -> str:
    """`text` as it goes on after `said`, whose full stop ends the sentence too: ``250 kr.``"""
    return text[1:] if text.startswith(".") and said.endswith(".") else text


@lru_cache(maxsize=256)
def _kept(date: str, space: str) -> str:
    return _DAY.sub(lambda match: match[0].replace(" ", space), date)


@lru_cache(maxsize=256)
def _full_date(day: date, language: str) -> str:
    return format_date(day, "full", _LOCALE[language])


def _time(value: datetime | str) -> datetime:
    return parse_time(value) if isinstance(value, str) else value


def _one_day(event: Event, ends: datetime) -> bool:
    """Whether `event` is over by the midnight that ends the day it starts on."""
    midnight = first_instant(event.starts.date() + timedelta(days=1), event.zone)
    return instant(ends) <= instant(midnight)


def _on_two_days(data: Mapping[str, Any]) -> bool:
    starts, ends = data.get("starts"), data.get("ends")
    if not isinstance(starts, str) or not isinstance(ends, str):
        return False
    return _time(starts).date() != _time(ends).date()


def _day(value: date | str) -> date:
    if isinstance(value, str):
        return _time(value) if "T" in value else date.fromisoformat(value)
    return value


@cache
def wording(language: str) -> Wording:
    """The words of `language`; Danish for one we do not have."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    path = files("eventkit") / "locales" / language / "LC_MESSAGES" / "eventkit.mo"
    with path.open("rb") as file:
        return Wording(language, gettext.GNUTranslations(file))


@cache
def kept_wording(language: str, space: str = KEPT) -> Wording:
    """The words of `language` with `space` where no line may end."""
    return KeptWording(wording(language), space)
