"""Who is handed the links of an event: a row for each way of attending."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from eventkit.model.event import Acknowledgement, AgendaItem, Event
from eventkit.model.registration import Registration, Standing
from eventkit.model.values import Mode, OnlineAccess, Person, Role, zone
from eventkit.rules import access

STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=zone("Europe/Copenhagen"))
SECRET = OnlineAccess(provider="Teams", url="https://teams.example/1")
STREAM = OnlineAccess(provider="Vimeo", url="https://vimeo.example/2", public=True)
EVENT = Event(
    id="22-1",
    title="Netværksmøde",
    starts=STARTS,
    online=SECRET,
    programme=[
        AgendaItem(key="a", title="Oplæg", starts=STARTS, online=SECRET),
        AgendaItem(key="b", title="Visning", starts=STARTS, online=STREAM),
        AgendaItem(key="c", title="Frokost", starts=STARTS),
    ],
    acknowledged=[Acknowledgement(code="EK101", reason="Med vilje")],
    extra={"teams.meeting": "https://teams.example/1"},
)


def registration(mode: Mode, role: Role, status: Standing = Standing.CONFIRMED) -> Registration:
    return Registration(
        event="22-1",
        number=1,
        person=Person(name="Anne"),
        status=status,
        at=datetime(2022, 3, 1, tzinfo=UTC),
        mode=mode,
        role=role,
    )


def test_the_public_sees_that_it_is_online_but_not_where() -> None:
    """Only a link that is public is told; what staff and plugins keep is nobody's business."""
    seen = access.for_public(EVENT)
    assert seen.online == OnlineAccess(provider="Teams")
    assert [item.online for item in seen.programme] == [evolve(SECRET, url=None), STREAM, None]
    assert (seen.acknowledged, seen.extra) == ((), {})
    assert "teams.example" not in repr(seen)
    kept = {"acknowledged": EVENT.acknowledged, "extra": EVENT.extra}
    assert evolve(seen, online=SECRET, programme=EVENT.programme, **kept) == EVENT


def test_who_attends_online_is_handed_every_link() -> None:
    """As links to use, not as links that will come; and still not what staff keep."""
    seen = access.for_attendee(EVENT, registration(Mode.ONLINE, Role.PARTICIPANT))
    assert seen.online == evolve(SECRET, public=True)
    assert [item.online for item in seen.programme] == [evolve(SECRET, public=True), STREAM, None]
    assert (seen.acknowledged, seen.extra) == ((), {})


def test_nowhere_online_is_nowhere_for_everybody() -> None:
    """A meeting in a room has no link to hand over or to hide."""
    indoors = evolve(EVENT, online=None, programme=())
    for told in (
        access.for_public(indoors),
        access.for_attendee(indoors, registration(Mode.ROOM, Role.SPEAKER)),
    ):
        assert (told.online, told.programme, told.title) == (None, (), "Netværksmøde")


@pytest.mark.parametrize(
    ("mode", "role", "handed"),
    [
        (Mode.ROOM, Role.PARTICIPANT, False),
        (Mode.ONLINE, Role.PARTICIPANT, True),
        *((mode, role, True) for mode in Mode for role in Role if role is not Role.PARTICIPANT),
    ],
)
def test_a_link_is_for_a_seat_online_or_a_task(mode: Mode, role: Role, handed: bool) -> None:
    """Who sits in the room has no use for it; who speaks, hosts or helps there has."""
    one = registration(mode, role)
    assert access.attends_online(one) is handed
    seen = access.for_attendee(EVENT, one)
    assert (seen == access.for_public(EVENT)) is not handed


@pytest.mark.parametrize("status", Standing)
def test_a_link_is_for_who_has_the_seat(status: Standing) -> None:
    """Not for who waits, asks, was offered one or has left; also not for a speaker who has."""
    for one in (
        registration(Mode.ONLINE, Role.PARTICIPANT, status),
        registration(Mode.ROOM, Role.SPEAKER, status),
    ):
        handed = status in (Standing.CONFIRMED, Standing.ATTENDED, Standing.NO_SHOW)
        assert access.attends_online(one) is handed
        online = access.for_attendee(EVENT, one).online
        assert online is not None
        assert online.url == (SECRET.url if handed else None)
