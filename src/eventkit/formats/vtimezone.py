"""A time zone as iCalendar text (RFC 5545 3.6.5): written, and understood.

Written, it has a yearly rule for every yearly change. The rules are found, not looked up: every
change of a zone's offset is asked of `zoneinfo`, and changes of following years that one rule names
become one observance. What no rule can say, such as a summer time that rests during Ramadan,
becomes an observance a change. Lists of dates (RDATE) are never written: Outlook ignores them.

Understood, nothing is expanded: `Rules.offset` asks each observance for its last onset alone.
"""

from __future__ import annotations

import calendar as months
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from attrs import field, frozen
from icalendar.parser import Contentline, Parameters
from icalendar.prop import vInline

from eventkit.formats.icalfile import MAX_ONSETS, RawZone, parse_time, split
from eventkit.model.values import FIRST_YEAR, LAST_YEAR, zone

# --- written ---------------------------------------------------------------------------------

USUAL_YEAR = 2037
"""A year for a zone without events: the rules that hold from now on."""

_USUALLY_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(FIRST_YEAR - 1, 1, 1, tzinfo=UTC)
_HORIZON = datetime(LAST_YEAR + 2, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=3)
"""Shorter than any two changes of a zone are apart (Freetown, 1939: 4 days less 20 minutes)."""

_MARGIN = timedelta(days=2)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@lru_cache(maxsize=64)
def vtimezone(key: str, first_year: int, last_year: int) -> str:
    """The zone `key` with the fewest observances that are right in these years."""
    begins = datetime(first_year, 1, 1, tzinfo=UTC) - _MARGIN
    ends = datetime(last_year + 1, 1, 1, tzinfo=UTC) + _MARGIN
    needed: list[_Run] = []
    at_start: tuple[datetime, _Run] | None = None
    for run in _runs(key, early=begins < _USUALLY_SINCE + timedelta(days=366)):
        before = [onset.at for onset in run.onsets if onset.at <= begins]
        if before and (at_start is None or before[-1] > at_start[0]):
            at_start = (before[-1], run)
        if any(begins < onset.at < ends for onset in run.onsets):
            needed.append(run)
    if at_start is not None and at_start[1] not in needed:
        needed.insert(0, at_start[1])
    return "".join(
        (
            content_line("BEGIN", "VTIMEZONE"),
            content_line("TZID", key),
            *map(str, needed),
            content_line("END", "VTIMEZONE"),
        )
    )


def _local(when: datetime) -> str:
    return when.strftime("%Y%m%dT%H%M%S")


def content_line(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """One content line, folded (RFC 5545 3.1); `value` is written as it is."""
    parts = Contentline.from_parts(name, Parameters(params or {}), vInline(value))
    return f"{parts.to_ical().decode()}\r\n"


@frozen
class _Onset:
    """A moment when a zone's offset changes; `local` is what its clocks showed just before."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool

    @property
    def local(self) -> datetime:
        return (self.at + self.before).replace(tzinfo=None)

    @property
    def rules(self) -> tuple[str, ...]:
        """The yearly rules that name this day, the plainest first."""
        day = self.local
        weekday = _WEEKDAYS[day.weekday()]
        length = months.monthrange(day.year, day.month)[1]
        shortest = 28 if day.month == 2 else length
        found = [f"BYDAY=-1{weekday}"] if day.day > length - 7 else []
        found.append(f"BYDAY={(day.day - 1) // 7 + 1}{weekday}")
        found.append(f"BYMONTHDAY={day.day}")
        for first in range(max(1, day.day - 6), min(day.day, shortest - 6) + 1):
            span = ",".join(str(first + n) for n in range(7))
            found.append(f"BYDAY={weekday};BYMONTHDAY={span}")
        return tuple(f"FREQ=YEARLY;BYMONTH={day.month};{rule}" for rule in found)


@frozen
class _Run:
    """Onsets of following years that one rule names; one alone needs none."""

    onsets: tuple[_Onset, ...]
    rules: tuple[str, ...] = field(eq=False)

    def extended(self, onset: _Onset) -> _Run | None:
        """This run with `onset` too, or None where no rule names them all."""
        first, last = self.onsets[0], self.onsets[-1]
        rules = tuple(rule for rule in self.rules if rule in onset.rules)
        same = onset.local.time() == first.local.time() and onset.local.year == last.local.year + 1
        return _Run((*self.onsets, onset), rules) if same and rules else None

    def __str__(self) -> str:
        first, last = self.onsets[0], self.onsets[-1]
        kind = "DAYLIGHT" if first.daylight else "STANDARD"
        rule = ""
        if len(self.onsets) > 1:
            rule = self.rules[0]
            if last.at.year < LAST_YEAR:  # else it goes on
                # A day late, because dateutil takes UNTIL for local time; the next is a year off.
                rule += f";UNTIL={_local(last.at + timedelta(days=1))}Z"
        return "".join(
            (
                content_line("BEGIN", kind),
                content_line("DTSTART", _local(first.local)),
                content_line("RRULE", rule) if rule else "",
                content_line("TZNAME", first.name),
                content_line("TZOFFSETFROM", _offset(first.before)),
                content_line("TZOFFSETTO", _offset(first.after)),
                content_line("END", kind),
            )
        )


def _offset_at(when: datetime, place: ZoneInfo) -> timedelta:
    return when.astimezone(place).utcoffset() or timedelta()


def _change(low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """The first second after `low` with another offset than at `low`."""
    offset = _offset_at(low, place)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _offset_at(middle, place) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(offset: timedelta) -> str:
    """``+0100``; with seconds only where there are any (RFC 5545 3.3.14)."""
    minutes, seconds = divmod(abs(offset).total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{hours:02}{minutes:02}" + (f"{int(seconds):02}" if seconds else "")


@lru_cache(maxsize=64)
def _runs(key: str, *, early: bool) -> tuple[_Run, ...]:
    """Everything that happens to the clocks of `key`, as runs, in the order of their first onset.

    An open run is looked for by its offsets; where it cannot take an onset a new one begins.
    """
    runs: list[_Run] = []
    latest: dict[tuple[timedelta, timedelta, str, bool, int], int] = {}
    for onset in _onsets(key, _EARLIEST if early else _USUALLY_SINCE):
        same = (onset.before, onset.after, onset.name, onset.daylight, onset.local.month)
        longer = runs[latest[same]].extended(onset) if same in latest else None
        if longer is not None:
            runs[latest[same]] = longer
        else:
            latest[same] = len(runs)
            runs.append(_Run((onset,), onset.rules))
    return tuple(runs)


def _onsets(key: str, since: datetime) -> Iterator[_Onset]:
    """Every change of offset in `key` from `since` on; the offset it has then is the first."""
    place = zone(key)
    here = since.astimezone(place)
    offset = here.utcoffset() or timedelta()
    # Its clock begins on the hour: what they showed before, nobody asks.
    yield _Onset(since - offset, offset, offset, here.tzname() or key, False)
    day = since
    while day < _HORIZON:
        following = day + _STEP
        if _offset_at(following, place) != offset:
            at = _change(day, following, place)
            here, was = at.astimezone(place), (at - timedelta(seconds=1)).astimezone(place)
            after = here.utcoffset() or timedelta()
            zero = timedelta()
            # Some zones call their winter time the exception (Europe/Dublin).
            daylight = (here.dst() or zero) > zero or (was.dst() or zero) < zero
            yield _Onset(at, offset, after, here.tzname() or key, daylight)
            offset = after
            following = at
        day = following


# --- understood ------------------------------------------------------------------------------

_MAX_OBSERVANCES = 8

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


@cache
def _iana() -> Mapping[str, str]:
    """The names of all time zones, by their lower-case form, whatever the machine adds to them."""
    names = (files("tzdata") / "zones").read_text("utf-8").split()
    return {name.casefold(): name for name in names}


def named(tzid: str) -> ZoneInfo | None:
    """The IANA zone that `tzid` names, by itself or at its end: ``/vendor/Europe/Berlin``."""
    parts = tzid.strip().strip('"/').casefold().split("/")
    for length in (3, 2, 1) if tzid.startswith("/") else (len(parts), 3, 2):
        if length <= len(parts) and (name := _iana().get("/".join(parts[-length:]))):
            return zone(name)
    return None


def _naive(value: str) -> datetime:
    when = parse_time(value)[0]
    return when if isinstance(when, datetime) else datetime.combine(when, clock_time())


def _parse_offset(value: str) -> timedelta:
    match = _OFFSET.fullmatch(value.strip())
    if match is None or int(match[2]) > 23:
        raise ValueError(value)
    size = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -size if match[1] == "-" else size


@frozen
class _Yearly:
    """The yearly rules that programs write for time zones; another raises `ValueError`."""

    start: datetime
    month: int
    weekday: int | None
    nth: int | None
    days: tuple[int, ...]
    last_year: int

    @classmethod
    def parse(cls, start: datetime, text: str) -> _Yearly:
        rule = dict(part.split("=", 1) for part in text.strip().upper().split(";", 9) if part)
        if rule.pop("FREQ", "") != "YEARLY" or rule.pop("INTERVAL", "1") != "1":
            raise ValueError(text)
        rule.pop("WKST", None)
        month = int(rule.pop("BYMONTH", start.month))
        weekday = nth = None
        if "BYDAY" in rule:
            match = _BYDAY.fullmatch(rule.pop("BYDAY"))
            if match is None:
                raise ValueError(text)
            weekday, nth = _WEEKDAYS.index(match[2]), int(match[1]) if match[1] else None
        days = tuple(int(day) for day in rule.pop("BYMONTHDAY", "").split(",", 31) if day)
        last_year = 9999
        if "UNTIL" in rule:
            last_year = parse_time(rule.pop("UNTIL"))[0].year
        if "COUNT" in rule:
            last_year = start.year + int(rule.pop("COUNT")) - 1
        # One day of the month; or a weekday, counted or picked from some days.
        plain = len(days) < 2 if weekday is None else (nth is None) == bool(days)
        if rule or not 1 <= month <= 12 or not plain:
            raise ValueError(text)
        return cls(start, month, weekday, nth, days or (start.day,), last_year)

    def latest(self, local: datetime) -> datetime | None:
        """The last onset not after `local`."""
        newest = min(local.year, self.last_year)
        for year in range(newest, max(self.start.year, newest - 2) - 1, -1):
            day = self._day_in(year)
            if day is not None:
                onset = self.start.replace(year=year, month=self.month, day=day)
                if self.start <= onset <= local:
                    return onset
        return self.start if self.start <= local else None

    def _day_in(self, year: int) -> int | None:
        first, length = months.monthrange(year, self.month)
        days = [day if day > 0 else length + 1 + day for day in self.days]
        if self.weekday is not None:
            earliest = 1 + (self.weekday - first) % 7
            falling = range(earliest, length + 1, 7)
            if self.nth is not None:
                at = self.nth - 1 if self.nth > 0 else len(falling) + self.nth
                return falling[at] if 0 <= at < len(falling) else None
            days = [day for day in days if day in falling]
        return days[0] if days and 1 <= days[0] <= length else None


@frozen
class Rules:
    """A time zone as a file explains it."""

    _observances: tuple[tuple[_Yearly | None, tuple[datetime, ...], timedelta], ...]
    _before: timedelta

    @classmethod
    def of(cls, place: RawZone) -> Rules | None:
        """The rules of `place`, or None where they are missing, broken or beyond us."""
        if not 1 <= len(place.observances) <= _MAX_OBSERVANCES:
            return None
        try:
            before = split(place.observances[0]["TZOFFSETFROM"][0])[1]
            return cls(tuple(map(_observance, place.observances)), _parse_offset(before))
        except (KeyError, ValueError):
            return None

    def offset(self, local: datetime) -> timedelta:
        """The offset of the observance that began last before `local`."""
        latest: datetime | None = None
        offset = self._before
        for yearly, times, after in self._observances:
            at = bisect_right(times, local)
            onsets = [times[at - 1]] if at else []
            if yearly is not None and (onset := yearly.latest(local)) is not None:
                onsets.append(onset)
            if onsets and (latest is None or max(onsets) >= latest):
                latest, offset = max(onsets), after
        return offset


def _observance(
    lines: Mapping[str, Sequence[str]],
) -> tuple[_Yearly | None, tuple[datetime, ...], timedelta]:
    start = _naive(split(lines["DTSTART"][0])[1])
    listed = [split(line)[1].split(",", MAX_ONSETS) for line in lines.get("RDATE", ())]
    times = [start, *(_naive(text) for texts in listed for text in texts[:MAX_ONSETS])]
    rules = lines.get("RRULE", ())
    if len(times) > MAX_ONSETS or len(rules) > 1:
        raise ValueError("more than a time zone has")
    yearly = _Yearly.parse(start, split(rules[0])[1]) if rules else None
    return yearly, tuple(sorted(times)), _parse_offset(split(lines["TZOFFSETTO"][0])[1])
