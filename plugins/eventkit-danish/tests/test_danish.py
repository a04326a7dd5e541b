"""The Danish plugin: holidays by name, working days, CVR and EAN."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import eventkit_danish as danish
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import (
    Before,
    Event,
    Finding,
    Invoice,
    Person,
    Reason,
    Severity,
    Signup,
    check,
    testing,
)
from eventkit.model.values import parse_time, zone

EASTER = {
    2020: date(2020, 4, 12),
    2021: date(2021, 4, 4),
    2022: date(2022, 4, 17),
    2023: date(2023, 4, 9),
    2024: date(2024, 3, 31),
    2025: date(2025, 4, 20),
    2026: date(2026, 4, 5),
    2027: date(2027, 3, 28),
    2028: date(2028, 4, 16),
    2029: date(2029, 4, 1),
    2030: date(2030, 4, 21),
}

AFTER_EASTER = {
    -3: ("Skærtorsdag", "Maundy Thursday"),
    -2: ("Langfredag", "Good Friday"),
    0: ("Påskedag", "Easter Sunday"),
    1: ("Anden påskedag", "Easter Monday"),
    26: ("Store bededag", "Great Prayer Day"),
    39: ("Kristi himmelfartsdag", "Ascension Day"),
    49: ("Pinsedag", "Pentecost"),
    50: ("Anden pinsedag", "Pentecost Monday"),
}
FIXED = {
    (1, 1): ("Nytårsdag", "New Year's Day"),
    (12, 25): ("Juledag", "Christmas Day"),
    (12, 26): ("Anden juledag", "Second Day of Christmas"),
}


def known(year: int) -> dict[date, dict[str, str]]:
    """The holidays of a year as the law names them, counted from Easter."""
    days = {
        EASTER[year] + timedelta(days=after): names
        for after, names in AFTER_EASTER.items()
        if after != 26 or year <= 2023
    }
    days |= {date(year, *day): names for day, names in FIXED.items()}
    return {day: {"da": da, "en": en} for day, (da, en) in days.items()}


@pytest.mark.parametrize("year", EASTER)
def test_the_holidays_of_a_year(year: int) -> None:
    """Exactly the public holidays, by name in both languages; Store bededag to 2023 only."""
    hooked = danish.eventkit_holidays(year)
    assert {day: dict(names) for day, names in hooked.items()} == known(year)
    assert any(names["da"] == "Store bededag" for names in hooked.values()) is (year <= 2023)


@pytest.mark.parametrize("year", EASTER)
def test_days_off_by_agreement_are_no_holidays(year: int) -> None:
    """1 May, Grundlovsdag, 24 and 31 December are known, but working days by law."""
    off = {date(year, 5, 1), date(year, 6, 5), date(year, 12, 24), date(year, 12, 31)}
    assert set(danish.days_off(year)) == off
    assert not (off & set(danish.eventkit_holidays(year))) - set(known(year))


@pytest.mark.parametrize("language", ["C", "C.UTF-8", "de_DE.UTF-8", "en_US.UTF-8", "da_DK", "th"])
def test_the_machines_language_does_not_matter(language: str) -> None:
    """Names are Danish and English on a machine of any language."""
    code = (
        "from eventkit_danish import public_holidays, days_off\n"
        "from datetime import date\n"
        "print(ascii(dict(public_holidays(2022)[date(2022, 4, 18)])))\n"
        "print(ascii(dict(days_off(2022)[date(2022, 6, 5)])))\n"
    )
    keep = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    names = ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES")
    env = keep | dict.fromkeys(names, language)
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    easter, constitution = done.stdout.splitlines()
    assert easter == ascii({"da": "Anden påskedag", "en": "Easter Monday"})
    assert constitution == ascii({"da": "Grundlovsdag", "en": "Constitution Day"})


# --- DK201 and DK202 -------------------------------------------------------------------------


def event(deadline: Any, starts: str = "2022-04-21T09:30+02:00[Europe/Copenhagen]") -> Event:
    return Event(id="1", title="Møde", starts=parse_time(starts), deadline=deadline)


def found(deadline: Any, **more: Any) -> list[tuple[str, str, str | None]]:
    return [
        (finding.code, finding.data["name"], finding.fix)
        for finding in danish.check_deadline(event(deadline, **more))
    ]


def test_the_sample_announcement() -> None:
    """The sample's deadline is Easter Monday: named, explained, with the Wednesday as its fix."""
    (finding,) = danish.check_deadline(testing.sample())
    assert finding == Finding(
        code="DK201",
        severity=Severity.WARNING,
        path="deadline",
        data={"day": "2022-04-18", "name": "Anden påskedag"},
        fix="2022-04-13",
        text={
            "da": (
                "Tilmeldingsfristen falder på Anden påskedag, mandag den 18. april 2022. "
                "Den dag er kontoret lukket. Flyt fristen til onsdag den 13. april 2022."
            ),
            "en": (
                "The deadline falls on Easter Monday, Monday 18 April 2022. "
                "The office is closed that day. Move the deadline to Wednesday 13 April 2022."
            ),
        },
    )
    assert [f.code for f in check(testing.sample())] == ["EK101", "EK104", "EK302"]


@pytest.mark.parametrize(
    ("deadline", "starts", "expected"),
    [
        (None, "2022-04-18T09:30+02:00[Europe/Copenhagen]", []),
        (date(2022, 4, 13), "2022-04-21T09:30+02:00[Europe/Copenhagen]", []),
        (
            date(2022, 4, 14),
            "2022-04-21T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Skærtorsdag", "2022-04-13")],
        ),
        (
            date(2022, 4, 17),
            "2022-04-21T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Påskedag", "2022-04-13")],
        ),
        # Saturday before Easter is no holiday, whatever else it is
        (date(2022, 4, 16), "2022-04-21T09:30+02:00[Europe/Copenhagen]", []),
        # relative days are days; hours land on a day, but cannot be put on another
        (
            Before(days=3),
            "2022-04-21T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Anden påskedag", "2022-04-13")],
        ),
        (Before(days=4), "2022-04-25T09:30+02:00[Europe/Copenhagen]", []),
        (
            Before(hours=72),
            "2022-04-21T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Anden påskedag", None)],
        ),
        (
            parse_time("2022-04-18T12:00+02:00[Europe/Copenhagen]"),
            "2022-04-21T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Anden påskedag", "2022-04-13T12:00:00+02:00[Europe/Copenhagen]")],
        ),
        # midnight belongs to the day that ends then
        (
            parse_time("2022-04-19T00:00+02:00[Europe/Copenhagen]"),
            "2022-04-21T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Anden påskedag", "2022-04-14T00:00:00+02:00[Europe/Copenhagen]")],
        ),
        (
            parse_time("2026-12-24T12:00+01:00[Europe/Copenhagen]"),
            "2027-01-20T09:30+01:00[Europe/Copenhagen]",
            [("DK202", "Juleaftensdag", "2026-12-23T12:00:00+01:00[Europe/Copenhagen]")],
        ),
        # Store bededag went in 2024
        (
            date(2023, 5, 5),
            "2023-05-20T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Store bededag", "2023-05-04")],
        ),
        (date(2024, 4, 26), "2024-05-20T09:30+02:00[Europe/Copenhagen]", []),
        # days off by agreement are said, but as information
        (
            date(2026, 6, 5),
            "2026-06-20T09:30+02:00[Europe/Copenhagen]",
            [("DK202", "Grundlovsdag", "2026-06-04")],
        ),
        (
            date(2026, 12, 24),
            "2027-01-20T09:30+01:00[Europe/Copenhagen]",
            [("DK202", "Juleaftensdag", "2026-12-23")],
        ),
        # Grundlovsdag 2022 was Pinsedag: the holiday is what is said
        (
            date(2022, 6, 5),
            "2022-06-20T09:30+02:00[Europe/Copenhagen]",
            [("DK201", "Pinsedag", "2022-06-03")],
        ),
        # over new year the proposal passes 31 December, Christmas and a weekend
        (
            date(2027, 1, 1),
            "2027-01-20T09:30+01:00[Europe/Copenhagen]",
            [("DK201", "Nytårsdag", "2026-12-30")],
        ),
        (
            date(2026, 12, 26),
            "2027-01-20T09:30+01:00[Europe/Copenhagen]",
            [("DK201", "Anden juledag", "2026-12-23")],
        ),
    ],
)
def test_a_deadline_on_a_day_off(
    deadline: Any, starts: str, expected: list[tuple[str, str, str | None]]
) -> None:
    """The day's name, and the last day before it on which offices are open."""
    assert found(deadline, starts=starts) == expected


def test_only_a_public_holiday_is_a_warning() -> None:
    """DK202 is information: no law closes the office."""
    (finding,) = danish.check_deadline(event(date(2026, 6, 5)))
    assert finding.severity is Severity.INFO
    assert finding.text is not None
    assert finding.text["da"] == (
        "Tilmeldingsfristen falder på Grundlovsdag, fredag den 5. juni 2026. "
        "Det er ingen helligdag, men mange holder fri. "
        "Flyt fristen til torsdag den 4. juni 2026."
    )


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_what_is_proposed_brings_no_new_finding(day: date) -> None:
    """The proposed day is earlier, soon, a weekday and no day off, and every day between is one."""
    for finding in danish.check_deadline(event(day)):
        before = date.fromisoformat(finding.fix)
        assert timedelta(0) < day - before <= timedelta(days=8)
        assert before.weekday() < 5
        assert list(danish.check_deadline(event(before))) == []
        between = [before + timedelta(days=n) for n in range(1, (day - before).days)]
        assert all(d.weekday() >= 5 or list(danish.check_deadline(event(d))) for d in between)


@settings(max_examples=30, deadline=None)
@given(testing.events())
def test_any_event_can_be_checked(whatever: Event) -> None:
    """No possible event makes the check fail, and its codes carry the plugin's prefix and words."""
    for finding in danish.check_deadline(whatever):
        assert finding.code.startswith(danish.eventkit_prefix)
        assert finding.text is not None
        assert set(finding.text) == {"da", "en"}


def test_public_danish_is_plain() -> None:
    """At most 15 words a sentence in everything the plugin says."""
    said = [
        f.text
        for d in (date(2022, 4, 18), date(2026, 6, 5))
        for f in danish.check_deadline(event(d))
    ]
    said += [reason.text for reason in map(danish.cvr, ("1", "x", "13585627")) if reason]
    said += [reason.text for reason in map(danish.ean, ("1", "x", "5798000416298")) if reason]
    assert len(said) == 8
    for text in said:
        assert text is not None
        for sentence in text["da"].replace("den ", "").split(". "):
            assert len(sentence.split()) <= 15, sentence


# --- CVR and EAN -----------------------------------------------------------------------------

RIGHT_CVR = ["13585628", "DK13585628", "DK 13 58 56 28", " 13585628 ", "dk-13585628", ""]
RIGHT_EAN = ["5798000416291", "57 98 000 41 62 91", "DK 5798000416291", "", "  "]


@pytest.mark.parametrize("number", RIGHT_CVR)
def test_a_cvr_number_as_people_write_it(number: str) -> None:
    """Spaces and DK in front are let through, and no number at all is none of our business."""
    assert danish.cvr(number) is None


@pytest.mark.parametrize("number", RIGHT_EAN)
def test_an_ean_number_as_people_write_it(number: str) -> None:
    """The same for EAN."""
    assert danish.ean(number) is None


@pytest.mark.parametrize(
    ("ask", "code", "number", "why", "said"),
    [
        (danish.cvr, "DK301", "1358562", "length", "Et CVR-nummer har 8 cifre. Du har skrevet 7."),
        (danish.cvr, "DK301", "13585627", "checksum", "CVR-nummeret er ikke rigtigt."),
        (danish.cvr, "DK301", "31585628", "checksum", "Se efter, om et ciffer er tastet forkert."),
        (danish.cvr, "DK301", "00000000", "checksum", "CVR-nummeret er ikke rigtigt."),
        (danish.cvr, "DK301", "ved ikke", "not_digits", "må kun bestå af tal"),
        (danish.cvr, "DK301", "SE13585628", "not_digits", "Det har 8 cifre."),
        (danish.cvr, "DK301", "١٣٥٨٥٦٢٨", "not_digits", "må kun bestå af tal"),
        (danish.ean, "DK302", "5798000416292", "checksum", "EAN-nummeret er ikke rigtigt."),
        (danish.ean, "DK302", "579800041629", "length", "har 13 cifre. Du har skrevet 12."),
        (danish.ean, "DK302", "73513537", "length", "Du har skrevet 8."),
        (danish.ean, "DK302", "98412345678908", "length", "Du har skrevet 14."),
        (danish.ean, "DK302", "EAN?", "not_digits", "må kun bestå af tal"),
    ],
)
def test_a_number_that_cannot_be_one(ask: Any, code: str, number: str, why: str, said: str) -> None:
    """The reason says in plain words what is wrong, and repeats no number."""
    reason = ask(number)
    assert isinstance(reason, Reason)
    assert (reason.code, reason.data["why"]) == (code, why)
    assert reason.text is not None
    assert said in reason.text["da"]
    assert set(reason.text) == {"da", "en"}
    assert number not in str(reason)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_has_an_answer(text: str) -> None:
    """Whatever somebody writes in the field, there is an answer and no error."""
    for ask in (danish.cvr, danish.ean):
        assert ask(text) is None or ask(text).text["da"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 12), st.integers(1, 9))
def test_one_mistyped_digit_is_seen(place: int, off: int) -> None:
    """Any single wrong digit of a right number is refused."""
    for ask, right in ((danish.cvr, "13585628"), (danish.ean, "5798000416291")):
        if place < len(right):
            digit = str((int(right[place]) + off) % 10)
            assert ask(right[:place] + digit + right[place + 1 :]) is not None


def signup(**invoice: str) -> Signup:
    return Signup(people=[Person(name="Anne")], key="k", invoice=Invoice(**invoice))


def test_the_veto() -> None:
    """A sign-up is refused for a wrong number in its invoice, and for nothing else."""

    def told(asked: Signup) -> list[tuple[str, str]]:
        found = danish.eventkit_may_register(asked)
        return [(reason.code, reason.data["path"]) for reason in found]

    assert told(Signup(people=[Person(name="Anne")], key="k")) == []
    assert told(signup()) == []
    assert told(signup(cvr=RIGHT_CVR[0], ean=RIGHT_EAN[0])) == []
    assert told(signup(cvr="1", ean="1")) == [("DK301", "invoice.cvr"), ("DK302", "invoice.ean")]
    wrong = RIGHT_CVR[0][:-1] + "0"
    for number, code in (("1", "DK301"), ("x", "DK301"), (wrong, "DK301"), ("1", "DK302")):
        field = "cvr" if code == "DK301" else "ean"
        assert told(signup(**{field: number})) == [(code, f"invoice.{field}")]


def test_what_the_plugin_provides() -> None:
    """One check, with a title in both languages; the hooks take what they need."""
    (one,) = danish.eventkit_checks()
    assert set(one.title) == {"da", "en"}
    assert [finding.code for finding in one.check(testing.sample())] == ["DK201"]
    assert (danish.eventkit_api, danish.eventkit_prefix) == (1, "DK")


def test_the_calendar_of_holidays_is_in_order() -> None:
    """Days come in order, are all of the year asked for, and cannot be changed by a caller."""
    days = list(danish.eventkit_holidays(2026))
    assert all(a < b for a, b in pairwise(days))
    assert {day.year for day in days} == {2026}
    danish.eventkit_holidays(2026).clear()
    assert list(danish.eventkit_holidays(2026)) == days


def test_the_zone_of_the_event_decides_the_day() -> None:
    """Three days before is counted on the event's clocks, not in UTC."""
    late = datetime(2022, 4, 21, 22, 30, tzinfo=UTC)  # the 22nd in Copenhagen
    there = Event(
        id="1",
        title="x",
        starts=late.astimezone(zone("Europe/Copenhagen")),
        deadline=Before(days=4),
    )
    assert [f.data["day"] for f in danish.check_deadline(there)] == ["2022-04-18"]
