"""Private people, taken out before anything else reads the lines: who comes, and their addresses.

An address that tells how to join or whom to ask is public. Others belong to a list that somebody
pasted, or to whoever passed a mail on, and stand nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import evolve, frozen

from eventkit_announcement.contacts import reaches
from eventkit_announcement.labels import Look, look, plain
from eventkit_announcement.text import Line

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_REACHES = re.compile(
    r"tilmeld|kontakt|spørgsmål|skriv|send|\bsvar|\bmail(?:e|es)?\s(?:til|på)|henvend|afbud|meld"
    r"|\bs\.?\s?u\b|rsvp|\bring|oplysning|arrangør|besked|register|contact|question|write|organis"
    r"|faktura|betal|bestil|sekretariat",
    re.IGNORECASE,
)
"""Words beside an address that tell what to use it for."""

_LISTED = re.compile(
    r"(?:(?:møde)?deltager(?:e|ne|liste|listen)|tilmeldte|inviterede|adresseliste|mail-?liste"
    r"|medlemmer|medlemsliste|til stede|fremmødte?|mødt|fraværende|afbud(?: fra)?)\b.{0,40}"
    r"|.{0,60}\b(?:kun )?til internt brug\b.{0,20}",
    re.IGNORECASE,
)
"""What stands over a list of those who come, or who do not."""

_ABSENT = re.compile(r"afbud(?: fra)?|fraværende|til stede|mødt|fremmødte?", re.IGNORECASE)
_NAME = r"[A-ZÆØÅ][a-zæøåéü'.-]+(?: (?:[A-ZÆØÅ][\w'.-]*|af|von|de)){1,3}"
_NAMES = re.compile(rf"{_NAME}(?:(?:,|;| og) {_NAME})*")
_PERSON = re.compile(rf"{_NAME}(?:\s?\([^()]{{1,30}}\))?")
_ASKED = frozenset("contact organiser registration deadline opens cancelling email web".split())
_ABOVE = 8
"""How many lines above an address may say what it is for."""


@frozen
class SetApart:
    """The lines as everybody may read them, and those that nobody may."""

    lines: tuple[Line, ...]
    gone: tuple[Line, ...] = ()


def set_apart(lines: Sequence[Line]) -> SetApart:
    """`lines` without lists of people, and without addresses that nothing says to write to."""
    gone = set(_listed(lines))
    # Above a mail that was passed on, a number is that of whoever did.
    gone.update(at for at, line in enumerate(lines) if line.covers and reaches(line.text))
    alone = [
        at
        for at, line in enumerate(lines)
        if at not in gone and "@" in line.text and _is_address(line.text) and not _asks(lines, at)
    ]
    if len(alone) > 1 or gone:  # one alone may be whom to ask
        gone.update(alone)
    kept: list[Line] = []
    blank = False  # whether a line that began a block is gone
    for at, line in enumerate(lines):
        if at in gone:
            blank = blank or line.after_blank
            continue
        kept.append(evolve(line, after_blank=True) if blank else line)
        blank = False
    return SetApart(tuple(kept), tuple(lines[at] for at in sorted(gone)))


def _is_address(text: str) -> bool:
    """Whether `text` holds an address of mail; one inside a link is none."""
    return any(_ADDRESS.search(word) for word in text.split() if "/" not in word)


def _asks(lines: Sequence[Line], at: int) -> bool:
    """Whether the line at `at`, or one above it, says what its address is for."""
    line, mark = lines[at], look(lines[at])
    if _REACHES.search(_ADDRESS.sub("", line.text)) or mark.look is Look.SIGNED:
        return True
    if mark.look is Look.LABEL and mark.kind in _ASKED and mark.colon:
        return True
    if len(line.text) > 200:
        return True  # a paragraph is no list
    for above in range(at - 1, max(-1, at - 1 - _ABOVE), -1):
        beside = look(lines[above])
        if beside.look is Look.SIGNED or beside.kind == "phone":
            return True
        named = beside.look is Look.LABEL and beside.kind in _ASKED and beside.kind != "email"
        if named or _REACHES.match(lines[above].text) or _ends_asking(lines[above].text):
            return True
        if beside.look not in (Look.TEXT, Look.LABEL) or lines[above].heading:
            return False
        if beside.look is Look.LABEL and beside.colon:
            return False
    return False


def _ends_asking(text: str) -> bool:
    return text.endswith(":") and _REACHES.search(text) is not None


def _listed(lines: Sequence[Line]) -> list[int]:
    """Where lists of people stand: names beside "Deltagere:", or lines of people below it."""
    found: list[int] = []
    for at, line in enumerate(lines):
        text = plain(line.text)
        head, colon, value = text.partition(":")
        if len(text) > 300 or _LISTED.fullmatch(head) is None:
            continue
        value = value.strip(" .")
        names = _NAMES.fullmatch(value) is not None
        if names and (_ABSENT.match(head) or re.search(r",|;| og ", value)):
            found.append(at)
            continue
        if value or not (colon or len(head) <= 40):
            continue
        below = at + 1
        while below < len(lines) and _is_person(lines[below]):
            if lines[below].after_blank and below > at + 1:
                break
            below += 1
        if below - at > 2 or any("@" in one.text for one in lines[at + 1 : below]):
            found += range(at, below)
    return found


def _is_person(line: Line) -> bool:
    """Whether a line below "Deltagerliste" is of one person: a name, an address, or both."""
    text = plain(line.text)
    if len(text) > 120:
        return False
    if _is_address(text):
        return look(line).look is not Look.LABEL or look(line).kind == "email"
    return _PERSON.fullmatch(text) is not None
