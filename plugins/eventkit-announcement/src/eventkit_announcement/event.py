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
    OnlineAccess,
    Organiser,
    Venue,
    instant,
)
from eventkit_announcement import places
from eventkit_announcement.contacts import read_contact, read_email, read_phone, read_web
from eventkit_announcement.danish import read_capacity, read_limit, read_money, squeezed
from eventkit_announcement.labels import plain
from eventkit_announcement.markdown import Piece, markdown
from eventkit_announcement.outline import Fact, Outline, outline
from eventkit_announcement.places import Online
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


def read_event(lines: Sequence[Line], place: ZoneInfo, *, ready: bool) -> Imported:
    """The event announced in `lines`, its times on the clocks of `place`.

    `ready` says that the text is Markdown already. Raises `FormatError` without title or date.
    """
    parts, reading = outline(lines), Reading()
    if parts.title is None:
        raise FormatError(
            "the announcement has no title; write it as the first line",
            code="announcement_no_title",
        )
    if not parts.title_first:
        reading.note("title", "title", parts.title.lines[-1])
    for line in lines:
        if UNREADABLE in line.text:
            reading.note("characters", "description", line, mark=UNREADABLE)
    reading.keep_pieces(parts.prose)
    for why, line in parts.unplaced:
        reading.note(why, "description", line)
    dates = read_dates(parts, lines, reading)
    for fact in parts.facts:
        if read := _READERS.get(fact.kind):
            read(fact, reading)
    for fact in parts.facts:
        if fact.kind in _LIMITS:
            _limit(fact, dates, place, reading)
    _places(parts, dates, reading)
    programme = read_programme(parts, dates, place, reading, ready=ready)
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
        venue=_venue(values),
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
    reading.note("hours", "starts")
    starts = min((item.starts for item in first_day), key=instant)
    last = max(items, key=lambda item: instant(item.starts))
    ends = max((item.ends for item in items if item.ends), key=instant, default=None)
    if ends is None or instant(ends) < instant(last.starts):
        # A farewell ends the day, and the last day of several must be said even so.
        closes = _FAREWELL.match(last.title) or last.starts.date() > dates.first
        ends = last.starts if closes else None
    if ends is None or instant(ends) < instant(starts):
        return starts, None
    if dates.last > ends.date():
        for fact in dates.ranges:
            reading.keep(fact, "partly", "ends")
    return starts, ends


_FAREWELL = re.compile(
    r"(?:tak for|farvel|slut\b|kom godt hjem|vi (?:siger|slutter)|mødet slutter|afslutning\b|på gensyn)",
    re.IGNORECASE,
)


_LIMITS = {
    "deadline": "deadline",
    "registration": "deadline",
    "opens": "opens",
    "cancelling": "cancel_deadline",
}


def _limit(fact: Fact, dates: Dates, place: ZoneInfo, reading: Reading) -> None:
    name = _LIMITS[fact.kind]
    found = read_limit(fact.value)
    inside = re.search(r"\b(?:senest|inden|sidste frist er)\b", fact.value, re.IGNORECASE)
    whole = not fact.left
    if found is None and inside is not None:
        found, whole = read_limit(fact.value[inside.start() :]), False
    value = settle_limit(found[0], dates, place, fact, name, reading) if found else None
    if found is None or value is None:
        if fact.kind == "registration":
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


_HARMLESS = re.compile(
    r"[\s,.()–-]*(?:(?:ekskl|eksklusive?|excl|inkl|inklusive?|incl|plus|pr|per|for|med|og|uden)\b\.?"
    r"|moms\w*|person\w*|deltager\w*|medarbejder\w*|forplejning|frokost|materialer|kaffe|mad|fortæring"
    r"|overnatning|alt|drikke(?:varer)?|morgenmad|stk\.?|[\s,.()/–-])*",
    re.IGNORECASE,
)


def _price(fact: Fact, reading: Reading) -> None:
    """One amount for all. Words that qualify it stay; two amounts are no price."""
    found = read_money(fact.value, currency_said=True)
    if found is None:
        reading.keep(fact, "unread", "price")
        return
    money, rest = found
    if rest and not (len(rest) <= 120 and _HARMLESS.fullmatch(rest)):
        reading.keep(fact, "unread", "price")
    elif reading.settle("price", money, fact) and rest:
        reading.keep(fact, "partly", "price")


def _capacity(fact: Fact, reading: Reading) -> None:
    found = read_capacity(fact.value)
    if found is None or found[1]:
        reading.keep(fact, "unread", "capacity")
    else:
        reading.settle("capacity", found[0], fact)


_SAYS_ITSELF = re.compile(r"lukket|slut|overskredet|afsluttet|(?<!ikke )åbe?n|åbent", re.IGNORECASE)
_CALLED_OFF = re.compile(r"aflyst|udsat|udskudt", re.IGNORECASE)


def _status(fact: Fact, reading: Reading) -> None:
    """The old page's status is kept out of sight; eventkit says open and closed itself."""
    if "status" in reading.values and reading.values["status"] != fact.value:
        reading.note("status", "extra", fact.lines[-1])
        return
    reading.values["status"] = fact.value[:1000]
    if _CALLED_OFF.search(fact.value):
        reading.note("called_off", "status", fact.lines[-1])
    elif not _SAYS_ITSELF.search(fact.value):
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
    url = places.link(fact.value)
    provider = places.provider(fact.value) or places.provider(fact.lines[0].text)
    bare = fact.value.replace(url, "").strip(" :–-,.()") if url else fact.value
    general = fact.lines[0].text.casefold().startswith("link")
    if url and not bare and (provider or not general):
        access = OnlineAccess(provider=provider, url=url)
        if reading.settle("online", access, fact, many=True):
            reading.note("link", "online.url", fact.lines[-1])
    elif (found := places.read_online(fact.value)) is not None:
        _settle_online(found, fact, reading)
    else:
        reading.keep(fact, "unplaced")


_READERS: Mapping[str, Callable[[Fact, Reading], None]] = {
    "id": _id,
    "kind": _kind,
    "organiser": _organiser,
    "price": _price,
    "capacity": _capacity,
    "status": _status,
    "contact": _contact_fact,
    "phone": _reached("phone", read_phone),
    "email": _reached("email", read_email),
    "web": _reached("url", read_web),
    "online": _online_fact,
}


# --- where -----------------------------------------------------------------------------------


def _places(parts: Outline, dates: Dates, reading: Reading) -> None:
    """Labelled addresses first, then the town under the date, then words left beside the time."""
    for fact in parts.facts:
        if fact.kind == "place":
            _place(fact, fact.parts, reading)
        elif fact.kind in ("room", "town"):
            name = "venue.room" if fact.kind == "room" else "venue.locality"
            if len(fact.value) <= 200:
                _merge({name: fact.value}, fact, reading)
            else:
                reading.keep(fact, "unplaced")
    for fact in parts.facts:
        if fact.kind == "place_line" and not _said(fact.value, reading):
            _place_line(fact, fact.value, reading)
            if not fact.sure:
                reading.note("town", "venue", fact.lines[-1])
    for fact, rest in dates.kept_open:
        where = re.sub(r"^(?:[,|·@–—-]\s*|(?:i|på|hos|ved)\s+)+", "", rest, flags=re.IGNORECASE)
        known = _said(where, reading) or places.has_town(where) or fact.kind == "when_where"
        if places.read_online(where) or (known and places.is_place_like(where)):
            if not _said(where, reading):
                _place(fact, (where,), reading)
        else:
            reading.keep(fact, "partly", "starts")


def _said(text: str, reading: Reading) -> bool:
    """Whether the venue says `text` already, whole or as the beginning of its town."""
    said = squeezed(text).casefold().strip(" .")
    if not said:
        return True
    values = reading.values
    town = str(values.get("venue.locality", "")).casefold()
    own = {str(values.get(f"venue.{name}", "")).casefold() for name in _VENUE}
    whole = {
        f"{values.get('venue.postcode', '')} {town}",
        f"{values.get('venue.name', '')}, {town}".casefold(),
    }
    return said in own or said in whole or town.startswith(f"{said} ")


def _place(fact: Fact, texts: Sequence[str], reading: Reading) -> None:
    """An address, an online meeting, or both (``Rosenhøj eller online via Teams``)."""
    pieces = [piece for text in texts for piece in _either(text)]
    found = [(piece, places.read_online(piece)) for piece in pieces]
    remote = [online for _, online in found if online is not None]
    left = [piece for piece, online in found if online is None]
    for online in remote[:1]:
        _settle_online(online, fact, reading)
    if (
        remote
        and left
        and not any(places.has_town(piece) or re.search(r"\d", piece) for piece in left)
    ):
        if len(left) > 1 or not places.is_place_like(left[0]) or _instructs(left[0]):
            reading.keep(fact, "partly", "online")
            return
    if not left:
        return
    lines = [piece for piece in left if places.is_place_like(piece) or places.has_town(piece)]
    directions = [piece for piece in left if piece not in lines]
    address = places.read_address(lines)
    said = {f"venue.{name}": getattr(address, name) for name in _VENUE if name != "directions"}
    more = "\n".join([*address.rest, *directions])
    _merge({**said, "venue.directions": more}, fact, reading)


_VENUE = ("name", "room", "street", "postcode", "locality", "country", "directions")
_EITHER = re.compile(
    r"\s*(?:,|/|\(|–|;|\s(?:eller|og|samt)\s)\s*(?=(?:deltag\s+)?(?:online|virtuelt|via|på|teams|zoom)\b)"
    r"|(?<=online)\s*,\s*|(?<=teams)\s*[,–(]\s*|(?<=zoom)\s*[,–(]\s*|(?<=teams)\s(?:eller|og)\s"
    r"|(?<=online)\s(?:eller|og)\s",
    re.IGNORECASE,
)


def _either(text: str) -> list[str]:
    if len(text) > 300 or places.read_online(text) is not None:
        return [text]
    return [piece.strip(" )") for piece in _EITHER.split(text) if piece.strip(" )")]


def _instructs(text: str) -> bool:
    return re.search(r"link|send|tilmeld|modtag", text, re.IGNORECASE) is not None


def _merge(said: Mapping[str, str], fact: Fact, reading: Reading) -> None:
    """Add the parts of an address to the venue; keep the line where one says otherwise."""
    against = [
        name
        for name, value in said.items()
        if value
        and reading.values.get(name)
        and value.casefold() != reading.values[name].casefold()
        and not _said(value, reading)
    ]
    if against:
        line = reading.line_of(against[0])
        reading.keep(fact, "contradicts", "venue", other=line.number if line else 0)
        return
    for name, value in said.items():
        if value and not reading.values.get(name):
            reading.settle(name, value, fact)


def _place_line(fact: Fact, text: str, reading: Reading) -> None:
    town = re.fullmatch(r"[^\d,]+", text) is not None and not reading.values.get("venue.locality")
    if town and places.read_online(text) is None and not _either(text)[1:]:
        _merge({"venue.locality": text}, fact, reading)
    else:
        _place(fact, (text,), reading)


def _settle_online(found: Online, fact: Fact, reading: Reading) -> None:
    access = OnlineAccess(provider=found.provider, url=found.url)
    known = reading.values.get("online")
    if (
        known is not None
        and access.provider in ("", known.provider)
        and access.url in (None, known.url)
    ):
        return
    if reading.settle("online", access, fact, many=True) and access.url is not None:
        reading.note("link", "online.url", fact.lines[-1])


def _venue(values: Mapping[str, Any]) -> Venue | None:
    said = {name: values.get(f"venue.{name}", "") for name in _VENUE}
    there = any(said[name] for name in ("name", "room", "street", "postcode", "locality"))
    if not there and said["directions"]:
        said["name"], said["directions"] = (
            said["directions"].split("\n")[0][:1000],
            said["directions"],
        )
        there = True
    return Venue(**said) if there else None


def _audience(parts: Outline, *, ready: bool) -> str:
    pieces: list[Piece] = []
    for fact in parts.facts:
        if fact.kind == "audience":
            if fact.value:
                pieces.append(Piece(evolve(fact.lines[0], text=fact.value, bullet=False)))
            pieces += (Piece(line) for line in fact.lines[1:])
    return markdown(pieces, ready=ready)
