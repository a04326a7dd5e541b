"""Tracks: what runs side by side under one time, each an item of its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from attrs import evolve, frozen

from eventkit_announcement.danish import squeezed
from eventkit_announcement.labels import plain, title_of
from eventkit_announcement.outline import LONGEST_TITLE, Entry
from eventkit_announcement.text import Line

_TRACK = re.compile(
    r"(?P<track>(?P<word>spor|track|session|workshop|stream|parallelsession|parallelworkshop)\s"
    r"(?:[A-ZÆØÅ]|\d{1,2}|I{1,3}))(?:\s\((?P<room>[^()]{1,80})\))?(?:\s?[:.|–—-]\s?|$)(?P<title>.*)",
    re.IGNORECASE,
)


@frozen
class Part:
    """One item of an entry: its track ("" alone), its title and where that stands, the rest."""

    track: str
    title: str
    line: Line | None
    body: tuple[Line, ...]
    room: str = ""

    @property
    def lines(self) -> tuple[Line, ...]:
        """All its lines, in their order."""
        return (*(() if self.line is None else (self.line,)), *self.body)


def parallel(entries: Iterable[Entry]) -> frozenset[str]:
    """The tracks that run beside another: under one time, or as two entries of the same time."""
    found: dict[tuple[object, str], set[str]] = defaultdict(set)
    for entry in entries:
        for said in filter(None, map(_track, _texts(entry))):
            found[(entry.day, entry.span.start), said["word"].casefold()].add(_name(said))
    return frozenset(name for names in found.values() if len(names) > 1 for name in names)


def parts(entry: Entry, tracks: frozenset[str]) -> Iterator[Part]:
    """The items of `entry`: one, or one for each of the `tracks` in it."""
    heads = [at for at, line in enumerate(entry.body) if _begins(line, tracks)]
    own = entry.body[: heads[0]] if heads else entry.body
    said = _track(entry.title)
    if said is not None and _name(said) in tracks:
        yield _part(said, entry.title_line, own)
    elif not heads:
        yield Part("", entry.title, entry.title_line, entry.body)
    shared = None if said is not None else entry.title_line
    for at, below in pairwise((*heads, len(entry.body))):
        line = entry.body[at]
        part = _part(_track(title_of(line)), line, entry.body[at + 1 : below])
        # The heading that tracks share stands in each; what is below it stands in the first.
        more = own if shared is not None and at == heads[0] else ()
        if shared is not None and part.title == part.track:
            part = evolve(part, title=entry.title)
        elif shared is not None:
            more = (evolve(shared, text=entry.title, bullet=False, links=()), *more)
        yield evolve(part, body=(*more, *part.body))


def _texts(entry: Entry) -> Sequence[str]:
    return [entry.title, *(line.text for line in entry.body)]


def _track(text: str) -> re.Match[str] | None:
    return _TRACK.fullmatch(squeezed(plain(text[:500])))


def _begins(line: Line, tracks: frozenset[str]) -> bool:
    said = _track(title_of(line))
    return said is not None and _name(said) in tracks


def _name(said: re.Match[str]) -> str:
    return said["track"].casefold()


def _part(said: re.Match[str] | None, line: Line | None, body: Sequence[Line]) -> Part:
    """A track's item; without a title on its line it has that of the line below, or its name."""
    track = said["track"] if said else ""
    title, room = (said["title"].strip(), said["room"] or "") if said else ("", "")
    below = tuple(body)
    if _ROOM.fullmatch(title) and not room:
        title, room = "", title
    elif not title and below and not below[0].bullet and len(below[0].text) <= LONGEST_TITLE:
        title, line, below = title_of(below[0]), below[0], below[1:]
    return Part(track, title or track, line, below, room)


_ROOM = re.compile(r"(?:(?:møde)?lokale|rum|sal|auditorium)(?:\s\w{1,6})?\.?", re.IGNORECASE)
