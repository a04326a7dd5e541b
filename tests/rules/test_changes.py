"""What differs between two revisions, whom it concerns, and whether SEQUENCE rises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.model.event import Acknowledgement, AgendaItem, Event, Status
from eventkit.model.registration import Registration, Standing
from eventkit.model.values import (
    Before,
    Contact,
    Fee,
    Mode,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Question,
    Role,
    Venue,
    zone,
)
from eventkit.rules import access
from eventkit.rules.changes import Concern, concerning, differences, raises_sequence

COPENHAGEN = zone("Europe/Copenhagen")
STARTS = datetime(2026, 10, 24, 23, tzinfo=COPENHAGEN)
EVENT = Event(
    id="1",
    title="Møde",
    starts=STARTS,
    ends=datetime(2026, 10, 25, 2, 30, tzinfo=COPENHAGEN),
    venue=Venue(name="Salen"),
    online=OnlineAccess(url="https://example.dk/1"),
    programme=[AgendaItem(title="Velkomst", starts=STARTS), AgendaItem(title="Tak", starts=STARTS)],
)

ANNE = Registration(
    event="1", number=1, person=Person(name="Anne"), status=Standing.CONFIRMED, at=STARTS
)

ANOTHER: dict[str, tuple[Any, bool, Concern]] = {
    "id": ("2", False, Concern.NOBODY),
    "title": ("Mødet", False, Concern.EVERYBODY),
    "starts": (STARTS - timedelta(hours=1), True, Concern.EVERYBODY),
    "ends": (datetime(2026, 10, 25, 4, tzinfo=COPENHAGEN), True, Concern.EVERYBODY),
    "uid": ("u@x", False, Concern.NOBODY),
    "status": (Status.CANCELLED, True, Concern.EVERYBODY),
    "status_reason": ("Sygdom", False, Concern.NOBODY),  # while it is held
    "kind": ("Kursus", False, Concern.NOBODY),
    "language": ("en", False, Concern.NOBODY),
    "series": ("Netværk", False, Concern.NOBODY),
    "listed": (False, False, Concern.NOBODY),
    "summary": ("Kort", False, Concern.NOBODY),
    "description": ("Langt", False, Concern.NOBODY),
    "audience": ("Alle", False, Concern.NOBODY),
    "programme": (
        (evolve(EVENT.programme[0], title="Godmorgen", description="Kaffe"), EVENT.programme[1]),
        False,
        Concern.EVERYBODY,
    ),
    "venue": (Venue(name="Den anden sal"), True, Concern.ROOM),
    "online": (OnlineAccess(url="https://example.dk/2"), True, Concern.ONLINE),
    "organiser": (Organiser(name="Boligsocialnet"), False, Concern.NOBODY),
    "contact": (Contact(phone="12 34 56 78"), False, Concern.EVERYBODY),
    "price": (Money(100), False, Concern.EVERYBODY),
    "fees": ((Fee(since=Before(days=1), money=Money(1)),), False, Concern.EVERYBODY),
    "no_show_fee": (Money(100), False, Concern.EVERYBODY),
    "opens": (date(2026, 9, 1), False, Concern.NOBODY),
    "deadline": (date(2026, 10, 1), False, Concern.NOBODY),
    "edit_deadline": (date(2026, 10, 1), False, Concern.EVERYBODY),
    "substitute_deadline": (date(2026, 10, 1), False, Concern.EVERYBODY),
    "cancel_deadline": (date(2026, 10, 1), False, Concern.EVERYBODY),
    "offers_until": (date(2026, 10, 1), False, Concern.NOBODY),
    "offers_from": (None, False, Concern.NOBODY),
    "reminder": (None, False, Concern.NOBODY),
    "capacity": (10, False, Concern.NOBODY),
    "online_capacity": (10, False, Concern.NOBODY),
    "waiting_list": (False, False, Concern.NOBODY),
    "approval": (True, False, Concern.NOBODY),
    "questions": ((Question(key="k", text="Hvad?"),), False, Concern.NOBODY),
    "acknowledged": ((Acknowledgement(code="EK101", reason="ok"),), False, Concern.NOBODY),
    "extra": ({"x.y": 1}, False, Concern.NOBODY),
}


def test_the_table_has_every_field() -> None:
    """A new field must say whether it raises SEQUENCE and whom it concerns."""
    assert set(ANOTHER) == {attribute.name for attribute in fields(Event)}


@pytest.mark.parametrize("name", ANOTHER)
def test_which_field_raises_sequence(name: str) -> None:
    """A start, end, place, link or status does; a corrected title or price does not."""
    value, raises, concern = ANOTHER[name]
    after = evolve(EVENT, **{name: value})
    assert raises_sequence(EVENT, after) is raises
    assert raises_sequence(after, EVENT) is raises
    (change,) = differences(EVENT, after)
    assert change.concern is concern
    assert change.path == ("programme[1]" if name == "programme" else name)


def test_why_an_event_is_not_held_concerns_who_would_have_come() -> None:
    """Once it is held all the same, the reason goes with the status, and is no news of its own."""
    off = evolve(EVENT, status=Status.POSTPONED)
    because = evolve(off, status_reason="Sne")
    for before, after, paths in (
        (off, because, ["status_reason"]),
        (because, off, ["status_reason"]),
        (EVENT, because, ["status", "status_reason"]),
        (because, EVENT, ["status"]),
    ):
        assert [change.path for change in concerning(before, after, ANNE)] == paths


@pytest.mark.parametrize("name", ANOTHER)
def test_a_draft_raises_nothing(name: str) -> None:
    """A draft is in no calendar, and publishing it is its first entry there."""
    draft = evolve(EVENT, status=Status.DRAFT)
    value, _, _ = ANOTHER[name]
    assert not raises_sequence(draft, evolve(draft, **{name: value}))
    assert not raises_sequence(draft, EVENT)


@pytest.mark.parametrize(
    ("before", "after"),
    [("published", "draft"), ("postponed", "published"), ("cancelled", "draft")],
)
def test_every_move_of_an_announced_event_raises(before: str, after: str) -> None:
    """Postponed, taken back or reinstated: the entry in calendars changes."""
    assert raises_sequence(evolve(EVENT, status=before), evolve(EVENT, status=after))


def test_another_zone_raises_though_the_instant_is_the_same() -> None:
    """The same instant on other clocks is a change of zone, of start and of end."""
    moved = evolve(EVENT, starts=STARTS.astimezone(UTC).astimezone(zone("Europe/London")))
    assert {change.path for change in differences(EVENT, moved)} >= {"starts", "ends"}
    assert raises_sequence(EVENT, moved)


@pytest.mark.parametrize("name", ["ends", "deadline", "fees", "programme"])
def test_a_change_of_fold_is_seen(name: str) -> None:
    """2.30 and the second 2.30 are an hour apart, though Python says they are equal."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=COPENHAGEN)
    second = first.replace(fold=1)

    def with_time(when: datetime) -> Event:
        value: Any = when
        if name == "fees":
            value = (Fee(since=when, money=Money(1)),)
        elif name == "programme":
            value = (AgendaItem(title="Vagt", starts=STARTS, ends=when),)
        return evolve(EVENT, **{name: value})

    (change,) = differences(with_time(first), with_time(second))
    assert change.path == ("programme[1]" if name == "programme" else name)
    assert raises_sequence(with_time(first), with_time(second)) is (name in ("ends", "programme"))


@pytest.mark.parametrize(
    ("change", "raises"),
    [
        ({"starts": STARTS + timedelta(minutes=5)}, True),
        ({"ends": STARTS + timedelta(minutes=45)}, True),
        ({"room": "Lokale 2"}, True),
        ({"online": OnlineAccess(provider="Teams")}, True),
        ({"title": "Velkommen"}, False),
        ({"description": "Kaffe"}, False),
        ({"speakers": (Person(name="Asta Holm"),)}, False),
        ({"track": "A"}, False),
    ],
)
def test_an_item_that_moves_raises(change: dict[str, Any], raises: bool) -> None:
    """An item may be an entry of its own: it may not move under the same number."""
    first, second = EVENT.programme
    after = evolve(EVENT, programme=(second, evolve(first, **change)))
    assert raises_sequence(EVENT, after) is raises
    assert raises_sequence(after, EVENT) is raises


def test_an_item_that_goes_raises_and_one_that_comes_does_not() -> None:
    """Its key may come back at another time; a new item is in no calendar yet."""
    fewer = evolve(EVENT, programme=EVENT.programme[1:])
    assert raises_sequence(EVENT, fewer)
    assert not raises_sequence(fewer, EVENT)


def test_items_are_compared_by_key() -> None:
    """An item is what its key says; one more or less has nothing on the other side."""
    first, second = EVENT.programme
    after = evolve(
        EVENT, programme=[evolve(second, room="2"), AgendaItem(title="Ny", starts=STARTS)]
    )
    changes = {change.path: change for change in differences(EVENT, after)}
    assert set(changes) == {"programme[1]", "programme[2]"}
    assert changes["programme[2]"].before == second
    assert changes["programme[1]"].before == first
    assert changes["programme[1]"].after == after.programme[1]
    gone = evolve(EVENT, programme=[second])
    (change,) = differences(EVENT, gone)
    assert (change.path, change.before, change.after) == ("programme[1]", first, None)


TALK = OnlineAccess(provider="Teams", url="https://example.dk/talk")


@pytest.mark.parametrize(
    ("before", "after", "everybody"),
    [
        (None, TALK, True),  # that it is online is for everybody to know
        (evolve(TALK, url=None), TALK, False),
        (TALK, evolve(TALK, url="https://example.dk/other"), False),
        (TALK, evolve(TALK, url=None), False),
        (TALK, evolve(TALK, provider="Zoom"), True),
        (evolve(TALK, url=None), evolve(TALK, public=True), True),
    ],
)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.SPEAKER])
@pytest.mark.parametrize("status", [Standing.CONFIRMED, Standing.WAITING])
def test_a_private_link_concerns_those_who_are_handed_it(
    before: OnlineAccess | None,
    after: OnlineAccess,
    everybody: bool,
    mode: Mode,
    role: Role,
    status: Standing,
) -> None:
    """A link to one talk is no news in the room, nor to who waits for a seat online."""
    one = evolve(ANNE, mode=mode, role=role, status=status)
    online = mode is Mode.ONLINE or role is not Role.PARTICIPANT
    seen = everybody or (online and status is Standing.CONFIRMED)
    talks = [
        evolve(EVENT, programme=(evolve(EVENT.programme[0], online=access),))
        for access in (before, after)
    ]
    assert bool(concerning(*talks, one)) is seen
    whole = [evolve(EVENT, online=access) for access in (before, after)]
    assert bool(concerning(*whole, one)) is (seen and online)
    for events in (talks, whole):
        assert concerning(*events, one) or not [
            change
            for change in differences(*(access.for_attendee(event, one) for event in events))
            if change.concern is Concern.EVERYBODY or (change.concern is Concern.ONLINE and online)
        ]


@pytest.mark.parametrize("access", [TALK, evolve(TALK, url=None)])
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("mode", Mode)
def test_a_link_shown_to_everybody_is_no_news_to_who_has_it(
    access: OnlineAccess, back: bool, mode: Mode
) -> None:
    """Nor is it where there is no link yet; who had none gets it, or loses it again."""
    one = evolve(ANNE, mode=mode)
    both = (access, evolve(access, public=True))
    before, after = both[::-1] if back else both
    talks = [
        evolve(EVENT, programme=(evolve(EVENT.programme[0], online=access),))
        for access in (before, after)
    ]
    whole = [evolve(EVENT, online=access) for access in (before, after)]
    assert len(differences(*talks)) == len(differences(*whole)) == 1
    assert bool(concerning(*talks, one)) is (mode is Mode.ROOM and access.url is not None)
    assert concerning(*whole, one) == ()


def test_reordering_changes_nothing() -> None:
    """The order in which items are written concerns nobody."""
    assert differences(EVENT, evolve(EVENT, programme=EVENT.programme[::-1])) == ()


@settings(max_examples=40, deadline=None)
@given(testing.events())
def test_nothing_differs_from_itself(event: Event) -> None:
    """An event told anew with the same values has no differences and raises nothing."""
    again = evolve(event)
    assert differences(event, again) == ()
    assert not raises_sequence(event, again)


@settings(max_examples=40, deadline=None)
@given(testing.events(), st.sampled_from([name for name in ANOTHER if name != "ends"]))
def test_a_difference_holds_both_sides(event: Event, name: str) -> None:
    """Each change names its field and both values; back again they swap."""
    after = evolve(event, **{"ends": None, name: ANOTHER[name][0]})
    there, back = differences(event, after), differences(after, event)
    assert {(c.path, c.concern) for c in there} == {(c.path, c.concern) for c in back}
    assert {(c.path, c.before is None) for c in there} == {(c.path, c.after is None) for c in back}


MOVED = evolve(
    EVENT,
    title="Mødet",
    venue=Venue(name="Den anden sal"),
    online=OnlineAccess(url="https://example.dk/2"),
    programme=EVENT.programme[:1],
    capacity=10,
)


@pytest.mark.parametrize(
    ("mode", "role", "paths"),
    [
        (Mode.ROOM, Role.PARTICIPANT, ["title", "programme[2]", "venue"]),
        (Mode.ONLINE, Role.PARTICIPANT, ["title", "programme[2]", "online"]),
        (Mode.ROOM, Role.SPEAKER, ["title", "programme[2]", "venue", "online"]),
        (Mode.ROOM, Role.HOST, ["title", "programme[2]", "venue", "online"]),
        (Mode.ONLINE, Role.SPEAKER, ["title", "programme[2]", "online"]),
    ],
)
def test_what_changed_for_one_person(mode: Mode, role: Role, paths: list[str]) -> None:
    """By how they attend and as what; the number of seats is the organiser's business."""
    one = evolve(ANNE, mode=mode, role=role)
    assert [change.path for change in concerning(EVENT, MOVED, one)] == paths
    assert concerning(EVENT, EVENT, one) == ()
