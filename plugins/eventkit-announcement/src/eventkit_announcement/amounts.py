"""Prices and numbers of seats as Danes write them: what is read, and the words left over."""

from __future__ import annotations

import re
from decimal import Decimal

from eventkit import Money
from eventkit_announcement.danish import LONGEST

_AMOUNT = re.compile(
    r"(?P<before>DKK|kr\b\.?|kroner|EUR|SEK|NOK|€)?\s*"
    r"(?P<whole>\d{1,3}(?:[. ]\d{3})+|\d{1,9})"
    r"(?:,(?P<part>\d\d)(?!\d)|(?P<dash>,\s?[-–]{1,2})|\.(?P<point>\d\d)(?!\d))?"
    r"\s*(?P<after>DKK|kr\b\.?|kroner\b|EUR|SEK|NOK|€)?(?P<dash2>,[-–])?",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"(?:(?:det|deltagelsen?|\w{0,20}mødet|arrangementet|kurset|webinaret|dagen) er gratis"
    r"(?: at deltage)?"
    r"|gratis(?: deltagelse| at deltage)?|ingen(?: deltagerbetaling)?|vederlagsfrit|free)(?!\w)\.?",
    re.IGNORECASE,
)

_EXCEPTS = (
    r"\b(?:gratis|fri|\w*medlem\w*|ikke|andre|øvrige|studerende|frivillig\w*|børn|pensionist\w*|dog"
    r"|men|ellers|rabat|kun|fra|eller)\b"
)
"""Words by which an amount is not that of all, or not all of it."""

_HARMLESS = re.compile(
    rf"(?:[\s,.()/+–-]|\b(?:inkl|incl|inklusive?)\b\.?(?:(?!{_EXCEPTS})[^\d.]){{0,80}}"
    r"|\b(?:ekskl|ex|eksklusive?|excl|inkl|inklusive?|incl|plus|pr|per|for|med|og|uden"
    r"|moms\w*|person\w*|deltager\w*|medarbejder\w*|forplejning|frokost|materialer|kaffe|mad"
    r"|fortæring|overnatning|alt|drikke(?:varer)?|morgenmad|stk)\b)*",
    re.IGNORECASE,
)


def qualifies(rest: str) -> bool:
    """Whether the words `rest` after an amount only say what it covers, as "ekskl. moms" does."""
    return len(rest) <= 120 and _HARMLESS.fullmatch(rest) is not None


def beside(rest: str) -> str | None:
    """What follows the words after an amount that say what it covers: "" or another sentence.

    None where the amount may not be that of all.
    """
    if qualifies(rest):
        return ""
    found = _SENTENCES.fullmatch(rest)
    if found is None or not qualifies(found["covers"] or "") or _MORE.search(found["more"]):
        return None
    return found["more"]


_SENTENCES = re.compile(r"(?:(?P<covers>.{0,120}?[\w)])\.\s+)?(?P<more>[A-ZÆØÅ].*)")
_MORE = re.compile(rf"{_EXCEPTS}|\b(?:kr|dkk|kroner|tillæg|plus)\b|,-", re.IGNORECASE)


def read_money(text: str, *, currency_said: bool = False) -> tuple[Money, str] | None:
    """The amount `text` begins with: ``DKK 1.250,-``, ``500 kr.``, ``Gratis``.

    A bare number, or "ingen", is an amount only where `currency_said`: after "Pris:".
    """
    if len(text) > LONGEST:
        return None
    if (match := _FREE.match(text)) and (currency_said or text.casefold().strip(" .") != "ingen"):
        return Money(0), text[match.end() :].strip()
    match = _AMOUNT.match(text)
    if match is None:
        return None
    sign = (match["before"] or match["after"] or "").upper().rstrip(".")
    if not (sign or match["dash"] or match["dash2"] or currency_said):
        return None
    whole = re.sub(r"\D", "", match["whole"])
    cents = match["part"] or match["point"] or "00"
    currency = {"€": "EUR", "EUR": "EUR", "SEK": "SEK", "NOK": "NOK"}.get(sign, "DKK")
    if len(whole) > 8 or (whole[0] == "0" and whole != "0"):
        return None
    rest = text[match.end() :].strip()
    if not sign and not match["dash"] and not match["dash2"] and (rest or match["point"]):
        return None  # "2 for 1" is no amount, and "10.00" may be a time
    return Money(Decimal(f"{whole}.{cents}"), currency), rest


def read_capacity(text: str) -> tuple[int, str] | None:
    """The number of seats in ``40``, ``40 deltagere``, ``Max. 40 personer``."""
    match = re.match(
        r"(?:der er\s+)?(?:(?:max|maks|maksimalt|højst|op til|plads til|begrænset til)\b\.?\s*)*"
        r"(?P<number>\d{1,7}|\d{1,3}\.\d{3})(?![\d.,:/-]*\d)\s*"
        r"(?:pladser|deltagere|personer|stk\.?)?(?!\w)\.?",
        text,
        re.IGNORECASE,
    )
    if match is None:
        return None
    number = int(match["number"].replace(".", ""))
    return (number, text[match.end() :].strip()) if number <= 1_000_000 else None
