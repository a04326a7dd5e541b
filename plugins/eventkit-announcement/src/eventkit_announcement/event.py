"""The parts of an announcement as an event, with a finding for all that was not plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve

from eventkit import (
    AgendaItem,
    Contact,
    Event,
    FormatError,
    Imported,
    Organiser,
    instant,
)
from eventkit.formats.meetings import CUT
from eventkit_announcement import places
from eventkit_announcement.amounts import beside, read_capacity, read_money
from eventkit_announcement.contacts import read_contact, read_email, read_phone, read_web
from eventkit_announcement.danish import LONGEST, read_when, squeezed
from eventkit_announcement.labels import look, plain
from eventkit_announcement.lifted import lift
from eventkit_announcement.limits import read_limit
from eventkit_announcement.markdown import Piece, markdown
from eventkit_announcement.outline import Fact, Outline
from eventkit_announcement.overlooked import name_overlooked
from eventkit_announcement.people import set_apart
from eventkit_announcement.programme import read_programme
from eventkit_announcement.reading import Reading
from eventkit_announcement.text import UNREADABLE, Line
from eventkit_announcement.times import (
    Dates,
    read_dates,
    settle_limit,
    span_of,
    whole_days,
)
from eventkit_announcement.walk import outline
from eventkit_announcement.where import read_places, settle_links, settle_online, venue


def read_event(
    lines: Sequence[Line], place: ZoneInfo, *, mail: Sequence[Line] = (), ready: bool
) -> Imported:
    """The event announced in `lines`, its times on the clocks of `place`.

    `mail` are lines that are none of it; `ready` says that the text is Markdown already. Raises
    `FormatError` without title or date.
    """
    known = set_apart(lines)
    lifted, reading = lift(known.lines), Reading()
    lines = tuple(line for line in lifted.lines if not line.covers)
    parts = outline(lines)
    if parts.title is None:
        raise FormatError(
            "the announcement has no title; write it as the first line",
            code="announcement_no_title",
        )
    if not parts.title_first:
        reading.note("title", "title", parts.title.lines[-1])
    if parts.headline is not None:
        reading.note("headline", "title", parts.headline)
    for line in lifted.lines:
        if line.covers:
            reading.keep_lines((line,))
            reading.note("cover", "description", line)
        if UNREADABLE in line.text:
            reading.note("characters", "description", line, mark=UNREADABLE)
    reading.keep_pieces(parts.prose)
    dates = read_dates(parts, lines, mail, reading)
    for fact in parts.facts:
        if read := _READERS.get(fact.kind):
            read(fact, reading)
    for fact in parts.facts:
        if fact.kind in _LIMITS:
            _limit(fact, dates, place, reading)
    for fact in parts.facts:
        if fact.kind == "status":
            _status(fact, reading)
    _asked_in_prose(parts, reading)
    _signed_by(parts, reading)
    read_places(parts, dates, reading)
    _several(parts, reading)
    programme = read_programme(parts, dates, place, reading, ready=ready)
    settle_links(parts, lifted.lines, reading)
    for line in lifted.gone:
        reading.note("code" if line.coded else "link", "online", line)
    for line in mail:
        reading.note("header", "description", line)
    for line in known.gone:
        reading.note("people", "description", line)
    name_overlooked(parts, reading)
    starts, ends = _hours(dates, programme, place, reading)
    values = reading.values
    event = Event(
        id=values.get("id"),
        title=parts.title.value,
        starts=starts,
        ends=ends,
        kind=values.get("kind", ""),
        summary="\n".join(plain(line.text) if ready else line.text for line in parts.teaser),
        description=markdown(reading.kept, ready=ready),
        audience=_audience(parts, ready=ready),
        programme=programme,
        venue=venue(values),
        online=values.get("online"),
        organiser=values.get("organiser"),
        contact=_contact(values),
        price=values.get("price"),
        opens=values.get("opens"),
        deadline=values.get("deadline"),
        cancel_deadline=values.get("cancel_deadline"),
        capacity=values.get("capacity"),
        extra={"announcement.status": values["status"]} if "status" in values else {},
    )
    return Imported(events=(event,), findings=tuple(sorted(reading.notes, key=_in_order)))


def _several(parts: Outline, reading: Reading) -> None:
    """Say that the text holds more than one event, where a second date has a second place."""
    other = [fact for fact in parts.facts if reading.is_told(fact.lines[-1], "contradicts")]
    dated = [fact for fact in other if fact.kind == "when" and read_when(fact.value)]
    if dated and any(fact.kind in ("place", "place_line") for fact in other):
        reading.note("several", "", dated[0].lines[-1])


def _in_order(finding: Any) -> tuple[int, str]:
    return finding.data.get("line", 0), finding.code


# --- when ------------------------------------------------------------------------------------


def _hours(
    dates: Dates, programme: Iterable[AgendaItem], place: ZoneInfo, reading: Reading
) -> tuple[datetime, datetime | None]:
    """From its own hours, else the programme's, else whole days, and then with a finding."""
    if dates.hours is not None:
        starts, ends = span_of(dates.hours, dates, place, reading)
        if ends is None:
            for fact in dates.ranges:  # nothing else says the last day
                reading.keep(fact, "partly", "ends")
        return starts, ends
    items = [item for item in programme if dates.first <= item.starts.date() <= dates.last]
    first_day = [item for item in items if item.starts.date() == dates.first]
    if not first_day:
        reading.note("no_hours", "starts")
        return whole_days(dates, place)
    starts = min((item.starts for item in first_day), key=instant)
    last = max(items, key=lambda item: instant(item.starts))
    ends = max((item.ends for item in items if item.ends), key=instant, default=None)
    if ends is None or instant(ends) < instant(last.starts):
        # A farewell ends the day, and the last day of several must be said even so.
        closes = _FAREWELL.match(last.title) or last.starts.date() > dates.first
        ends = last.starts if closes else None
    if ends is None or instant(ends) < instant(starts):
        reading.note("hours_open", "starts")
        return starts, None
    reading.note("hours", "starts")
    if dates.last > ends.date():
        for fact in dates.ranges:
            reading.keep(fact, "partly", "ends")
    return starts, ends


_FAREWELL = re.compile(
    r"(?:tak for|farvel|slut\b|kom godt hjem|vi (?:siger|slutter)|mødet slutter|afslutning\b"
    r"|på gensyn)",
    re.IGNORECASE,
)


_LIMITS = {
    "deadline": "deadline",
    "registration": "deadline",
    "opens": "opens",
    "cancelling": "cancel_deadline",
}


_LATEST = re.compile(r"\b(?:senest|inden|sidste frist er)\b", re.IGNORECASE)


def _limit(fact: Fact, dates: Dates, place: ZoneInfo, reading: Reading) -> None:
    name = _LIMITS[fact.kind]
    found = read_limit(fact.value)
    inside = _LATEST.search(fact.value)
    whole = not fact.left
    if found is None and inside is not None:
        found, whole = read_limit(fact.value[inside.start() :]), False
    value = settle_limit(found[0], dates, place, fact, name, reading) if found else None
    if found is None or value is None:
        if fact.kind == "registration" and _LATEST.search(fact.value) is None:
            reading.keep_lines(fact.lines)  # how to join is prose
        else:
            reading.keep(fact, "unread", name)
        return
    if reading.settle(name, value, fact) and (found[1] or not whole):
        reading.keep(fact, "partly", name)


# --- who, what, how many ---------------------------------------------------------------------


def _id(fact: Fact, reading: Reading) -> None:
    if re.fullmatch(r"\w[\w.-]{0,79}", fact.value):
        reading.settle("id", fact.value, fact)
    else:
        reading.keep(fact, "unread", "id")


def _kind(fact: Fact, reading: Reading) -> None:
    if len(fact.value) <= 100:
        reading.settle("kind", fact.value, fact, many=True)
    else:
        reading.keep(fact, "unplaced")


def _organiser(fact: Fact, reading: Reading) -> None:
    if len(fact.value) <= 200:
        reading.settle("organiser", Organiser(name=fact.value), fact, many=True)
    else:
        reading.keep(fact, "unplaced")


def _price(fact: Fact, reading: Reading) -> None:
    """One amount for all; two are no price. What it covers is told by its line, which stays."""
    found = read_money(fact.value, currency_said=True)
    if found is None:
        reading.keep(fact, "unread", "price")
        return
    money, rest = found
    more = beside(rest)
    if more is None:
        reading.keep(fact, "unread", "price")
    elif reading.settle("price", money, fact) and more:
        reading.keep(fact, "partly", "price")
    elif rest:
        reading.keep_lines(fact.lines)


def _capacity(fact: Fact, reading: Reading) -> None:
    found = read_capacity(fact.value)
    least = found is not None and _LEAST.fullmatch(found[1]) is not None
    if found is None or (found[1] and not least):
        reading.keep(fact, "unread", "capacity")
    elif reading.settle("capacity", found[0], fact) and least:
        reading.keep_lines(fact.lines)  # how many it takes is prose


_LEAST = re.compile(r"\(?(?:min|minimum|mindst)\.?\s\d{1,4}(?: \w{4,12})?\)?\.?", re.IGNORECASE)


_OPEN = re.compile(r"(?<!ikke )åb(?:en|ent|net)\b", re.IGNORECASE)
_CLOSED = re.compile(r"lukket|slut|overskredet|afsluttet", re.IGNORECASE)
_CALLED_OFF = re.compile(r"aflyst|udsat|udskudt", re.IGNORECASE)


def _status(fact: Fact, reading: Reading) -> None:
    """The old page's status is kept out of sight; eventkit says open and closed itself."""
    known = reading.values.setdefault("status", fact.value[:1000])
    if _CALLED_OFF.search(fact.value):
        reading.note("called_off", "status", fact.lines[-1])
    elif known != fact.value or not (
        _OPEN.search(fact.value) or (_CLOSED.search(fact.value) and "deadline" in reading.values)
    ):
        reading.note("status", "extra", fact.lines[-1])


def _contact_fact(fact: Fact, reading: Reading) -> None:
    own = fact.lines[1:] if len(fact.lines) > 1 or not fact.value else ()
    said = [(fact.value, fact.lines[:1])] if fact.value else []
    said += [(line.text, (line,)) for line in own]
    names: list[str] = []
    for text, lines in said:
        one = evolve(fact, value=text, lines=lines)
        found = read_contact(text)
        for name in ("phone", "email", "url"):
            value = getattr(found, name)
            if value:
                reading.settle(name, value, one, many=True)
        if not found.whole:
            reading.keep(one, "unplaced")
        elif found.name:
            names.append(found.name)
    if names:
        reading.settle("contact", ", ".join(names), fact, many=True)


_ASK = re.compile(r"kontakt|spørgsmål|ring(?:e)? til|skriv til|henvend|oplysninger", re.IGNORECASE)


def _asked_in_prose(parts: Outline, reading: Reading) -> None:
    """Where nothing else says whom to ask, a sentence of the prose may; it stays there."""
    if not {"contact", "phone", "email"}.isdisjoint(reading.values):
        return
    for piece in parts.prose:
        found = read_contact(piece.line.text) if _ASK.search(piece.line.text[:LONGEST]) else None
        if found is not None and (found.phone or found.email):
            fact = Fact("contact", "", (piece.line,))
            for name in ("phone", "email"):
                if value := getattr(found, name):
                    reading.settle(name, value, fact)
            reading.note("reached", "contact", piece.line)
            return


def _signed_by(parts: Outline, reading: Reading) -> None:
    """Where nothing says whom to ask, whoever signed with a number or an address is asked."""
    if not {"contact", "phone", "email"}.isdisjoint(reading.values):
        return
    said: Line | None = None
    for line in parts.signature:
        found = read_contact(line.text)
        for name in ("phone", "email"):
            if value := getattr(found, name):
                reading.settle(name, value, Fact("contact", "", (line,)))
                said = said or line
    if said is None:
        return
    beside = look(parts.signature[0]).value
    named = beside or squeezed(plain(parts.signature[1].text))
    if _PERSON.fullmatch(named):
        reading.settle("contact", named, Fact("contact", "", (said,)))
    reading.note("signed", "contact", said)


_PERSON = re.compile(r"[A-ZÆØÅ][\w.'-]*(?: (?:og )?[A-ZÆØÅ][\w.'-]*){0,4}")


def _reached(
    name: str, read: Callable[[str], tuple[str, str] | None]
) -> Callable[[Fact, Reading], None]:
    """A reader of a labelled telephone number, mail or web address."""

    def reader(fact: Fact, reading: Reading) -> None:
        found = read(fact.value)
        if found is None:
            reading.keep(fact, "unread", "contact")
        elif reading.settle(name, found[0], fact, many=True) and found[1]:
            reading.keep(fact, "partly", "contact")

    return reader


def _contact(values: Mapping[str, Any]) -> Contact | None:
    said = {name: values.get(name, "") for name in ("phone", "email", "url")}
    name = values.get("contact", "")
    return Contact(name=name, **said) if name or any(said.values()) else None


def _online_fact(fact: Fact, reading: Reading) -> None:
    linked = any(line.links for line in fact.lines)
    if linked and not places.without(CUT, fact.value):
        settle_online(places.provider(fact.lines[0].text), fact, reading)
    elif (found := places.read_online(fact.value)) is not None:
        settle_online(found, fact, reading)
    elif (found := places.read_online(_HEAD.split(fact.value, maxsplit=1)[0])) is not None:
        settle_online(found, fact, reading)
        reading.keep(fact, "partly", "online")
    else:
        reading.keep(fact, "unplaced")


_HEAD = re.compile(r"\s[–-]\s|\s?[(,;]")


_READERS: Mapping[str, Callable[[Fact, Reading], None]] = {
    "id": _id,
    "kind": _kind,
    "organiser": _organiser,
    "price": _price,
    "capacity": _capacity,
    "contact": _contact_fact,
    "phone": _reached("phone", read_phone),
    "email": _reached("email", read_email),
    "web": _reached("url", read_web),
    "online": _online_fact,
}


def _audience(parts: Outline, *, ready: bool) -> str:
    pieces: list[Piece] = []
    for fact in parts.facts:
        if fact.kind == "audience":
            if fact.value:
                pieces.append(Piece(evolve(fact.lines[0], text=fact.value, bullet=False)))
            pieces += (Piece(line) for line in fact.lines[1:])
    return markdown(pieces, ready=ready)
