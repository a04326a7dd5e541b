"""Any ``.ics`` file to events with findings, or one `FormatError`: all or nothing.

A recurring event gives its first occurrence. Time zones go by name (IANA, Windows, or an IANA name
at the end of a longer one), else by the offsets the file explains them with, else they are read in
the zone given; a time without zone and a whole day are read there too. What was understood in such
a way, left out, shortened or cleaned is said in a finding (``EK5xx``).

The way into an online meeting, wherever the file says it, is for those who attend: it becomes the
private link of the event and is cut out of every text.

icalendar's own parser is not asked, for it keeps the time zones of a file for the next file of the
process and lists every onset of their rules; its unescaping and its names of Windows zones are.

The file is long because a VEVENT has many properties, and programs write each in ways of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from attrs import Factory, define
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from eventkit.formats.icalfile import (
    RawEvent,
    RawZone,
    parse_time,
    raw_file,
    refuse,
    split,
    split_time,
)
from eventkit.formats.meetings import Ways, as_link, as_secret, provider, trimmed
from eventkit.formats.vtimezone import Rules, named
from eventkit.formats.wording import wording
from eventkit.model.decision import Finding, Severity
from eventkit.model.errors import ImpossibleError
from eventkit.model.event import Event, Imported, Status
from eventkit.model.values import (
    LINE_LENGTH,
    PROSE_LENGTH,
    Contact,
    OnlineAccess,
    Organiser,
    Venue,
    first_instant,
    in_calendar,
    instant,
)
from eventkit.model.values import zone as find_zone


def read(data: bytes, *, zone: str, language: str = "da") -> Imported:
    """The events of `data`, without ids; raises `FormatError` for what cannot be read.

    `zone` is where a time without zone is told; `language` is that of a title the file lacks.
    """
    raw = raw_file(data)
    if not raw.events:
        refuse("ics_no_events", "the file holds no event")
    clocks = _Clocks(find_zone(zone), raw.zones)
    untitled = wording(language)("ical.untitled")
    events: list[Event] = []
    findings: list[Finding] = []
    ways = Ways()
    place_of: dict[str, int] = {}
    others: Counter[int] = Counter()  # of a recurring event: how many occurrences were changed
    for one in sorted(raw.events, key=_is_occurrence):
        own: list[Finding] = []
        reader = _Reader(one, f"events[{len(events)}]", clocks, own, untitled, ways)
        uid = reader.uid()
        if uid in place_of and _is_occurrence(one):
            others[place_of[uid]] += 1
            continue
        if uid in place_of:
            reader.note("uid", "EK505", Severity.INFO, trouble="uid", count=1)
            uid = ""
        elif uid:
            place_of[uid] = len(events)
        if one.recurring or _is_occurrence(one):
            others[len(events)] += 0
        events.append(reader.event(uid or None))
        findings += own
    for index, count in sorted(others.items()):
        path, changed = f"events[{index}].starts", {"changed": count}
        findings.append(Finding(code="EK503", severity=Severity.WARNING, path=path, data=changed))
    findings += _left_out("", raw.dropped)
    if not raw.all_utf8:
        findings.append(Finding(code="EK507", severity=Severity.INFO))
    return Imported(events=tuple(events), findings=tuple(findings))


def _is_occurrence(one: RawEvent) -> bool:
    """Whether it changes one occurrence of a recurring event."""
    return "RECURRENCE-ID" in one.lines


# --- time ------------------------------------------------------------------------------------

_DURATION = re.compile(
    r"([+-]?)P(?=.)(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_UTC_NAMES = {"utc", "z", "etc/utc", "uct", "etc/uct", "zulu", "etc/zulu", "universal"}

_Note = Callable[..., None]


@define
class _Clocks:
    """Understands times as the file means them, in `place` where it does not say."""

    place: ZoneInfo
    zones: Mapping[str, RawZone]
    _known: dict[str, ZoneInfo | Rules | None] = Factory(dict)

    def time(self, line: str, note: _Note) -> tuple[datetime, bool]:
        """The time, with its zone, and whether a whole day is meant; raises `ValueError`."""
        params, value = split_time(line)
        when, is_utc = parse_time(value)
        in_calendar(when)
        if not isinstance(when, datetime):
            return first_instant(when, self.place), True
        tzid = params.get("TZID", "").strip()
        if is_utc or tzid.casefold() in _UTC_NAMES:
            return self._told(when.replace(tzinfo=UTC)), False
        here = when.replace(tzinfo=self.place)
        if not tzid:
            note("EK501", Severity.INFO, zone=self.place.key)
            return here, False
        if tzid not in self._known:
            self._known[tzid] = self._find(tzid)
        meant = self._known[tzid]
        if isinstance(meant, ZoneInfo):
            return when.replace(tzinfo=meant), False
        if meant is None:
            note("EK504", Severity.WARNING, trouble="assumed", tzid=tzid[:80], zone=self.place.key)
            return here, False
        offset = meant.offset(when)
        if offset == here.utcoffset():
            return here, False
        note("EK504", Severity.INFO, trouble="converted", tzid=tzid[:80], zone=self.place.key)
        return self._told((when - offset).replace(tzinfo=UTC)), False

    def _told(self, when: datetime) -> datetime:
        told = when.astimezone(self.place)
        in_calendar(told)
        return told

    def _find(self, tzid: str) -> ZoneInfo | Rules | None:
        explained = self.zones.get(tzid)
        meant = named(tzid)
        if meant is None and explained is not None:
            meant = named(explained.location)
        if meant is not None:
            return meant
        if tzid in WINDOWS_TO_OLSON:
            return self._windows(find_zone(WINDOWS_TO_OLSON[tzid]))
        likely = _displayed(tzid)
        if likely is not None and self._windows(likely) is self.place:
            return self.place
        return None if explained is None else Rules.of(explained)

    def _windows(self, likely: ZoneInfo) -> ZoneInfo:
        """One Windows zone is many places: ours, where its clocks go like those of the likely."""
        days = [datetime(2024, month, 15, tzinfo=UTC) for month in range(1, 13)]
        same = all(
            day.astimezone(likely).utcoffset() == day.astimezone(self.place).utcoffset()
            for day in days
        )
        return self.place if same else likely


_DISPLAYED = re.compile(r"\((?:UTC|GMT)([+-])(\d\d):(\d\d)\)([^()]{1,200})", re.ASCII)
_AREAS = ("Europe", "America", "Asia", "Africa", "Australia", "Pacific", "Atlantic")


def _displayed(tzid: str) -> ZoneInfo | None:
    """What Windows shows for a zone, ``(UTC+01:00) Brussels, Copenhagen``: that of its cities."""
    match = _DISPLAYED.fullmatch(tzid)
    if match is None:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    usual = -size if match[1] == "-" else size
    for city in match[4].split(",")[:8]:
        name = city.strip().replace(" ", "_")
        for place in filter(None, (named(f"{area}/{name}") for area in _AREAS)):
            months = (datetime(2024, month, 15, tzinfo=place) for month in (1, 7))
            if min(month.utcoffset() or timedelta() for month in months) == usual:
                return place
    return None


def _after(starts: datetime, line: str) -> datetime:
    """The end of a DURATION: days on the clock, hours exact (RFC 5545 3.3.6)."""
    match = _DURATION.fullmatch(split(line)[1].strip().upper())
    if match is None:
        raise ValueError(line)
    weeks, days, hours, minutes, seconds = (int(match[n] or 0) for n in range(2, 7))
    sign = -1 if match[1] == "-" else 1
    moved = starts + sign * timedelta(weeks=weeks, days=days)
    exact = instant(moved) + sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)
    in_calendar(exact)
    return exact.astimezone(starts.tzinfo)


# --- one event -------------------------------------------------------------------------------

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile("[\u2028\u2029]")
_CATEGORY = re.compile(r"(?:[^\\,]++|\\.)*+", re.DOTALL)  # up to a comma that is not escaped
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_PHONE = re.compile(r"\+?[\d ()-]{6,20}")
_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+")
_LINK = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)

_STATUS = {
    "CANCELLED": Status.CANCELLED,
    # "Perhaps" is what a draft is; only we write it of what was postponed.
    "TENTATIVE": Status.DRAFT,
}
_NAMED = {"ATTENDEE": "attendees", "ATTACH": "attachments", "VALARM": "alarms"}


def _left_out(path: str, dropped: Mapping[str, int]) -> list[Finding]:
    """What of a file could not be kept: the common things by their own words, the rest by name."""
    told = [{"trouble": _NAMED[name], "count": n} for name, n in dropped.items() if name in _NAMED]
    rest = {name: n for name, n in sorted(dropped.items()) if name not in _NAMED}
    if rest:
        names = ", ".join(f"{name} ({n})" for name, n in rest.items())
        told.append({"trouble": "other", "names": names, "count": sum(rest.values())})
    return [Finding(code="EK505", severity=Severity.INFO, path=path, data=data) for data in told]


def _unescaped(value: str) -> str:
    """A TEXT value as plain text; `value` holds no NUL (RFC 5545 3.3.11)."""
    value = value.replace("\\\\", "\0").replace("\\n", "\n").replace("\\N", "\n")
    return value.replace("\\,", ",").replace("\\;", ";").replace("\0", "\\")


def _markdown(text: str) -> str:
    """Plain text as Markdown that keeps its line breaks."""
    paragraphs = (part.replace("\n", "  \n") for part in text.split("\n\n"))
    return "\n\n".join(paragraphs)


@define
class _Reader:
    """One VEVENT on its way to an event; `findings` gathers what is said about it."""

    _raw: RawEvent
    _path: str
    _clocks: _Clocks
    _findings: list[Finding]
    _untitled: str
    _ways: Ways  # one for the whole file, which shares its patience
    _found: list[tuple[str, str]] = Factory(list)  # where a way in was, and its address
    _hidden: set[str] = Factory(set)  # where anything was cut out
    _said: set[str] = Factory(set)
    _cleaned: int = 0
    _links: list[tuple[str, str]] = Factory(list)  # label and address, the best first

    def __attrs_post_init__(self) -> None:
        # Found before any text is read, for they may stand in every one.
        secrets = []
        for name, line in sorted(self._raw.meetings, key=lambda meeting: meeting[0]):
            params, value = split(line)
            url = self._fit(_unescaped, value, "online.url", LINE_LENGTH, secret=True)
            if url:
                secrets.append(as_secret(url))
            self._links.append((params.get("LABEL", ""), url if _LINK.fullmatch(url) else ""))
            is_link = bool(self._links[-1][1])
            if name == "CONFERENCE" and (not is_link or any(url for _, url in self._links[:-1])):
                self._raw.dropped[name] += 1
        own = [secret for secret in secrets if len(secret) > 5]
        places = (self._raw.lines.get(name, "")[:LINE_LENGTH] for name in ("LOCATION", "URL"))
        meets = bool(self._links) or any(map(self._ways.in_text, places))
        self._ways = self._ways.knowing(own, meets=meets)

    def note(self, where: str, code: str, severity: Severity, **data: Any) -> None:
        """Say something about the field `where`, or the event where that is empty."""
        path = f"{self._path}.{where}" if where else self._path
        self._findings.append(Finding(code=code, severity=severity, path=path, data=data))

    def event(self, uid: str | None) -> Event:
        """The event; raises `FormatError` with its number and title where it cannot be one."""
        title = self.text("SUMMARY", "title")
        if not title:
            self.note("title", "EK508", Severity.WARNING)
        title = title or self._untitled
        starts, ends = self._times(title)
        location = self.text("LOCATION", "venue.name")
        organiser, contact = self._people()
        language = self._params("SUMMARY").get("LANGUAGE", "")
        kind, status, description = self._kind(), self._status(), self._description()
        online = self._online()
        if self._cleaned:
            self.note("", "EK506", Severity.INFO, trouble="cleaned", count=self._cleaned)
        self._findings += _left_out(self._path, self._raw.dropped)
        try:
            return Event(
                id=None,
                uid=uid,
                title=title,
                starts=starts,
                ends=ends,
                status=status,
                kind=kind,
                language=language if _LANGUAGE_TAG.fullmatch(language) else "da",
                description=description,
                venue=Venue(name=location) if location else None,
                online=online,
                organiser=organiser,
                contact=contact,
            )
        except ImpossibleError as error:
            self._refuse("ics_bad_event", title, str(error))

    def _refuse(self, code: str, title: str, text: str, **data: Any) -> NoReturn:
        number = self._raw.number
        refuse(
            code, f"event {number} ({title[:80]}): {text}", number=number, title=title[:80], **data
        )

    def uid(self) -> str:
        """The UID; everybody sees it, so one that leads into a meeting gives way to its hash."""
        uid = self.text("UID", "uid")
        if "uid" not in self._hidden:
            return uid
        return str(uuid5(NAMESPACE_URL, split(self._raw.lines["UID"])[1].strip()))

    # --- time ---

    def _times(self, title: str) -> tuple[datetime, datetime | None]:
        lines = self._raw.lines
        if "DTSTART" not in lines:
            self._refuse("ics_no_start", title, "it has no DTSTART")
        name = "DTSTART"
        try:
            starts, whole = self._clocks.time(lines[name], self._note_once)
            ends = None
            if "DTEND" in lines:
                name = "DTEND"
                ends, _ = self._clocks.time(lines[name], self._note_once)
            elif "DURATION" in lines:
                name = "DURATION"
                ends = _after(starts, lines[name])
        except (ValueError, OverflowError):
            value = split(lines[name])[1].strip()[:60]
            self._refuse("ics_bad_time", title, f"{name} is {value!r}", name=name, value=value)
        if ends is not None and instant(ends) < instant(starts):
            self._refuse("ics_ends_before_start", title, "it ends before it starts")
        if whole:
            self.note("starts", "EK502", Severity.INFO, day=starts.date().isoformat())
            # A day without end, or ending on itself as some programs write it, is that day.
            if ends is None or instant(ends) == instant(starts):
                ends = first_instant(starts.date() + timedelta(days=1), self._clocks.place)
        elif ends is not None and instant(ends) == instant(starts):
            ends = None  # RFC 5545 3.8.2.2 has no such end; programs mean that they do not know
        return starts, ends

    def _note_once(self, code: str, severity: Severity, **data: Any) -> None:
        if code not in self._said:
            self._said.add(code)
            self.note("starts", code, severity, **data)

    # --- text ---

    def text(self, name: str, where: str, limit: int = LINE_LENGTH) -> str:
        """The property `name`, one line of it or prose by its `limit`; "" where it is not there."""
        line = self._raw.lines.get(name)
        return "" if line is None else self._fit(_unescaped, split(line)[1], where, limit)

    def _plain(self, value: str, where: str) -> str:
        return self._fit(str, value, where, LINE_LENGTH)

    def _fit(
        self,
        meaning: Callable[[str], str],
        value: str,
        where: str,
        limit: int,
        *,
        secret: bool = False,
    ) -> str:
        """`value` as the model takes it; a finding says what had to go."""
        if len(value) <= limit and value.isprintable() and "\\" not in value:
            return self._open(value.strip(), where, limit, secret=secret)
        enough = 2 * limit + 2  # an escaped character takes two
        text, removed = _CONTROLS.subn("", value.strip()[:enough])
        text = meaning(_LINE_ENDS.sub("\n", text))
        if limit == LINE_LENGTH:
            text = " ".join(part.strip() for part in text.replace("\t", " ").splitlines())
        text = text.strip()
        self._cleaned += removed
        if len(text) > limit or len(value.strip()) > enough:
            self.note(where, "EK506", Severity.WARNING, trouble="shortened", limit=limit)
        return self._open(text[:limit].rstrip(), where, limit, secret=secret)

    def _open(self, text: str, where: str, limit: int, *, secret: bool) -> str:
        """`text` as everybody may read it: without the way into a meeting."""
        if secret:
            return text
        cut = self._ways.cut(text)
        self._found += ((where, link) for link in cut.links)
        if cut.links or cut.codes:
            self._hidden.add(where)
        for line in cut.codes:
            self.note(where, "EK509", Severity.INFO, trouble="codes", line=line.strip())
        if cut.text != text and limit == LINE_LENGTH:
            return trimmed(cut.text)
        return cut.text

    def _params(self, name: str) -> Mapping[str, str]:
        line = self._raw.lines.get(name)
        return {} if line is None else split(line)[0]

    def _description(self) -> str:
        """The description, and the event's address where that does not say it already."""
        url = self.text("URL", "url")
        text = self.text("DESCRIPTION", "description", PROSE_LENGTH)
        if _LINK.fullmatch(url) and url not in text:
            text = f"{text}\n\n{url}".strip()
        marked = _markdown(text)
        return marked if len(marked) <= PROSE_LENGTH else text[:PROSE_LENGTH]

    def _status(self) -> Status:
        if self._raw.cancelled:
            return Status.CANCELLED
        return _STATUS.get(self.text("STATUS", "status").upper(), Status.PUBLISHED)

    def _kind(self) -> str:
        """The first category; what more there are is told."""
        line = self._raw.lines.get("CATEGORIES")
        if line is None:
            return ""
        value = split(line)[1]
        first = _CATEGORY.match(value, 0, 2 * LINE_LENGTH + 2)
        end = first.end() if first is not None else 0
        if value[end : end + 1] == ",":
            self._raw.dropped["CATEGORIES"] += 1
        return self._fit(_unescaped, value[:end], "kind", LINE_LENGTH)

    # --- people and links ---

    def _people(self) -> tuple[Organiser | None, Contact | None]:
        """Who holds it (the name in ORGANIZER), and whom to ask (CONTACT, else its address)."""
        name = self._plain(self._params("ORGANIZER").get("CN", ""), "organiser.name")
        address = self.text("ORGANIZER", "contact.email")
        address = unquote(address[7:]) if address[:7].lower() == "mailto:" else ""
        email = self._plain(address, "contact.email")
        contact = self._contact(email if _EMAIL.fullmatch(email) else "")
        if _EMAIL.fullmatch(name):  # a program without a name repeats the address
            name = ""
        return Organiser(name=name) if name else None, contact

    def _contact(self, email: str) -> Contact | None:
        found = {"email": "", "phone": "", "url": ""}
        rest = []
        for part in self.text("CONTACT", "contact.name").split(", "):
            kind = "email" if _EMAIL.fullmatch(part) else "phone" if _PHONE.fullmatch(part) else ""
            kind = "url" if _LINK.fullmatch(part) else kind
            if kind and not found[kind]:
                found[kind] = part
            elif part:
                rest.append(part)
        found["email"] = found["email"] or email
        name = ", ".join(rest)
        return Contact(name=name, **found) if name or any(found.values()) else None

    def _online(self) -> OnlineAccess | None:
        """How one joins from elsewhere, as a link for those who attend; asked when all is read."""
        labelled = next((link for link in self._links if link[1]), None)
        label = labelled or next((link for link in self._links if link[0]), ("", ""))
        service = self._plain(label[0], "online.provider")
        rank = {"venue.name": 0, "url": 1, "description": 2}
        cut = sorted(self._found, key=lambda one: rank.get(one[0], 3))
        urls = [labelled[1]] if labelled else [as_link(address) for _, address in cut]
        url = next(filter(None, urls), "")
        named_by = [url, *(address for _, address in cut)]
        service = service or next(filter(None, map(provider, named_by)), "")
        if url or cut:
            self.note("online.url", "EK509", Severity.INFO)
        return OnlineAccess(provider=service, url=url or None) if url or service else None
