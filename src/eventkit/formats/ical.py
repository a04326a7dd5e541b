"""Events as iCalendar text (RFC 5545, RFC 7986): ready VEVENTs, and the calendar round them.

A VEVENT is written once for each revision and kept, so that a feed is a concatenation. The same
revision gives the same bytes: nothing here asks a clock, a random source or the machine's zone.
`eventkit.formats.icalread` reads.

**Time.** A time is written on its zone's clocks (``TZID``), but in UTC where those clocks show it
twice or where the zone's offset has odd seconds: iCalendar has no word for `fold`. A time that
clocks skip is written as the time they skip to. An event of whole days is written as dates.

**Escaping** is done here: icalendar turns the two characters ``\\N`` of a text into a new line.
Folding and parameters are icalendar's; what it would fold at once may be folded bit by bit.

**Invitations** to one event differ by a few lines. The rest is written once for everybody, for to
fold a programme takes longer than all else in a mail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid5

from attrs import evolve, frozen
from icalendar.parser import Contentline, Parameters

from eventkit.formats.markdown import plain
from eventkit.formats.vtimezone import USUAL_YEAR, content_line, vtimezone
from eventkit.formats.wording import Wording, is_whole_days, wording
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.registration import Registration
from eventkit.model.values import (
    Mode,
    OnlineAccess,
    Person,
    Role,
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
_FOLD, _WIDTH, _STICKY = "\r\n ", 74, frozenset("\\^")
"""How icalendar folds a line, after how many bytes, and the letters it keeps with the next one."""

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


def _clean(text: str) -> str:
    """`text` without control characters: a tab becomes a space, a Unicode line break a newline."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text.replace("\t", " ")))


def _escape(text: str) -> str:
    """`text` as a TEXT value (RFC 5545 3.3.11)."""
    text = _clean(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def _text(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """A TEXT property without blanks at its ends, or nothing where there is nothing to say."""
    value = _escape(_BLANK_ENDS.sub("", value.strip()))
    return content_line(name, value, params) if value else ""


def _quick_line(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """What `content_line` writes, in less time where it is short and in plain letters."""
    said = f";{Parameters(params).to_ical().decode()}" if params else ""
    return _with_more("\r\n", f"{name}{said}:{value}")


def _with_more(line: str, more: str) -> str:
    """A line with more at its end, folded as if icalendar had written all of it at once.

    That looks at each letter, which plain ones need not: one a byte, and none that goes with the
    next.
    """
    before, fold, last = line.removesuffix("\r\n").rpartition(_FOLD)
    if more.isascii() and _STICKY.isdisjoint(last[-1:] + more):
        room = _WIDTH - len(last.encode())
        rest = (more[at : at + _WIDTH] for at in range(room, len(more), _WIDTH))
        folded = _FOLD.join((last + more[:room], *rest))
    else:
        folded = Contentline(last + more).to_ical().decode()  # type: ignore[no-untyped-call]
    return f"{before}{fold}{folded}\r\n"


def _link(name: str, value: str, params: Mapping[str, str] | None = None) -> str:
    """A URI property, with what a URI cannot hold percent-encoded; nothing where it is empty."""
    value = quote(_clean(value).strip(), safe="%:/?#[]@!$&'()*+,;=~-._")
    return _quick_line(name, value, params) if value else ""


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
        return content_line(name, _utc(when))
    return content_line(name, _local(when), {"TZID": key})


def _day(name: str, day: date) -> str:
    return content_line(name, day.strftime("%Y%m%d"), {"VALUE": "DATE"})


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
    own, mixed = _language(event), _language(event, language)
    url = _page(event, language, base_url)
    words = wording(language)
    return _wrap(
        # The times come first: `calendar` looks there for the zones and years it must explain.
        time,
        content_line("UID", _escape(uid(event))),
        _stamps(revision),
        _text("SUMMARY", event.title, own),
        _text("DESCRIPTION", "\n\n".join(_description(event, words, url)), mixed),
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
    own, mixed = _language(event), _language(event, language)
    url = _page(event, language, base_url)
    words = wording(language)
    said = [
        *_status(event, words),
        words("ical.part_of", title=event.title),
        ", ".join(_person(speaker) for speaker in item.speakers),
        plain(item.description),
        _online(item.online, event, words),
        words("ical.more", url=url) if url else "",
    ]
    return _wrap(
        _hours(item.starts, item.ends),
        content_line("UID", str(uuid5(_NAMESPACE, f"item:{uid(event)}:{item.key}"))),
        content_line("RELATED-TO", _escape(uid(event))),
        _stamps(revision),
        _text("SUMMARY", item.title, own),
        _text("DESCRIPTION", "\n\n".join(filter(None, said)), mixed),
        _text("LOCATION", _location(event.venue, item.room), own),
        _common(event, own),
        _link("URL", url),
        _conference(item.online),
    )


class Method(StrEnum):
    """What a calendar asks of who gets it (RFC 5546 1.4)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def invitation(
    revision: Revision,
    registration: Registration,
    method: Method,
    *,
    sequence: int,
    organiser: str,
    at: datetime | None = None,
    called: str = "",
    page: str = "",
    language: str = "da",
) -> bytes:
    """One person's own entry (RFC 5546 3.2.2, 3.2.5): to be put in their calendar, or taken out.

    It was made `at` (default: with the revision), which is what DTSTAMP says beside a METHOD.

    `revision` is as they may see it (`eventkit.rules.access`); the same event should be the same
    object, or nothing is written once. `organiser` is the address that invites, and stays the same
    whatever becomes of the event: a CANCEL from another is none. It is `called` so where the event
    has no organiser. `page` is the person's own. A speaker's entry has the time of their item. What
    they fetch themselves is a PUBLISH, which names nobody invited (RFC 5546 3.2.1).
    """
    event = revision.event
    in_room = registration.mode is Mode.ROOM or registration.role is not Role.PARTICIPANT
    common = _common_to_all(
        ByIdentity(event),
        registration.item,
        in_room,
        method,
        organiser,
        called,
        language,
    )
    attendee = {"CN": _clean(registration.person.name), "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    return "".join(
        (
            common.times,
            _quick_line("UID", _escape(registration.uid or f"{uid(event)}/{registration.number}")),
            _quick_line("DTSTAMP", _utc(at or revision.at)),
            _quick_line("SEQUENCE", str(sequence)),
            common.title,
            _with_more(common.opened, _escape(page) + common.closed) if page else common.described,
            common.place,
            ""
            if method is Method.PUBLISH
            else _quick_line("ATTENDEE", _mailto(registration.recipient), attendee),
            _link("URL", page),
            common.tail,
        )
    ).encode()


T = TypeVar("T")


class ByIdentity(Generic[T]):
    """An object as a key: equal to itself alone, and kept alive as long as the key is.

    To compare two events, or to hash one, takes longer than much that is made of them.
    """

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self.it is other.it


@frozen(kw_only=True)
class _Common:
    """What is alike in the entries of all who come to the same, in the order it stands there.

    The description is `described`, or where there is a link to the person's own page, `opened` and
    `closed` round it.
    """

    times: str
    title: str
    described: str
    opened: str
    closed: str
    place: str
    tail: str


@lru_cache(maxsize=64)
def _common_to_all(
    of: ByIdentity[Event],
    key: str | None,
    in_room: bool,
    method: Method,
    organiser: str,
    called: str,
    language: str,
) -> _Common:
    event, words = of.it, wording(language)
    item = next((one for one in event.programme if one.key == key), None)
    own, mixed = _language(event), _language(event, language)
    online = event.online if item is None or item.online is None else item.online
    if in_room:
        place = _location(event.venue, "" if item is None else item.room)
    else:
        place = (online.url or online.provider) if online is not None else ""
    if item is not None:
        time = _hours(item.starts, item.ends)
    elif is_whole_days(event) and event.ends is not None:
        time = _day("DTSTART", event.starts.date()) + _day("DTEND", event.ends.date())
    else:
        time = _hours(event.starts, event.ends)
    off = method is Method.CANCEL
    name = event.organiser.name if event.organiser is not None else called
    place_lines = (
        _text("LOCATION", place, own),
        content_line("STATUS", "CANCELLED" if off else _STATUS[event.status]),
        content_line("TRANSP", "TRANSPARENT") if off else "",
        content_line("ORGANIZER", _mailto(organiser), {"CN": _clean(name)} if name else {}),
    )
    told = event
    if in_room and event.online is not None and not event.online.public:
        told = evolve(event, online=None)  # its link is promised to others
    described = _text("DESCRIPTION", "\n\n".join(_description(told, words, "")), mixed)
    opened, _, closed = map(_escape, words("ical.more", url="\0").strip().partition("\0"))
    head, tail = frame(years_of(time), method=method, language=language)
    return _Common(
        times=f"{head}{_BEGIN}{time}",
        title=_text("SUMMARY", event.title if item is None else item.title, own),
        described=described,
        opened=_with_more(described, f"\\n\\n{opened}")
        if described
        else content_line("DESCRIPTION", opened, mixed),
        closed=closed,
        place="".join(place_lines),
        tail="".join(("" if off else _conference(online), _END, tail)),
    )


def _mailto(address: str) -> str:
    return f"mailto:{quote(_clean(address), safe='@+')}"


def uid(event: Event) -> str:
    """The event's UID; one made from its id, always the same, where it has none."""
    return event.uid or str(uuid5(_NAMESPACE, f"event:{event.id or event.title}"))


_BEGIN, _END = "BEGIN:VEVENT\r\n", "END:VEVENT\r\n"


def _wrap(*lines: str) -> str:
    return "".join((_BEGIN, *lines, _END))


def _language(event: Event, round_it: str | None = None) -> dict[str, str]:
    """The parameter that says in which language the event's own words are.

    A text that also holds words in the language `round_it` has one only where both are the same.
    """
    tag = event.language
    alike = round_it is None or tag.partition("-")[0].lower() == round_it
    return {"LANGUAGE": tag} if alike and _LANGUAGE_TAG.fullmatch(tag) else {}


def _page(event: Event, language: str, base_url: str) -> str:
    if not base_url or event.id is None:
        return ""
    return f"{base_url}{'' if language == 'da' else f'/{language}'}/events/{quote(event.id)}"


def _stamps(revision: Revision) -> str:
    """When and how often the event was changed; when it was first made nobody tells us."""
    return (
        content_line("DTSTAMP", _utc(revision.at))
        + content_line("LAST-MODIFIED", _utc(revision.at))
        + content_line("SEQUENCE", str(revision.sequence))
    )


def _common(event: Event, own: Mapping[str, str]) -> str:
    """What an event and each of its items have in common."""
    off = event.status in (Status.CANCELLED, Status.POSTPONED)
    lines = [content_line("STATUS", _STATUS[event.status])]
    lines.append(content_line("TRANSP", "TRANSPARENT") if off else "")
    lines.append(_text("CATEGORIES", event.kind, own))
    contact = event.contact
    if contact is not None:
        told = (contact.name, contact.phone, contact.email, contact.url)
        lines.append(_text("CONTACT", ", ".join(filter(None, told)), own))
        if _ADDRESS.fullmatch(contact.email):
            name = event.organiser.name if event.organiser is not None else contact.name
            params = {"CN": _clean(name)} if name else {}
            lines.append(content_line("ORGANIZER", _mailto(contact.email), params))
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
    """The paragraphs of the description, in plain text: calendars show Markdown as it is."""
    said = [
        *_status(event, words),
        event.summary,
        plain(event.description),
        _online(event.online, event, words),
        "\n".join(_programme(event, words)),
        words("ical.audience", audience=plain(event.audience)) if event.audience else "",
        words("ical.price", price=words.money(event.price)) if event.price is not None else "",
        ""
        if event.deadline is None
        else words("ical.deadline", until=words.deadline(event.deadline, event)),
        plain(event.venue.directions) if event.venue is not None else "",
        words("ical.more", url=url) if url else "",
    ]
    return (text.strip() for text in said if text.strip())


def _status(event: Event, words: Wording) -> Iterator[str]:
    if event.status is Status.CANCELLED:
        yield words.state_sentence(event, Cancelled(event.status_reason))
    if event.status is Status.POSTPONED:
        yield words.state_sentence(event, Postponed(event.status_reason))


def _online(online: OnlineAccess | None, event: Event, words: Wording) -> str:
    """Where it is online. A link that is not public is only promised, while it will be sent."""
    if online is None:
        return ""
    provider = online.provider or words("ical.online")
    if online.public and online.url is not None:
        return f"{provider}: {online.url}"
    if event.status is Status.CANCELLED:
        return provider
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
        said = f"{words.hours(item.starts, item.ends)} {item.title}"
        yield f"{said} ({extra})" if extra else said
        yield from (f"  {text}" for text in plain(item.description).splitlines() if text.strip())


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
    head, tail = frame(_years(texts, zones), name=name, url=url, language=language)
    return "".join((head, *texts, tail)).encode()


def years_of(vevent: str) -> dict[str, tuple[int, int]]:
    """The zones that a VEVENT uses, with the first and last year: what its calendar explains."""
    return _years((vevent,), ())


def frame(
    years: Mapping[str, tuple[int, int]],
    *,
    method: Method = Method.PUBLISH,
    name: str = "",
    url: str = "",
    language: str = "da",
) -> tuple[str, str]:
    """What stands before and after the VEVENTs of a calendar that explains the zones of `years`."""
    own = {"LANGUAGE": language} if _LANGUAGE_TAG.fullmatch(language) else {}
    head = [
        "BEGIN:VCALENDAR\r\n",
        content_line("VERSION", "2.0"),
        content_line("PRODID", PRODID),
        content_line("CALSCALE", "GREGORIAN"),
        content_line("METHOD", method.value),
        _text("NAME", name, own),
        _text("X-WR-CALNAME", name),  # what Google and Apple read for NAME
    ]
    if url:
        head += [
            _link("URL", url),
            _link("SOURCE", url, {"VALUE": "URI"}),
            content_line("REFRESH-INTERVAL", REFRESH, {"VALUE": "DURATION"}),
            content_line("X-PUBLISHED-TTL", REFRESH),  # what Outlook reads for REFRESH-INTERVAL
        ]
    head += [vtimezone(key, *years[key]) for key in sorted(years)]
    return "".join(head), "END:VCALENDAR\r\n"


def _years(texts: Iterable[str], zones: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The zones to explain, and the first and last year of each."""
    used: defaultdict[str, set[int]] = defaultdict(set)
    for text in texts:
        for key, year in _USED.findall(text, 0, _HEAD):
            used[key].add(int(year))
    for key in zones:
        if zone(key).key != "UTC":  # whose times end in Z
            used[key] = used[key] or {USUAL_YEAR}
    return {key: (min(seen), max(seen)) for key, seen in used.items()}
