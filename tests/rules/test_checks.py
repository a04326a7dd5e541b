"""EK2xx to EK4xx: a table of wrong and mended events for each code."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.formats.codec import put
from eventkit.model.decision import Finding, Severity
from eventkit.model.event import Acknowledgement, AgendaItem, Event
from eventkit.model.values import Before, Fee, Money, OnlineAccess, Venue, zone
from eventkit.rules import programme
from eventkit.rules.checks import check

COPENHAGEN = zone("Europe/Copenhagen")
STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=COPENHAGEN)  # a Thursday
TEAMS = OnlineAccess(provider="Teams")
LINKED = OnlineAccess(provider="Teams", url="https://teams.example/1")


def event(**fields: Any) -> Event:
    return Event(
        **{"id": "1", "title": "Møde", "starts": STARTS, "venue": Venue(name="Salen"), **fields}
    )


def local(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=COPENHAGEN, fold=fold)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"deadline": date(2022, 4, 20)}, [], id="201: the day before"),
        pytest.param(
            {"deadline": date(2022, 4, 21)},
            [("EK201", "deadline", "2022-04-20")],
            id="201: the day itself closes after the start",
        ),
        pytest.param({"deadline": STARTS}, [], id="201: exactly the start"),
        pytest.param(
            {"deadline": STARTS + timedelta(seconds=1)},
            [("EK201", "deadline", "2022-04-20")],
            id="201: a second after the start",
        ),
        pytest.param(
            {"deadline": Before(days=0)},
            [("EK201", "deadline", "2022-04-20")],
            id="201: relative",
        ),
        pytest.param({"deadline": Before(hours=0)}, [], id="201: zero hours before is the start"),
        pytest.param({"opens": date(2022, 4, 20)}, [], id="202: opens the day before"),
        pytest.param(
            {"opens": STARTS},
            [("EK202", "opens", None)],
            id="202: opens at the start, when it closes",
        ),
        pytest.param(
            {"opens": date(2022, 4, 20), "deadline": date(2022, 4, 19)},
            [("EK202", "deadline", None)],
            id="202: opens when the deadline closes",
        ),
        pytest.param(
            {"opens": date(2022, 4, 19), "deadline": date(2022, 4, 19)}, [], id="202: one day"
        ),
        pytest.param({"deadline": date(2022, 4, 15)}, [], id="203: a Friday"),
        pytest.param(
            {"deadline": date(2022, 4, 16)},
            [("EK203", "deadline", "2022-04-15")],
            id="203: a Saturday",
        ),
        pytest.param(
            {"deadline": Before(days=4)},
            [("EK203", "deadline", "2022-04-15")],
            id="203: a Sunday, relative",
        ),
        pytest.param(
            {"deadline": local(2022, 4, 16, 12)},
            [("EK203", "deadline", "2022-04-15T12:00:00+02:00[Europe/Copenhagen]")],
            id="203: noon on a Saturday, and noon the day before",
        ),
        pytest.param(
            {"deadline": local(2022, 4, 18)},
            [("EK203", "deadline", "2022-04-16T00:00:00+02:00[Europe/Copenhagen]")],
            id="203: the midnight that ends a Sunday, and the one that ends Friday",
        ),
        pytest.param({"deadline": local(2022, 4, 16)}, [], id="203: the midnight that ends Friday"),
        pytest.param(
            {"deadline": local(2022, 4, 18) + timedelta(microseconds=1)},
            [],
            id="203: no more than a moment into Monday",
        ),
        pytest.param(
            {"deadline": Before(hours=96)},
            [("EK203", "deadline", None)],
            id="203: hours before, which land on a Sunday",
        ),
        pytest.param({"deadline": Before(hours=72)}, [], id="203: hours before, on a Monday"),
        pytest.param(
            {"starts": local(2026, 4, 8, 10), "deadline": local(2026, 3, 29, 2, 30)},
            [
                ("EK203", "deadline", "2026-03-27T02:30:00+01:00[Europe/Copenhagen]"),
                ("EK205", "deadline", "2026-03-29T03:30:00+02:00[Europe/Copenhagen]"),
            ],
            id="203: a time that is skipped",
        ),
        pytest.param(
            {"starts": local(2026, 3, 29, 2, 30)},
            [("EK205", "starts", "2026-03-29T03:30:00+02:00[Europe/Copenhagen]")],
            id="205: a start that is skipped",
        ),
        pytest.param(
            {"starts": local(2026, 10, 25, 2, 30)},
            [("EK205", "starts", None)],
            id="205: a start that is there twice",
        ),
        pytest.param({"starts": local(2026, 10, 25, 3)}, [], id="205: just after"),
        pytest.param({"starts": local(2026, 10, 25, 1, 59)}, [], id="205: just before"),
        pytest.param(
            {
                "starts": local(2026, 10, 26, 10),
                "deadline": local(2026, 10, 25, 2, fold=1),
                "fees": [Fee(since=local(2026, 10, 25, 2, 59), money=Money(1))],
                "programme": [AgendaItem(title="a", starts=local(2026, 10, 25, 2, 15))],
            },
            [
                ("EK102", "programme[0].starts", None),
                ("EK104", "programme[0].ends", None),
                ("EK203", "deadline", "2026-10-23T02:00:00+02:00[Europe/Copenhagen]"),
                ("EK205", "deadline", None),
                ("EK205", "fees[0].since", None),
                ("EK205", "programme[0].starts", None),
            ],
            id="205: wherever a wall time stands",
        ),
        pytest.param({"venue": None}, [("EK301", "venue", None)], id="301: nowhere"),
        pytest.param({"venue": None, "online": LINKED}, [], id="301: online is somewhere"),
        pytest.param({"online": TEAMS}, [("EK302", "online.url", None)], id="302: no link"),
        pytest.param({"online": LINKED}, [], id="302: a link"),
        pytest.param(
            {"programme": [AgendaItem(title="a", starts=STARTS, ends=STARTS, online=TEAMS)]},
            [("EK302", "programme[0].online.url", None)],
            id="302: a remote item without a link",
        ),
        pytest.param(
            {
                "online": LINKED,
                "programme": [AgendaItem(title="a", starts=STARTS, ends=STARTS, online=TEAMS)],
            },
            [],
            id="302: the event's link serves its items",
        ),
        pytest.param({"online_capacity": 5}, [("EK303", "online_capacity", None)], id="303"),
        pytest.param({"online_capacity": 5, "online": LINKED}, [], id="303: online"),
        pytest.param(
            {"price": Money(100), "fees": [Fee(since=Before(days=2), money=Money(101))]},
            [("EK401", "fees[0].money", None)],
            id="401: cancelling costs more than coming",
        ),
        pytest.param(
            {"price": Money(100), "fees": [Fee(since=Before(days=2), money=Money(100))]},
            [],
            id="401: as much",
        ),
        pytest.param(
            {"fees": [Fee(since=Before(days=2), money=Money(100))]}, [], id="401: no price is said"
        ),
        pytest.param(
            {"price": Money(100), "no_show_fee": Money(1, "EUR")},
            [("EK402", "price", None)],
            id="402: two currencies",
        ),
        pytest.param({"price": Money(100), "no_show_fee": Money(500)}, [], id="402: one currency"),
        pytest.param(
            {
                "cancel_deadline": Before(days=3),
                "fees": [Fee(since=Before(days=2), money=Money(0))],
            },
            [("EK403", "fees[0].since", None)],
            id="403: a fee from when nobody may cancel",
        ),
        pytest.param(
            {
                "cancel_deadline": Before(days=3),
                "fees": [Fee(since=Before(days=3), money=Money(0))],
            },
            [],
            id="403: a fee on the last day that one may",
        ),
        pytest.param(
            {"fees": [Fee(since=Before(hours=0), money=Money(0))]},
            [("EK403", "fees[0].since", None)],
            id="403: a fee from the start, when nobody may unless it is said",
        ),
    ],
)
def test_what_is_found(fields: dict[str, Any], expected: list[tuple[str, str, str | None]]) -> None:
    """Each code with its path and what it proposes; nothing where the event is mended."""
    assert [(f.code, f.path, f.fix) for f in check(event(**fields))] == expected


def test_absence_is_no_contradiction() -> None:
    """An event without contact, price, programme, organiser or deadline has no finding."""
    assert check(event()) == ()


def test_the_sample_announcement() -> None:
    """The core finds three things in the sample; the fourth is the Danish plugin's."""
    assert [finding.code for finding in check(testing.sample())] == ["EK101", "EK104", "EK302"]


SEVERITIES = {
    "EK201": Severity.ERROR,
    "EK202": Severity.ERROR,
    "EK203": Severity.INFO,
    "EK205": Severity.ERROR,
    "EK301": Severity.WARNING,
    "EK302": Severity.WARNING,
}


@pytest.mark.parametrize(
    "fields",
    [
        {"deadline": date(2022, 4, 23), "opens": date(2022, 4, 25), "venue": None},
        {"starts": local(2026, 3, 29, 2, 30), "online": TEAMS},
    ],
)
def test_severities(fields: dict[str, Any]) -> None:
    """Errors: 201, 202, 205. Warnings: 301, 302. Information: 203."""
    found = check(event(**fields))
    assert found
    assert all(f.severity is SEVERITIES[f.code] for f in found)


@settings(max_examples=60, deadline=None)
@given(testing.events())
def test_any_event_can_be_checked(whatever: Event) -> None:
    """No possible event makes a check fail; the programme's findings come first, as they are."""
    found = check(whatever)
    agenda = programme.check(whatever)
    assert found[: len(agenda)] == agenda
    assert all(finding.code[:3] in ("EK2", "EK3", "EK4") for finding in found[len(agenda) :])


FIXABLE = [
    {"deadline": date(2022, 4, 21)},
    {"deadline": date(2022, 4, 16)},
    {"deadline": Before(days=4)},
    {"deadline": local(2022, 4, 17, 12)},
    {"deadline": local(2022, 4, 18)},
    {"starts": local(2026, 3, 29, 2, 30)},
    {
        "programme": [
            AgendaItem(title="a", starts=STARTS, ends=STARTS + timedelta(minutes=45)),
            AgendaItem(
                title="b",
                starts=STARTS + timedelta(minutes=40),
                ends=STARTS + timedelta(minutes=50),
            ),
        ]
    },
    {
        "programme": [
            AgendaItem(title="a", starts=STARTS),
            AgendaItem(
                title="b",
                starts=STARTS + timedelta(minutes=40),
                ends=STARTS + timedelta(minutes=50),
            ),
        ]
    },
]


@pytest.mark.parametrize("fields", FIXABLE)
def test_a_fix_mends_what_was_found(fields: dict[str, Any]) -> None:
    """A proposed value, put at its path, takes the finding away and brings no other."""
    wrong = event(**fields)
    (finding,) = check(wrong)
    assert check(put(wrong, finding.path, finding.fix)) == ()


# --- acknowledgements ------------------------------------------------------------------------


def seen(finding: Finding) -> Acknowledgement:
    return Acknowledgement(code=finding.code, data=finding.data, reason="Det er med vilje")


@settings(max_examples=60, deadline=None)
@given(st.data(), testing.events())
def test_reordering_the_programme_nags_nobody(data: st.DataObject, whatever: Event) -> None:
    """What was acknowledged stays so when items are written in another order."""
    acknowledged = [seen(finding) for finding in check(whatever)]
    shuffled = evolve(whatever, programme=data.draw(st.permutations(whatever.programme)))
    assert all(any(a.covers(f) for a in acknowledged) for f in check(shuffled))


def test_a_changed_fact_nags_again() -> None:
    """Another minute of overlap, or the same trouble elsewhere, was not acknowledged."""
    sample = testing.sample()
    overlap = check(sample)[0]
    earlier = evolve(sample.programme[8], starts=sample.programme[8].starts - timedelta(minutes=1))
    changed = evolve(sample, programme=(*sample.programme[:8], earlier, *sample.programme[9:]))
    assert seen(overlap).covers(overlap)
    assert not any(seen(overlap).covers(finding) for finding in check(changed))


def test_one_strange_time_acknowledged_is_not_all_of_them() -> None:
    """2.30 twice in one document: each place is acknowledged for itself."""
    when = local(2026, 10, 25, 2, 30)
    night = event(starts=when, ends=when, programme=[AgendaItem(title="a", starts=when)])
    found = [finding for finding in check(night) if finding.code == "EK205"]
    assert [finding.path for finding in found] == ["starts", "ends", "programme[0].starts"]
    assert not any(seen(a).covers(b) for a in found for b in found if a is not b)


@pytest.mark.parametrize(
    ("changes", "data"),
    [
        (
            {"deadline": date(2026, 4, 3)},
            {"until": "2026-04-03", "starts": "2026-04-02T09:00:00+02:00[Europe/Copenhagen]"},
        ),
        (
            {"deadline": datetime(2026, 4, 2, 10, tzinfo=zone("Europe/Copenhagen"))},
            {
                "until": "2026-04-02T10:00:00+02:00[Europe/Copenhagen]",
                "starts": "2026-04-02T09:00:00+02:00[Europe/Copenhagen]",
            },
        ),
        (
            {"opens": date(2026, 3, 20), "deadline": date(2026, 3, 18)},
            {"opens": "2026-03-20", "until": "2026-03-18"},
        ),
        (
            {"opens": Before(days=3), "deadline": Before(days=5)},
            {"opens": "2026-03-30", "until": "2026-03-28"},
        ),
        (
            {"opens": Before(hours=24), "deadline": Before(days=5)},
            {
                "opens": "2026-04-01T09:00:00+02:00[Europe/Copenhagen]",
                "until": "2026-03-28",
            },
        ),
        (
            {"opens": date(2026, 4, 20)},
            {"opens": "2026-04-20", "until": "2026-04-02T09:00:00+02:00[Europe/Copenhagen]"},
        ),
        (
            {"cancel_deadline": datetime(2026, 3, 29, 2, 30, tzinfo=zone("Europe/Copenhagen"))},
            {
                "field": "cancel_deadline",
                "time": "2026-03-29T02:30:00+01:00[Europe/Copenhagen]",
                "trouble": "skipped",
            },
        ),
    ],
)
def test_a_finding_holds_the_facts_it_rests_on(
    changes: dict[str, Any], data: dict[str, Any]
) -> None:
    """As the organiser put them: an acknowledgement is bound to exactly these."""
    starts = datetime(2026, 4, 2, 9, tzinfo=zone("Europe/Copenhagen"))
    event = Event(id="1", title="Møde", starts=starts, venue=Venue(name="Huset"), **changes)
    [finding] = [one for one in check(event) if one.severity is Severity.ERROR]
    assert dict(finding.data) == data


# --- whole findings --------------------------------------------------------------------------

NIGHT = local(2026, 3, 29, 2, 30)
RIGHT = "2026-03-29T03:30:00+02:00[Europe/Copenhagen]"
IN_SPRING = {"starts": local(2026, 4, 8, 10), "ends": local(2026, 4, 8, 12)}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"deadline": date(2022, 4, 17)},
            Finding(
                code="EK203",
                severity=Severity.INFO,
                path="deadline",
                data={"day": "2022-04-17", "friday": "2022-04-15"},
                fix=date(2022, 4, 15),
            ),
        ),
        (
            {**IN_SPRING, "fees": [Fee(since=NIGHT, money=Money(1))]},
            Finding(
                code="EK205",
                severity=Severity.ERROR,
                path="fees[0].since",
                data={"field": "fees", "time": NIGHT, "trouble": "skipped"},
                fix=RIGHT,
            ),
        ),
        (
            {
                "starts": local(2026, 3, 29, 1),
                "programme": [
                    AgendaItem(key="a", title="A", starts=local(2026, 3, 29, 1), ends=NIGHT)
                ],
            },
            Finding(
                code="EK205",
                severity=Severity.ERROR,
                path="programme[0].ends",
                data={"item": "a", "field": "ends", "time": NIGHT, "trouble": "skipped"},
                fix=RIGHT,
            ),
        ),
        (
            {
                "starts": local(2026, 3, 29, 1),
                "programme": [
                    AgendaItem(key="a", title="A", starts=NIGHT, ends=local(2026, 3, 29, 4))
                ],
            },
            Finding(
                code="EK205",
                severity=Severity.ERROR,
                path="programme[0].starts",
                data={"item": "a", "field": "starts", "time": NIGHT, "trouble": "skipped"},
                fix=RIGHT,
            ),
        ),
        (
            {"online": TEAMS},
            Finding(
                code="EK302",
                severity=Severity.WARNING,
                path="online.url",
                data={"provider": "Teams"},
            ),
        ),
        (
            {
                "programme": [
                    AgendaItem(key="a", title="A", starts=STARTS, ends=STARTS, online=TEAMS)
                ]
            },
            Finding(
                code="EK302",
                severity=Severity.WARNING,
                path="programme[0].online.url",
                data={"item": "a", "provider": "Teams"},
            ),
        ),
        (
            {"online_capacity": 5},
            Finding(
                code="EK303",
                severity=Severity.WARNING,
                path="online_capacity",
                data={"capacity": 5},
            ),
        ),
        (
            {"price": Money(100), "fees": [Fee(since=Before(days=2), money=Money(101))]},
            Finding(
                code="EK401",
                severity=Severity.WARNING,
                path="fees[0].money",
                data={"fee": Money(101), "price": Money(100)},
            ),
        ),
        (
            {
                "fees": [Fee(since=Before(days=2), money=Money(1, "SEK"))],
                "no_show_fee": Money(1, "EUR"),
            },
            Finding(
                code="EK402",
                severity=Severity.WARNING,
                path="fees[0].money",
                data={"currencies": ["EUR", "SEK"]},
            ),
        ),
        (
            {
                "cancel_deadline": Before(days=3),
                "fees": [Fee(since=Before(days=2), money=Money(0))],
            },
            Finding(
                code="EK403",
                severity=Severity.WARNING,
                path="fees[0].since",
                data={"since": "2022-04-19", "closes": local(2022, 4, 19)},
            ),
        ),
    ],
    ids=lambda value: value.code if isinstance(value, Finding) else "",
)
def test_a_finding_is_said_whole(fields: dict[str, Any], expected: Finding) -> None:
    """How grave it is, where, what it rests on and what would mend it: a page shows all of it."""
    assert check(event(**fields)) == (expected,)
