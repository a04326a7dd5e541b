"""Deadlines as Danes write them: a day, a day with a time, or so long before the start."""

from __future__ import annotations

import re

from attrs import frozen

from eventkit import Before
from eventkit_announcement.danish import LONGEST, Day, number_of, read_days, read_hours

_BEFORE = re.compile(
    r"(?P<number>\d{1,3}|en|to|tre|fire|fem|seks|syv|otte|ni|ti)\s+(?P<unit>dage?|uger?|timer)\s+"
    r"(?:før|inden)(?:\s+(?:mødet|kurset|arrangementet|start|mødestart|kursusstart))?\.?",
    re.IGNORECASE,
)
_DEADLINE_LEAD = re.compile(
    r"(?:(?:er|sker|skal ske|senest|sidst|på|til og med|t\.?o\.?m\.?|(?P<inden>inden)|med frist"
    r"|by|no later than|latest)"
    r"(?:\s+|:\s*))*",
    re.IGNORECASE,
)
_DEADLINE_TIME = re.compile(r"\s*,?\s*(?:inden\s+|senest\s+)?(?=kl)", re.IGNORECASE)


@frozen
class Limit:
    """A deadline as written: a day with perhaps a time, or so long before the start.

    `before_it` tells that it said "inden", which may leave the day itself out.
    """

    day: Day | None
    minute: int | None = None
    before: Before | None = None
    before_it: bool = False
    bare: bool = False
    """Whether it said "1.6.", which may be an hour elsewhere."""


def read_limit(text: str) -> tuple[Limit, str] | None:
    """The deadline `text` begins with: ``18.04.2022``, ``senest den 18. april kl. 12.00``."""
    if len(text) > LONGEST:
        return None
    lead = _DEADLINE_LEAD.match(text)
    at = lead.end() if lead else 0
    text, inden = text[at:], bool(lead and lead["inden"])
    if match := _BEFORE.match(text):
        number, unit = number_of(match["number"]), match["unit"].casefold()
        if unit.startswith("t"):
            return Limit(None, before=Before(hours=number)), text[match.end() :].strip(" .")
        days = number * (7 if unit.startswith("u") else 1)
        return Limit(None, before=Before(days=days)), text[match.end() :].strip(" .")
    dated = read_days(text, 0)
    found = dated or read_days(text, 0, bare=True)
    if found is None or len(found[0]) != 1:
        return None
    (day,), end = found
    rest, minute = text[end:], None
    if timed := _DEADLINE_TIME.match(rest):
        hours = read_hours(rest[timed.end() :])
        if hours is not None and hours.span.end is None and not hours.span.about:
            rest, minute = hours.rest, hours.span.start
    limit = Limit(day, minute, before_it=inden and minute is None, bare=dated is None)
    return limit, rest.strip(" .")
