"""Windows, state and timeline: tables of the nights when time goes wrong, and properties."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.model.decision import Reason
from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.registration import Places, Seats
from eventkit.model.values import (
    Before,
    Deadline,
    Fee,
    Mode,
    Money,
    OnlineAccess,
    Venue,
    instant,
    parse_time,
    rfc9557,
    zone,
)
from eventkit.rules import deadlines
from eventkit.rules.deadlines import (
    Cancelled,
    Closed,
    Draft,
    NotYetOpen,
    Open,
    Over,
    Postponed,
    State,
    WaitingOnly,
)
from eventkit.rules.seating import offer_ends

TICKS = (timedelta(microseconds=1), timedelta(seconds=1))
NOBODY = Seats()

DANISH = zone("Europe/Copenhagen")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def meeting(starts: str, deadline: Deadline | None = None, **more: Any) -> Event:
    return Event(id="1", title="Møde", starts=parse_time(starts), deadline=deadline, **more)


# --- when a deadline closes ------------------------------------------------------------------

MEETING = "2022-04-21T09:30+02:00[Europe/Copenhagen]"
SPRING = "2026-03-30T10:00+02:00[Europe/Copenhagen]"
AUTUMN = "2026-10-26T10:00+01:00[Europe/Copenhagen]"
SAO_PAULO = "2018-11-05T10:00-02:00[America/Sao_Paulo]"
AZORES = "2026-03-30T10:00+00:00[Atlantic/Azores]"
AZORES_AUTUMN = "2026-10-26T10:00-01:00[Atlantic/Azores]"
BEIRUT = "2022-03-28T10:00+03:00[Asia/Beirut]"
APIA = "2012-01-02T10:00+14:00[Pacific/Apia]"
ST_JOHNS = "2010-11-08T10:00-03:30[America/St_Johns]"

CLOSES = [
    pytest.param(MEETING, None, "2022-04-21T07:30", id="none: the start"),
    pytest.param(MEETING, date(2022, 4, 18), "2022-04-18T22:00", id="a day is inclusive"),
    pytest.param(MEETING, Before(days=3), "2022-04-18T22:00", id="3 days before: that date"),
    pytest.param(MEETING, Before(days=0), "2022-04-21T22:00", id="0 days before: the day itself"),
    pytest.param(MEETING, Before(hours=36), "2022-04-19T19:30", id="36 hours before: an instant"),
    pytest.param(MEETING, Before(hours=0), "2022-04-21T07:30", id="0 hours before: the start"),
    pytest.param(
        MEETING,
        parse_time("2022-04-18T12:00+02:00[Europe/Copenhagen]"),
        "2022-04-18T10:00",
        id="an instant",
    ),
    pytest.param(
        MEETING,
        parse_time("2022-04-18T12:00-04:00[America/New_York]"),
        "2022-04-18T16:00",
        id="an instant said in another zone",
    ),
    pytest.param(SPRING, date(2026, 3, 28), "2026-03-28T23:00", id="the day before spring"),
    pytest.param(SPRING, date(2026, 3, 29), "2026-03-29T22:00", id="the day of 23 hours"),
    pytest.param(SPRING, Before(hours=36), "2026-03-28T20:00", id="36 hours over spring"),
    pytest.param(SPRING, Before(days=1), "2026-03-29T22:00", id="1 day over spring"),
    pytest.param(AUTUMN, date(2026, 10, 24), "2026-10-24T22:00", id="the day before autumn"),
    pytest.param(AUTUMN, date(2026, 10, 25), "2026-10-25T23:00", id="the day of 25 hours"),
    pytest.param(AUTUMN, Before(hours=36), "2026-10-24T21:00", id="36 hours over autumn"),
    pytest.param(
        AUTUMN,
        parse_time("2026-10-25T02:30+02:00[Europe/Copenhagen]"),
        "2026-10-25T00:30",
        id="the first 2.30",
    ),
    pytest.param(
        AUTUMN,
        parse_time("2026-10-25T02:30+01:00[Europe/Copenhagen]"),
        "2026-10-25T01:30",
        id="the second 2.30",
    ),
    pytest.param(SAO_PAULO, date(2018, 11, 3), "2018-11-04T03:00", id="midnight is skipped"),
    pytest.param(SAO_PAULO, date(2018, 11, 4), "2018-11-05T02:00", id="the day after that"),
    pytest.param(BEIRUT, date(2022, 3, 26), "2022-03-26T22:00", id="Beirut skips midnight too"),
    pytest.param(AZORES, date(2026, 3, 28), "2026-03-29T01:00", id="the Azores skip midnight"),
    pytest.param(AZORES_AUTUMN, date(2026, 10, 24), "2026-10-25T00:00", id="the first midnight"),
    pytest.param(AZORES_AUTUMN, date(2026, 10, 25), "2026-10-26T01:00", id="a day of 25 hours"),
    pytest.param(APIA, date(2011, 12, 29), "2011-12-30T10:00", id="the next day never was"),
    pytest.param(APIA, date(2011, 12, 30), "2011-12-30T10:00", id="nor is it a deadline's own"),
    pytest.param(ST_JOHNS, date(2010, 11, 6), "2010-11-07T02:30", id="back over midnight"),
]


@pytest.mark.parametrize(("starts", "deadline", "closes"), CLOSES)
def test_joining_closes_at_this_instant(
    starts: str, deadline: Deadline | None, closes: str
) -> None:
    """Each sort of deadline closes at one known instant, on whatever night, told in the zone."""
    event = meeting(starts, deadline)
    window = deadlines.windows(event).joining
    assert instant(window.closes) == utc(closes)
    assert window.closes.tzinfo is event.zone


@pytest.mark.parametrize(("starts", "deadline", "closes"), CLOSES)
def test_the_window_is_half_open(starts: str, deadline: Deadline | None, closes: str) -> None:
    """A microsecond and a second before one may join; at the instant and after, not."""
    event = meeting(starts, deadline)
    window = deadlines.windows(event).joining
    for tick in TICKS:
        before, after = utc(closes) - tick, utc(closes) + tick
        assert window.contains(before)
        assert not window.contains(after)
        assert isinstance(deadlines.state(event, NOBODY, now=before), Open)
        assert not isinstance(deadlines.state(event, NOBODY, now=after), Open)
    assert not window.contains(utc(closes))
    assert isinstance(deadlines.state(event, NOBODY, now=utc(closes)), Closed | Over)


@pytest.mark.parametrize("day_of", ["opens", "deadline"])
@pytest.mark.parametrize(
    ("starts", "day", "first"),
    [
        (MEETING, date(2022, 4, 1), "2022-03-31T22:00"),
        (SPRING, date(2026, 3, 29), "2026-03-28T23:00"),
        (AUTUMN, date(2026, 10, 25), "2026-10-24T22:00"),
        (SAO_PAULO, date(2018, 11, 4), "2018-11-04T03:00"),
        (BEIRUT, date(2022, 3, 27), "2022-03-26T22:00"),
        (AZORES, date(2026, 3, 29), "2026-03-29T01:00"),
        (AZORES_AUTUMN, date(2026, 10, 25), "2026-10-25T00:00"),
    ],
)
def test_one_day_ends_where_the_next_begins(
    starts: str, day: date, first: str, day_of: str
) -> None:
    """A day opens at its first moment, and the deadline of the day before closes then."""
    if day_of == "opens":
        event = meeting(starts, opens=day)
        opens = deadlines.windows(event).joining.opens
        assert opens is not None
        assert instant(opens) == utc(first)
        for tick in TICKS:
            early = deadlines.state(event, NOBODY, now=utc(first) - tick)
            assert early == NotYetOpen(opens)
        assert isinstance(deadlines.state(event, NOBODY, now=utc(first)), Open)
    else:
        event = meeting(starts, day - timedelta(days=1))
        assert instant(deadlines.windows(event).joining.closes) == utc(first)


def test_the_reference_boundary() -> None:
    """ "Til og med mandag den 18. april 2022": open to the last second, closed at midnight."""
    event = testing.sample()
    last = parse_time("2022-04-18T23:59:59+02:00[Europe/Copenhagen]")
    midnight = parse_time("2022-04-19T00:00:00+02:00[Europe/Copenhagen]")
    assert deadlines.state(event, NOBODY, now=last) == Open(midnight, (Mode.ROOM,))
    assert deadlines.state(event, NOBODY, now=midnight) == Closed(
        midnight, Reason("deadline_passed", {"closed": rfc9557(midnight)})
    )


@pytest.mark.parametrize(
    ("deadline", "moves"),
    [
        (None, True),
        (Before(days=3), True),
        (Before(hours=36), True),
        (date(2022, 4, 18), False),
        (parse_time("2022-04-18T12:00+02:00[Europe/Copenhagen]"), False),
    ],
)
def test_a_moved_event(deadline: Deadline | None, moves: bool) -> None:
    """A relative deadline (and none) follows the start; a date or an instant stays."""
    event = meeting(MEETING, deadline)
    moved = evolve(event, starts=parse_time("2022-05-05T09:30+02:00[Europe/Copenhagen]"))
    before, after = (instant(deadlines.windows(e).joining.closes) for e in (event, moved))
    assert after - before == (timedelta(days=14) if moves else timedelta(0))


def test_a_move_over_a_clock_change() -> None:
    """Days before are dates and hours before are hours, when a move crosses a clock change."""
    event = meeting("2026-03-28T10:00+01:00[Europe/Copenhagen]", Before(days=1))
    moved = evolve(event, starts=parse_time(SPRING))
    assert instant(deadlines.windows(moved).joining.closes) == utc("2026-03-29T22:00")
    hours = evolve(moved, deadline=Before(hours=48))
    closes = deadlines.windows(hours).joining.closes
    assert closes.isoformat() == "2026-03-28T09:00:00+01:00"  # the clock says 9, not 10


def test_a_date_is_read_in_the_events_zone() -> None:
    """The same date closes at another instant where the event is elsewhere."""
    here = meeting(MEETING, date(2022, 4, 18))
    there = evolve(here, starts=parse_time("2022-04-21T09:30-04:00[America/New_York]"))
    gap = instant(deadlines.windows(there).joining.closes) - instant(
        deadlines.windows(here).joining.closes
    )
    assert gap == timedelta(hours=6)


def test_every_window_has_its_own_deadline() -> None:
    """Editing, substituting, cancelling and offers end apart; each defaults to the start."""
    plain = deadlines.windows(meeting(MEETING, date(2022, 4, 18)))
    for name in ("editing", "substituting", "cancelling", "offers"):
        assert instant(getattr(plain, name).closes) == utc("2022-04-21T07:30")
        assert getattr(plain, name).opens is None
    own = deadlines.windows(
        meeting(
            MEETING,
            edit_deadline=Before(hours=1),
            substitute_deadline=Before(hours=2),
            cancel_deadline=Before(hours=3),
            offers_until=Before(hours=4),
        )
    )
    hours = [w.closes.hour for w in (own.editing, own.substituting, own.cancelling, own.offers)]
    assert hours == [8, 7, 6, 5]
    assert instant(own.joining.closes) == utc("2022-04-21T07:30")


@pytest.mark.parametrize(
    ("starts", "ends", "over"),
    [
        (MEETING, "2022-04-21T15:00+02:00[Europe/Copenhagen]", "2022-04-21T13:00"),
        (MEETING, None, "2022-04-21T22:00"),
        ("2018-11-03T20:00-03:00[America/Sao_Paulo]", None, "2018-11-04T03:00"),
        # the second 23.30, after midnight had already come once
        ("2010-11-06T23:30-03:30[America/St_Johns]", None, "2010-11-07T03:00"),
    ],
)
def test_when_it_is_over(starts: str, ends: str | None, over: str) -> None:
    """An event is over at its end, or else with its day; never before it has begun."""
    event = meeting(starts, ends=None if ends is None else parse_time(ends))
    assert instant(deadlines.over(event)) == utc(over)
    assert deadlines.state(event, NOBODY, now=utc(over)) == Over(deadlines.over(event))
    before = utc(over) - timedelta(microseconds=1)
    assert not isinstance(deadlines.state(event, NOBODY, now=before), Over)


# --- the state: first that fits --------------------------------------------------------------

FULL = Seats(room=Places(capacity=1, confirmed=1))
NOW = utc("2022-04-01T12:00")
PAST = {"starts": utc("2022-03-01T12:00"), "ends": utc("2022-03-01T13:00")}
LATER = utc("2022-04-02T12:00")
EARLIER = utc("2022-03-31T12:00")


@pytest.mark.parametrize(
    ("fields", "seats", "expected"),
    [
        pytest.param({"status": "draft"}, NOBODY, Draft, id="a draft"),
        pytest.param({"status": "draft", **PAST}, NOBODY, Draft, id="a draft that is over"),
        pytest.param({"status": "cancelled"}, NOBODY, Cancelled, id="cancelled"),
        pytest.param({"status": "cancelled", **PAST}, NOBODY, Cancelled, id="cancelled and over"),
        pytest.param({"status": "cancelled"}, FULL, Cancelled, id="cancelled and full"),
        pytest.param({"status": "postponed"}, NOBODY, Postponed, id="postponed"),
        pytest.param({"status": "postponed", **PAST}, NOBODY, Postponed, id="postponed, over"),
        pytest.param({"status": "postponed", "deadline": EARLIER}, NOBODY, Postponed, id="late"),
        pytest.param(PAST, NOBODY, Over, id="over"),
        pytest.param({**PAST, "opens": LATER}, NOBODY, Over, id="over before it opens"),
        pytest.param({**PAST, "deadline": LATER}, NOBODY, Over, id="over before the deadline"),
        pytest.param({**PAST, "deadline": EARLIER}, NOBODY, Over, id="over after the deadline"),
        pytest.param({"opens": LATER}, NOBODY, NotYetOpen, id="not yet open"),
        pytest.param(
            {"opens": LATER, "deadline": EARLIER}, NOBODY, NotYetOpen, id="opens after it closes"
        ),
        pytest.param({"opens": LATER}, FULL, NotYetOpen, id="full before it opens"),
        pytest.param({"deadline": EARLIER}, NOBODY, Closed, id="closed"),
        pytest.param({"deadline": EARLIER}, FULL, Closed, id="closed and full"),
        pytest.param(
            {"starts": EARLIER, "ends": LATER}, NOBODY, Closed, id="begun: no deadline is the start"
        ),
        pytest.param({"waiting_list": False}, FULL, Closed, id="full, and no waiting list"),
        pytest.param({}, FULL, WaitingOnly, id="full"),
        pytest.param(
            {},
            Seats(room=Places(capacity=2, confirmed=1, offered=1)),
            WaitingOnly,
            id="the last seat is offered",
        ),
        pytest.param(
            {},
            Seats(room=Places(capacity=3, confirmed=1, waiting=1)),
            WaitingOnly,
            id="a seat is free but somebody waits",
        ),
        pytest.param(
            {}, Seats(room=Places(waiting=1)), WaitingOnly, id="no limit, but somebody waits"
        ),
        pytest.param({}, Seats(room=Places(capacity=0)), Closed, id="no seats at all"),
        pytest.param({}, Seats(room=Places(capacity=1)), Open, id="open"),
        pytest.param({}, Seats(online=Places(capacity=0)), Open, id="online does not matter here"),
        pytest.param(
            {"opens": EARLIER, "deadline": LATER}, NOBODY, Open, id="open within its window"
        ),
    ],
)
def test_the_first_state_that_fits(
    fields: dict[str, Any], seats: Seats, expected: type[Any]
) -> None:
    """Draft, Cancelled, Postponed, Over, NotYetOpen, Closed, WaitingOnly, Open: where two apply
    the first is said."""
    event = Event(**{"id": "1", "title": "Møde", "starts": utc("2022-04-21T07:30"), **fields})
    assert type(deadlines.state(event, seats, now=NOW)) is expected


@pytest.mark.parametrize(
    ("room", "online", "expected"),
    [
        (Places(capacity=1), Places(capacity=1), (Mode.ROOM, Mode.ONLINE)),
        (Places(capacity=1, confirmed=1), Places(capacity=1), (Mode.ONLINE,)),
        (Places(capacity=1), Places(capacity=1, waiting=1), (Mode.ROOM,)),
        (Places(), Places(), (Mode.ROOM, Mode.ONLINE)),
    ],
)
def test_each_mode_has_its_own_seats(
    room: Places, online: Places, expected: tuple[Mode, ...]
) -> None:
    """Open says where a seat is left: the room and online are counted and queued apart."""
    event = meeting(MEETING, venue=Venue(name="Salen"), online=OnlineAccess())
    state = deadlines.state(event, Seats(room=room, online=online), now=NOW)
    assert state == Open(event.starts, expected)


ONLINE_FULL = Places(capacity=1, confirmed=1)


@pytest.mark.parametrize(
    ("room", "online", "expected"),
    [
        (Places(capacity=0), Places(capacity=0), Closed(None, Reason("full"))),
        (Places(capacity=0, waiting=1), Places(capacity=0), Closed(None, Reason("full"))),
        (Places(capacity=0), ONLINE_FULL, WaitingOnly(parse_time(MEETING))),
        (Places(capacity=0), Places(capacity=1), Open(parse_time(MEETING), (Mode.ONLINE,))),
    ],
)
def test_nobody_waits_for_seats_that_there_are_none_of(
    room: Places, online: Places, expected: State
) -> None:
    """A mode with no seats at all is full: the desk would take nobody in to wait for one."""
    event = meeting(MEETING, venue=Venue(name="Salen"), online=OnlineAccess())
    assert deadlines.state(event, Seats(room=room, online=online), now=NOW) == expected


def test_a_state_says_why() -> None:
    """Cancelled and postponed carry the reason given; closed says what closed it."""
    for status, kind in ((Status.CANCELLED, Cancelled), (Status.POSTPONED, Postponed)):
        event = meeting(MEETING, status=status, status_reason="Sygdom")
        assert deadlines.state(event, NOBODY, now=NOW) == kind("Sygdom")
    begun = meeting(MEETING, ends=parse_time("2022-04-21T15:00+02:00[Europe/Copenhagen]"))
    state = deadlines.state(begun, NOBODY, now=utc("2022-04-21T08:00"))
    assert isinstance(state, Closed)
    assert state.reason.code == "started"
    full = deadlines.state(meeting(MEETING, waiting_list=False), FULL, now=NOW)
    assert full == Closed(None, Reason("full"))


# --- timeline --------------------------------------------------------------------------------


def test_the_timeline_of_an_event_with_everything() -> None:
    """Every moment once, in order, each with all that changes then."""
    event = meeting(
        MEETING,
        date(2022, 4, 18),
        capacity=40,
        opens=date(2022, 3, 1),
        ends=parse_time("2022-04-21T15:00+02:00[Europe/Copenhagen]"),
        cancel_deadline=date(2022, 4, 18),
        fees=[Fee(since=date(2022, 4, 11), money=Money(250))],
    )
    said = [
        (f"{moment.at:%m-%d %H.%M}", [change.code for change in moment.changes])
        for moment in deadlines.timeline(event)
    ]
    assert said == [
        ("03-01 00.00", ["opens"]),
        ("04-11 00.00", ["fee"]),
        ("04-18 00.00", ["offers_begin"]),
        ("04-19 00.00", ["joining_closes", "cancelling_closes"]),
        ("04-21 09.30", ["offers_close", "editing_closes", "substituting_closes", "starts"]),
        ("04-21 15.00", ["ends"]),
    ]
    (fee,) = deadlines.timeline(event)[1].changes
    assert fee.data == {"fee": {"amount": "250.00", "currency": "DKK"}}


def test_without_a_waiting_list_there_are_no_offers() -> None:
    """The timeline speaks of offers only where there is a waiting list."""
    moments = deadlines.timeline(meeting(MEETING, waiting_list=False, capacity=40))
    codes = {change.code for moment in moments for change in moment.changes}
    assert not codes & {"offers_begin", "offers_close"}


@pytest.mark.parametrize(
    ("places", "offers"),
    [
        ({}, False),
        ({"capacity": 40}, True),
        ({"capacity": 0}, True),
        ({"online_capacity": 40}, False),  # nobody attends online
        ({"online": OnlineAccess(), "online_capacity": 40}, True),
        ({"online": OnlineAccess(), "capacity": 40}, False),  # nobody attends in a room
    ],
)
def test_without_a_limit_there_are_no_offers(places: dict[str, Any], offers: bool) -> None:
    """Where everybody gets a seat nobody waits for one."""
    moments = deadlines.timeline(meeting(MEETING, **places))
    codes = {change.code for moment in moments for change in moment.changes}
    assert codes & {"offers_begin", "offers_close"} == (
        {"offers_begin", "offers_close"} if offers else set()
    )


@st.composite
def timed(draw: st.DrawFn) -> Event:
    """Events with every time an event can have, and nothing else."""
    starts = draw(testing.times())
    length = draw(st.sampled_from([None, 0, 60, 30 * 60]))
    said = st.one_of(st.none(), testing.deadlines(starts))
    names = ["opens", "deadline", "edit_deadline", "substitute_deadline", "cancel_deadline"]
    return Event(
        id="1",
        title="Møde",
        starts=starts,
        ends=None if length is None else instant(starts) + timedelta(minutes=length),
        status=draw(st.sampled_from(Status)),
        waiting_list=draw(st.booleans()),
        capacity=draw(st.sampled_from([None, 10])),
        offers_from=draw(st.one_of(st.none(), testing.befores())),
        offers_until=draw(said),
        fees=draw(st.lists(testing.fees(starts), max_size=2)),
        **{name: draw(said) for name in names},
    )


@settings(max_examples=150, deadline=None)
@given(timed(), testing.seats())
def test_nothing_changes_between_two_moments(event: Event, seats: Seats) -> None:
    """From one moment of the timeline until just before the next, state and windows stand still."""
    event = evolve(event, capacity=seats.room.capacity, online_capacity=seats.online.capacity)
    assume(not any(one.waiting and one.capacity is None for one in (seats.room, seats.online)))

    def seen(now: datetime) -> Any:
        windows = deadlines.windows(event)
        every = [windows.joining, windows.editing, windows.substituting, windows.cancelling]
        if event.waiting_list and event.capacity is not None:  # else nothing is offered
            every.append(windows.offers)
        return deadlines.state(event, seats, now=now), [w.contains(now) for w in every]

    moments = [instant(moment.at) for moment in deadlines.timeline(event)]
    assert moments == sorted(set(moments))
    edges = [moments[0] - timedelta(days=400), *moments, moments[-1] + timedelta(days=400)]
    for since, until in pairwise(edges):
        middle = since + (until - since) / 2
        last = until - timedelta(microseconds=1)
        assert seen(since) == seen(middle) == seen(last)


@settings(max_examples=150, deadline=None)
@given(timed(), testing.seats(), st.data())
def test_the_state_is_what_the_timeline_says(
    event: Event, seats: Seats, data: st.DataObject
) -> None:
    """Playing the timeline up to `now` gives the state at `now`, at the moments themselves too."""
    event = evolve(event, status=Status.PUBLISHED)
    timeline = deadlines.timeline(event)
    off = data.draw(st.sampled_from([timedelta(0), *TICKS, *(-tick for tick in TICKS)]))
    now = instant(data.draw(st.sampled_from(timeline)).at) + off
    happened = {c.code for m in timeline if instant(m.at) <= now for c in m.changes}
    coming = {c.code for m in timeline if instant(m.at) > now for c in m.changes}
    if "ends" in happened:
        expected: Any = Over
    elif "opens" in coming:
        expected = NotYetOpen
    elif "joining_closes" in happened:
        expected = Closed
    else:
        expected = (Open, WaitingOnly, Closed)
    state = deadlines.state(event, seats, now=now)
    assert isinstance(state, expected)
    if isinstance(state, Closed) and "joining_closes" not in happened:
        assert state.reason.code == "full"


@settings(max_examples=150, deadline=None)
@given(timed())
def test_moments_and_windows_are_told_in_the_events_zone(event: Event) -> None:
    """Every time a rule answers with is on the event's own clocks, and exists there."""
    windows = deadlines.windows(event)
    answered = [moment.at for moment in deadlines.timeline(event)]
    answered += [w.closes for w in (windows.joining, windows.editing, windows.cancelling)]
    if windows.joining.opens is not None:
        answered.append(windows.joining.opens)
    assert all(when.tzinfo is event.zone for when in answered)
    assert instant(deadlines.over(event)) >= instant(event.starts)


@settings(max_examples=200, deadline=None)
@given(testing.times(), st.integers(-400, 0))
def test_a_date_is_open_all_day_and_not_a_moment_longer(starts: datetime, days: int) -> None:
    """Whatever the zone and the night: at `closes` the local date has passed the deadline's, and
    just before it has not (but where clocks go back over midnight, a day is said twice)."""
    day = starts.date() + timedelta(days=days)
    event = Event(id="1", title="Møde", starts=starts, deadline=day)
    closes = instant(deadlines.closing(day, event))
    assert closes.astimezone(event.zone).date() > day
    assert (closes - timedelta(microseconds=1)).astimezone(event.zone).date() <= day


@settings(max_examples=200, deadline=None)
@given(testing.times(), st.integers(0, 2000))
def test_hours_before_are_hours_on_a_stopwatch(starts: datetime, hours: int) -> None:
    """ "36 hours before" is 36 hours, whatever clocks did meanwhile."""
    event = Event(id="1", title="Møde", starts=starts, deadline=Before(hours=hours))
    closes = deadlines.windows(event).joining.closes
    assert instant(event.starts) - instant(closes) == timedelta(hours=hours)


@settings(max_examples=100, deadline=None)
@given(testing.times(), testing.zones())
def test_now_may_be_told_on_any_clock(starts: datetime, place: Any) -> None:
    """The state depends on the instant of `now`, not on the clock that tells it."""
    event = Event(id="1", title="Møde", starts=starts, deadline=Before(days=1))
    closes = instant(deadlines.windows(event).joining.closes)
    for off in (timedelta(0), *TICKS, *(-tick for tick in TICKS)):
        now = closes + off
        told = deadlines.state(event, NOBODY, now=now.astimezone(place))
        assert told == deadlines.state(event, NOBODY, now=now)


def test_a_naive_now_is_impossible() -> None:
    """Nobody can ask for the state at a time without a zone."""
    with pytest.raises(ValueError, match="no time zone"):
        deadlines.state(meeting(MEETING), NOBODY, now=datetime(2022, 4, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "place", "expected"),
    [
        (date(2022, 4, 19), "Europe/Copenhagen", "2022-04-19T00:00:00+02:00"),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
        (date(2026, 10, 25), "Atlantic/Azores", "2026-10-25T00:00:00+00:00"),
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_a_closing_day_told_on_local_clocks(day: date, place: str, expected: str) -> None:
    """What a page says of the moment after the last day: the first time that clocks show."""
    starts = datetime(day.year, day.month, day.day, 10, tzinfo=zone(place)) + timedelta(days=5)
    event = Event(id="1", title="Møde", starts=starts)
    assert deadlines.closing(day - timedelta(days=1), event).isoformat() == expected


# --- what goes on ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("2026-10-25T00:29:59Z", set()),
        ("2026-10-25T00:30:00Z", {"a"}),
        ("2026-10-25T00:59:59Z", {"a"}),
        ("2026-10-25T01:00:00Z", {"a", "b"}),
        ("2026-10-25T01:30:00Z", {"b"}),
        ("2026-10-25T02:00:00Z", set()),
    ],
)
def test_an_item_runs_from_its_start_until_its_end(clock: str, expected: set[str]) -> None:
    """Half-open, in the night when 2 to 3 comes twice; without an end it is never seen to run."""
    first = "2026-10-25T02:30:00+02:00[Europe/Copenhagen]"
    again = "2026-10-25T02:30:00+01:00[Europe/Copenhagen]"
    later = "2026-10-25T03:00:00+01:00[Europe/Copenhagen]"
    items = (
        AgendaItem(key="a", title="A", starts=parse_time(first), ends=parse_time(again)),
        AgendaItem(
            key="b",
            title="B",
            starts=parse_time(again.replace(":30:", ":00:")),
            ends=parse_time(later),
        ),
        AgendaItem(key="open", title="C", starts=parse_time(first)),
    )
    event = meeting(first, programme=items)
    assert deadlines.running(event, now=parse_time(clock)) == expected


# --- reminders ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "reminder", "at"),
    [
        pytest.param(MEETING, Before(days=3), "2022-04-18T09:00+02:00", id="9 in the morning"),
        pytest.param(MEETING, Before(days=0), "2022-04-21T09:00+02:00", id="of the day itself"),
        pytest.param(MEETING, Before(hours=36), "2022-04-19T21:30+02:00", id="hours are exact"),
        pytest.param(MEETING, Before(hours=0), "2022-04-21T09:30+02:00", id="at the start"),
        pytest.param(SPRING, Before(days=2), "2026-03-28T09:00+01:00", id="9 before summer time"),
        pytest.param(SPRING, Before(hours=48), "2026-03-28T09:00+01:00", id="48 hours over it"),
        pytest.param(AUTUMN, Before(days=2), "2026-10-24T09:00+02:00", id="9 in summer time"),
        pytest.param(SAO_PAULO, Before(days=1), "2018-11-04T09:00-02:00", id="on local clocks"),
        pytest.param(MEETING, None, None, id="nobody is"),
    ],
)
def test_when_people_are_reminded(starts: str, reminder: Before | None, at: str | None) -> None:
    """Days before is that morning where the meeting is; hours are counted on a stopwatch."""
    told = deadlines.reminding(meeting(starts, reminder=reminder))
    assert (None if told is None else told.isoformat(timespec="minutes")) == at


# --- where this runs ---------------------------------------------------------------------------


@pytest.fixture(params=["Pacific/Auckland", "Pacific/Honolulu"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own clocks are on the other side of the earth."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
def test_the_clocks_of_the_machine_do_not_matter() -> None:
    """A day is one of the event's zone: for a deadline, and for the noon when an offer ends."""
    for hour, day in ((0, 16), (23, 16)):
        deadline = datetime(2022, 4, day, hour, 30, tzinfo=zone("Europe/Copenhagen"))
        assert deadlines.day_of(deadline, meeting(MEETING)) == date(2022, 4, day)
    starts = "2022-04-21T09:30-04:00[America/New_York]"
    now = parse_time("2022-03-07T11:00-05:00[America/New_York]")
    ends = offer_ends(meeting(starts), now=now, holidays=())
    assert ends == parse_time("2022-03-08T12:00-05:00[America/New_York]")


def test_a_day_that_a_zone_never_had_is_still_that_day() -> None:
    """As its organiser wrote it, though it closes at the same moment as the day before."""
    event = meeting(APIA)
    days = [date(2011, 12, 29), date(2011, 12, 30)]
    assert [deadlines.day_of(day, event) for day in days] == days


@pytest.mark.parametrize(
    ("deadline", "counted"),
    [
        (date(2022, 4, 18), datetime(2022, 4, 19, 9, tzinfo=DANISH)),
        (datetime(2022, 4, 18, 8, tzinfo=DANISH), datetime(2022, 4, 18, 9, tzinfo=DANISH)),
        (datetime(2022, 4, 18, 9, tzinfo=DANISH), datetime(2022, 4, 18, 9, tzinfo=DANISH)),
        (datetime(2022, 4, 18, 12, tzinfo=DANISH), datetime(2022, 4, 19, 9, tzinfo=DANISH)),
        (date(2022, 4, 20), datetime(2022, 4, 20, 9, tzinfo=DANISH)),
        (date(2022, 4, 21), datetime(2022, 4, 20, 9, tzinfo=DANISH)),
        (None, datetime(2022, 4, 20, 9, tzinfo=DANISH)),
    ],
)
def test_staff_are_told_how_many_come_on_the_first_morning(
    deadline: Any, counted: datetime
) -> None:
    """After one can no longer sign up; the day before where that is not before the start."""
    starts = datetime(2022, 4, 21, 9, tzinfo=DANISH)
    event = Event(id="1", title="Møde", starts=starts, deadline=deadline)
    assert deadlines.counting(event) == counted
