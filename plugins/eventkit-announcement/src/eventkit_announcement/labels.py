"""What one line looks like, read alone: a label, a date, hours, a price, a status, or just text.

A line is looked up among the `names` of labels before the colon (or tab, or wide space) that
follows the name, or whole where the value stands on the line below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum, auto
from typing import Any

from attrs import evolve, frozen

from eventkit.formats.meetings import CUT, trimmed
from eventkit_announcement.amounts import qualifies, read_capacity, read_money
from eventkit_announcement.danish import (
    Span,
    When,
    looks_like_time,
    read_duration,
    read_hours,
    read_when,
    squeezed,
    weekday,
)
from eventkit_announcement.letters import signed_by
from eventkit_announcement.limits import read_limit
from eventkit_announcement.names import MOST_WORDS, named
from eventkit_announcement.places import is_address_line
from eventkit_announcement.text import Line

Reader = Callable[[str], Any]


def _reads_when(text: str) -> Any:
    hours = read_hours(text)
    certain = hours and (hours.certain or hours.span.end is not None)
    return read_when(text) or certain or read_duration(text)


_TYPED: Mapping[str, Reader] = {
    "when": _reads_when,
    "starts": _reads_when,
    "ends": _reads_when,
    "when_where": _reads_when,
    "deadline": read_limit,
    "registration": read_limit,
    "opens": read_limit,
    "cancelling": read_limit,
    "price": lambda text: read_money(text, currency_said=True),
    "capacity": read_capacity,
    "phone": lambda text: re.match(r"\+?\d[\d ]{6,}", text),
    "email": lambda text: re.match(r"[^\s@]+@[^\s@]+\.\w", text),
}
"""What the value of a label without a colon must read as, for the line to be one."""

_STATUS = re.compile(
    r"(?:tilmelding(?:en|sfristen)?\s*(?:er\s+|:\s*)?"
    r"(?:lukket|åben|åbnet|slut|overskredet|afsluttet|ikke åben(?:et)?(?: endnu)?)"
    r"|(?:lukket|åben(?:t)?) for tilmelding(?:er)?"
    r"|(?:meget )?få (?:ledige )?pladser(?: tilbage| ledige)?|ledige pladser|ingen ledige pladser"
    r"|(?:kun )?venteliste|(?:alt |helt |fuldt? )?(?:udsolgt|optaget|booket|fuldtegnet|overtegnet)"
    r"|(?:arrangementet|mødet|kurset)?\s*(?:er )?(?:aflyst|udsat|udskudt|afholdt|overstået))[.!]?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]+\.\w+")
_PHONE = re.compile(r"(?:\+45\s?|0045\s?)?\d{2}(?:\s?\d{2}){3}")
_DAY_LEAD = re.compile(
    r"(?:program(?:met)?(?:\s+for)?\b[\s:,–—-]*)?"
    r"(?:(?:(?:kursus|møde)?dag|modul|aften)\s+(?P<after>[1-9]\d?)\b"
    r"|(?P<before>[1-9]\d?)\.\s*(?:(?:kursus|møde)?dag|modul|aften|kursusgang)\b)?"
    r"[\s:,(–—-]*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*:\s*(?!//)|\t\s*|\s*\|\s*|\s{2,}")
_ITEM_LEAD = re.compile(r"[\s:|·•–—-]*")
_PLACE_REST = re.compile(r"(?:[,|·(@&–—-]|i\s|på\s|hos\s)", re.IGNORECASE)


class Look(Enum):
    """What a line looks like."""

    TEXT = auto()
    LABEL = auto()
    STATUS = auto()
    PRICE = auto()
    CAPACITY = auto()
    WHEN = auto()
    DAY = auto()
    TIME = auto()
    UNREADABLE = auto()
    SIGNED = auto()


@frozen
class Mark:
    """What a line looks like, and what it says: `kind` and `value` of a label, the date, hours.

    `number` is that of "Dag 2", `weekday` of a line that names one; `rest` the words left over;
    `colon` whether the label had one.
    """

    look: Look
    kind: str = ""
    value: str = ""
    when: When | None = None
    span: Span | None = None
    rest: str = ""
    number: int | None = None
    weekday: int | None = None
    colon: bool = False
    certain: bool = True


def split(lines: Iterable[Line]) -> Iterator[Line]:
    """Each line; one that sets several facts beside each other becomes a line for each fact."""
    for line in lines:
        parts = [part for part in _BESIDE.split(_EMPHASIS.sub(r"\2", line.text)) if part.strip()]
        if (
            len(parts) > 1
            and parts[0].rstrip().endswith(":")
            and not look(evolve(line, text=parts[0])).value
        ):  # "Sted:" and its value, set apart by tabs
            parts[:2] = [f"{parts[0].rstrip()} {parts[1].strip()}"]
            line = line if len(parts) > 1 else evolve(line, text=parts[0])
        beside = parts if 1 < len(parts) <= MOST_BESIDE else []
        marks = [look(evolve(line, text=part)) for part in beside]
        facts = [mark for mark in marks if mark.look is not Look.TEXT]
        # "Tid", "Emne", "Hvem" head the columns below them, and say nothing themselves.
        says = any(mark.value or mark.when or mark.span for mark in facts)
        if says and marks[0].look is not Look.TIME and 2 * len(facts) >= len(parts):
            for place, part in enumerate(parts):
                yield evolve(line, text=part.strip(), after_blank=line.after_blank and not place)
        else:
            yield line


_EMPHASIS = re.compile(r"^([*_])(?=\S)([^*_]{1,300})\1$")
MOST_BESIDE = 12
_BESIDE = re.compile(r"\s[|·•]\s|\t+|\s/\s(?=(?:kursus|møde)?(?:dag|modul)\s\d)", re.IGNORECASE)


def look(line: Line) -> Mark:
    """What `line` looks like, alone."""
    text = plain(line.text)
    if line.links and text == CUT:
        return Mark(Look.LABEL, kind="online", value=text)
    for recognise in _RECOGNISERS:
        mark = recognise(text)
        if mark is not None:
            return mark
    return Mark(Look.TEXT, value=text)


def title_of(line: Line, text: str | None = None) -> str:
    """What `line`, or the part `text` of it, says as a title."""
    said = squeezed(plain(line.text if text is None else text))
    return trimmed(said) if line.links else said


def plain(text: str) -> str:
    """`text` without Markdown's bold marks and a picture before it, its separators kept."""
    text = text.replace("**", "").replace("__", "").replace("\xa0", " ").strip()
    return _PICTURES.sub("", text)


_PICTURES = re.compile(
    "^(?:[\u2300-\u23ff\u2600-\u2704\u2706-\u2713\u2719-\u274b\u274d-\u27bf\u2b00-\u2bff"
    "\U0001f000-\U0001faff][\ufe0e\ufe0f\u200d]*)+\\s*(?=\\S)"
)
"""Small pictures that stand where others have a bullet; ticks and crosses say something."""


_NEVER_ALONE = frozenset(("starts", "ends", "phone", "email", "web", "online", "town", "room"))


_CANCELLED = ("afbud", "afmelding", "framelding")
_OVER_ADDRESS = ("fysisk", "fremmøde")
"""Names of the place where an address follows; otherwise they may be of anything."""


def _short(text: str) -> bool:
    return len(text) <= 200


def _label(text: str) -> Mark | None:
    name, separator, value = _split(text)
    kind = named(name)
    if kind is None and separator.strip() == ":" and (bare := re.sub(r"\s*\([^()]*\)$", "", name)):
        kind = named(bare)  # "Pris (ekskl. moms): 500 kr.": the words in brackets are not lost
        value = f"{value} {name[len(bare) :].strip()}".strip() if bare != name else value
    if name.casefold() in _OVER_ADDRESS and not is_address_line(value):
        kind = None
    if kind == "prose" and name.casefold() in _CANCELLED and read_limit(squeezed(value)):
        kind = "cancelling"
    if kind is not None:
        colon = ":" in separator
        if not value and not colon and (kind in _NEVER_ALONE or len(name) < 2):
            return None  # "Start" or "Online" alone may be anything
        return Mark(Look.LABEL, kind=kind, value=squeezed(value), colon=colon)
    return _label_without_colon(squeezed(text))


def _split(text: str) -> tuple[str, str, str]:
    found = _SEPARATOR.search(text[:60])
    if found is None:
        return text, "", ""
    return text[: found.start()], found[0], text[found.end() :]


def _label_without_colon(text: str) -> Mark | None:
    if not _short(text):
        return None
    words = text.split(" ")
    for count in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        kind = named(" ".join(words[:count]).rstrip(":"))
        value = " ".join(words[count:])
        if kind is not None and kind in _TYPED and _TYPED[kind](value):
            return Mark(Look.LABEL, kind=kind, value=value)
    return None


def _contact_line(text: str) -> Mark | None:
    for pattern, kind in ((_EMAIL, "email"), (_PHONE, "phone")):
        if pattern.fullmatch(text):
            return Mark(Look.LABEL, kind=kind, value=text)
    return None


def _status(text: str) -> Mark | None:
    return Mark(Look.STATUS, value=text) if _STATUS.fullmatch(text) else None


def _day(text: str) -> Mark | None:
    """A day of a programme: ``Dag 1 – tirsdag den 3. maj 2022``, ``Program for …``, ``Tirsdag``."""
    if not _short(text):
        return None
    if (day := weekday(text)) is not None:
        return Mark(Look.DAY, weekday=day)
    lead = _DAY_LEAD.match(text)
    if lead is None or not lead.end():
        return None
    number = lead["after"] or lead["before"]
    if "(" in lead[0]:
        text = text.removesuffix(")")  # "Dag 1 (søndag den 15. oktober)"
    found = read_when(text[lead.end() :])
    if found is not None and (not found[1] or number):
        when, rest = found
        value = text[lead.end() :]
        number = int(number) if number else None
        return Mark(Look.DAY, value=value, when=when, rest=rest, number=number)
    named = weekday(text[lead.end() :])
    if number is None and named is None:
        return None
    rest = "" if named is not None else text[lead.end() :]
    hours = read_hours(rest) if number else None
    if number and hours and not hours.rest and hours.certain:  # "Dag 2: kl. 9-14"
        return Mark(Look.DAY, value=rest, number=int(number), span=hours.span)
    if rest and text[: lead.end()].rstrip()[-1:].isdigit():  # "Dag 2 handler om …"
        return None
    return Mark(Look.DAY, number=int(number) if number else None, weekday=named, rest=rest)


def _led_day(text: str) -> Mark | None:
    """A date at the end of a short line, ``Første kursusdag, mandag den 3. oktober 2022``.

    Only where items follow is it the heading of a day.
    """
    found = _LED.match(text)
    read = read_when(text[found.end() :]) if found else None
    if found is None or read is None or read[1] or _DUE.search(found[0]):
        return None  # "Dagsorden udsendes senest 2. maj" is due then
    return Mark(Look.DAY, kind="led", when=read[0], rest=found[0])


_DUE = re.compile(r"\b(?:senest|inden|frist(?:en)?|udsendes|sendes|før|efter)\b", re.IGNORECASE)
_LED = re.compile(
    r"(?:(?!\b(?:man|tirs|ons|tors|fre|lør|søn)dag\b)[^\d:]){3,40}?[\s:,–-]+(?=(?:(?:man|tirs|ons|tors|fre|lør|søn)dag|den\s|d\.)\s?.{0,6}\d|\d)",
    re.IGNORECASE,
)


def _when(text: str) -> Mark | None:
    found = read_when(text) if _short(text) else None
    if found is None:
        return None
    when, rest = found
    if rest and (len(rest) > 60 or not _PLACE_REST.match(rest)):
        return None
    return Mark(Look.WHEN, when=when, rest=rest)


def _time(text: str) -> Mark | None:
    hours = read_hours(text)
    if hours is None:
        return _time_last(text)
    if _CLOSES.fullmatch(text):
        return Mark(Look.TIME, span=hours.span, rest=hours.rest, value="minutes")
    rest = hours.rest[_lead(hours.rest) :]
    capital = rest[:1].isupper() or not rest[:1].isalnum()
    if not hours.certain and (hours.span.end is None or not capital):
        return None  # "10-12 personer", "9 ud af 10"
    return Mark(
        Look.TIME,
        span=hours.span,
        rest=rest,
        certain=capital and (hours.span.end is not None or hours.certain),
        value="minutes" if hours.minutes or hours.span.end is not None else "",
    )


_CLOSES = re.compile(r"\d{1,2}\s(?:Slut|Tak for i dag|Farvel|Afslutning|Afrunding)\b.{0,20}")
_PAUSED = re.compile(
    r"(?P<title>(?:frokost|kaffe|pause|middag|morgenmad|aftensmad|buffet|spisning|lunch|dinner"
    r"|coffee)\w{0,10}(?: og \w{3,12})?):?\s+(?=kl\b)",
    re.IGNORECASE,
)


def _time_last(text: str) -> Mark | None:
    """An item whose hours stand last: ``Frokost kl. 12``."""
    found = _PAUSED.match(text)
    hours = read_hours(text[found.end() :]) if found else None
    if found is None or hours is None or hours.rest.strip(" ."):
        return None
    return Mark(Look.TIME, span=hours.span, rest=found["title"], value="minutes")


def _lead(rest: str) -> int:
    match = _ITEM_LEAD.match(rest)
    return match.end() if match else 0


def _price(text: str) -> Mark | None:
    found = read_money(text) if _short(text) else None
    if found is None:
        return None
    money, rest = found
    if rest and (money.amount == 0 or not qualifies(rest)):
        return None  # "Gratis parkering" is no price
    return Mark(Look.PRICE, kind="price", value=text)


def _capacity(text: str) -> Mark | None:
    if not re.search(r"pladser|deltagere|personer", text[:100], re.IGNORECASE) or not _short(text):
        return None
    found = read_capacity(text)
    return None if found is None or found[1] else Mark(Look.CAPACITY, kind="capacity", value=text)


def _deadline(text: str) -> Mark | None:
    """``Tilmelding skal ske senest den 18. april``: a sentence about joining, with a last day."""
    if not re.match(r"(?:husk |sidste )?(?:at )?(?:tilmeld|frist|deadline)", text, re.IGNORECASE):
        return None
    found = re.search(
        r"\b(?:senest|inden|sidste frist(?: er)?|fristen er)\b", text[:250], re.IGNORECASE
    )
    if found is None or not _short(text) or read_limit(text[found.start() :]) is None:
        return None
    before = re.findall(r"\w+", text[: found.start()].casefold())
    if not {"ikke", "ingen"}.isdisjoint(before):
        return None  # "Tilmelding er ikke nødvendig, men skriv gerne inden den 1. maj"
    if _FOR_PART.match(text):
        return None
    words = "" if _JOINING.issuperset(before) else text[: found.start()]
    return Mark(Look.LABEL, kind="deadline", value=text[found.start() :], rest=words)


_FOR_PART = re.compile(
    r"tilmeld\w*\s(?:hertil|til (?:\w*spisning|\w*middag|frokost|mad|\w*bus\w*|smørrebrød"
    r"|overnatning))\b",
    re.IGNORECASE,
)
"""One may join the dinner by another day than the meeting."""

_JOINING = frozenset(
    "tilmelding tilmeldingen tilmeldinger tilmeldingsfrist tilmeldingsfristen tilmeld tilmelde "
    "husk at dig jer sig skal ske sker bedes er og modtages foretages venligst gerne du i man kan "
    "sidste frist fristen for deadline".split()
)
"""Words that say no more than that one must join."""


def _unreadable(text: str) -> Mark | None:
    return Mark(Look.UNREADABLE, value=text) if looks_like_time(text) else None


def _signed(text: str) -> Mark | None:
    """``Venlig hilsen``, ``Mvh Anne``: what ends a letter, with the name beside it."""
    who = signed_by(text)
    return None if who is None else Mark(Look.SIGNED, value=who)


def _squeezing(recognise: Callable[[str], Mark | None]) -> Callable[[str], Mark | None]:
    return lambda text: recognise(squeezed(text))


_RECOGNISERS: tuple[Callable[[str], Mark | None], ...] = (
    *map(_squeezing, (_signed, _status, _contact_line, _day, _when, _time)),
    _label,
    *map(_squeezing, (_price, _capacity, _deadline, _led_day, _unreadable)),
)
