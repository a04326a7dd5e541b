"""What is sent to many at once: who is told what of an event, and who is left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from counter import STAFF, Counter

from eventkit.model.errors import NotFoundError
from eventkit.model.event import Event, Status
from eventkit.model.registration import Notice, Outcome, Registration, Standing
from eventkit.model.values import SYSTEM, Contact, Mode, OnlineAccess, Person, Role, Venue, zone
from eventkit.rules import desk, telling
from eventkit.rules.seating import void_from

STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=zone("Europe/Copenhagen"))
NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
ANNE = Person(name="Anne", email="anne@x.dk")
S = Standing
SEATED = {S.CONFIRMED, S.ATTENDED, S.NO_SHOW}
ACTIVE = {*SEATED, S.WAITING, S.OFFERED, S.PENDING}


def counter(*people: Mapping[str, Any], now: datetime = NOW, **changes: Any) -> Counter:
    """An event at its fourth revision, and these at it, told of that unless they say otherwise."""
    told: dict[str, Any] = {
        "id": "22-1",
        "title": "Netværksmøde",
        "starts": STARTS,
        "venue": Venue(name="Salen"),
        "online": OnlineAccess(provider="Teams"),
    }
    made = Counter(Event(**{**told, **changes}), now)
    made.revision = evolve(made.revision, number=4, sequence=7)
    for number, one in enumerate(people, 1):
        made.rows[number] = Registration(
            **{
                "event": "22-1",
                "number": number,
                "person": ANNE,
                "status": S.CONFIRMED,
                "at": NOW,
                "told": 4,
                "sequence": 2,
                **one,
            }
        )
    return made


def revised(counter: Counter, **changes: Any) -> Event:
    """The event gets another revision, of which nobody is told yet; what it was before."""
    before = counter.event
    counter.revision = evolve(
        counter.revision, event=evolve(before, **changes), number=counter.revision.number + 1
    )
    return before


def told(outcome: Outcome) -> list[tuple[int | None, str, str]]:
    return [(one.registration, one.kind.value, one.recipient) for one in outcome.notices]


# --- reminders -------------------------------------------------------------------------------


def test_a_reminder_is_written_down_whole() -> None:
    """It moves no calendar entry, and tells nobody what has changed: that is owed still."""
    at = counter({}, {"told": 3, "language": "en"})
    outcome = at.keep(telling.remind(at.book, now=NOW))
    assert outcome.notices == tuple(
        Notice(
            key=f"22-1-{number}.2",
            kind="reminder",
            event="22-1",
            revision=4,
            registration=number,
            recipient="anne@x.dk",
            due=NOW,
            language=language,
            sequence=None,
            data={"status": "confirmed", **since},
        )
        for number, language, since in ((1, "da", {}), (2, "en", {"since": 3}))
    )
    assert [(one.told, one.sequence) for one in outcome.registrations] == [(4, 2), (3, 2)]
    assert [(one.action, one.actor, one.reason) for one in outcome.entries] == [
        ("remind", SYSTEM, ""),
        ("remind", SYSTEM, ""),
    ]


@pytest.mark.parametrize("status", Standing)
def test_only_who_comes_is_reminded(status: Standing) -> None:
    """Not who waits, asks or has left, and not who is there already."""
    at = counter({"status": status}, capacity=0)
    outcome = telling.remind(at.book, now=NOW)
    assert bool(outcome.notices) is (status is S.CONFIRMED)
    assert bool(outcome.entries) is (status is S.CONFIRMED)


def test_a_reminder_goes_where_a_person_is_reached() -> None:
    """A colleague through the booker, a walk-in not at all; in order of arrival."""
    bo, guest = Person(name="Bo"), Person(name="Gæst")
    at = counter({}, {"person": guest}, {"person": bo, "booker": ANNE}, {"role": Role.SPEAKER})
    at.rows = dict(reversed(at.rows.items()))
    outcome = telling.remind(at.book, now=NOW)
    assert told(outcome) == [(n, "reminder", "anne@x.dk") for n in (1, 3, 4)]


def test_a_reminder_first_does_what_is_due() -> None:
    """Who gets a seat in the same moment is reminded of it too; whose offer has ended is not."""
    at = counter(
        {"status": S.OFFERED, "offer_ends": NOW},
        {"status": S.WAITING, "person": Person(name="Bo", email="bo@x.dk")},
        capacity=1,
    )
    assert told(telling.remind(at.book, now=NOW - TICK)) == []
    assert told(telling.remind(at.book, now=NOW)) == [
        (1, "seat_cancelled", "anne@x.dk"),
        (2, "confirmation", "bo@x.dk"),
        (2, "reminder", "bo@x.dk"),
    ]


# --- what is new -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", Standing)
def test_news_is_for_everybody_who_may_still_come(status: Standing) -> None:
    """Whoever waits or asks plans for that day too; who has left does not."""
    at = counter({"status": status})
    before = {4: revised(at, title="Årsmøde")}
    assert bool(telling.untold(at.book, before)) is (status in ACTIVE)


@pytest.mark.parametrize(
    ("changes", "attends", "concerned"),
    [
        ({"title": "Årsmøde"}, {}, True),
        ({"summary": "Kort"}, {}, False),
        ({"venue": Venue(name="Kantinen")}, {}, True),
        ({"venue": Venue(name="Kantinen")}, {"mode": Mode.ONLINE}, False),
        ({"venue": Venue(name="Kantinen")}, {"mode": Mode.ONLINE, "role": Role.SPEAKER}, False),
        ({"online": OnlineAccess(provider="Zoom")}, {}, False),
        ({"online": OnlineAccess(provider="Zoom")}, {"mode": Mode.ONLINE}, True),
        ({"online": OnlineAccess(provider="Zoom")}, {"role": Role.SPEAKER}, True),
        ({"online": OnlineAccess(provider="Zoom")}, {"role": Role.HELPER}, True),
        ({"capacity": 50}, {}, False),
    ],
)
def test_news_is_for_whom_it_concerns(
    changes: dict[str, Any], attends: dict[str, Any], concerned: bool
) -> None:
    """The room for who comes there, the link for who needs it, the title for all."""
    at = counter(attends)
    before = {4: revised(at, **changes)}
    assert bool(telling.untold(at.book, before)) is concerned
    assert bool(telling.tell(at.book, before, now=NOW).notices) is concerned


def test_each_is_told_what_is_new_since_they_were_told() -> None:
    """Who was told of the new title hears nothing when a summary follows it."""
    at = counter({"told": 4}, {"told": 5}, {"told": 6}, {"told": None})
    first = revised(at, title="Årsmøde")
    second = revised(at, summary="Kort")
    before = {4: first, 5: second}
    assert [one.number for one in telling.untold(at.book, before)] == [1]
    outcome = at.keep(telling.tell(at.book, before, now=NOW))
    assert [one.number for one in outcome.registrations] == [1]
    assert telling.untold(at.book, before) == ()


def test_a_change_there_and_back_is_no_news() -> None:
    """Who never heard of it in between is told nothing."""
    at = counter({})
    before = {4: revised(at, title="Årsmøde")}
    revised(at, title="Netværksmøde")
    assert telling.untold(at.book, before) == ()


def test_news_is_written_down_whole() -> None:
    """With the number that moves the calendar entry of who has one, and no other number."""
    at = counter({}, {"status": S.WAITING, "language": "en"}, capacity=1)
    before = {4: revised(at, starts=STARTS + timedelta(hours=1))}
    outcome = at.keep(telling.tell(at.book, before, now=NOW))
    assert outcome.notices == tuple(
        Notice(
            key=f"22-1-{number}.2",
            kind="change",
            event="22-1",
            revision=5,
            registration=number,
            recipient="anne@x.dk",
            due=NOW,
            language=language,
            sequence=sequence,
            data={"status": status, "since": 4},
        )
        for number, language, sequence, status in (
            (1, "da", 9, "confirmed"),
            (2, "en", None, "waiting"),
        )
    )
    assert [(one.told, one.sequence, one.change) for one in outcome.registrations] == [
        (5, 2, 2),
        (5, 2, 2),
    ]
    assert [(one.action, one.actor, one.reason) for one in outcome.entries] == [
        ("tell", SYSTEM, ""),
        ("tell", SYSTEM, ""),
    ]


def test_who_cannot_be_reached_counts_as_told() -> None:
    """Staff see whom to call when they send it; a colleague is told through the booker."""
    bo, guest = Person(name="Bo"), Person(name="Gæst")
    at = counter({"person": guest}, {"person": bo, "booker": ANNE})
    before = {4: revised(at, title="Årsmøde")}
    assert [one.person.name for one in telling.untold(at.book, before)] == ["Gæst", "Bo"]
    outcome = at.keep(telling.tell(at.book, before, now=NOW))
    assert told(outcome) == [(2, "change", "anne@x.dk")]
    assert [one.data["notices"] for one in outcome.entries] == [(), ("22-1-2.2",)]
    assert telling.untold(at.book, before) == ()


def test_a_walk_in_knows_the_event_as_it_was_at_the_door() -> None:
    """Nobody writes to them, but what changes from then on is news to them."""
    at = counter()
    at.register(Person(name="Gæst"), actor=STAFF)
    assert at.rows[1].told == 4
    before = {4: revised(at, title="Årsmøde")}
    assert [one.number for one in telling.untold(at.book, before)] == [1]


def test_who_moves_up_hears_of_it_once() -> None:
    """The confirmation says all there is to know; no notice of a change comes with it."""
    bo = Person(name="Bo", email="bo@x.dk")
    at = counter({}, {"status": S.WAITING, "person": bo}, capacity=1)
    before = {4: revised(at, title="Årsmøde", capacity=2)}
    assert [one.number for one in telling.untold(at.book, before)] == [1, 2]
    outcome = at.keep(telling.tell(at.book, before, now=NOW))
    assert told(outcome) == [(2, "confirmation", "bo@x.dk"), (1, "change", "anne@x.dk")]


# --- called off, and taken back --------------------------------------------------------------


def called_off(*people: Mapping[str, Any]) -> Counter:
    at = counter(*people)
    revised(at, status=Status.CANCELLED, status_reason="Sygdom")
    at.revision = evolve(at.revision, sequence=8, at=NOW)
    return at


@pytest.mark.parametrize("status", Standing)
def test_a_meeting_called_off_is_told_to_everybody_who_may_come(status: Standing) -> None:
    """A seat has its calendar entry taken out, one number on; nobody's place changes."""
    at = called_off({"status": status, "fee": None})
    outcome = at.keep(telling.call_off(at.book, now=NOW, actor=STAFF, reason="Sygdom"))
    if status not in ACTIVE:
        assert (outcome.notices, outcome.entries) == ((), ())
        return
    sequence = 3 if status in SEATED else 2
    assert outcome.notices == (
        Notice(
            key="22-1-1.2",
            kind="event_cancelled",
            event="22-1",
            revision=5,
            registration=1,
            recipient="anne@x.dk",
            due=NOW + timedelta(minutes=5),
            sequence=8 + sequence if status in SEATED else None,
            data={"status": status.value, "since": 4},
        ),
    )
    [one] = outcome.registrations
    assert (one.status, one.sequence, one.told) == (status, sequence, 5)
    [entry] = outcome.entries
    assert (entry.action, entry.at, entry.actor) == ("call_off", NOW, STAFF)
    assert (entry.reason, entry.registration) == ("Sygdom", 1)


def test_whom_nobody_can_write_to_is_left_out_of_it() -> None:
    """A colleague is told through the booker; all in order of arrival."""
    bo, guest = Person(name="Bo"), Person(name="Gæst")
    at = called_off({"person": bo, "booker": ANNE}, {"person": guest}, {})
    at.rows = dict(reversed(at.rows.items()))
    outcome = at.keep(telling.call_off(at.book, now=NOW, actor=STAFF, reason="Sygdom"))
    assert told(outcome) == [(n, "event_cancelled", "anne@x.dk") for n in (1, 3)]
    assert (at.rows[2].change, at.rows[2].sequence) == (1, 2)


def test_taking_back_leaves_people_with_what_they_know() -> None:
    """Nobody is told anything; whom nobody names is not touched; the number stays risen."""
    at = called_off({}, {"told": 3}, {})
    at.keep(telling.call_off(at.book, now=NOW, actor=STAFF, reason="Sygdom"))
    revised(at, status=Status.PUBLISHED, status_reason="")
    outcome = telling.take_back(
        {2: 3, 1: 4}, at.book, now=NOW + TICK, actor=STAFF, reason="Rask igen"
    )
    at.keep(outcome)
    assert outcome.notices == ()
    assert [(n, at.rows[n].told, at.rows[n].sequence) for n in (1, 2, 3)] == [
        (1, 4, 3),
        (2, 3, 3),
        (3, 5, 3),
    ]
    told = [(one.action, one.registration, one.actor, one.reason) for one in outcome.entries]
    assert told == [("take_back", n, STAFF, "Rask igen") for n in (1, 2)]
    assert {one.at for one in outcome.entries} == {NOW + TICK}
    with pytest.raises(NotFoundError):
        telling.take_back({9: 4}, at.book, now=NOW, actor=STAFF, reason="")


@pytest.mark.parametrize(
    ("status", "after", "void"),
    [
        (Status.CANCELLED, timedelta(0), False),
        (Status.CANCELLED, timedelta(minutes=5) - TICK, False),
        (Status.CANCELLED, timedelta(minutes=5), True),
        (Status.POSTPONED, timedelta(days=1), False),
        (Status.DRAFT, timedelta(days=1), False),
    ],
)
def test_the_offers_of_a_meeting_called_off_are_void_when_nobody_took_it_back(
    status: Status, after: timedelta, void: bool
) -> None:
    """From then on they are expired, and no sooner; who waits or has a seat stays as they are."""
    at = counter(
        {"status": S.OFFERED, "offer_ends": NOW + timedelta(days=9)},
        {"status": S.WAITING},
        {"person": Person(name="Bo", email="bo@x.dk")},
        {"status": S.OFFERED, "offer_ends": NOW + timedelta(days=9)},
        capacity=3,
    )
    revised(at, status=status)
    at.rows = dict(reversed(at.rows.items()))
    assert void_from(at.revision) == NOW + timedelta(minutes=5)
    outcome = desk.settle(at.book, now=NOW + after)
    assert [(one.number, one.status) for one in outcome.registrations] == (
        [(1, S.EXPIRED), (4, S.EXPIRED)] if void else []
    )
    assert [(one.action, one.registration) for one in outcome.entries] == (
        [("expire", 1), ("expire", 4)] if void else []
    )
    assert {one.reason for one in outcome.entries} <= {""}
    assert told(outcome) == [], "that it is called off says all of it"


def test_what_changes_once_it_is_called_off_concerns_nobody() -> None:
    """Until it is on again: then it is told with that."""
    at = counter({})
    before = {4: revised(at, status=Status.CANCELLED, status_reason="Sygdom")}
    revised(at, title="Årsmøde")
    assert telling.untold(at.book, before) == ()
    revised(at, status=Status.PUBLISHED, status_reason="")
    assert [one.number for one in telling.untold(at.book, before)] == [1]


def test_a_seat_that_came_free_while_it_was_called_off_is_given_away_again() -> None:
    """An offer was void by then: the next in line gets the seat in the moment it is on again."""
    bo = Person(name="Bo", email="bo@x.dk")
    at = counter({"status": S.OFFERED}, {"status": S.WAITING, "person": bo}, capacity=1)
    revised(at, status=Status.CANCELLED, status_reason="Sygdom")
    at.now = void_from(at.revision)
    assert at.tick().notices == ()
    revised(at, status=Status.PUBLISHED, status_reason="")
    outcome = at.keep(telling.take_back({}, at.book, now=at.now, actor=STAFF, reason=""))
    assert told(outcome) == [(2, "confirmation", "bo@x.dk")]
    assert at.standing() == {"Anne": "expired", "Bo": "confirmed"}


def test_who_left_while_it_was_called_off_is_not_told_otherwise() -> None:
    """What they were told last was that."""
    at = counter({"status": S.PENDING}, approval=True)
    revised(at, status=Status.CANCELLED, status_reason="Sygdom")
    at.keep(telling.call_off(at.book, now=NOW, actor=STAFF, reason="Sygdom"))
    at.ask(desk.reject, [1], actor=STAFF)
    revised(at, status=Status.PUBLISHED, status_reason="")
    outcome = telling.take_back({1: 4}, at.book, now=NOW, actor=STAFF, reason="")
    assert outcome.registrations == outcome.entries == ()


# --- how many come ---------------------------------------------------------------------------


def test_staff_are_told_how_many_come() -> None:
    """Counted by where they sit, with how many of them are no participants or have no address."""
    bo, guest = Person(name="Bo"), Person(name="Gæst")
    at = counter(
        {},
        {"person": bo, "booker": ANNE, "mode": Mode.ONLINE},
        {"person": guest, "status": S.ATTENDED},
        {"role": Role.SPEAKER},
        {"status": S.WAITING},
        {"status": S.WAITING},
        {"status": S.OFFERED, "offer_ends": NOW + TICK},
        {"status": S.PENDING},
        {"status": S.CANCELLED},
        capacity=3,
        contact=Contact(email="kursus@example.dk"),
        language="en",
    )
    outcome = at.keep(telling.count(at.book, now=NOW))
    assert outcome.notices == (
        Notice(
            key="22-1.4.count",
            kind="staff",
            event="22-1",
            revision=4,
            recipient="kursus@example.dk",
            due=NOW,
            language="en",
            data={
                "room": 3,
                "online": 1,
                "others": 1,
                "unreached": 1,
                "offered": 1,
                "waiting": 2,
                "pending": 1,
            },
        ),
    )
    [entry] = outcome.entries
    assert (entry.at, entry.actor, entry.action, entry.event) == (NOW, SYSTEM, "count", "22-1")
    assert (entry.registration, entry.data) == (None, {"notices": ("22-1.4.count",)})
    assert outcome.registrations == ()


def test_the_count_is_of_what_is_then_due() -> None:
    """Whoever gets a seat in that moment is counted in it."""
    bo = Person(name="Bo", email="bo@x.dk")
    at = counter(
        {"status": S.OFFERED, "offer_ends": NOW},
        {"status": S.WAITING, "person": bo},
        capacity=1,
        contact=Contact(email="kursus@example.dk"),
    )
    outcome = at.keep(telling.count(at.book, now=NOW))
    assert [one.kind.value for one in outcome.notices] == [
        "seat_cancelled",
        "confirmation",
        "staff",
    ]
    assert outcome.notices[-1].data["room"] == 1
    assert outcome.notices[-1].data["waiting"] == outcome.notices[-1].data["offered"] == 0
    assert [one.action for one in outcome.entries] == ["expire", "promote", "count"]


@pytest.mark.parametrize("contact", [None, Contact(name="Karen")])
def test_where_nobody_can_be_told_nobody_is(contact: Contact | None) -> None:
    """But what is due is done."""
    at = counter({"status": S.OFFERED, "offer_ends": NOW}, capacity=1, contact=contact)
    outcome = at.keep(telling.count(at.book, now=NOW))
    assert [one.kind.value for one in outcome.notices] == ["seat_cancelled"]
    assert [one.action for one in outcome.entries] == ["expire"]
