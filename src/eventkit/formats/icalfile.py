"""An iCalendar file as it stands: its lines, its components and no meaning yet.

The file is walked once as bytes. Nothing nests in memory and only the few properties an event is
made of are kept and decoded, so the cost follows the size, which is limited. What is no whole
calendar is a `FormatError`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from datetime import time as clock_time
from typing import Any, NoReturn

from attrs import Factory, define
from icalendar.parser import rfc_6868_unescape

from eventkit.model.errors import FormatError
from eventkit.model.values import LINE_LENGTH

MAX_BYTES = 10_000_000
MAX_LINES = 200_000
MAX_EVENTS = 2_000
MAX_DEPTH = 16
MAX_LINE = 1_000_000
"""The bytes in one line that is read; an attachment, which is not, may be longer."""

MAX_ONSETS = 400
"""The changes that one observance of a time zone may list."""

_MAX_HEAD = 2_000
_MAX_NAME = 40
_MAX_NAMES = 12
_MAX_ZONES = 50

_READ = {
    "SUMMARY", "DESCRIPTION", "LOCATION", "UID", "STATUS", "CATEGORIES", "ORGANIZER", "CONTACT",
    "URL", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID",
}  # fmt: skip
_MEETING = re.compile(
    r"CONFERENCE|X-GOOGLE-CONFERENCE|X-GOOGLE-HANGOUT|X-MICROSOFT-[A-Z-]*(?:URL|EXTERNALLINK)"
)
"""What leads into an online meeting, as RFC 7986, Google and Microsoft name it."""

_MAX_MEETINGS = 16
_RECURRING = {"RRULE", "RDATE", "EXRULE"}
_OF_ZONE = {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"}
_WITHOUT_NEWS = {
    "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "TRANSP", "CLASS", "PRIORITY", "COLOR",
    "EXDATE", "REQUEST-STATUS", "RELATED-TO",
}  # fmt: skip
"""What says nothing of the event itself, and is left without a word."""

# --- one line --------------------------------------------------------------------------------

_HEAD = re.compile(r'[^;:]+((?:;[^":]*(?:"[^"]*"[^":]*)*)?):')
_PARAM = re.compile(r';[ \t]*([A-Za-z0-9-]+)[ \t]*=[ \t]*(?:"([^"]*)"|([^";:,]*))')


def split(line: str) -> tuple[Mapping[str, str], str]:
    """The parameters (the first value of each) and the value, still escaped."""
    match = _HEAD.match(line, 0, _MAX_HEAD)
    if match is None:
        return {}, line.partition(":")[2]
    params: dict[str, str] = {}
    for name, quoted, plain in _PARAM.findall(match[1]):
        params.setdefault(name.upper(), rfc_6868_unescape(quoted or plain.strip()))
    return params, line[match.end() :]


def split_time(line: str) -> tuple[Mapping[str, str], str]:
    """As `split`; a TZID with a colon may lack its quotes: ``TZID=(UTC+01:00) Paris:20270520``."""
    params, value = split(line)
    if _TIME.fullmatch(value.strip().upper()) is None:
        head, _, last = line[:_MAX_HEAD].rpartition(":")
        match = _LOOSE_ZONE.search(head)
        if match is not None:
            params, value = {**params, "TZID": match[1]}, last
    if "TZID" in params:
        params = {**params, "TZID": params["TZID"].replace("\\,", ",")}
    return params, value


_LOOSE_ZONE = re.compile(r';[ \t]*TZID[ \t]*=[ \t]*"?([^";]*)', re.IGNORECASE)

# --- the whole file --------------------------------------------------------------------------


def raw_file(data: bytes) -> RawFile:
    """What `data` holds; raises `FormatError` where it is not one or more whole calendars."""
    if len(data) > MAX_BYTES:
        refuse("ics_too_large", f"more than {MAX_BYTES:,} bytes", limit=MAX_BYTES // 1_000_000)
    data = _with_newlines(_as_utf8(data))
    if not data.strip(b"\0 \t\n"):
        refuse("ics_empty", "the file is empty")
    if not _BEGINS.match(data):
        refuse("ics_not_calendar", "the file does not begin with BEGIN:VCALENDAR")
    if data.count(b"\n") > MAX_LINES:
        refuse("ics_too_many_lines", f"more than {MAX_LINES:,} lines", limit=MAX_LINES)
    found = RawFile()
    found.walk(data)
    return found


_BEGINS = re.compile(rb"\s*BEGIN[ \t]*:[ \t]*VCALENDAR[ \t\r]*(\n|$)", re.IGNORECASE)


def _as_utf8(data: bytes) -> bytes:
    """`data` without its byte order mark, and re-coded where that says UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError:
            refuse("ics_not_calendar", "the file begins as UTF-16 and is not")
    return data.removeprefix(b"\xef\xbb\xbf")


def _with_newlines(data: bytes) -> bytes:
    """`data` with one newline at the end of each line, however the file ends them."""
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    return data if b"\n" in data else data.replace(b"\r", b"\n")


# --- the walk --------------------------------------------------------------------------------


@define
class RawEvent:
    """A VEVENT as it stands in the file: the first line of each property that is read."""

    number: int
    cancelled: bool = False
    recurring: bool = False
    lines: dict[str, str] = Factory(dict)
    meetings: list[tuple[str, str]] = Factory(list)
    """The name and line of each property that leads into an online meeting."""
    dropped: Counter[str] = Factory(Counter)


@define
class RawZone:
    """A VTIMEZONE as it stands in the file."""

    name: str = ""
    location: str = ""
    observances: list[dict[str, list[str]]] = Factory(list)


def refuse(code: str, text: str, **data: Any) -> NoReturn:
    """Say what is wrong with the file; `data` is for the reader's own language."""
    raise FormatError(text, code=code, **data)


def _count(counter: Counter[str], what: str) -> None:
    """One more of `what`; after some names, one more of others."""
    counter[what if what in counter or len(counter) < _MAX_NAMES else "…"] += 1


def _logical_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines with folds undone (before decoding: some split a letter), each with its number."""
    number, parts = 0, list[bytes]()
    for at, line in enumerate(data.split(b"\n"), 1):
        if not line:
            continue
        if parts and line[0] in b" \t":
            parts.append(line[1:])
            continue
        if parts:
            yield number, b"".join(parts)
        number, parts = at, [line]
    if parts:
        yield number, b"".join(parts)


def _decode(line: bytes) -> tuple[str, bool]:
    """The text, and whether it is UTF-8; what is not was written by an old Windows program."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding), encoding == "utf-8"
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1"), False


_NAME = re.compile(rb"[ \t]*([A-Za-z0-9-]+)[ \t]*[;:]")


@define
class RawFile:
    """What a file holds; `walk` fills it, or refuses a file that is not a whole calendar."""

    events: list[RawEvent] = Factory(list)
    zones: dict[str, RawZone] = Factory(dict)
    dropped: Counter[str] = Factory(Counter)
    all_utf8: bool = True
    _stack: list[str] = Factory(list)
    _first_of_calendar: int = 0
    _cancelling: bool = False
    _event: RawEvent | None = None
    _zone: RawZone | None = None

    def walk(self, data: bytes) -> None:
        """Take in every line of `data`."""
        for number, line in _logical_lines(data):
            match = _NAME.match(line)
            name = match[1].upper().decode() if match is not None else "?"
            if name in ("BEGIN", "END"):
                kind = line.partition(b":")[2].strip().upper()[:_MAX_NAME].decode("latin-1")
                (self._begin if name == "BEGIN" else self._end)(kind, number)
            elif self._event is not None and len(self._stack) == 2:
                self._take(self._event, name, line, number)
            elif self._zone is not None:
                self._take_zone(self._zone, name, line)
            elif len(self._stack) == 1:
                self._take_header(name, line)
            elif not self._stack and line.strip(b" \t\0\x1a"):
                refuse("ics_broken", f"line {number} stands outside a calendar", line=number)
        if self._stack:
            refuse("ics_cut_off", "the file ends in the middle of a component")

    def _begin(self, kind: str, number: int) -> None:
        depth = len(self._stack)
        if depth == 0 and kind != "VCALENDAR":
            refuse("ics_broken", f"line {number} stands outside a calendar", line=number)
        if depth >= MAX_DEPTH:
            refuse("ics_too_deep", f"line {number} nests too deeply", line=number)
        self._stack.append(kind)
        if depth == 0:
            self._first_of_calendar, self._cancelling = len(self.events), False
        elif depth == 1 and kind == "VEVENT":
            if len(self.events) >= MAX_EVENTS:
                refuse("ics_too_many", f"more than {MAX_EVENTS:,} events", limit=MAX_EVENTS)
            self._event = RawEvent(number=len(self.events) + 1)
            self.events.append(self._event)
        elif depth == 1 and kind == "VTIMEZONE":
            self._zone = RawZone()
        elif depth == 2 and self._zone is not None:
            self._zone.observances.append({})
        elif depth == 2 and self._event is not None:
            _count(self._event.dropped, kind)
        elif depth == 1 and not kind.startswith("X-"):
            _count(self.dropped, kind)

    def _end(self, kind: str, number: int) -> None:
        if not self._stack or self._stack.pop() != kind:
            refuse("ics_broken", f"line {number} ends what did not begin", line=number)
        if not self._stack and self._cancelling:
            for event in self.events[self._first_of_calendar :]:
                event.cancelled = True
        if len(self._stack) == 1:
            if self._zone is not None and len(self.zones) < _MAX_ZONES:
                self.zones.setdefault(self._zone.name, self._zone)
            self._event = self._zone = None

    def _take_header(self, name: str, line: bytes) -> None:
        value = line.partition(b":")[2].strip().upper()
        if name == "METHOD":
            self._cancelling = value == b"CANCEL"
        elif name == "VERSION" and value == b"1.0":
            refuse("ics_old", "this is vCalendar 1.0, which is not read")

    def _take(self, event: RawEvent, name: str, line: bytes, number: int) -> None:
        leads = _MEETING.fullmatch(name) is not None and len(event.meetings) < _MAX_MEETINGS
        if leads or (name in _READ and name not in event.lines):
            if len(line) > MAX_LINE:
                refuse(
                    "ics_line_too_long",
                    f"line {number} has {len(line):,} bytes; {MAX_LINE:,} is the most",
                    line=number,
                    limit=MAX_LINE,
                )
            text, is_utf8 = _decode(line)
            if leads:
                event.meetings.append((name, text))
            else:
                event.lines[name] = text
            self.all_utf8 = self.all_utf8 and is_utf8
        elif name in _RECURRING:
            event.recurring = True
        elif name not in _WITHOUT_NEWS and not name.startswith("X-"):
            _count(event.dropped, name[:_MAX_NAME])

    def _take_zone(self, place: RawZone, name: str, line: bytes) -> None:
        depth = len(self._stack)
        if len(line) > MAX_LINE:
            return
        if depth == 2 and name in ("TZID", "X-LIC-LOCATION"):
            value = split(_decode(line)[0])[1].strip()[:LINE_LENGTH]
            if name == "TZID":
                place.name = value.replace("\\,", ",")
            else:
                place.location = value
        elif depth == 3 and name in _OF_ZONE:
            lines = place.observances[-1].setdefault(name, [])
            if len(lines) <= MAX_ONSETS:  # one too many is enough to know
                lines.append(_decode(line)[0])


# --- values ----------------------------------------------------------------------------------

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?", re.ASCII)


def parse_time(value: str) -> tuple[date | datetime, bool]:
    """A date, or a time without zone and whether it is UTC; raises `ValueError`."""
    match = _TIME.fullmatch(value.strip().upper())
    if match is None:
        raise ValueError(value)
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if match[4] is None:
        return day, False
    second = min(int(match[6] or 0), 59)  # a leap second is no time of ours
    time = clock_time(int(match[4]), int(match[5]), second)
    return datetime.combine(day, time), bool(match[7])
