"""Danish public holidays, CVR and EAN numbers for eventkit.

Checks: DK201, a deadline on a public holiday; DK202, one on a day when many are off by agreement.
Refusals: DK301 and DK302, a CVR or EAN (GLN) number that cannot be one.

Every name is asked for by language: the package `holidays` would otherwise answer in the language
of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays
from stdnum import ean as stdnum_ean
from stdnum.dk import cvr as stdnum_cvr
from stdnum.exceptions import ValidationError

from eventkit import (
    Check,
    Deadline,
    Event,
    Finding,
    Reason,
    Severity,
    Signup,
    deadlines,
    hookimpl,
)

eventkit_api = 1
eventkit_prefix = "DK"

Names = Mapping[date, Mapping[str, str]]

_LANGUAGES = {"da": "da", "en": "en_US"}
_WEEKDAYS = {
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "en": "January February March April May June July August September October November December",
}
SATURDAY = 5

# --- days ------------------------------------------------------------------------------------


def public_holidays(year: int) -> Names:
    """The public holidays of `year` by law, each with its name by language."""
    return _days(year, "public")


def days_off(year: int) -> Names:
    """Days of `year` on which many offices are closed by agreement: 1 May, Grundlovsdag, 24 and 31
    December."""
    return _days(year, "optional")


@lru_cache(maxsize=512)
def _days(year: int, category: str) -> Names:
    by_language = {
        language: holidays.country_holidays(
            "DK", years=year, language=theirs, categories=(category,)
        )
        for language, theirs in _LANGUAGES.items()
    }
    return MappingProxyType(
        {
            day: MappingProxyType({language: days[day] for language, days in by_language.items()})
            for day in sorted(by_language["da"])
        }
    )


def last_open_day_before(day: date) -> date:
    """The last day before `day` on which offices are open: Monday to Friday, no holiday of any
    sort."""
    day -= timedelta(days=1)
    while (
        day.weekday() >= SATURDAY or day in public_holidays(day.year) or day in days_off(day.year)
    ):
        day -= timedelta(days=1)
    return day


def _said(day: date, language: str) -> str:
    weekday = _WEEKDAYS[language][day.weekday()]
    month = _MONTHS[language].split()[day.month - 1]
    if language == "da":
        return f"{weekday} den {day.day}. {month} {day.year}"
    return f"{weekday} {day.day} {month} {day.year}"


# --- the deadline ----------------------------------------------------------------------------


def check_deadline(event: Event) -> Iterator[Finding]:
    """DK201 or DK202 where the deadline falls on a day on which people are off."""
    if event.deadline is None:
        return
    day = deadlines.day_of(event.deadline, event)
    if (names := public_holidays(day.year).get(day)) is not None:
        yield _finding("DK201", Severity.WARNING, event, event.deadline, names)
    elif (names := days_off(day.year).get(day)) is not None:
        yield _finding("DK202", Severity.INFO, event, event.deadline, names)


_WHY = {
    "DK201": {
        "da": "Den dag er kontoret lukket.",
        "en": "The office is closed that day.",
    },
    "DK202": {
        "da": "Det er ingen helligdag, men mange holder fri.",
        "en": "It is no public holiday, but many people are off.",
    },
}


def _finding(
    code: str, severity: Severity, event: Event, deadline: Deadline, names: Mapping[str, str]
) -> Finding:
    day = deadlines.day_of(deadline, event)
    before = last_open_day_before(day)
    why = _WHY[code]
    return Finding(
        code=code,
        severity=severity,
        path="deadline",
        data={"day": day, "name": names["da"]},
        fix=deadlines.moved(deadline, event, before),
        text={
            "da": f"Tilmeldingsfristen falder på {names['da']}, {_said(day, 'da')}. "
            f"{why['da']} Flyt fristen til {_said(before, 'da')}.",
            "en": f"The deadline falls on {names['en']}, {_said(day, 'en')}. "
            f"{why['en']} Move the deadline to {_said(before, 'en')}.",
        },
    )


# --- CVR and EAN -----------------------------------------------------------------------------


def cvr(number: str) -> Reason | None:
    """Why `number` cannot be a CVR number (8 digits), or None; nothing at all is no number."""
    compact = stdnum_cvr.compact(number)
    if not compact:
        return None
    wrong = _shape("DK301", "CVR", compact, 8)
    if wrong is None and not _passes(stdnum_cvr.validate, compact):
        wrong = _mistyped("DK301", "CVR")
    return wrong


def ean(number: str) -> Reason | None:
    """Why `number` cannot be an EAN (GLN) location number (13 digits), or None."""
    compact = stdnum_cvr.compact(number)  # takes off what people put between and before digits
    if not compact:
        return None
    wrong = _shape("DK302", "EAN", compact, 13)
    if wrong is None and not _passes(stdnum_ean.validate, compact):
        wrong = _mistyped("DK302", "EAN")
    return wrong


def _passes(validate: Callable[[str], str], compact: str) -> bool:
    try:
        validate(compact)
    except ValidationError:
        return False
    return True


def _shape(code: str, name: str, compact: str, digits: int) -> Reason | None:
    if not (compact.isascii() and compact.isdigit()):
        return Reason(
            code,
            {"why": "not_digits"},
            {
                "da": f"{name}-nummeret må kun bestå af tal. Det har {digits} cifre.",
                "en": f"The {name} number may hold digits only. It has {digits} of them.",
            },
        )
    if len(compact) != digits:
        return Reason(
            code,
            {"why": "length", "digits": len(compact), "expected": digits},
            {
                "da": f"Et {name}-nummer har {digits} cifre. Du har skrevet {len(compact)}.",
                "en": f"A {name} number has {digits} digits. You wrote {len(compact)}.",
            },
        )
    return None


def _mistyped(code: str, name: str) -> Reason:
    # The number itself is not repeated: people paste other numbers than they meant.
    return Reason(
        code,
        {"why": "checksum"},
        {
            "da": f"{name}-nummeret er ikke rigtigt. Se efter, om et ciffer er tastet forkert.",
            "en": f"The {name} number is not right. Look for a digit that is mistyped.",
        },
    )


# --- hooks -----------------------------------------------------------------------------------


@hookimpl
def eventkit_checks() -> list[Check]:
    """The deadline against the Danish calendar."""
    title = {"da": "Tilmeldingsfrist på helligdage", "en": "Deadline on public holidays"}
    return [Check(name="danish-holidays", title=title, check=check_deadline)]


@hookimpl
def eventkit_holidays(year: int) -> dict[date, Mapping[str, str]]:
    """Denmark's public holidays; not the days that offices take off by agreement."""
    return dict(public_holidays(year))


@hookimpl
def eventkit_may_register(signup: Signup) -> Iterator[Reason]:
    """Refuse a party whose bill could not be sent: a CVR or EAN number that cannot be one."""
    if signup.invoice is None:
        return
    for path, reason in (
        ("invoice.cvr", cvr(signup.invoice.cvr)),
        ("invoice.ean", ean(signup.invoice.ean)),
    ):
        if reason is not None:  # a form shows it beside what it is about
            yield Reason(reason.code, {**reason.data, "path": path}, reason.text)
