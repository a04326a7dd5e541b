"""Where it is: the lines about the place, merged into one venue and one way in online."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventkit import OnlineAccess, Venue
from eventkit.formats.meetings import CUT, as_link, provider, trimmed
from eventkit_announcement import places
from eventkit_announcement.danish import squeezed
from eventkit_announcement.outline import Fact, Outline
from eventkit_announcement.reading import Reading
from eventkit_announcement.text import Line
from eventkit_announcement.times import Dates


def read_places(parts: Outline, dates: Dates, reading: Reading) -> None:
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
        where = where[:1].upper() + where[1:]
        placed = places.has_town(where) or places.is_address_line(where)
        known = _said(where, reading) or placed or fact.kind == "when_where"
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
    pieces = [_without_at(piece) for text in texts for piece in _either(text)]
    if any(line.links for line in fact.lines):
        pieces = [_BESIDE_LINK.sub("", piece) for piece in pieces]
        pieces = [piece for piece in map(trimmed, pieces) if piece] or [CUT]
    links = [found[2] for piece in pieces for found in _LINKED.finditer(piece)]
    pieces = [_LINKED.sub(r"\1", piece) for piece in pieces]
    found = [(piece, places.read_online(piece)) for piece in pieces]
    remote = [online for _, online in found if online is not None]
    left = [piece for piece, online in found if online is None]
    for way_in in remote:
        settle_online(way_in, fact, reading)
    if not remote and not any(places.has_town(piece) for piece in left):
        away = [online for piece in left if (online := places.remote(piece)) is not None]
        if away:  # "Vi mødes på Teams, og linket kommer senere"
            settle_online(away[0], fact, reading)
            reading.keep(fact, "partly", "online")
            return
    addressed = any(places.has_town(piece) or re.search(r"\d", piece) for piece in left)
    if remote and left and not addressed and not _is_name(left):
        reading.keep(fact, "partly", "online")
        return
    if not left:
        return
    lines = [
        piece
        for piece in left
        if places.is_place_like(piece) or (len(piece) <= 200 and places.has_town(piece))
    ]
    directions = [piece for piece in left if piece not in lines] + links
    address = places.read_address(lines)
    said = {f"venue.{name}": getattr(address, name) for name in _VENUE if name != "directions"}
    more = "\n".join([*address.rest, *directions])
    _merge({**said, "venue.directions": more}, fact, reading)


_BESIDE_LINK = re.compile(
    rf"^(?:deltag\s+)?(?:(?:online|her|via|på)\s+)*{CUT}\s*(?:,|\b(?:eller|og|samt))\s+(?:(?:i|på|hos|ved)\s+)?",
    re.IGNORECASE,
)
"""What stands before the place in "Deltag via … eller i lokale 4"."""

_LINKED = re.compile(r"\[([^\[\]]{1,100})\]\((https?://[^\s()]{1,300})\)")
_AT = re.compile(r"^(?:(?:på|i|hos|ved)\s+(?=[A-ZÆØÅ])|(?:på|i|hos)\s+(?=\w+(?:et|en|ne)\b))")
_INSIDE = re.compile(r"^(\w+(?:et|en)) (?:i|på) (?=[A-ZÆØÅ][^,]*\d)")


def _without_at(piece: str) -> str:
    """The name in "på kontoret" and "på kontoret i Lindevej 4", as a name is written."""
    named = _AT.sub("", piece)
    if named != piece:
        named = named[:1].upper() + named[1:]
    return _INSIDE.sub(r"\1, ", named)


_VENUE = ("name", "room", "street", "postcode", "locality", "country", "directions")
_BESIDE_ONLINE = re.compile(
    r"\s*(?:,|/|\(|–|;|\+|\s(?:eller|og|samt)\s)\s*"
    r"(?=(?:deltag\s+)?(?:online|virtuelt|via|på|teams|zoom)\b)",
    re.IGNORECASE,
)
_SERVICE = r"(?:microsoft |ms )?(?:teams|zoom|skype|webex|google meet)"
_ONLINE_IN = re.compile(
    rf"\b(online|virtuelt|digitalt)\s*\((?:via |på )?({_SERVICE})\)", re.IGNORECASE
)
_AFTER_ONLINE = re.compile(
    rf"\b(online|virtuelt|{_SERVICE})"
    r"(?:\)?\s*[,–—/-]\s*(?:eller|og|samt)\s+|\)?\s*[,–—(]\s*|\)?\s(?:eller|og|samt)\s+)",
    re.IGNORECASE,
)


def _either(text: str) -> list[str]:
    """The pieces of "Salen eller online via Zoom", in whichever order they stand."""
    if len(text) > 300 or places.read_online(text) is not None:
        return [text]
    text = _AFTER_ONLINE.sub("\\1\0", _ONLINE_IN.sub(r"\1 via \2", text))
    pieces = [one for part in text.split("\0") for one in _BESIDE_ONLINE.split(part)]
    if len(pieces) == 1:
        return [text]
    return [piece.strip(" )") for piece in pieces if piece.strip(" )–-,")]


def _is_name(pieces: Sequence[str]) -> bool:
    """Whether what stands beside "online" names a place, and does not tell how to get in."""
    instructs = re.search(r"link|send|tilmeld|modtag", pieces[0], re.IGNORECASE)
    return len(pieces) == 1 and places.is_place_like(pieces[0]) and instructs is None


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
    town = town and places.read_online(text) is None and not _either(text)[1:]
    if town and not places.names_house(text):
        _merge({"venue.locality": text}, fact, reading)
    else:
        _place(fact, (text,), reading)


def settle_online(service: str, fact: Fact, reading: Reading) -> None:
    """Take by which `service`, "" unnamed, the event is online."""
    known = reading.values.get("online")
    if known is not None:
        if service in ("", known.provider):
            return
        if not known.provider:
            del reading.values["online"]  # this line says more
    reading.settle("online", OnlineAccess(provider=service), fact, many=True)


def settle_links(outline: Outline, lines: Iterable[Line], reading: Reading) -> None:
    """Keep the way into the meeting for those who attend, and say so of each line that held one.

    That of a line about being online or about the place goes before any other. Links in the
    programme are those of its items.
    """
    inside = {line for entry in outline.entries for line in entry.lines}
    placed = {line for fact in outline.facts if fact.kind in _ABOUT for line in fact.lines}
    own = [line for line in lines if line.links and line not in inside]
    for line in sorted(own, key=lambda line: line not in placed):
        access = reading.values.get("online") or OnlineAccess()
        reading.values["online"] = take_links(access, line, "online.url", reading)
    for line in lines:
        if line.coded:
            reading.note("code", "online", line)


_ABOUT = ("online", "place", "place_line", "when_where")


def take_links(access: OnlineAccess, line: Line, path: str, reading: Reading) -> OnlineAccess:
    """`access` with the link of `line`, where it has none yet, and a finding in any case."""
    url = next(filter(None, map(as_link, line.links)), None)
    if access.url is None and url is not None:
        access = OnlineAccess(provider=access.provider or provider(url), url=url)
    kept = {access.url} == {as_link(one) for one in line.links}
    reading.note("link" if kept else "other_link", path, line)
    return access


def venue(values: Mapping[str, Any]) -> Venue | None:
    """The venue that the lines gave, if any did."""
    said = {name: values.get(f"venue.{name}", "") for name in _VENUE}
    there = any(said[name] for name in ("name", "room", "street", "postcode", "locality"))
    if not there and said["directions"]:
        said["name"], said["directions"] = (
            said["directions"].split("\n")[0][:1000],
            said["directions"],
        )
        there = True
    return Venue(**said) if there else None
