"""Events as iCalendar text (RFC 5545, RFC 7986): ready VEVENTs, and the calendar round them.

A VEVENT is written once for each revision and kept, so that a feed is a concatenation. The same
revision gives the same bytes: nothing here asks a clock, a random source or the machine's zone.
`eventkit.formats.icalread` reads.

**Time.** A time is written on its zone's clocks (``TZID``), but in UTC where those clocks show it
twice or where the zone's offset has odd seconds: iCalendar has no word for `fold`. A time that
clocks skip is written as the time they skip to. An event of whole days is written as dates.

**Escaping** is done here: icalendar turns the two characters ``\\N`` of a text into a new line.
Folding and parameters are icalendar's.
"""

from __future__ import annotations

import calendar as months
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from attrs import field, frozen
from icalendar.parser import Contentline, Parameters
from icalendar.prop import vInline

from eventkit.formats.wording import Wording, is_whole_days, wording
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.values import (
    FIRST_YEAR,
    LAST_YEAR,
    OnlineAccess,
    Person,
    Venue,
    clock_trouble,
    instant,
    zone,
)
from eventkit.rules.deadlines import Cancelled, Postponed

PRODID = "-//eventkit//eventkit//DA"
REFRESH = "PT1H"
"""How often a subscriber is asked to look again (RFC 7986 5.7)."""

_NAMESPACE = UUID("6f0d1f0e-6f0b-5c0e-9d55-9a3d2a6f6d35")

_STATUS = {
    Status.DRAFT: "TENTATIVE",
    Status.PUBLISHED: "CONFIRMED",
    # RFC 5545 3.8.1.11 knows no postponed event. CANCELLED would take it out of calendars although
    # it will be held, and CONFIRMED would promise the old time.
    Status.POSTPONED: "TENTATIVE",
    Status.CANCELLED: "CANCELLED",
}

# --- lines -----------------------------------------------------------------------------------

_BREAKS = re.compile("[\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_BLANK_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


def _clean(text: str) -> str:
    """`text` without control characters: a tab becomes a space, a Unicode line break a newline."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text.replace("\t", " ")))


def _line(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """One folded content line; `value` is written as it is."""
    parts = Contentline.from_parts(name, Parameters(params or {}), vInline(value))
    return f"{parts.to_ical().decode()}\r\n"


def _escape(text: str) -> str:
    """`text` as a TEXT value (RFC 5545 3.3.11)."""
    text = _clean(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def _text(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """A TEXT property without blanks at its ends, or nothing where there is nothing to say."""
    value = _escape(_BLANK_ENDS.sub("", value.strip()))
    return _line(name, value, params) if value else ""


def _link(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """A URI property, with what a URI cannot hold percent-encoded; nothing where it is empty."""
    value = quote(_clean(value).strip(), safe="%:/?#[]@!$&'()*+,;=~-._")
    return _line(name, value, params) if value else ""


def _local(when: datetime) -> str:
    return when.strftime("%Y%m%dT%H%M%S")


def _utc(when: datetime) -> str:
    return f"{_local(instant(when))}Z"


def _time(name: str, when: datetime) -> str:
    """A time on its zone's clocks where iCalendar can say it, else the same instant in UTC."""
    trouble = clock_trouble(when)
    if trouble == "skipped":
        when = instant(when).astimezone(when.tzinfo)
    offset = when.utcoffset() or timedelta()
    key = str(when.tzinfo)
    if trouble == "twice" or offset.seconds % 60 or key == "UTC":
        return _line(name, _utc(when))
    return _line(name, _local(when), {"TZID": key})


def _day(name: str, day: date) -> str:
    return _line(name, day.strftime("%Y%m%d"), {"VALUE": "DATE"})


def _hours(starts: datetime, ends: datetime | None) -> str:
    """DTSTART, and DTEND where it is later (RFC 5545 3.8.2.2)."""
    later = ends is not None and instant(ends) > instant(starts)
    return _time("DTSTART", starts) + (_time("DTEND", ends) if ends is not None and later else "")


# --- one event -------------------------------------------------------------------------------


def vevent(revision: Revision, *, language: str = "da", base_url: str = "") -> str:
    """The event of `revision` as one VEVENT, with the programme in its description.

    `language` is that of the words round the event's own; `base_url` has no slash at its end.
    """
    event = revision.event
    if is_whole_days(event) and event.ends is not None:
        time = _day("DTSTART", event.starts.date()) + _day("DTEND", event.ends.date())
    else:
        time = _hours(event.starts, event.ends)
    own = _language(event)
    url = _page(event, language, base_url)
    words = wording(language)
    return _wrap(
        # The times come first: `calendar` looks there for the zones and years it must explain.
        time,
        _line("UID", _escape(uid(event))),
        _stamps(revision),
        _text("SUMMARY", event.title, own),
        _text("DESCRIPTION", "\n\n".join(_description(event, words, url)), own),
        _text("LOCATION", _location(event.venue), own),
        _common(event, own),
        _link("URL", url),
        _conference(event.online),
    )


def item_vevents(
    revision: Revision, *, language: str = "da", base_url: str = ""
) -> tuple[str, ...]:
    """The programme of `revision` as one VEVENT an item, each with a UID of its own."""
    event = revision.event
    return tuple(_item(revision, item, language, base_url) for item in event.programme)


def _item(revision: Revision, item: AgendaItem, language: str, base_url: str) -> str:
    event = revision.event
    own = _language(event)
    url = _page(event, language, base_url)
    words = wording(language)
    said = [
        *_status(event, words),
        words("ical.part_of", title=event.title),
        ", ".join(_person(speaker) for speaker in item.speakers),
        item.description,
        _online(item.online, words),
        words("ical.more", url=url) if url else "",
    ]
    return _wrap(
        _hours(item.starts, item.ends),
        _line("UID", str(uuid5(_NAMESPACE, f"item:{uid(event)}:{item.key}"))),
        _line("RELATED-TO", _escape(uid(event))),
        _stamps(revision),
        _text("SUMMARY", item.title, own),
        _text("DESCRIPTION", "\n\n".join(filter(None, said)), own),
        _text("LOCATION", _location(event.venue, item.room), own),
        _common(event, own),
        _link("URL", url),
        _conference(item.online),
    )


def uid(event: Event) -> str:
    """The event's UID; one made from its id, always the same, where it has none."""
    return event.uid or str(uuid5(_NAMESPACE, f"event:{event.id or event.title}"))


def _wrap(*lines: str) -> str:
    return "".join(("BEGIN:VEVENT\r\n", *lines, "END:VEVENT\r\n"))


def _language(event: Event) -> dict[str, str]:
    """The parameter that says in which language the event's own words are."""
    return {"LANGUAGE": event.language} if _LANGUAGE_TAG.fullmatch(event.language) else {}


def _page(event: Event, language: str, base_url: str) -> str:
    if not base_url or event.id is None:
        return ""
    return f"{base_url}{'' if language == 'da' else f'/{language}'}/events/{quote(event.id)}"


def _stamps(revision: Revision) -> str:
    """When and how often the event was changed; when it was first made nobody tells us."""
    return (
        _line("DTSTAMP", _utc(revision.at))
        + _line("LAST-MODIFIED", _utc(revision.at))
        + _line("SEQUENCE", str(revision.sequence))
    )


def _common(event: Event, own: Mapping[str, str]) -> str:
    """What an event and each of its items have in common."""
    off = event.status in (Status.CANCELLED, Status.POSTPONED)
    lines = [_line("STATUS", _STATUS[event.status])]
    lines.append(_line("TRANSP", "TRANSPARENT") if off else "")
    lines.append(_text("CATEGORIES", event.kind, own))
    contact = event.contact
    if contact is not None:
        told = (contact.name, contact.phone, contact.email, contact.url)
        lines.append(_text("CONTACT", ", ".join(filter(None, told)), own))
        if _ADDRESS.fullmatch(contact.email):
            name = event.organiser.name if event.organiser is not None else contact.name
            params = {"CN": _clean(name)} if name else {}
            lines.append(_line("ORGANIZER", f"mailto:{quote(contact.email, safe='@+')}", params))
    return "".join(lines)


def _conference(online: OnlineAccess | None) -> str:
    """CONFERENCE (RFC 7986 5.11), only for a link that everybody may have."""
    if online is None or not online.public or online.url is None:
        return ""
    params = {"VALUE": "URI", "FEATURE": "VIDEO"}
    if online.provider:
        params["LABEL"] = _clean(online.provider)
    return _link("CONFERENCE", online.url, params)


def _location(venue: Venue | None, room: str = "") -> str:
    """``Lokale 2, Kulturhuset, Bygaden 1, 8000 Aarhus C``: the room first, as one looks for it."""
    if venue is None:
        return room
    town = f"{venue.postcode} {venue.locality}".strip()
    return ", ".join(filter(None, (room or venue.room, venue.name, venue.street, town)))


# --- the words of an event -------------------------------------------------------------------


def _description(event: Event, words: Wording, url: str) -> Iterator[str]:
    """The paragraphs of the description; Markdown stays as it was written."""
    said = [
        *_status(event, words),
        event.summary,
        event.description,
        _online(event.online, words),
        "\n".join(_programme(event, words)),
        words("ical.audience", audience=event.audience) if event.audience else "",
        words("ical.price", price=words.money(event.price)) if event.price is not None else "",
        ""
        if event.deadline is None
        else words("ical.deadline", until=words.deadline(event.deadline, event)),
        event.venue.directions if event.venue is not None else "",
        words("ical.more", url=url) if url else "",
    ]
    return (text.strip() for text in said if text.strip())


def _status(event: Event, words: Wording) -> Iterator[str]:
    if event.status is Status.CANCELLED:
        yield words.state_sentence(event, Cancelled(event.status_reason))
    if event.status is Status.POSTPONED:
        yield words.state_sentence(event, Postponed(event.status_reason))


def _online(online: OnlineAccess | None, words: Wording) -> str:
    """Where it is online. A link that is not public is only promised."""
    if online is None:
        return ""
    provider = online.provider or words("ical.online")
    if online.public and online.url is not None:
        return f"{provider}: {online.url}"
    return words("ical.link_later", provider=provider)


def _programme(event: Event, words: Wording) -> Iterator[str]:
    """A line for each item, under its date where the programme has several days."""
    if not event.programme:
        return
    yield words("ical.programme")
    day = event.starts.date()
    for item in event.programme:
        if item.starts.date() != day:
            day = item.starts.date()
            yield f"\n{words.date(day)}"
        more = [item.track, item.room, *(_person(speaker) for speaker in item.speakers)]
        if item.online is not None:
            more.append(item.online.provider or words("ical.online"))
        extra = ", ".join(filter(None, more))
        yield f"{words.hours(item.starts, item.ends)} {item.title}" + (f" ({extra})" if extra else "")
        yield from (f"  {text}" for text in item.description.strip().splitlines() if text.strip())


def _person(person: Person) -> str:
    return ", ".join(filter(None, (person.name, person.organisation)))


# --- the calendar ----------------------------------------------------------------------------

_USED = re.compile(r"^DT(?:START|END);TZID=([^:]+):(\d{4})", re.MULTILINE)
_HEAD = 200
"""The characters in which a VEVENT of ours says its times."""


def calendar(
    vevents: Iterable[str],
    zones: Iterable[str],
    *,
    name: str = "",
    url: str = "",
    language: str = "da",
) -> bytes:
    """Ready VEVENTs, as this module wrote them, in one calendar (METHOD:PUBLISH).

    Each of `zones`, and each zone a VEVENT uses, is explained for the years of its events. `name`
    and `url` are those of a feed, which is then asked for again every `REFRESH`.
    """
    texts = list(vevents)
    years = _years(texts, zones)
    own = {"LANGUAGE": language} if _LANGUAGE_TAG.fullmatch(language) else {}
    head = [
        "BEGIN:VCALENDAR\r\n",
        _line("VERSION", "2.0"),
        _line("PRODID", PRODID),
        _line("CALSCALE", "GREGORIAN"),
        _line("METHOD", "PUBLISH"),
        _text("NAME", name, own),
        _text("X-WR-CALNAME", name),  # what Google and Apple read for NAME
    ]
    if url:
        head += [
            _link("URL", url),
            _link("SOURCE", url, {"VALUE": "URI"}),
            _line("REFRESH-INTERVAL", REFRESH, {"VALUE": "DURATION"}),
            _line("X-PUBLISHED-TTL", REFRESH),  # what Outlook reads for REFRESH-INTERVAL
        ]
    head += [_vtimezone(key, *years[key]) for key in sorted(years)]
    return "".join((*head, *texts, "END:VCALENDAR\r\n")).encode()


def _years(texts: Iterable[str], zones: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The zones to explain, and the first and last year of each."""
    used: defaultdict[str, set[int]] = defaultdict(set)
    for text in texts:
        for key, year in _USED.findall(text, 0, _HEAD):
            used[key].add(int(year))
    for key in zones:
        if zone(key).key != "UTC":  # whose times end in Z
            used[key] = used[key] or {_USUAL_YEAR}
    return {key: (min(seen), max(seen)) for key, seen in used.items()}


# --- time zones ------------------------------------------------------------------------------

_USUAL_YEAR = 2037
"""A year for a zone without events: the rules that hold from now on."""

_USUALLY_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(FIRST_YEAR - 1, 1, 1, tzinfo=UTC)
_HORIZON = datetime(LAST_YEAR + 2, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=2)
_MARGIN = timedelta(days=2)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


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
            # One that goes on to the end of our calendar goes on.
            goes_on = last.at.year >= LAST_YEAR
            rule = f"{self.rules[0]}{'' if goes_on else f';UNTIL={_utc(last.at)}'}"
        return "".join(
            (
                _line("BEGIN", kind),
                _line("DTSTART", _local(first.local)),
                _line("RRULE", rule) if rule else "",
                _text("TZNAME", first.name),
                _line("TZOFFSETFROM", _offset(first.before)),
                _line("TZOFFSETTO", _offset(first.after)),
                _line("END", kind),
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
def _vtimezone(key: str, first_year: int, last_year: int) -> str:
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
            _line("BEGIN", "VTIMEZONE"),
            _line("TZID", key),
            *map(str, needed),
            _line("END", "VTIMEZONE"),
        )
    )


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
