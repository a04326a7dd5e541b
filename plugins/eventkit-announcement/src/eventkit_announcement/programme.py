"""The programme: entries with their days as items, breaks and remote talks told apart."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve

from eventkit import AgendaItem, OnlineAccess
from eventkit.formats.meetings import CUT
from eventkit_announcement.markdown import Piece, markdown
from eventkit_announcement.outline import LONGEST_TITLE, Entry, Outline
from eventkit_announcement.places import remote
from eventkit_announcement.reading import Reading
from eventkit_announcement.times import Dates, at, past_midnight
from eventkit_announcement.tracks import Part, parallel, parts
from eventkit_announcement.where import take_links

MAKESHIFT_TITLE = "Programpunkt"

_BREAK = re.compile(
    r"(?:(?:kort|lille|lang|let|fælles|eventuel|sund)\s+)?"
    r"(?:\w*pause(?:r)?|frokost\w*|kaffe\w*|(?:the|te)\b|morgenmad\w*|morgenbrød|morgenkaffe|middag"
    r"|aftensmad|festmiddag|brunch|buffet|forfriskning(?:er)?|drop-?\s?in|ankomst|indskrivning"
    r"|registrering|check-?\s?in|spisning|rundstykker|kage|snacks?|sandwich|velkomstdrink|breakfast|lunch|coffee|dinner|break)\b",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"oplæg|velkomst\b|velkommen|workshop|præsentation|gruppe|drøft|debat|foredrag|generalforsaml"
    r"|møde\b|case|diskussion|rundvisning|intro|program\b|v/|\bv\.|\bved\b|evaluering|opsamling"
    r"|afrunding|bestyrelse|afstemning|dialog|walk|øvelse|refleksion",
    re.IGNORECASE,
)


def is_break(title: str) -> bool:
    """Whether an item of this title is a pause, a meal or an arrival and nothing else."""
    to = _ARRIVES.match(title) is not None  # "Ankomst Aarhus" ends a journey
    return _BREAK.match(title) is not None and not to and _WORK.search(title) is None


_ARRIVES = re.compile(r"[Aa]nkomst\s(?:til\s)?[A-ZÆØÅ]")


def read_programme(
    outline: Outline, dates: Dates, place: ZoneInfo, reading: Reading, *, ready: bool
) -> tuple[AgendaItem, ...]:
    """The items of `outline` in the order they stand, in the zone `place`."""
    items: list[AgendaItem] = []
    day: int | None = -1
    shift, latest = timedelta(0), 0
    tracks = parallel(outline.entries)
    for entry in outline.entries:
        if entry.day != day:
            day, shift, latest = entry.day, timedelta(0), 0
        span = entry.span
        if latest >= 18 * 60 and span.start <= 6 * 60:
            shift += timedelta(days=1)
            reading.note("midnight", f"programme[{len(items)}].starts", entry.line)
        latest = span.start
        when = _date(entry, dates) + shift
        found = list(parts(entry, tracks))
        for part in found:
            items.append(_item(entry, part, when, place, reading, len(items), ready))
            path = f"programme[{len(items) - 1}].online.url"
            elsewhere = {line for other in found if other is not part for line in other.lines}
            for line in entry.lines if part is found[0] else part.lines:
                if line.links and line not in elsewhere:
                    access = take_links(items[-1].online or OnlineAccess(), line, path, reading)
                    items[-1] = evolve(items[-1], online=access)
    return tuple(items)


def _date(entry: Entry, dates: Dates) -> date:
    return dates.first if entry.day is None else dates.days[entry.day]


def _item(
    entry: Entry, part: Part, day: date, place: ZoneInfo, reading: Reading, index: int, ready: bool
) -> AgendaItem:
    path = f"programme[{index}]"
    title, body = part.title, list(part.body)
    if len(title) > LONGEST_TITLE:
        body.insert(0, evolve(part.line or entry.line, text=title, links=()))
        title = ""
    if not title:
        title = MAKESHIFT_TITLE
        reading.note("no_title", f"{path}.title", entry.line)
    span = entry.span
    if span.about:
        reading.note("about", f"{path}.starts", entry.line)
    ends = None
    if span.end is not None:
        night = timedelta(days=1) if past_midnight(span.start, span.end) else timedelta(0)
        ends = at(day + night, span.end, place)
    said = "\n".join([title, *(line.text for line in body)])
    service = remote(said)
    online = None if service is None else OnlineAccess(provider=service)
    body = [line for line in body if not (line.links and line.text == CUT)]
    return AgendaItem(
        title=title,
        starts=at(day, span.start, place),
        ends=ends,
        description=markdown((Piece(line) for line in body), ready=ready),
        online=online,
        is_break=is_break(title),
        track=part.track,
        room=part.room,
    )
