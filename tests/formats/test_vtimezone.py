"""A zone's clocks, written as rules: judged against zoneinfo, by readers that are not ours."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from importlib.resources import files
from typing import Any

import pytest
from dateutil.tz import tzical

from eventkit.formats import ical, icalfile, vtimezone
from eventkit.model.event import Event, Revision
from eventkit.model.values import SYSTEM, clock_trouble, zone

ZONES = (
    "Europe/Copenhagen",
    "Europe/Dublin",  # calls winter the exception
    "America/New_York",
    "Atlantic/Reykjavik",
    "Asia/Kolkata",
    "Africa/Cairo",  # summer time came back in 2023
    "Africa/Casablanca",  # rests during Ramadan
    "America/Sao_Paulo",  # summer time ended in 2019
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # lost a day
    "Asia/Gaza",
)
YEARS = [
    (2026, 2026),
    (2022, 2024),
    (2007, 2012),
    (1985, 1986),
    (1950, 1950),
    (2040, 2041),
    (2190, 2190),
]


def local_times(key: str, first: int, last: int) -> Iterator[datetime]:
    """Times of these years that exist once: at random, and round every change."""
    chance = random.Random(f"{key} {first}")
    place = zone(key)
    begins, ends = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    moments = [begins + chance.random() * (ends - begins) for _ in range(40)]
    for onset in vtimezone._onsets(key, begins):
        if onset.at >= ends:
            break
        moments += [onset.at + timedelta(minutes=n) for n in (-241, -181, -1, 0, 59, 181)]
    for moment in moments:
        when = moment.replace(second=0, microsecond=0).astimezone(place)
        if when.year in range(first, last + 1) and clock_trouble(when) is None:
            yield when


@pytest.mark.parametrize("years", YEARS, ids=str)
@pytest.mark.parametrize("key", ZONES)
def test_dateutil_reads_the_offsets_that_zoneinfo_has(key: str, years: tuple[int, int]) -> None:
    """At every change of the years that are asked for, and between them."""
    text = vtimezone.vtimezone(key, *years)
    place = tzical(io.StringIO(text)).get()
    for when in local_times(key, *years):
        assert when.replace(tzinfo=place).utcoffset() == when.utcoffset(), when


@pytest.mark.parametrize("key", ZONES)
def test_we_read_the_offsets_that_zoneinfo_has(key: str) -> None:
    """A file that calls the same rules by a name nobody knows is understood by them."""
    for years in YEARS:
        text = ical.calendar([], []).decode()
        zone_text = vtimezone.vtimezone(key, *years).replace(f"TZID:{key}", "TZID:Ours")
        text = text.replace("END:VCALENDAR", f"{zone_text}END:VCALENDAR")
        raw = icalfile.raw_file(text.encode()).zones["Ours"]
        if len(raw.observances) > vtimezone._MAX_OBSERVANCES:
            continue
        rules = vtimezone.Rules.of(raw)
        assert rules is not None
        for when in local_times(key, *years):
            assert rules.offset(when.replace(tzinfo=None)) == when.utcoffset(), when


@pytest.mark.parametrize("key", ZONES)
def test_ical_js_reads_the_instants_that_were_meant(
    key: str, ical_js: Callable[[bytes], list[dict[str, Any]]]
) -> None:
    """All of a calendar's times, through a third implementation; it counts up to 2035."""
    for years in YEARS[:4]:
        times = list(local_times(key, *years))
        entries = [ical.vevent(_revision(when)) for when in times]
        found = ical_js(ical.calendar(entries, [key]))
        assert [one["starts"] for one in found] == [when.astimezone(UTC) for when in times]


def _revision(when: datetime) -> Revision:
    event = Event(id="1", title="x", starts=when)
    return Revision(
        event=event, number=1, sequence=0, at=datetime(2022, 1, 1, tzinfo=UTC), actor=SYSTEM
    )


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        ("Europe/Copenhagen", ["BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU"]),
        ("America/New_York", ["BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU"]),
        ("Australia/Lord_Howe", ["BYMONTH=4;BYDAY=1SU", "BYMONTH=10;BYDAY=1SU"]),
        ("Asia/Kolkata", []),
        ("Atlantic/Reykjavik", []),
    ],
)
def test_the_rules_of_today_are_the_plainest(key: str, rules: list[str]) -> None:
    """Two observances with a rule each and no end, or one without; what happened before is left."""
    text = vtimezone.vtimezone(key, 2026, 2026)
    assert re.findall(r"RRULE:FREQ=YEARLY;(.*)\r\n", text) == rules
    assert text.count("BEGIN:") == 1 + max(1, len(rules))


def test_europe_copenhagen_to_the_letter() -> None:
    """The one that is read every day."""
    assert vtimezone.vtimezone("Europe/Copenhagen", 2022, 2026).split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Copenhagen",
        "BEGIN:DAYLIGHT",
        "DTSTART:19810329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


def test_summer_is_daylight_in_ireland_too() -> None:
    """zoneinfo calls Irish summer the standard; a reader expects the larger offset to be summer."""
    text = vtimezone.vtimezone("Europe/Dublin", 2026, 2026)
    assert re.findall(r"BEGIN:DAYLIGHT\r\n(?:.*\r\n){4}TZOFFSETTO:(.*)\r\n", text) == ["+0100"]


@pytest.mark.parametrize("key", ZONES)
def test_no_list_of_dates_is_written(key: str) -> None:
    """Outlook ignores RDATE."""
    assert all("RDATE" not in vtimezone.vtimezone(key, *years) for years in YEARS)


def test_a_rule_that_ends_is_read_to_its_end() -> None:
    """UNTIL lies after the last onset by any clock, and long before the next."""
    text = vtimezone.vtimezone("Africa/Cairo", 2026, 2030)
    assert "BYDAY=-1FR;UNTIL=2029" in text
    place = tzical(io.StringIO(text)).get()
    day = datetime(2029, 10, 28, 12)  # noqa: DTZ001
    assert day.replace(tzinfo=place).utcoffset() == timedelta(hours=2)


@pytest.mark.deep
def test_every_zone_has_its_offsets_in_any_year() -> None:
    """Also those that nobody has thought of; noon of every fifth day, by our own reader."""
    for key in (files("tzdata") / "zones").read_text("utf-8").split():
        place = zone(key)
        for first in range(1903, 2050, 12):
            text = vtimezone.vtimezone.__wrapped__(key, first, first + 3)
            calendar = f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n".encode()
            rules = _unlimited(icalfile.raw_file(calendar).zones[key])
            day = datetime(first, 1, 1, tzinfo=UTC)
            while day.year < first + 4:
                when = datetime.combine(day.date(), clock_time(12), place)
                if clock_trouble(when) is None:
                    naive = when.replace(tzinfo=None)
                    assert rules.offset(naive) == when.utcoffset(), (key, when)
                day += timedelta(days=5)


def _unlimited(raw: icalfile.RawZone) -> vtimezone.Rules:
    observances = tuple(map(vtimezone._observance, raw.observances))
    return vtimezone.Rules(observances, timedelta())
