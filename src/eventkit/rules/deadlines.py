"""Until when one may do what: windows, the state of registration at `now`, and the timeline.

Windows are half-open, ``opens <= now < closes``. A date-only deadline is inclusive in the event's
zone: it closes at the first moment of the next day there. No deadline is the start.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, TypeAlias

from attrs import frozen

from eventkit.model.decision import Reason
from eventkit.model.event import Event, Status
from eventkit.model.registration import Seats
from eventkit.model.values import Before, Deadline, Mode, first_instant, instant


def last_day(deadline: Deadline, event: Event) -> date | None:
    """The last day that counts, in the event's zone; None where the deadline is an instant."""
    if isinstance(deadline, Before):
        if deadline.days is None:
            return None
        return event.starts.date() - timedelta(days=deadline.days)
    return None if isinstance(deadline, datetime) else deadline


def day_of(deadline: Deadline, event: Event) -> date:
    """The day `deadline` falls on, in the event's zone: that of the last moment in time.

    Midnight belongs to the day that ends with it.
    """
    moment = instant(closing(deadline, event)) - timedelta(microseconds=1)
    return last_day(deadline, event) or moment.astimezone(event.zone).date()


def moved(deadline: Deadline, event: Event, day: date) -> Deadline | None:
    """`deadline` put on another `day`, for a fix; None where it is hours before the start.

    A date, or days before the start, becomes that date. A time keeps its clock.
    """
    if last_day(deadline, event) is not None:
        return day
    if not isinstance(deadline, datetime):
        return None
    wall = deadline.replace(fold=0) + (day - day_of(deadline, event))
    return instant(wall).astimezone(event.zone)  # a skipped time becomes what clocks will show


def closing(deadline: Deadline | None, event: Event) -> datetime:
    """The first moment that is too late for `deadline`, in the event's zone."""
    if deadline is None:
        return event.starts
    day = last_day(deadline, event)
    if day is not None:
        return first_instant(day + timedelta(days=1), event.zone)
    return _exact(deadline, event)


def opening(deadline: Deadline, event: Event) -> datetime:
    """The first moment `deadline` lets in: a date opens as the day begins."""
    day = last_day(deadline, event)
    return _exact(deadline, event) if day is None else first_instant(day, event.zone)


def _exact(deadline: Deadline, event: Event) -> datetime:
    if isinstance(deadline, Before):
        moment = instant(event.starts) - timedelta(hours=deadline.hours or 0)
        return moment.astimezone(event.zone)
    assert isinstance(deadline, datetime)
    return deadline


@frozen
class Window:
    """When something is allowed, half-open, in the event's zone; `opens` None is always."""

    opens: datetime | None
    closes: datetime

    def contains(self, now: datetime) -> bool:
        """Whether it is allowed at `now`."""
        return not self.is_before(now) and instant(now) < instant(self.closes)

    def is_before(self, now: datetime) -> bool:
        """Whether it is not yet allowed at `now`."""
        return self.opens is not None and instant(now) < instant(self.opens)


@frozen(kw_only=True)
class Windows:
    """What may be done with a seat, and when. `offers` is while free seats are given away."""

    joining: Window
    editing: Window
    substituting: Window
    cancelling: Window
    offers: Window


def joining(event: Event) -> Window:
    """When one may sign up for `event`, whatever its status."""
    opens = None if event.opens is None else opening(event.opens, event)
    return Window(opens, closing(event.deadline, event))


def windows(event: Event) -> Windows:
    """The windows of `event`, whatever its status."""
    return Windows(
        joining=joining(event),
        editing=Window(None, closing(event.edit_deadline, event)),
        substituting=Window(None, closing(event.substitute_deadline, event)),
        cancelling=Window(None, closing(event.cancel_deadline, event)),
        offers=Window(None, closing(event.offers_until, event)),
    )


def over(event: Event) -> datetime:
    """The moment from which `event` is over: its end, or where nobody said the end of its day."""
    if event.ends is not None:
        return event.ends
    midnight = first_instant(event.starts.date() + timedelta(days=1), event.zone)
    return max(midnight, event.starts, key=instant)  # clocks can go back over midnight


MORNING = clock_time(9)
"""When people are written to on a day that was only said as a day."""


def reminding(event: Event) -> datetime | None:
    """When those who come to `event` are reminded, in its zone; None where nobody is."""
    if event.reminder is None:
        return None
    day = last_day(event.reminder, event)
    return _exact(event.reminder, event) if day is None else _morning(day, event)


def counting(event: Event) -> datetime:
    """When staff are told how many come: the first morning after one can no longer join.

    Where that is not before the start, as without a deadline, the morning of the day before.
    """
    closed = closing(event.deadline, event)
    morning = _morning(closed.date(), event)
    if instant(morning) < instant(closed):
        morning = _morning(closed.date() + timedelta(days=1), event)
    if instant(morning) < instant(event.starts):
        return morning
    return _morning(event.starts.date() - timedelta(days=1), event)


def _morning(day: date, event: Event) -> datetime:
    return datetime.combine(day, MORNING, event.zone)


# --- state -----------------------------------------------------------------------------------


@frozen
class Draft:
    """Not announced yet."""


@frozen
class Cancelled:
    """Will not be held, for this reason ("" where none was given)."""

    reason: str = ""


@frozen
class Postponed:
    """Will be held at a time nobody knows yet."""

    reason: str = ""


@frozen
class Over:
    """Has been held; `since` is in the event's zone."""

    since: datetime


@frozen
class NotYetOpen:
    """One may join from `opens` on, in the event's zone."""

    opens: datetime


@frozen
class Closed:
    """One may not join: since when (None where nobody knows, as when it is full), and why."""

    since: datetime | None
    reason: Reason


@frozen
class WaitingOnly:
    """One may join the waiting list, until `closes`."""

    closes: datetime


@frozen
class Open:
    """One may join until `closes`, and gets a seat in one of `modes`."""

    closes: datetime
    modes: tuple[Mode, ...]


State: TypeAlias = Draft | Cancelled | Postponed | Over | NotYetOpen | Closed | WaitingOnly | Open


def state(event: Event, seats: Seats, *, now: datetime) -> State:
    """Whether one may join `event` at `now`, with `seats` as they are: the first that fits.

    While somebody waits in a mode, a newcomer waits too, even if a seat is free. Where there are no
    seats at all, nobody waits for one.
    """
    match event.status:
        case Status.DRAFT:
            return Draft()
        case Status.CANCELLED:
            return Cancelled(event.status_reason)
        case Status.POSTPONED:
            return Postponed(event.status_reason)
    ended = over(event)
    if instant(now) >= instant(ended):
        return Over(ended)
    window = joining(event)
    if window.opens is not None and window.is_before(now):
        return NotYetOpen(window.opens)
    if not window.contains(now):
        closed = {"closed": window.closes}
        why = Reason("started" if event.deadline is None else "deadline_passed", closed)
        return Closed(window.closes, why)
    with_seat = tuple(mode for mode in event.modes if _has_seat(seats, mode))
    if with_seat:
        return Open(window.closes, with_seat)
    if may_wait(event, now=now) and any(seats.in_mode(mode).capacity != 0 for mode in event.modes):
        return WaitingOnly(window.closes)
    return Closed(None, Reason("full"))


def may_wait(event: Event, *, now: datetime) -> bool:
    """Whether there is a queue to stand in: not when nothing will be given away any more."""
    return event.waiting_list and windows(event).offers.contains(now)


def _has_seat(seats: Seats, mode: Mode) -> bool:
    places = seats.in_mode(mode)
    return places.waiting == 0 and (places.free is None or places.free > 0)


def running(event: Event, *, now: datetime) -> frozenset[str]:
    """The keys of the items that go on at `now`; one without an end is never seen to."""
    return frozenset(
        item.key
        for item in event.programme
        if item.ends is not None and instant(item.starts) <= instant(now) < instant(item.ends)
    )


# --- timeline --------------------------------------------------------------------------------


@frozen
class Moment:
    """A moment, in the event's zone, and what changes then.

    Each of `changes` is a Reason: its code (``opens``, ``joining_closes``, ``editing_closes``,
    ``substituting_closes``, ``cancelling_closes``, ``fee``, ``offers_begin``, ``offers_close``,
    ``starts``, ``ends``) and data. Nothing is offered where no mode has a capacity.
    """

    at: datetime
    changes: tuple[Reason, ...]


def timeline(event: Event) -> tuple[Moment, ...]:
    """Every moment at which something changes for `event`, earliest first, each once."""
    changes: defaultdict[datetime, list[Reason]] = defaultdict(list)

    def at(moment: datetime, code: str, **data: Any) -> None:
        changes[instant(moment)].append(Reason(code, data))

    allowed, seats = windows(event), Seats.of(event)
    if allowed.joining.opens is not None:
        at(allowed.joining.opens, "opens")
    at(allowed.joining.closes, "joining_closes")
    for fee in event.fees:
        at(opening(fee.since, event), "fee", fee=fee.money)
    limited = any(seats.in_mode(mode).capacity is not None for mode in event.modes)
    if event.waiting_list and limited and event.offers_from is not None:
        at(opening(event.offers_from, event), "offers_begin")
    if event.waiting_list and limited:
        at(allowed.offers.closes, "offers_close")
    at(allowed.editing.closes, "editing_closes")
    at(allowed.substituting.closes, "substituting_closes")
    at(allowed.cancelling.closes, "cancelling_closes")
    at(event.starts, "starts")
    at(over(event), "ends")
    return tuple(
        Moment(moment.astimezone(event.zone), tuple(changes[moment])) for moment in sorted(changes)
    )
