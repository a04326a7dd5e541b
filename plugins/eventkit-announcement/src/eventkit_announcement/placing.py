"""Lines put into an outline, and the names and places among them that need no label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from eventkit_announcement.blocks import Blocks
from eventkit_announcement.contacts import read_contact
from eventkit_announcement.danish import squeezed
from eventkit_announcement.labels import Look, plain
from eventkit_announcement.markdown import Piece
from eventkit_announcement.outline import Fact, Outline
from eventkit_announcement.places import (
    is_place_like,
    names_place,
    read_online,
)
from eventkit_announcement.text import Line
from eventkit_announcement.view import SENTENCE_END

_FACTS = (Look.LABEL, Look.STATUS, Look.PRICE, Look.CAPACITY, Look.WHEN)
_CONTACT = re.compile(r"kontakt\s+(\S.*)", re.IGNORECASE)
_PERSON = re.compile(r"[A-ZÆØÅ][\w.'-]*(?: [A-ZÆØÅ][\w.'-]*){1,3}")
_ORGANISATION = re.compile(
    r"bolig|forening|kommune|net(?:værk)?\b|sekretariat|center|selskab|afdeling|a/s|\bbl\b|\bkab\b"
    r"|udvalg|råd\b|fond|skole|institut|&|\d",
    re.IGNORECASE,
)


class Section(Enum):
    """Which part of an announcement a walk over it has come to."""

    HEAD = auto()
    BODY = auto()
    PROGRAMME = auto()
    TAIL = auto()


class Placing(Blocks):
    """Blocks with the outline that they are put into."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(lines)
        self._out = Outline()
        self._section = Section.HEAD
        self._known: set[str] = set()  # the kinds of facts so far

    def _fact(self, kind: str, value: str, *lines: Line, **more: object) -> None:
        self._known.add(kind)
        self._out.facts.append(Fact(kind, value, lines, **more))  # type: ignore[arg-type]

    def _put(self, at: int, *, heading: bool = False, why: str = "") -> int:
        line = self._lines[at]
        self._out.prose.append(Piece(line, heading))
        if why:
            self._out.unplaced.append((why, line))
        return at + 1

    def _takes_place(self, at: int) -> bool:
        """A short line under the date is the place, where facts follow or it is a known town."""
        line = self._lines[at]
        text = squeezed(plain(line.text))
        if line.bullet or line.heading or not is_place_like(text):
            return False
        dated = self._is(at - 1, Look.WHEN) or at - 1 == self._hours_at
        dated = (
            dated
            or self._kind(at - 1) in ("when", "starts", "ends")
            or (at > 1 and self._kind(at - 2) in ("when",) and not self._marks[at - 2].value)
        )
        known = self._names_town(text) or read_online(text) is not None
        already = not self._known.isdisjoint(("place", "place_line"))
        beside = self._is(at + 1, Look.WHEN, Look.TIME)
        facts_follow = self._is(at + 1, *_FACTS) or at + 1 == self._hours_at
        among = beside or facts_follow or self._is(at - 1, *_FACTS)
        if already or not (dated or (known and among)):
            return False
        if self._is_heading(at) and not known and self._joined(at + 1):
            return False
        town = re.fullmatch(r"[^\W\d_][\w.]*(?: [A-ZÆØÅ][\w.]*){0,2}", text) is not None
        if not (facts_follow or known or town) or not (known or names_place(text)):
            return False
        self._fact("place_line", text, line, sure=facts_follow or known)
        return True

    def _takes_name(self, at: int) -> bool:
        """A name over a telephone number or a mail address: the organiser's, or whom to ask."""
        line = self._lines[at]
        text = line.text
        if line.bullet or line.heading or len(text) > 100 or text.count(" ") > 9:
            return False
        below = self._kind(at + 1)
        asked = _CONTACT.fullmatch(squeezed(text))
        brief = self._section is Section.HEAD and text.count(" ") <= 4
        if asked and (brief or below in ("phone", "email", "web")) and not text.endswith("."):
            self._fact("contact", asked[1], line)
            return True
        if text.endswith(SENTENCE_END) or self._out.signature or read_contact(text).phone:
            return False
        organised = "organiser" in self._known
        named = "contact" in self._known
        if below in ("phone", "email"):
            person = _PERSON.fullmatch(text)
            is_person = person is not None and not _ORGANISATION.search(text)
            if organised or (is_person and not named):
                if named:
                    return False
                self._fact("contact", text, line)
            else:
                self._fact("organiser", text, line)
            return True
        second = self._is(at + 1, Look.TEXT) and self._kind(at + 2) in ("phone", "email")
        asked = (
            _CONTACT.fullmatch(self._lines[at + 1].text) if self._is(at + 1, Look.TEXT) else None
        )
        asks = ((below == "contact" or asked) and self._section is Section.HEAD) or (
            second and not self._is_prose(at + 1) and not self._lines[at + 1].bullet
        )
        if asks and not organised and not named and self._out.title is not None:
            self._fact("organiser", text, line)
            return True
        return False

    def _is_second_contact(self, at: int) -> bool:
        """Whether a person's name stands over a number, and another is whom to ask."""
        text = self._lines[at].text
        named = any(
            fact.kind == "contact" and (fact.value or len(fact.lines) > 1)
            for fact in self._out.facts
        )
        person = _PERSON.fullmatch(text) is not None and not _ORGANISATION.search(text)
        return named and person and self._kind(at + 1) in ("phone", "email")

    def _second_contact(self, at: int) -> int:
        """Theirs is not mixed with the first's, for which alone there are fields."""
        end = at + 1
        while self._kind(end) in ("phone", "email", "web"):
            end += 1
        for one in range(at, end):
            self._put(one, why="taken")
        return end
