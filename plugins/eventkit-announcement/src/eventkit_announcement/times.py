"""When it is: years that are not written, several days, hours, and deadlines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import define, field

from eventkit import Deadline, FormatError, instant
from eventkit.model.values import first_instant
from eventkit_announcement.calendar import Calendar, check_weekday
from eventkit_announcement.danish import (
    DAY,
    Span,
    When,
    no_such_day,
    read_duration,
    read_hours,
    read_when,
    stretches,
)
from eventkit_announcement.labels import look
from eventkit_announcement.limits import Limit
from eventkit_announcement.outline import DayMark, Fact, Outline
from eventkit_announcement.reading import Reading
from eventkit_announcement.text import Line

HALF_A_YEAR = timedelta(days=183)
MOST_DAYS = 366
EVENING, MORNING = 12 * 60, 8 * 60
"""What begins after noon and ends before eight has gone past midnight."""


@define
class Dates:
    """The first and last day of the event, its hours where said, and each day of the programme."""

    first: date
    last: date
    hours: Span | None = None
    hours_fact: Fact | None = None
    days: list[date] = field(factory=list)
    ranges: list[Fact] = field(factory=list)
    """Facts that say more than one day."""
    numbered: dict[int, date] = field(factory=dict)
    """The dates of "Dag 1" and "Dag 2", where lines of their own say them."""
    daily: dict[date, Span] = field(factory=dict)
    """The hours of single days, where the event has several."""
    kept_open: list[tuple[Fact, str]] = field(factory=list)
    """Facts with words left over that may name the place."""


def read_dates(
    outline: Outline, lines: Iterable[Line], mail: Iterable[Line], reading: Reading
) -> Dates:
    """When the event of `outline` is; raises `FormatError` where no line says a date.

    Lines: first those that say when it is, then the programme's days, then the prose.
    """
    calendar = Calendar.of(lines, mail)
    read = [(fact, _when_of(fact)) for fact in outline.facts if fact.kind in _WHEN_KINDS]
    marks = [mark for mark in outline.days if mark.mark.when is not None]
    dates = _first(read, marks, outline, calendar, reading)
    for fact, what in read:
        _take(fact, what, dates, calendar, reading)
        if fact.left and not reading.is_told(fact.lines[-1], "unread", "contradicts"):
            reading.keep(fact, "partly", "starts")
    _programme_days(outline, dates, calendar, reading)
    return dates


_WHEN_KINDS = ("when", "starts", "ends", "when_where")

_What = tuple[When | Span | int, str] | None


def _when_of(fact: Fact) -> _What:
    """What the words of `fact` say: dates, hours or a duration, and the words left over."""
    if found := read_when(fact.value):
        return found
    hours = read_hours(fact.value)
    if hours and (hours.certain or hours.span.end is not None):
        return hours.span, hours.rest
    return read_duration(fact.value)


def _first(
    read: list[tuple[Fact, _What]],
    marks: list[DayMark],
    outline: Outline,
    calendar: Calendar,
    reading: Reading,
) -> Dates:
    said = [
        (fact.lines[-1], what[0].days)
        for fact, what in read
        if what and isinstance(what[0], When) and fact.kind != "ends"
    ]
    said += [(mark.line, mark.mark.when.days) for mark in marks if mark.mark.when]
    for line, days in said:
        first, guessed = calendar.resolve(days[0])
        if first is None:
            continue
        last, _ = calendar.resolve(days[-1], first)
        if guessed:
            reading.note("year", "starts", line, year=first.year)
        return Dates(first, _until(first, last))
    prose = [*outline.teaser, *(piece.line for piece in outline.prose)]
    if outline.title is not None:
        prose = [*outline.title.lines, *prose]
    prose += (fact.lines[-1] for fact, _ in read)  # what could not be read may hold one
    for line in prose:
        for first, last, hours in stretches(line.text):
            reading.note("date" if hours is None else "date_hours", "starts", line)
            return Dates(first, _until(first, last), hours)
    for line in prose:
        if said_day := no_such_day(line.text):
            raise FormatError(
                f"the announcement says {said_day!r}, and there is no such day; correct the date",
                code="announcement_no_date",
            )
    raise FormatError(
        "the announcement has no date with a year; add a line such as 'Dato: 21.04.2022'",
        code="announcement_no_date",
    )


def _until(first: date, last: date | None) -> date:
    return last if last and first <= last <= first + timedelta(days=MOST_DAYS) else first


def _take(fact: Fact, what: _What, dates: Dates, calendar: Calendar, reading: Reading) -> None:
    """Hold one fact against what is known: take it, find it said, or keep it with a finding."""
    if what is None:
        reading.keep(fact, "unread", "starts")
        return
    said, rest = what
    fits = True
    if isinstance(said, When):
        fits = _take_days(fact, said, dates, calendar, reading)
        if fits and said.hours is not None and not _of_one_day(fact, said, dates, calendar):
            fits = _take_hours(fact, said.hours, dates, reading)
        daily = _DAILY.search(fact.value) is not None and dates.first < dates.last
        if fits and (said.several or (said.hours is not None and daily)):
            reading.keep(fact, "partly", "starts")
    elif isinstance(said, Span) and fact.left == "number":
        fits = _take_hours_of_day(fact, said, dates, reading)
    elif isinstance(said, Span):
        fits = _take_hours(fact, said, dates, reading)
    else:
        fits = _take_duration(fact, said, dates, reading)
    if fits and rest:
        dates.kept_open.append((fact, rest))


def _of_one_day(fact: Fact, said: When, dates: Dates, calendar: Calendar) -> bool:
    """Whether the hours in `said` are those of "Dag 2" alone; they are noted for that day."""
    day, _ = calendar.resolve(said.days[0], dates.first)
    if fact.left != "number" or len(said.days) > 1 or said.hours is None or day is None:
        return False
    dates.daily[day] = said.hours
    return day != dates.first


def _take_hours_of_day(fact: Fact, said: Span, dates: Dates, reading: Reading) -> bool:
    """Take "Dag 2: kl. 9-14", whose day is counted from the first where no line says it."""
    number = look(fact.lines[-1]).number or 1
    day = dates.numbered.get(number, dates.first + timedelta(days=number - 1))
    if not dates.first <= day <= dates.last:
        other = _line_number(reading, "date") or fact.lines[-1].number
        reading.keep(fact, "contradicts", "starts", other=other)
        return False
    dates.daily[day] = said
    return day != dates.first or _take_hours(fact, said, dates, reading)


_DAILY = re.compile(r"\b(?:begge|alle|hver|each|both) da(?:ge?|ys?)\b|\bdaglig", re.IGNORECASE)
"""Says that the hours are those of each day, for which there is no field."""


def _take_days(fact: Fact, said: When, dates: Dates, calendar: Calendar, reading: Reading) -> bool:
    first, _ = calendar.resolve(said.days[0], dates.first)
    last, _ = calendar.resolve(said.days[-1], dates.first)
    if first is None or last is None:
        reading.keep(fact, "unread", "starts")
        return False
    for day, one in ((said.days[0], first), (said.days[-1], last)):
        check_weekday(day, one, fact.lines[-1], "starts", reading)
        if len(said.days) == 1:
            break
    if fact.kind == "ends" and dates.last == dates.first and first >= dates.first:
        dates.last = _until(dates.first, first)
    elif first == dates.first and dates.last == dates.first:
        dates.last = _until(first, last)
    if fact.left == "number" and (number := look(fact.lines[-1]).number) is not None:
        if number - 1 in dates.numbered:  # "Dag 2" is of the same event as "Dag 1"
            dates.last = max(dates.last, _until(dates.first, last))
        dates.numbered[number] = first
    inside = dates.first <= first <= last <= dates.last
    if not inside:
        other = _line_number(reading, "date")
        reading.keep(fact, "contradicts", "starts", other=other or fact.lines[-1].number)
        return False
    if len(said.days) > 1:
        dates.ranges.append(fact)
    if "date" not in reading.values:
        reading.settle("date", dates.first, fact)
    return True


def _line_number(reading: Reading, name: str) -> int | None:
    line = reading.line_of(name)
    return line.number if line else None


def _take_hours(fact: Fact, said: Span, dates: Dates, reading: Reading) -> bool:
    if fact.kind == "ends" and said.end is None:
        known = dates.hours
        if known is not None and known.end is None:
            dates.hours = Span(known.start, said.start, known.about or said.about)
            return True
        if known is not None and known.end == said.start:
            return True
        why = "unread" if known is None else "contradicts"
        reading.keep(fact, why, "ends", other=_line_number(reading, "hours") or 0)
        return False
    known = dates.hours
    if known is None or (known.end is None and known.start == said.start):
        dates.hours, dates.hours_fact = said, fact
        reading.settle("hours", said.start, fact)
    elif not (known.start == said.start and said.end in (None, known.end)):
        reading.keep(fact, "contradicts", "starts", other=_line_number(reading, "hours") or 0)
        return False
    if said.about:
        reading.note("about", "starts", fact.lines[-1])
    return True


def _take_duration(fact: Fact, minutes: int, dates: Dates, reading: Reading) -> bool:
    days = minutes // DAY
    if days and minutes % DAY == 0:
        if days <= 31 and dates.last == dates.first:
            dates.last = dates.first + timedelta(days=days - 1)
        if (dates.last - dates.first).days == days - 1:
            return True
    elif dates.hours is not None and dates.first == dates.last:
        hours = dates.hours
        if hours.end is None and hours.start + minutes <= 2 * DAY:
            dates.hours = Span(hours.start, (hours.start + minutes) % DAY or DAY, hours.about)
            return True
        if hours.end is not None and (hours.end - hours.start) % DAY == minutes:
            return True
    reading.keep(fact, "unread", "ends")
    return False


# --- days of the programme -------------------------------------------------------------------


def _programme_days(outline: Outline, dates: Dates, calendar: Calendar, reading: Reading) -> None:
    """Find the date of each day of the programme; several such days are as many of the event."""
    for mark in outline.days:
        dates.days.append(_day_of(mark, dates, calendar, reading))
    filled = {entry.day for entry in outline.entries}
    held = [day for index, day in enumerate(dates.days) if index in filled]
    if held and dates.first == dates.last and min(held) == dates.first:
        dates.last = _until(dates.first, max(held))
    rank = {day: number for number, day in enumerate(sorted(set(dates.days)), start=1)}
    for index, (day, mark) in enumerate(zip(dates.days, outline.days, strict=True)):
        when, number = mark.mark.when, mark.mark.number
        fact = Fact("when", "", (mark.line,))
        if when is not None and not dates.first <= day <= dates.last:
            said = reading.line_of("date") or mark.line
            reading.note("contradicts", "programme", mark.line, other=said.number)
        if index not in filled and day not in (dates.first, dates.last):
            reading.keep(fact, "unplaced")  # nothing else says a day without items
        hours = mark.mark.span if when is None else when.hours
        if hours is not None:
            if dates.first < dates.last:
                dates.daily[day] = hours
            if day == dates.first and (dates.first == dates.last or dates.hours is None):
                _take_hours(fact, hours, dates, reading)
            else:
                reading.keep(fact, "partly", "programme")
        misnumbered = when is not None and number not in (
            None,
            rank[day],
            (day - dates.first).days + 1,
        )
        if misnumbered or mark.mark.rest or (when is not None and len(when.days) > 1):
            reading.keep(fact, "partly", "programme")


def _day_of(mark: DayMark, dates: Dates, calendar: Calendar, reading: Reading) -> date:
    said = mark.mark
    if said.when is not None:
        day = said.when.days[0]
        found, guessed = calendar.resolve(day, dates.first)
        if found is not None:
            check_weekday(day, found, mark.line, "programme", reading)
            if guessed:
                reading.note("year", "programme", mark.line, year=found.year)
            return found
        reading.keep_lines((mark.line,))
        reading.note("unread", "programme", mark.line)
        return dates.days[-1] if dates.days else dates.first
    if said.number in dates.numbered:
        return dates.numbered[said.number]
    if said.number is not None:
        found = dates.first + timedelta(days=max(0, min(said.number, 60) - 1))
    else:
        ahead = ((said.weekday or 0) - dates.first.weekday()) % 7
        found = dates.first + timedelta(days=ahead)
    if not dates.first <= found <= dates.last:
        reading.note("day", "programme", mark.line, day=found)
    return found


# --- instants --------------------------------------------------------------------------------


def at(day: date, minute: int, place: ZoneInfo) -> datetime:
    """The time `minute` minutes after midnight on the clocks of `place`; 1440 is the next day's."""
    day += timedelta(days=minute // DAY)
    return datetime.combine(day, time(minute % DAY // 60, minute % 60), place)


def past_midnight(start: int, end: int) -> bool:
    """Whether hours such as 22.00–01.00 end on the next day."""
    return end < start and start >= EVENING and end <= MORNING


def span_of(
    hours: Span, dates: Dates, place: ZoneInfo, reading: Reading
) -> tuple[datetime, datetime | None]:
    """The start and the end of the event, where its hours are said."""
    starts = at(dates.first, hours.start, place)
    closing = hours if dates.first == dates.last else dates.daily.get(dates.last, hours)
    if closing.end is None:
        return starts, None
    last = dates.last
    if (last == dates.first or closing is not hours) and past_midnight(closing.start, closing.end):
        last += timedelta(days=1)
    ends = at(last, closing.end, place)
    if instant(ends) < instant(starts):
        if dates.hours_fact is not None:
            reading.keep(dates.hours_fact, "ends_first", "ends")
        return starts, None
    return starts, ends


def whole_days(dates: Dates, place: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first midnight of the first day to the one after the last day."""
    after = dates.last + timedelta(days=1)
    return first_instant(dates.first, place), first_instant(after, place)


def settle_limit(
    limit: Limit, dates: Dates, place: ZoneInfo, fact: Fact, name: str, reading: Reading
) -> Deadline | None:
    """The deadline that `limit` says, its year taken from the event's date."""
    line = fact.lines[-1]
    if limit.day is None:
        return limit.before
    found, guessed = Calendar(()).resolve(limit.day, dates.first)
    if limit.day.year is None and found is not None and found > dates.last:
        before = limit.day.on(dates.first.year - 1)
        close = before is not None and dates.first - before <= HALF_A_YEAR
        found, guessed = (before, True) if close else (found, guessed)
    if found is None:
        return None
    if guessed or limit.bare:
        reading.note("year", name, line, year=found.year)
    check_weekday(limit.day, found, line, name, reading)
    if limit.before_it:
        reading.note("before_day", name, line)
    return found if limit.minute is None else at(found, limit.minute, place)
