"""What sentences say of joining that no field holds: a last day, seats, a price, no registration.

Nothing is read from prose, for prose has exceptions; but it is not passed over in silence either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from eventkit import Money
from eventkit_announcement.amounts import read_money
from eventkit_announcement.danish import days_in, squeezed
from eventkit_announcement.limits import read_limit
from eventkit_announcement.outline import Outline
from eventkit_announcement.reading import Reading
from eventkit_announcement.text import Line


def name_overlooked(parts: Outline, reading: Reading) -> None:
    """Add a finding for each sentence that seems to say a fact which was not read.

    And for each line that nobody could place, where that says no more of it.
    """
    for line, of_item in _public(parts, reading):
        if reading.is_told(line, "unread", "taken", "contradicts", "cover"):
            continue
        for sentence in _sentences(line.text):
            for key, path, says in _FACTS:
                if says(sentence, of_item, reading.values):
                    reading.note(key, path, line, said=sentence)
    for why, line in parts.unplaced:
        told = reading.is_told(line, *(key for key, _, _ in _FACTS)) or is_due_otherwise(line.text)
        if why != "unplaced" or not told:
            reading.note(why, "description", line)


def _public(parts: Outline, reading: Reading) -> Iterator[tuple[Line, bool]]:
    """Each line that stands in a text as it was, and whether it is one of an item."""
    title = () if parts.title is None else parts.title.lines
    for line in (*title, *parts.teaser, *(piece.line for piece in reading.kept)):
        yield line, False
    for fact in parts.facts:
        if fact.kind in ("audience", "place", "contact"):
            yield from ((line, False) for line in fact.lines)
    for entry in parts.entries:
        yield from ((line, True) for line in entry.lines)


_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])")
_SHORTENED = re.compile(
    r"\b(?:d|kl|kr|ca|max|maks|nr|tlf|pr|inkl|ekskl|evt|bl\.a|f\.eks|\d)\.$", re.IGNORECASE
)


def _sentences(text: str) -> Iterable[str]:
    """The sentences of `text`; a full stop after a day or "kr." ends none."""
    whole: list[str] = []
    for part in _END.split(squeezed(text)):
        if whole and _SHORTENED.search(whole[-1][-12:]):
            whole[-1] = f"{whole[-1]} {part}"
        else:
            whole.append(part)
    return whole


# --- a last day ------------------------------------------------------------------------------

_UNTIL = re.compile(r"\b(?:senest|inden|\w*frist(?:en)?|deadline|s\.\s?u)\b", re.IGNORECASE)
_JOINS = re.compile(
    r"tilmeld|\bsvar|frist(?:en|er)?\b|deadline|\bs\.\s?u\b|meld dig", re.IGNORECASE
)


_DUE = (
    r"(?:\w*(?:dagsorden|materiale|referat|indkaldelse|program|faktura|fuldmagt|præsentation"
    r"|forslag|regnskab|budget|optagelse|deltagerliste|bilag|betaling|depositum|spørgsmål|beløb)\w*"
    r"|link(?:et)?|svar på (?:forespørgsler|spørgsmål\w*))"
)
_OTHERWISE = re.compile(
    rf"\s*(?:[\w.]+ ){{0,2}}{_DUE}(?!\w)"
    r"(?:(?!\b(?:du|os|man|giv|sig|sige|siger|vil|kan)\b)[^.;:])*?\b(?:senest|inden)\b"
    rf"|\s*(?:sidste )?frist(?:en)? for (?:at )?(?:[\w.]+ ){{0,2}}{_DUE}(?!\w)"
    r"|betalings\w*frist\w*",
    re.IGNORECASE,
)
"""A sentence that says when something else than an answer is due: "Dagsorden udsendes senest …"."""

_ANSWERS = re.compile(
    r"tilmeld(?!te\b)|\bsvar|\bs\.?\s?u\b|\bmeld\w*|afmeld|framel|afbud|besked|\bdelta(?:g|ge|gelse)\b"
    r"|\bnavn|plads",
    re.IGNORECASE,
)


def is_due_otherwise(sentence: str) -> bool:
    """Whether what `sentence` sets a last day for is plainly something else than joining."""
    found = _OTHERWISE.match(sentence)
    if found is None:
        return False
    said = re.sub(r"svar på \w+", "", found[0], flags=re.IGNORECASE)
    return _ANSWERS.search(said + sentence[found.end() :]) is None


def _last_day(sentence: str, of_item: bool, values: Mapping[str, Any]) -> bool:
    found = _UNTIL.search(sentence)
    joins = _JOINS.search(sentence) is not None
    if found is None or (not joins and (of_item or sentence.endswith("?"))):
        return False
    if is_due_otherwise(sentence):
        return False
    after = sentence[found.start() :]
    known: list[object] = [
        _day(values.get(name)) for name in ("deadline", "cancel_deadline", "opens")
    ]
    days = list(days_in(after[:200]))
    held = values.get("date")
    if not joins and held is not None and any(day.date and day.date > held for day in days):
        return False  # what is due after the event is something else
    if days:
        return not any((day.day, day.month) in known for day in days)
    if re.match(rf"{found[0]}\s+(?:på\s+)?{_SOME_DAY}", after, re.IGNORECASE):
        return True
    limit = read_limit(after[:200])
    if limit is None:
        return False
    if limit[0].day is not None:
        return (limit[0].day.day, limit[0].day.month) not in known
    return limit[0].before not in values.values()


_SOME_DAY = r"(?:(?:man|tirs|ons|tors|fre|lør|søn)dag(?:en)?\b|(?:dagen|ugen) (?:før|inden)\b)"


def _day(value: object) -> tuple[int, int] | None:
    return (value.day, value.month) if isinstance(value, date | datetime) else None


# --- seats -----------------------------------------------------------------------------------

_MOST = (
    r"\b(?:max|maks|maksimalt|maximalt|maksimum|højst|op til|begrænset til|kun|loft på|der er|har"
    r"|i alt)\b\.?:?"
)
_NUMBER = (
    r"(?P<{}>\d{{1,3}}\.\d{{3}}|\d{{1,6}}|ti|tolv|femten|tyve|tredive|fyrre|halvtreds|tres"
    r"|hundrede)"
)
_PEOPLE = (
    r"(?:\w{4,12}\s+)?"
    r"(?:deltagere?|personer|pers|pladser|mennesker|kursister|gæster|tilmeldte|tilmeldinger)\b"
)
_SEATS = re.compile(
    rf"{_MOST}\s+(?:\w{{2,8}}\s+)?{_NUMBER.format('most')}\s+{_PEOPLE}"
    rf"|\bplads til\s+(?:\w{{3,12}}\s)?{_NUMBER.format('room')}"
    rf"(?:\s+{_PEOPLE}|\s?[.,;!)]|\s+(?:i|på)\b|$)"
    r"|\b(?:deltagerantallet|antallet af (?:deltagere|pladser))\b.{0,40}?"
    rf"{_NUMBER.format('number')}\b",
    re.IGNORECASE,
)


def _seats(sentence: str, of_item: bool, values: Mapping[str, Any]) -> bool:
    found = None if of_item else _SEATS.search(sentence)
    if found is None:
        return False
    said = next(filter(None, found.groups())).replace(".", "")
    return not said.isdigit() or int(said) != values.get("capacity")


# --- a price ---------------------------------------------------------------------------------

_COSTS = re.compile(
    r"\b(?:kost(?:er|e)|\w*pris(?:en)?|\w*gebyr(?:et)?|betal\w*|\w*betaling(?:en)?|billet(?:ten|ter)?"
    r"|(?:pr\.?|per) (?:person|deltager|medarbejder)|for medlemmer|for (?:andre|ikke-medlemmer))\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?:\b(?:kr\.?|dkk)\s?)?(?<![\d.,])\d[\d.]{0,10}(?:,(?:\d\d|\s?[-–]))?(?:\s?(?:kr\b|kroner|dkk))?",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"\b(?:(?:det|deltagelsen?|\w{0,20}mødet|arrangementet|kurset|webinaret|dagen|konferencen) er"
    r" (?:\w+ )?gratis"
    r"|gratis (?:at deltage|for|deltagelse|adgang|entr[ée]|webinar|kursus|foredrag|arrangement)"
    r"|(?:fri|free) entr[éey]+|deltager gratis)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"parker|p-plads|\bbus|wifi|internet|toilet", re.IGNORECASE)
"""What may be free beside the meeting."""


def _price(sentence: str, of_item: bool, values: Mapping[str, Any]) -> bool:
    if of_item:
        return False
    free = _FREE.search(sentence) and not _BESIDE.search(sentence)
    said: list[Money] = [Money(0)] if free else []
    if _COSTS.search(sentence):
        for match in _AMOUNT.finditer(sentence[:1000]):
            read = read_money(match[0])
            said += [read[0]] if read is not None else []
    return bool(said) and any(money != values.get("price") for money in said)


# --- no registration -------------------------------------------------------------------------

_NEEDLESS = re.compile(
    r"\b(?:tilmelding(?:en)?(?: er|:)? (?:ikke (?:nødvendig|påkrævet|krævet)|unødvendig|nej)"
    r"|ingen tilmelding|uden tilmelding"
    r"|(?:kræver|behøver|skal|kræves|nødvendigt?)\b.{0,25}\b(?:ikke|ingen)\b.{0,15}\btilmeld\w*"
    r"|(?:behøver|skal) (?:\w+ )?ikke (?:at )?(?:\w+ ){0,3}(?:tilmelde|melde)\w*"
    r"|(?:ikke|ingen)\b.{0,15}\b(?:krav om|nødvendigt? at|brug for) tilmeld\w*"
    r"|mød(?:er)? (?:bare|blot) op)\b",
    re.IGNORECASE,
)
_STATE = re.compile(r"ikke åb|ikke mulig|lukk", re.IGNORECASE)


def _needless(sentence: str, of_item: bool, values: Mapping[str, Any]) -> bool:
    del of_item, values
    return _NEEDLESS.search(sentence) is not None and _STATE.search(sentence) is None


# --- what was changed ------------------------------------------------------------------------

_CHANGED = re.compile(
    r"\b(?:\w*mødet|\w*dagen|kurset|webinaret|konferencen|arrangementet|datoen|tidspunktet|stedet"
    r"|det)\s(?:er|bliver)\s(?:\w+\s)?(?:flyttet|rykket|ændret|udskudt|udsat)\b"
    r"|\bnyt? (?:dato|tid|tidspunkt|sted|lokale|adresse|mødested)(?: er\b|:)\s?(?=\S)"
    r"|^ændr(?:et|ing):",
    re.IGNORECASE,
)
"""A new date, hour or place is said; that there is one ("Bemærk ny dato") is no news."""


def _changed(sentence: str, of_item: bool, values: Mapping[str, Any]) -> bool:
    del values
    return not of_item and not sentence.endswith("?") and _CHANGED.search(sentence) is not None


_FACTS: tuple[tuple[str, str, Callable[[str, bool, Mapping[str, Any]], bool]], ...] = (
    ("like_deadline", "deadline", _last_day),
    ("like_capacity", "capacity", _seats),
    ("like_price", "price", _price),
    ("needless", "deadline", _needless),
    ("changed", "", _changed),
)
