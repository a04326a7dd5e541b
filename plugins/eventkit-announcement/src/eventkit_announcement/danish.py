"""Dates and hours as Danes write them.

Each reader takes text and gives what it read from the *start* of it, with the words left over; None
where the text does not begin with one. Nothing is guessed: a year that is not written is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from attrs import evolve, frozen

LONGEST = 300
"""No fact is longer; what is, is prose."""

FIRST_YEAR, LAST_YEAR = 1900, 2198  # the day after must be one the core can tell
DAY = 24 * 60

_WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = ("man", "tir", "ons", "tor", "fre", "lør", "søn", "tirs", "tors")
_MONTHS = (
    ("januar", "january", "jan"),
    ("februar", "february", "feb"),
    ("marts", "march", "mar"),
    ("april", "apr"),
    ("maj", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_MONTH_NUMBER = {name: n for n, names in enumerate(_MONTHS, start=1) for name in names}
_NUMBERS = ("nul", "en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti")

_ANY_WEEKDAY = "|".join((*_WEEKDAYS, *_ENGLISH_DAYS, *_SHORT_DAYS[7:], *_SHORT_DAYS[:7]))
_ANY_MONTH = "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True))
_DASH = "[-–—−]{1,2}"

_DATE = re.compile(
    rf"""
    (?:(?P<weekday>{_ANY_WEEKDAY})\b\.?(?:\s?(?:{_DASH}|og|til)\s?(?P<until>{_ANY_WEEKDAY})\b)?,?\s*)?
    (?P<den>(?:den|d\.?)\s*(?=\d))?
    (?:
      (?P<iso>\d{{4}})-(?P<isomonth>\d\d)-(?P<isoday>\d\d)(?!\d)
    | (?P<emonth>{_ANY_MONTH})\s+(?P<eday>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<eyear>\d{{4}})(?!\d)
    | (?P<dday>\d{{1,2}})-(?P<dmonth>\d{{1,2}})-(?P<dyear>\d{{4}})(?!\d)
    | (?P<list>(?:\d{{1,2}}\.?\s*(?:,|og|&|til|{_DASH})\s*(?:(?:den|d\.)\s*)?)*)
      (?P<day>\d{{1,2}})\.?\s*(?P<month>{_ANY_MONTH})\b\.?
      (?:,?\s*(?P<year>\d{{4}}|['’]?\d\d(?=\s*$))(?!\d))?
    | (?P<nlist>(?:\d{{1,2}}\.?\s*(?:og|til|{_DASH})\s*)?)
      (?P<nday>\d{{1,2}})
      (?: \.\s?(?P<pmonth>\d{{1,2}})(?:(?:\.\s?|\s)(?P<pyear>\d{{4}})|\.(?P<pshort>\d\d))?
        | \s?/\s?(?P<smonth>\d{{1,2}})(?:(?:\s?[-–/]\s?|\s)(?P<syear>\d{{4}})|[-/](?P<sshort>\d\d))?
      )(?![\d]|[.:/]\d)
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CANDIDATE = re.compile(
    rf"(?<!\d)(?:(?:\d{{1,2}}\.?\s?(?:,|{_DASH}|og|til)\s?){{0,9}}\d{{1,2}}"
    rf"(?:\.?\s?(?:{_ANY_MONTH})|[./-]\s?\d{{1,2}}[./ -])|\d{{4}}-\d\d-\d\d"
    rf"|\b(?:{_ANY_MONTH})\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}})",
    re.IGNORECASE,
)
"""Where a full date may begin, cheaper to look for than the date itself."""

_TO = re.compile(rf"\s*(?:{_DASH}|til(?:\s+og\s+med)?\b|og\b|&)\s*", re.IGNORECASE)

_CLOCK = (
    r"(?P<{0}hour>\d{{1,2}})(?:\s?[.:]\s?(?P<{0}minute>\d\d))?(?![\d]|[.:/]\d)"
    r"(?:\s?(?P<{0}half>[ap])\.?m\b\.?)?"
)
_HOURS = re.compile(
    r"(?P<lead>(?:(?:fra|ca|kl|klokken|start|starter|mellem)\b\.?\s*)*)"
    + _CLOCK.format("")
    + r"(?:\s*(?:h|uhr)\b)?"
    + rf"(?:\s*(?P<to>{_DASH}|til\b|to\b|og\b)\s*(?P<about>ca\.?\s*)?(?:kl\.?\s*)?"
    + _CLOCK.format("end")
    + ")?",
    re.IGNORECASE,
)
_OPEN_END = re.compile(rf"\s*(?:{_DASH}\s*\??|og frem(?:efter)?)(?=\s*$)", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")
_ROUGHLY = re.compile(r"\s*\(ca\.?\)", re.IGNORECASE)
_SECOND_DATE = re.compile(rf"\s*(?:{_DASH}|til\b)\s*", re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*(?:,|\||·|:)?\s*(?:(?:i tidsrummet|(?:begge|alle) dage)\b\s*)?", re.IGNORECASE
)

_DURATION = re.compile(
    r"(?:ca\.?\s*)?(?P<number>\d{1,3}(?:[.,]\d)?|\d{0,2}\s?½|halvanden|en|et|to|tre|fire|fem|seks)"
    r"\s*(?P<unit>minutter|min\.?|timers?|time|dages?|dag)\s*\.?",
    re.IGNORECASE,
)


def squeezed(text: str) -> str:
    """`text` with single spaces and without invisible characters: what readers read."""
    return " ".join(re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", text).split())


# --- dates -----------------------------------------------------------------------------------


@frozen
class Day:
    """A day as written: the year and the weekday (Monday is 0) may be unsaid."""

    day: int
    month: int
    year: int | None = None
    weekday: int | None = None

    def on(self, year: int) -> date | None:
        """This day in `year`; None where that year has no such day."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None

    @property
    def date(self) -> date | None:
        """The date, where the year is written."""
        return None if self.year is None else self.on(self.year)


@frozen
class Span:
    """Hours as minutes after midnight; `end` None where unsaid, `about` where it said "ca."."""

    start: int
    end: int | None = None
    about: bool = False


@frozen
class When:
    """The days in order (one, or the first and last, or each), with the hours if said."""

    days: tuple[Day, ...]
    hours: Span | None = None
    several: bool = False
    """Whether the days are a list of single days and not a stretch from the first to the last."""


def _weekday(name: str | None) -> int | None:
    if not name:
        return None
    name = name.casefold()
    if name in _ENGLISH_DAYS:
        return _ENGLISH_DAYS.index(name)
    return next(n for n, day in enumerate(_WEEKDAYS) if day.startswith(name[:3]))


def weekday(text: str) -> int | None:
    """The weekday that `text` names in full, and nothing else."""
    name = text.casefold().strip(" :.")
    return _WEEKDAYS.index(name) if name in _WEEKDAYS else None


def _short_year(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.strip("'’")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def read_days(text: str, start: int, *, bare: bool = False) -> tuple[tuple[Day, ...], int] | None:
    """The day, or the list of days in one month, at `start` of `text`, and where it stops.

    "1.6." is a day only where a `bare` one may be; elsewhere it is an hour.
    """
    match = _DATE.match(text, start)
    if match is None:
        return None
    said = match.groupdict()
    year: int | None
    if said["iso"]:
        day, month, year = said["isoday"], int(said["isomonth"]), int(said["iso"])
    elif said["eday"]:
        day, month = said["eday"], _MONTH_NUMBER[said["emonth"].casefold()]
        year = int(said["eyear"])
    elif said["dday"]:
        day, month, year = said["dday"], int(said["dmonth"]), int(said["dyear"])
    elif said["day"]:
        day, month, year = (
            said["day"],
            _MONTH_NUMBER[said["month"].casefold()],
            _short_year(said["year"]),
        )
    else:
        day, month = said["nday"], int(said["pmonth"] or said["smonth"])
        year = _short_year(said["pyear"] or said["pshort"] or said["syear"] or said["sshort"])
        marked = said["weekday"] or said["den"] or said["smonth"]
        if year is None and not (marked or bare):  # "9.10" alone is an hour
            return None
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    numbers = [int(n) for n in re.findall(r"\d+", said["list"] or said["nlist"] or "")]
    days = [Day(n, month, year) for n in (*numbers, int(day))]
    days[0] = evolve(days[0], weekday=_weekday(said["weekday"]))
    if said["until"] and len(days) > 1:
        days[-1] = evolve(days[-1], weekday=_weekday(said["until"]))
    if any(one.on(year or 2000) is None for one in days):
        return None
    return tuple(days), match.end()


def read_when(text: str) -> tuple[When, str] | None:
    """The date or dates `text` begins with, their hours, and the words left over.

    Reads ``21.04.2022``, ``Torsdag d. 21. april kl. 9.30-15.00``, ``21.-22. april 2022``, ``30. maj
    til 1. juni 2022``, ``21/4-2022``, ``kl. 13 – 16 den 21. april 2022``, ``21.04.2022 kl. 10 –
    22.04.2022 kl. 15``.
    """
    if len(text) > LONGEST:
        return None
    first = read_days(text, 0)
    if first is None:
        return _hours_then_date(text)
    days, end = first
    while (comma := _COMMA.match(text, end)) and (more := read_days(text, comma.end())):
        days, end = (*days, *more[0]), more[1]
    listed = re.findall(r"[a-zæøå&]+", text[:end].casefold())
    hours, end = _hours_after(text, end)
    joint = _SECOND_DATE.match(text, end) if hours else _TO.match(text, end)
    second = (
        read_days(text, joint.end()) if joint and (hours is None or hours.end is None) else None
    )
    several = len(days) > 2 or (len(days) == 2 and "og" in listed)
    if second is not None and joint is not None:
        until, end = second
        several = several or len(days) + len(until) > 2 or joint[0].strip() in ("og", "&")
        days += until
        later, end = _hours_after(text, end)
        if hours is not None and later is not None and later.end is None:
            hours = Span(hours.start, later.start, hours.about or later.about)
        elif hours is None:
            hours = later
    days = _with_years(days)
    known = [day.date for day in days if day.date]
    if known != sorted(known):
        return None
    return When(days, hours, several and not _next_to(days)), text[end:].strip(" .:")


def _next_to(days: tuple[Day, ...]) -> bool:
    """Whether "21. og 22." are days in a row, so that the first and last say it all."""
    return len(days) == 2 and days[0].month == days[1].month and days[1].day - days[0].day == 1


def _hours_after(text: str, end: int) -> tuple[Span | None, int]:
    between = _BETWEEN.match(text, end)
    at = between.end() if between else end
    found = read_hours(text[at:])
    if found is None or not (found.span.end is not None or found.certain):
        return None, end
    return found.span, len(text) - len(found.rest)


def _hours_then_date(text: str) -> tuple[When, str] | None:
    found = read_hours(text)
    if found is None or not (found.span.end is not None or found.certain):
        return None
    rest = found.rest.lstrip(" ,|·")
    dated = read_days(rest, 0)
    if dated is None:
        return None
    days, end = dated
    return When(_with_years(days), found.span, len(days) > 2), rest[end:].strip(" .:")


def _with_years(days: tuple[Day, ...]) -> tuple[Day, ...]:
    """A year written once, at the end, is that of the days before it too."""
    last = days[-1]
    if last.year is None:
        return days
    return tuple(
        day
        if day.year is not None
        else evolve(day, year=last.year - ((day.month, day.day) > (last.month, last.day)))
        for day in days
    )


def looks_like_time(text: str) -> bool:
    """Whether `text` is meant as a date or hours, though there may be no such day or hour."""
    bare = re.sub(
        rf"\b(?:{_ANY_WEEKDAY}|{_ANY_MONTH}|den|d|kl|klokken|til|fra)\b", "", text.casefold()
    )
    return (
        len(text) <= 60
        and len(re.findall(r"\d+", bare)) >= 2
        and re.search(r"\d\s?[./:-]", bare) is not None
        and re.fullmatch(r"[\d\s.,/:–—-]+", bare) is not None
        and (bare != text.casefold() or re.fullmatch(_LIKE_TIME, bare.strip()) is not None)
    )


_LIKE_TIME = re.compile(
    r"\d{1,2}[.:]\d\d(?:\s*[-–—]\s*\d{1,2}[.:]\d\d)?"
    r"|\d{1,2}[./-]\s?\d{1,2}[./ -]\s?\d{2,4}|\d{4}-\d\d-\d\d"
)


def dates_in(text: str) -> Iterator[date]:
    """Every full date that stands anywhere in `text`."""
    for candidate in _CANDIDATE.finditer(text):
        window = text[candidate.start() : candidate.start() + 60]  # so that a long line is cheap
        if (found := read_days(window, 0)) is not None:
            yield from (day.date for day in _with_years(found[0]) if day.date)


def no_such_day(text: str) -> str:
    """The first full date in `text` that no calendar has: ``29. februar 2023``; "" where none."""
    for candidate in _CANDIDATE.finditer(text):
        match = _DATE.match(text[candidate.start() : candidate.start() + 60])
        if match is None:
            continue
        said = match.groupdict()
        years = ("iso", "eyear", "dyear", "year", "pyear", "syear")
        year = next(filter(None, (said[name] for name in years)), None)
        month = said["isomonth"] or said["dmonth"] or said["pmonth"] or said["smonth"]
        day = said["isoday"] or said["eday"] or said["dday"] or said["day"] or said["nday"]
        name = (said["month"] or said["emonth"] or "").casefold()
        number = int(month) if month else _MONTH_NUMBER.get(name, 0)
        full = year is not None and len(year) == 4 and 1 <= number <= 12
        if full and Day(int(day), number).on(int(year or 0)) is None:
            return match[0].strip()
    return ""


def stretches(text: str) -> Iterator[tuple[date, date, Span | None]]:
    """Every first and last full date that stand anywhere in `text`, with the hours that follow."""
    for candidate in _CANDIDATE.finditer(text):
        window = text[candidate.start() : candidate.start() + 100]
        days = list(dates_in(window[:60]))
        found = read_when(window)
        if days and found is not None:
            last = found[0].days[-1].date
            yield days[0], last or days[0], found[0].hours
        elif days:
            yield days[0], days[0], None


_ANY_DAY = re.compile(
    rf"(?<![\d.:/-])(?:(?:\d{{1,2}}\.?\s?(?:{_ANY_MONTH})\b|\d{{1,2}}\s?/\s?\d{{1,2}})"
    rf"|\d{{1,2}}[.-]\s?\d{{1,2}}[.-]\s?\d{{2}}|\d{{4}}-\d\d-\d\d)",
    re.IGNORECASE,
)


def days_in(text: str) -> Iterator[Day]:
    """Every day that stands anywhere in `text`, with its year or without."""
    for candidate in _ANY_DAY.finditer(text):
        if (found := read_days(text[candidate.start() : candidate.start() + 60], 0)) is not None:
            yield from found[0]


# --- hours -----------------------------------------------------------------------------------


@frozen
class Hours:
    """Hours at the start of a text and what follows; `certain` where it said "kl." or minutes."""

    span: Span
    rest: str
    certain: bool
    minutes: bool


def read_hours(text: str) -> Hours | None:
    """The hours `text` begins with: ``09.30-15.00``, ``kl. 13 – 16``, ``kl. 17.30``, ``9``."""
    match = _HOURS.match(text[:LONGEST])
    if match is None:
        return None
    half, endhalf = match["half"], match["endhalf"]
    start = _minutes(match["hour"], match["minute"], half)
    end = _minutes(match["endhour"], match["endminute"], endhalf) if match["endhour"] else None
    if start is not None and end is not None and endhalf and not half and start + DAY // 2 <= end:
        start += DAY // 2  # "1-4 pm"
    if start is None or start == DAY or (match["endhour"] and end is None):
        return None
    if match["to"] and match["to"].casefold() == "og" and "mellem" not in match["lead"].casefold():
        return None
    lead = match["lead"].casefold()
    at = match.end()
    if end is None and (opened := _OPEN_END.match(text, at)):
        at = opened.end()
    if end is None and (roughly := _ROUGHLY.match(text, at)):
        at = roughly.end()
        lead += "ca"
    minutes = any(match[one] is not None for one in ("minute", "endminute", "half", "endhalf"))
    about = "ca" in lead or match["about"] is not None
    return Hours(Span(start, end, about), text[at:].strip(), "kl" in lead or minutes, minutes)


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    """Minutes after midnight; `half` of the day is English: "4 pm"."""
    hours = int(hour)
    if half is not None and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.casefold() == "p" else 0)
    total = 60 * hours + int(minute or 0)
    return total if total <= DAY and int(minute or 0) < 60 else None


def read_duration(text: str) -> tuple[int, str] | None:
    """How many minutes (whole days: 1440 each) ``2 timer``, ``1½ time`` or ``2 dage`` are."""
    match = _DURATION.match(text)
    if match is None:
        return None
    said = match["number"].casefold().replace(",", ".")
    if said == "halvanden":
        number = Decimal("1.5")
    elif said.endswith("½"):
        number = Decimal(said[:-1].strip() or 0) + Decimal("0.5")
    else:
        number = Decimal(number_of("en" if said == "et" else said) if said.isalpha() else said)
    unit = match["unit"].casefold()
    minutes = number * (1 if unit.startswith("min") else 60 if unit.startswith("t") else DAY)
    return int(minutes), text[match.end() :].strip()


def number_of(said: str) -> int:
    """The number in ``3`` or ``tre``."""
    return _NUMBERS.index(said.casefold()) if said.casefold() in _NUMBERS else int(said)
