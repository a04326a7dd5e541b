"""What mail wrote round an announcement: its headers and its forwards, taken off before reading.

They hold people's addresses, and the date of the mail is not that of the event. The subject of the
outermost mail that has one is a title. What somebody wrote above a mail that they passed on is no
part of what it announces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import evolve, frozen

from eventkit_announcement.danish import (
    dates_in,
    days_in,
    read_hours,
    read_when,
    squeezed,
    stretches,
)
from eventkit_announcement.labels import Look, look, plain
from eventkit_announcement.text import Line

_HEADER = re.compile(
    r"(?P<name>fra|til|cc|bcc|kopi(?: til)?|sendt|dato|emne|from|to|sent|date|subject|svar til"
    r"|reply-to"
    r"|(?P<only>vedhæft\w*(?: filer)?|attachments?|prioritet|vigtighed|importance|priority)"
    r"|(?P<raw>(?:x|arc|dkim|content|list|resent|domainkey|thread|delivered|envelope|delivery"
    r"|received|authentication|errors|in-reply)-[\w-]{2,40}|return-path|message-id|mime-version|received"
    r"|references|sender|precedence|user-agent|feedback-id|auto-submitted|accept-language))"
    r"\s?:\s*(?P<value>.*)",
    re.IGNORECASE,
)
"""The headers of a mail: those that people see, those of mail `only`, and `raw` ones."""

_SUBJECT, _SENT = ("emne", "subject"), ("sendt", "sent", "fra", "from")
_PEOPLE = ("fra", "from", "til", "to", "cc", "bcc", "kopi", "kopi til", "svar til", "reply-to")
_ANSWERED = re.compile(r"(?:(?:vs|sv|fw|fwd|re|videresendt)\s?:\s*)+", re.IGNORECASE)
_FORWARD = re.compile(
    r"[-_\s]*(?:oprindelig (?:meddelelse|mail|besked|aftale)|original (?:message|appointment)"
    r"|(?:start på )?videresendt (?:meddelelse|mail|besked)|(?:begin )?forwarded message)[-_\s:]*"
    r"|_{8,}"
    r"|(?:(?:den|på|on)\s)?.{5,150}\s(?:skrev|wrote)\b.{0,150}:",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:sendt fra|sent from) (?:min|my|outlook|mail)\b.{0,40}"
    r"|(?:hent outlook til|get outlook for) .{3,20}",
    re.IGNORECASE,
)
_WHEN_WROTE = re.compile(r"(?:den|på|on)\b.{0,40}\d{1,2}[.:]\d\d\b", re.IGNORECASE)
_PERSON = re.compile(r"[A-ZÆØÅ][\w.'-]*(?: [A-ZÆØÅ][\w.'-]*){1,3}")
_GREETS = re.compile(
    r"(?:kære|hej(?:sa)?|goddag|dear|hi|hello|til orientering|fyi|se (?:her|nedenfor))\b",
    re.IGNORECASE,
)


@frozen
class Unpacked:
    """The announcement itself, and the lines that were mail's."""

    lines: tuple[Line, ...]
    gone: tuple[Line, ...] = ()


def unpack(lines: Sequence[Line]) -> Unpacked:
    """`lines` without what mail wrote round them; the subject stands first where it is a title."""
    kept: list[Line] = []
    gone: list[Line] = []
    subject: Line | None = None
    joints = list[int]()  # how many lines stand above each mail that was passed on
    told = False  # whether they say when something is
    at = 0
    while at < len(lines):
        if _FOOTER.fullmatch(_text(lines[at])):
            gone.append(lines[at])
            at += 1
            continue
        forward = _is_forward(lines, at)
        end = _block(lines, at + forward, forwarded=forward, first=not kept and not forward)
        if end == at + forward and not forward:
            told = told or _says_when(lines[at])
            kept.append(
                evolve(lines[at], after_blank=True) if _follows(lines, at, gone) else lines[at]
            )
            at += 1
            continue
        joints += [len(kept)] if kept else []
        if not kept and end > at + 1 and _HEADER.fullmatch(_text(lines[at])) is None:
            forward = True  # the name of whoever printed the mail
        for line in lines[at:end]:
            said = _HEADER.fullmatch(_text(line))
            named = said is not None and said["name"].casefold() in _SUBJECT
            if subject is None and said and named and not told:
                title = _ANSWERED.sub("", said["value"]).strip()
                if any(character.isalpha() for character in title):
                    subject = evolve(line, text=title, after_blank=True)
                    continue
            gone.append(line)
        at = end
    kept = _covered(kept, joints, titled=subject is not None)
    if subject is None:
        return Unpacked(tuple(kept), tuple(gone))
    own = [line for line in kept if not line.covers]
    if any(_same(line, subject) for line in own[:5]):
        return Unpacked(tuple(kept), (*gone, subject))
    return Unpacked((subject, *kept), tuple(gone))


def _covered(kept: Sequence[Line], joints: Sequence[int], *, titled: bool) -> list[Line]:
    """`kept`, with what only goes round the announcement marked; a mail begins at each of `joints`.

    What stands above says nothing of when something is but what the mail says; without a subject
    the title may stand there too, unless it is a letter. What stands below says no fact at all.
    """
    first = next((at for at, line in enumerate(kept) if _says_when(line)), len(kept))
    at = max((joint for joint in joints if joint <= first), default=0)
    letter = any(_GREETS.match(line.text) for line in kept[:1]) or any(
        look(line).look is Look.SIGNED for line in kept[:at]
    )
    own = {(day.day, day.month) for line in kept[:at] for day in dates_in(line.text[:1000])}
    below = {(day.day, day.month) for line in kept[at:] for day in days_in(line.text[:1000])}
    if at and (titled or letter) and own <= below:
        return [*(evolve(line, covers=True) for line in kept[:at]), *kept[at:]]
    at = min((joint for joint in joints if joint > first), default=len(kept))
    if any(map(_says_facts, kept[at:])):
        return list(kept)
    return [*kept[:at], *(evolve(line, covers=True) for line in kept[at:])]


def _says_facts(line: Line) -> bool:
    seen = look(line)
    who = seen.kind in ("contact", "phone", "email", "web") or seen.look is Look.SIGNED
    return _says_when(line) or not (who or seen.look in (Look.TEXT, Look.UNREADABLE))


def _says_when(line: Line) -> bool:
    seen = look(line)
    named = seen.look is Look.LABEL and seen.kind in ("when", "starts", "when_where")
    hours = any(hours for _, _, hours in stretches(line.text[:1000]))
    dated = seen.look in (Look.WHEN, Look.DAY, Look.TIME) and seen.kind != "led"
    return named or hours or dated


def _follows(lines: Sequence[Line], at: int, gone: Sequence[Line]) -> bool:
    """Whether line `at` is the first after lines that went."""
    return bool(gone) and at > 0 and lines[at - 1] is gone[-1]


def _same(line: Line, other: Line) -> bool:
    return squeezed(line.text).casefold() == squeezed(other.text).casefold()


def _text(line: Line) -> str:
    if set(line.text) == {"_"}:
        return line.text[:400]
    return plain(line.text)[:400].replace("\t", " ") if not line.bullet else ""


def _is_forward(lines: Sequence[Line], at: int) -> bool:
    text = _text(lines[at])
    if len(text) > 330 or _FORWARD.fullmatch(text) is None:
        return False
    wrote = re.search(r"\b(?:skrev|wrote)\b", text, re.IGNORECASE)
    if wrote is not None:
        return "@" in text or _WHEN_WROTE.match(text) is not None
    return "_" not in text or _block(lines, at + 1, forwarded=False, first=False) > at + 1


def _header(line: Line) -> re.Match[str] | None:
    """`line` as a header of a mail; hours under the same name ("Fra: kl. 9") are none."""
    found = _HEADER.fullmatch(_text(line))
    if found is None or found["name"].casefold() not in ("fra", "til", "from", "to"):
        return found
    hours = read_hours(found["value"])
    timed = read_when(found["value"]) or (hours and (hours.certain or not hours.rest))
    return None if timed or not found["value"] else found


def _block(lines: Sequence[Line], at: int, *, forwarded: bool, first: bool) -> int:
    """Where the headers that begin at `at` end; `at` itself where there is no such block.

    Two of them are a block at the top, where one is about who or when; further down it takes three,
    the sender among them, unless a line above says that a mail is `forwarded`.
    """
    start, names = at, list[str]()
    if first and at + 1 < len(lines) and _PERSON.fullmatch(_text(lines[at])):
        inner = _block(lines, at + 1, forwarded=False, first=False)
        if inner > at + 1:
            return inner
    raw = False
    while at < len(lines):
        found = _header(lines[at])
        if names and lines[at].after_blank and not _goes_on(lines, at, names, raw=raw):
            break
        if found is not None:
            names.append(found["name"].casefold())
            raw = raw or found["raw"] is not None
        elif not (names and (raw or (names[-1] in _PEOPLE and _more_people(lines[at])))):
            break
        at += 1
    if not set(names) & set(_SENT):  # the "Dato:" below "Emne:" may be that of the event
        for back, name in enumerate(names):
            if name in ("dato", "date"):
                names, at = names[:back], start + back
                break
    enough = 1 if forwarded else 2 if first else 3
    who = set(_PEOPLE if first else ("fra", "from")) | {"sendt", "sent"}
    told = forwarded or raw or bool(who & set(names))
    return at if len(names) >= enough and told else start


def _goes_on(lines: Sequence[Line], at: int, names: Sequence[str], *, raw: bool) -> bool:
    """Whether headers go on at line `at`, after a blank line, which ends them as a rule.

    Some programs print one within, or between all of them; "Dato:" below is that of the event.
    """
    found = _header(lines[at])
    if found is None or raw:
        return False
    name = found["name"].casefold()
    if found["only"]:
        return True
    if not set(names) & set(_SUBJECT):
        return name not in ("dato", "date") or not {"sendt", "sent"} & set(names)
    more: list[str] = []
    while found is not None and not (more and lines[at].after_blank):
        more.append(found["name"].casefold())
        at += 1
        found = _header(lines[at]) if at < len(lines) else None
    return bool(set(more) & set(_SENT))


def _more_people(line: Line) -> bool:
    return not line.after_blank and ("@" in line.text or line.text.endswith(";"))
