"""What one line looks like, read alone: a label, a date, hours, a price, a status, or just text.

The names of labels stand in one table; a line is looked up in it before the colon (or tab, or wide
space) that follows the name, or whole where the value stands on the line below.
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
    read_limit,
    read_when,
    squeezed,
    weekday,
)
from eventkit_announcement.text import Line

NAMES: Mapping[str, str] = {
    "id": "id, nr, nummer, arrangement nr, arrangementsnr, arrangementsnummer, arrangements-id, "
    "arrangement-id, kursusnr, kursusnummer, kursus-id, mødenr, mødenummer, aktivitetsnr",
    "title": "titel, overskrift, arrangementets titel, arrangementets navn",
    "summary": "teaser, resumé, resume, manchet, kort fortalt, kort beskrivelse",
    "kind": "type, arrangementstype, mødetype, kursustype, aktivitetstype, kategori",
    "when": "dato, datoer, dato og tid, dato og tidspunkt, tid, tider, tidspunkt, tidsrum, kl, "
    "klokken, klokkeslæt, varighed, hvornår, tid og dato, mødetidspunkt, mødedato, kursusdato, "
    "kursusdatoer, afholdes, periode, dag, dag og tid, dato/tid, tid/dato",
    "starts": "start, starter, startdato, starttidspunkt, begynder, fra",
    "ends": "slut, slutter, slutdato, sluttidspunkt, til",
    "when_where": "tid og sted, hvornår og hvor, tid/sted, dato og sted, hvor og hvornår, "
    "sted og tid",
    "place": "sted, adresse, hvor, lokation, mødested, mødeadresse, afholdelsessted, kursussted, "
    "lokalitet, sted/adresse, location",
    "town": "by",
    "room": "lokale, mødelokale, lokaler, sal",
    "online": "link, mødelink, teams-link, teamslink, zoom-link, zoomlink, link til mødet, online, "
    "link til deltagelse, deltag online, online deltagelse, webinar",
    "deadline": "tilmeldingsfrist, tilmeldingsfristen, tilmeldingsfrist er, frist, "
    "frist for tilmelding, fristen for tilmelding, sidste frist, sidste frist for tilmelding, "
    "sidste tilmeldingsfrist, sidste tilmelding, sidste tilmeldingsdag, tilmelding senest, "
    "senest tilmelding, tilmeld dig senest, tilmeld jer senest, tilmeld senest, tilmelding inden, "
    "husk tilmelding senest, husk tilmelding, deadline, deadline for tilmelding, "
    "tilmeldingsdeadline, svarfrist, s.u, su, s. u, tilmelding senest den, tilmelding senest d",
    "registration": "tilmelding, tilmeldingen, sådan tilmelder du dig, tilmelding til, "
    "tilmeldingslink, tilmelding via",
    "opens": "tilmelding åbner, tilmeldingen åbner, åbner for tilmelding, tilmelding fra, "
    "tilmelding åben fra, tilmeldingsstart, der åbnes for tilmelding",
    "cancelling": "afmeldingsfrist, frist for afmelding, frist for afbud, afbud senest, "
    "afmelding senest, framelding senest, sidste frist for afmelding, sidste frist for afbud, "
    "afbudsfrist, frameldingsfrist",
    "price": "pris, priser, deltagerpris, deltagergebyr, deltagerbetaling, gebyr, kursuspris, "
    "kursusafgift, pris pr. deltager, pris pr. person, pris per person, pris per deltager",
    "status": "status, tilmeldingsstatus",
    "organiser": "arrangør, arrangører, arrangør(er), arrangeres af, arrangeret af, udbyder, "
    "kursusudbyder, afholdes af, inviteret af",
    "contact": "kontakt, kontaktperson, kontaktpersoner, kontaktinfo, kontaktinformation, "
    "kontaktoplysninger, yderligere oplysninger, yderligere information, flere oplysninger, "
    "spørgsmål, henvendelse, kontakt os, mere information, for mere information",
    "phone": "t, tlf, tlf.nr, tlf. nr, telefon, telefonnummer, telefonnr, tel, mobil, mob, "
    "m, tlf.nummer",
    "email": "e, e-mail, email, mail, e-post, mailadresse, e-mailadresse",
    "web": "web, hjemmeside, website, www, w",
    "audience": "målgruppe, målgrupper, målgruppen, for hvem, hvem kan deltage, deltagerkreds, "
    "hvem er det for, deltagere",
    "capacity": "antal pladser, pladser, max deltagere, maks deltagere, maks. deltagere, "
    "deltagerantal, antal deltagere, max antal deltagere, maks antal deltagere, kapacitet, "
    "maks. antal deltagere, max. antal deltagere, maksimalt antal deltagere, deltagerbegrænsning",
    "programme": "program, programmet, dagens program, program for dagen, dagsorden, agenda, "
    "mødeprogram, kursusprogram, dagsprogram",
    "next": "næste møde, næste netværksmøde, næste gang, kommende møder, kommende arrangementer, "
    "tidligere møder, næste arrangement",
    "prose": "beskrivelse, indhold, om arrangementet, om kurset, om mødet, om netværket, formål, "
    "formålet, baggrund, praktisk, praktisk information, praktiske oplysninger, praktisk info, "
    "oplægsholder, oplægsholdere, underviser, undervisere, forplejning, transport, parkering, "
    "bemærk, nb, obs, udbytte, læringsmål, medbring, framelding, afmelding, afbud, læs mere, "
    "materialer, forberedelse, hvorfor, det får du, tilgængelighed",
}
"""Kinds of labels with the names they go by, lower-case, less a full stop at the end."""

_KINDS = {name: kind for kind, names in NAMES.items() for name in re.split(r",\s+", names)}
_MOST_WORDS = max(name.count(" ") for name in _KINDS) + 1

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
    r"[\s:,–—-]*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*:\s*(?!//)|\t\s*|\s*\|\s*|\s{2,}")
_ITEM_LEAD = re.compile(r"[\s:|–—-]*")
_PLACE_REST = re.compile(r"(?:[,|·(@–—-]|i\s|på\s|hos\s)", re.IGNORECASE)


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
        parts = [part for part in _BESIDE.split(line.text) if part.strip()]
        beside = parts if 1 < len(parts) <= MOST_BESIDE else []
        looks = [look(evolve(line, text=part)).look for part in beside]
        facts = sum(one is not Look.TEXT for one in looks)
        if looks and looks[0] is not Look.TIME and 2 * facts >= len(parts):
            for place, part in enumerate(parts):
                yield evolve(line, text=part.strip(), after_blank=line.after_blank and not place)
        else:
            yield line


MOST_BESIDE = 12
_BESIDE = re.compile(r"\s[|·•]\s|\t+")


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
    """`text` without Markdown's bold marks, its separators kept."""
    return text.replace("**", "").replace("__", "").replace("\xa0", " ").strip()


_NEVER_ALONE = frozenset(("starts", "ends", "phone", "email", "web", "online", "town", "room"))


def _short(text: str) -> bool:
    return len(text) <= 200


def _label(text: str) -> Mark | None:
    name, separator, value = _split(text)
    kind = _named(name)
    if kind is None and separator.strip() == ":" and (bare := re.sub(r"\s*\([^()]*\)$", "", name)):
        kind = _named(bare)  # "Pris (ekskl. moms): 500 kr.": the words in brackets are not lost
        value = f"{value} {name[len(bare) :].strip()}".strip() if bare != name else value
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


def _named(name: str) -> str | None:
    return _KINDS.get(squeezed(name).casefold().rstrip(" .")) if len(name) <= 60 else None


def _label_without_colon(text: str) -> Mark | None:
    if not _short(text):
        return None
    words = text.split(" ")
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        kind = _named(" ".join(words[:count]).rstrip(":"))
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
    found = read_when(text[lead.end() :])
    if found is not None and (not found[1] or number):
        when, rest = found
        return Mark(Look.DAY, when=when, rest=rest, number=int(number) if number else None)
    named = weekday(text[lead.end() :])
    if number is None and named is None:
        return None
    rest = "" if named is not None else text[lead.end() :]
    if rest and text[: lead.end()].rstrip()[-1:].isdigit():  # "Dag 2 handler om …"
        return None
    return Mark(Look.DAY, number=int(number) if number else None, weekday=named, rest=rest)


def _led_day(text: str) -> Mark | None:
    """A date at the end of a short line, ``Første kursusdag, mandag den 3. oktober 2022``.

    Only where items follow is it the heading of a day.
    """
    found = _LED.match(text)
    read = read_when(text[found.end() :]) if found else None
    if found is None or read is None or read[1]:
        return None
    return Mark(Look.DAY, kind="led", when=read[0], rest=found[0])


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
        return None
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
    words = "" if _JOINING.issuperset(before) else text[: found.start()]
    return Mark(Look.LABEL, kind="deadline", value=text[found.start() :], rest=words)


_JOINING = frozenset(
    "tilmelding tilmeldingen tilmeldinger tilmeldingsfrist tilmeldingsfristen tilmeld tilmelde "
    "husk at dig jer sig skal ske sker bedes er og modtages foretages venligst gerne du i man kan "
    "sidste frist fristen for deadline".split()
)
"""Words that say no more than that one must join."""


def _unreadable(text: str) -> Mark | None:
    return Mark(Look.UNREADABLE, value=text) if looks_like_time(text) else None


_GREETING = re.compile(
    r"(?:kære|hej(?:sa)?|goddag|god (?:dag|morgen|eftermiddag|aften)|dear|hi|hello)"
    r"(?:\s+[^\s:–—.!?]+){0,6}\s?[,.!]*(?:\s?[:;]-?\))?",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?i:(?:(?:med|de)\s+)?(?:\w+\s)?(?:venlig|bedste|mange|kærlig|glad|god|varm|sommer|jule)\w*"
    r"\s+hils(?:en|ner)|hils(?:en|ner)|m\.?\s?v\.?\s?h|[vk]\.?h|d\.?b\.?h"
    r"|(?:(?:kind|best|warm)\s+)?regards)\b\.?[\s,!:–-]*"
    r"(?P<who>(?:(?:fra|på vegne af)\s.{1,60}|[A-ZÆØÅ].{0,60})?)"
)


def greets(text: str) -> bool:
    """Whether `text` is "Kære alle", "Hej med jer," or the like, and nothing else."""
    return len(text) <= 80 and _GREETING.fullmatch(squeezed(text)) is not None


def _signed(text: str) -> Mark | None:
    """``Venlig hilsen``, ``Mvh Anne``: what ends a letter, with the name beside it."""
    found = _SIGNED.fullmatch(text) if len(text) <= 100 else None
    if found is None or re.search(r"[.!?]\s", found["who"]):
        return None
    return Mark(Look.SIGNED, value=found["who"])


def _squeezing(recognise: Callable[[str], Mark | None]) -> Callable[[str], Mark | None]:
    return lambda text: recognise(squeezed(text))


_RECOGNISERS: tuple[Callable[[str], Mark | None], ...] = (
    *map(_squeezing, (_signed, _status, _contact_line, _day, _when, _time)),
    _label,
    *map(_squeezing, (_price, _capacity, _deadline, _led_day, _unreadable)),
)
