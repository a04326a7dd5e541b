"""What stands around a line: the questions that a walk over an announcement asks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventkit_announcement.danish import squeezed
from eventkit_announcement.labels import Look, Mark, look, plain
from eventkit_announcement.letters import greets
from eventkit_announcement.places import (
    has_town,
    is_place_like,
    is_postcode,
    parts,
    read_address,
)
from eventkit_announcement.text import Line

WRAPPED = 50
"""A shorter line was not broken by the width of a page."""

PROSE = 80
"""Characters from which a line is prose and no heading, name or place."""

SENTENCE_END = (".", "!", "?", "…", ":", ";", ",")


_OPEN = re.compile(
    r".*(?:[:,;–—&+/]|\s-|\b(?:og|eller|samt|i|på|for|til|med|om|af|ved|fra|hos|under|mellem|efter|uden"
    r"|mod|som|der|at|når|hvor|hvordan|hvorfor|den|det|de|en|et))",
    re.IGNORECASE,
)
"""How a line ends that is not the end of a headline."""


def tells(text: str) -> bool:
    """Whether `text` is a sentence, or too long for a heading."""
    words = text.count(" ") + 1
    return len(text) > PROSE or words > 12 or (words > 3 and text.endswith(SENTENCE_END))


_HYPHENED = re.compile(r".*\w-", re.IGNORECASE)


def goes_on(above: str, below: str) -> bool:
    """Whether a headline that is broken after `above` plainly goes on in `below`."""
    if _HYPHENED.fullmatch(above):  # "bolig-" over "sociale" may be one word or two
        return re.match(r"(?:og|eller|samt)\b", below) is not None
    return below[:1].islower() or _OPEN.fullmatch(above) is not None


_ASIDE = re.compile(r"\([^()]{1,80}\)\.?")
"""What may stand beside the hours of the event: "(dørene åbner 18.30)"."""


class View:
    """The lines of an announcement with what each looks like; lines are numbered from 0 here."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._marks = [self._looked_at(at) for at in range(len(lines))]
        self._towns = _towns(lines)
        self._placed = any(mark.kind in ("place", "when_where") for mark in self._marks)
        self._next_time = self._times_ahead()
        self._hours_at = self._find_hours()

    def _looked_at(self, at: int) -> Mark:
        """What line `at` looks like; the end of a sentence that was broken is text."""
        line, above = self._lines[at], self._lines[at - 1] if at else None
        mark = look(line)
        broken = (
            above is not None
            and not line.after_blank
            and not line.bullet
            and len(above.text) >= WRAPPED
            and not above.text.endswith(SENTENCE_END)
            and not line.text[:1].isupper()
            and plain(line.text)[:1] == line.text[:1]  # no picture or bold word begins it
        )
        if broken and mark.look not in (Look.TEXT, Look.TIME) and not mark.colon:
            return Mark(Look.TEXT, value=line.text)
        return mark

    def _mark(self, at: int) -> Mark | None:
        return self._marks[at] if at < len(self._marks) else None

    def _is(self, at: int, *looks: Look) -> bool:
        return at < len(self._marks) and self._marks[at].look in looks

    def _kind(self, at: int) -> str:
        return self._marks[at].kind if self._is(at, Look.LABEL) else ""

    def _joined(self, at: int) -> bool:
        """Whether line `at` follows the one before it without a blank line."""
        return 0 < at < len(self._lines) and not self._lines[at].after_blank

    def _times_ahead(self) -> list[int]:
        """For each line where the next timed line after it stands (past the end: none)."""
        ahead = [len(self._lines)] * (len(self._lines) + 1)
        for at in range(len(self._lines) - 1, -1, -1):
            ahead[at] = at + 1 if self._is(at + 1, Look.TIME) else ahead[at + 1]
        return ahead

    def _more_items(self, at: int) -> bool:
        return self._next_time[at] < len(self._lines)

    def _find_hours(self) -> int | None:
        """Where the hours of the whole event stand alone, unlabelled: they span all others."""
        timed = [at for at, mark in enumerate(self._marks) if mark.look is Look.TIME]
        if not timed or any(self._kind(at) == "programme" for at in range(timed[0])):
            return None
        first, others = timed[0], [self._marks[at].span for at in timed[1:]]
        mark, span = self._marks[first], self._marks[first].span
        beside = _ASIDE.fullmatch(mark.rest) is not None and (
            self._is(first - 1, Look.WHEN) or self._kind(first - 1) == "when"
        )
        if (mark.rest and not beside) or self._lines[first].bullet or span is None:
            return None
        if not others:
            return first
        last = max(one.end or one.start for one in others if one)
        doors = 60 if self._is(first - 1, Look.WHEN) and not self._joined(first + 1) else 0
        covers = all(one and span.start <= one.start + doors for one in others)
        if span.end is None or not covers or last > span.end:
            return None
        return first if others[0] and others[0].start < span.end else None

    def _is_day(self, at: int) -> bool:
        """Whether the date at `at` begins a day of the programme."""
        mark, line = self._marks[at], self._lines[at]
        apart = line.after_blank and len(mark.rest) <= 25 and is_place_like(mark.rest)
        if line.bullet or (mark.look is Look.WHEN and mark.rest and not apart):
            return False
        if mark.look is Look.DAY and mark.when is None:
            return self._more_items(at)
        return self._is(at + 1, Look.TIME) and at + 1 != self._hours_at

    def _is_prose(self, at: int) -> bool:
        return self._is(at, Look.TEXT) and tells(self._lines[at].text)

    def _is_heading(self, at: int) -> bool:
        """A short line with no full stop, over prose or a list."""
        line = self._lines[at]
        if not self._is(at, Look.TEXT) or line.bullet:
            return False
        if line.heading:
            return True
        short = len(line.text) <= 90 and line.text.count(" ") < 12
        says = any(character.isalpha() for character in line.text)
        if has_town(self._beside_online(line.text)):
            return False  # an address
        if not short or not says or line.text.endswith((".", ",", ";", ":", "!")):
            return False
        if (at and self._joined(at) and self._is(at - 1, Look.TEXT)) or greets(line.text):
            return False
        below = at + 1
        if not self._is(below, Look.TEXT):
            return False
        if self._joined(below):
            longer = len(self._lines[below].text) > max(WRAPPED, len(line.text) + 15)
            return (
                self._lines[below].bullet
                or longer
                or (self._is_prose(below) and len(line.text) <= 60)
            )
        return self._is_prose(below) and not self._lines[below].bullet

    @staticmethod
    def _beside_online(text: str) -> str:
        """The place in "Salen, 8000 Aarhus C + Zoom"."""
        return re.sub(r"\s\+\s.{1,30}$", "", text)

    def _is_address(self, at: int) -> bool:
        """Whether line `at` is an address to its town, and no other line is called the place."""
        line = self._lines[at]
        text = self._beside_online(line.text)
        return (
            self._is(at, Look.TEXT)
            and not (line.bullet or line.heading or text.endswith((".", "!", "?", ":")))
            and len(text) <= 120
            and "," in text
            and ":" not in text
            and has_town(text)
            and not self._placed
        )

    def _names_town(self, text: str) -> bool:
        """Whether an address elsewhere has `text` as its town, or the text has one itself."""
        return has_town(text) or squeezed(text).casefold() in self._towns


def _towns(lines: Sequence[Line]) -> frozenset[str]:
    """The towns that addresses name after a postcode, with and without it, lower-case."""
    found = {part for line in lines for part in parts(line.text) if is_postcode(part)}
    return frozenset(
        word
        for part in found
        for word in (part.casefold(), read_address([part]).locality.casefold())
    )
