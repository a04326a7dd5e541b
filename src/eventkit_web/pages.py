"""What a page shows of an event, as plain values for the templates.

Nothing is decided here: state comes from `eventkit.rules`, sentences from `eventkit.formats`. This
arranges them: which lines stand under a heading, what may be a link, which items share a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TypeAlias
from urllib.parse import quote, urlencode

from attrs import frozen
from markupsafe import Markup

from eventkit.formats.wording import Wording, is_whole_days, state_name
from eventkit.model.event import AgendaItem, Event
from eventkit.model.registration import Seats
from eventkit.model.values import Contact, Mode, Venue, instant
from eventkit.plugins.hooks import Panel
from eventkit.rules.deadlines import (
    Cancelled,
    Closed,
    NotYetOpen,
    Open,
    Over,
    Postponed,
    State,
    WaitingOnly,
)

MAP = "https://www.openstreetmap.org/search"
DESCRIPTION_LENGTH = 200

FEW, FEW_OF = 5, 10
"""Seats are few when some are taken, and at most five are left, or one in ten."""

_HOME = ("", "danmark", "denmark", "dk")


@frozen
class Line:
    """A line of text, a link where it has a `url`; `is_own` where it is in the event's language."""

    text: str
    url: str = ""
    is_own: bool = False


@frozen
class Join:
    """The one thing to press: how to take a seat."""

    url: str
    text: str


@frozen
class Slot:
    """The items that share their hours: one row of the programme."""

    starts: datetime
    ends: datetime | None
    items: tuple[AgendaItem, ...]
    is_break: bool
    is_now: bool


@frozen
class Day:
    """The rows of one day."""

    date: date
    slots: tuple[Slot, ...]


@frozen(kw_only=True)
class EventPage:
    """What the page of one event shows beside the event's own text."""

    address: str
    addresses: tuple[tuple[str, str], ...]
    description: str
    state: str
    gone: bool
    own_words: str
    sends_link: bool
    kind: str
    when: tuple[str, ...]
    where: tuple[tuple[str, ...], ...]
    map: str
    seats: tuple[str, ...]
    contact: tuple[Line, ...]
    join: Join | None
    left: tuple[str, ...]
    asks: bool
    has_calendar: bool
    numbers: tuple[Line, ...]
    days: tuple[Day, ...]
    shows_days: bool
    has_tracks: bool
    panels: tuple[Panel, ...]
    linked_data: Markup


def event_page(
    event: Event,
    state: State,
    w: Wording,
    *,
    running: frozenset[str],
    panels: tuple[Panel, ...],
    address: str,
    addresses: tuple[tuple[str, str], ...],
    linked_data: Markup,
    register: str,
    left: Left,
) -> EventPage:
    """The page of `event` at `address`, in the words `w`; `running` items are marked.

    Its form is at `register`, and seats are few where they are `left`.
    """
    days = programme_days(event, running)
    return EventPage(
        address=address,
        addresses=addresses,
        description=description(event, w),
        state=state_name(state),
        gone=isinstance(state, Cancelled | Postponed),
        own_words=own_words(state),
        sends_link=sends_link(state),
        kind=kind(event),
        when=when(event, w),
        where=() if event.venue is None else tuple((line,) for line in where(event.venue)),
        map="" if event.venue is None else map_url(event.venue),
        seats=tuple(seats(event, w)),
        contact=() if event.contact is None else tuple(contact(event.contact)),
        join=join(event, state, w, register),
        left=left_words(event, left, w),
        asks=isinstance(state, Closed | NotYetOpen) and event.contact is not None,
        has_calendar=not isinstance(state, Cancelled | Postponed | Over),
        numbers=tuple(numbers(event, w)),
        days=days,
        shows_days=bool(days) and (len(days) > 1 or days[0].date != event.starts.date()),
        has_tracks=any(len(slot.items) > 1 for day in days for slot in day.slots),
        panels=panels,
        linked_data=linked_data,
    )


def own_words(state: State) -> str:
    """What the sentence of `state` says in the event's own words: why it is called off."""
    return state.reason if isinstance(state, Cancelled | Postponed) else ""


def sends_link(state: State) -> bool:
    """Whether a link for participants will be sent to those who register, or was promised them."""
    return not isinstance(state, Cancelled | Over)


# --- facts -----------------------------------------------------------------------------------


def when(event: Event, w: Wording) -> tuple[str, ...]:
    """The day, and the hours on a line of their own; longer events in one sentence."""
    if is_whole_days(event):
        return (upper_first(w.when(event)),)
    if event.ends is None or event.ends.date() == event.starts.date():
        hours = w("page.clock", hours=w.hours(event.starts, event.ends))
        return (upper_first(w.date(event.starts)), hours)
    return (upper_first(w.when(event)),)


def kind(event: Event) -> str:
    """What sort of event it is; "" where its title begins by saying so."""
    return "" if event.title.casefold().startswith(event.kind.casefold()) else event.kind


def where(venue: Venue) -> tuple[str, ...]:
    """The lines of an address, each once."""
    country = "" if venue.country.casefold() in _HOME else venue.country
    lines = (
        venue.name,
        venue.room,
        venue.street,
        f"{venue.postcode} {venue.locality}".strip(),
        country,
    )
    return tuple(dict.fromkeys(line for line in lines if line))


def map_url(venue: Venue) -> str:
    """A search for the address on a map; "" where there is too little to search for."""
    town = f"{venue.postcode} {venue.locality}".strip()
    place = venue.street or venue.name
    if not town and not venue.street:
        return ""
    said = ", ".join(part for part in (place, town, venue.country) if part)
    return f"{MAP}?{urlencode({'query': said})}"


def seats(event: Event, w: Wording) -> Iterator[str]:
    """How many seats there are, where somebody said; of none the state says enough."""
    modes = event.modes
    if Mode.ROOM in modes and event.capacity:
        key = "page.seats_room" if len(modes) == 1 else "page.seats_in_room"
        yield w.count(key, event.capacity)
    if Mode.ONLINE in modes and event.online_capacity:
        yield w.count("page.seats_online", event.online_capacity)


def contact(person: Contact) -> Iterator[Line]:
    """The lines of a contact, with what can be called, written to or opened as links."""
    if person.name:
        yield Line(upper_first(person.name), is_own=True)
    if person.phone:
        yield Line(person.phone, phone_url(person.phone))
    if person.email:
        yield Line(person.email, mail_url(person.email))
    if person.url:
        shown = re.sub(r"^https?://(www\.)?", "", person.url, flags=re.IGNORECASE).rstrip("/")
        yield Line(shown, person.url)


def numbers(event: Event, w: Wording) -> Iterator[Line]:
    """What to call it by at the office: its number, and the series it belongs to."""
    yield Line(w("page.number", id=event.id))
    if event.series:
        yield Line(event.series, is_own=True)


def phone_url(number: str) -> str:
    """A ``tel:`` link (RFC 3966); eight digits are a Danish number. "" for what is no number."""
    digits = re.sub(r"[\s().\u00a0/-]", "", number)
    if re.fullmatch(r"00\d{6,15}", digits):
        digits = "+" + digits[2:]
    if re.fullmatch(r"\d{8}", digits):
        digits = "+45" + digits
    return f"tel:{digits}" if re.fullmatch(r"\+?\d{3,15}", digits) else ""


def mail_url(address: str, subject: str = "") -> str:
    """A ``mailto:`` link (RFC 6068); "" for what is no address."""
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", address):
        return ""
    asked = "?" + urlencode({"subject": subject}, quote_via=quote) if subject else ""
    return f"mailto:{quote(address, safe='@+')}{asked}"


_JOIN = {"open": "page.signup", "waiting_only": "page.signup_wait"}


def join(event: Event, state: State, w: Wording, url: str) -> Join | None:
    """The way to the form at `url`, where one can take a seat or a place in the queue."""
    if not isinstance(state, Open | WaitingOnly):
        return None
    return Join(url, w("page.signup_apply" if event.approval else _JOIN[state_name(state)]))


Left: TypeAlias = tuple[tuple[Mode, int], ...]
"""How many seats are left in each mode where they are few."""


def few_left(event: Event, seats: Seats, state: State) -> Left:
    """The modes in which one still gets a seat, and few are left; none where nobody counts."""
    if not isinstance(state, Open):
        return ()
    found = []
    for mode in state.modes:
        places = seats.in_mode(mode)
        free, capacity = places.free, places.capacity or 0
        if free is not None and free < capacity and free <= max(FEW, capacity // FEW_OF):
            found.append((mode, free))
    return tuple(found)


_LEFT = {Mode.ROOM: "page.left_in_room", Mode.ONLINE: "page.left_online"}


def left_words(event: Event, left: Left, w: Wording) -> tuple[str, ...]:
    """The words of `few_left`; where there is but one way to attend, it is not named."""
    if len(event.modes) == 1:
        return tuple(w.count("page.few_left", count) for _, count in left)
    return tuple(w.count(_LEFT[mode], count) for mode, count in left)


def places_in_line(first: int, people: int, w: Wording) -> str:
    """``3``, ``3 og 4`` or ``3 til 5``: where so many people stand in line, `first` their first."""
    if people == 1:
        return str(first)
    key = "page.two_places" if people == 2 else "page.more_places"
    return w(key, first=first, last=first + people - 1)


def description(event: Event, w: Wording) -> str:
    """One or two sentences for search results and shared links."""
    text = " ".join(event.summary.split())
    if not text:
        place = event.venue.name or event.venue.locality if event.venue else ""
        text = " · ".join(part for part in (event.kind, upper_first(w.when(event)), place) if part)
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"


def upper_first(text: str) -> str:
    """`text` with a capital first letter."""
    return text[:1].upper() + text[1:]


# --- the programme ---------------------------------------------------------------------------


def programme_days(event: Event, running: frozenset[str]) -> tuple[Day, ...]:
    """The programme in order of time, by day and row; items with the same hours share a row."""

    def order(item: AgendaItem) -> tuple[datetime, bool, datetime]:
        return instant(item.starts), item.ends is None, instant(item.ends or item.starts)

    items = sorted(event.programme, key=order)
    return tuple(
        Day(day, tuple(_slots(of_day, running)))
        for day, of_day in groupby(items, key=lambda item: item.starts.date())
    )


def _slots(items: Iterable[AgendaItem], running: frozenset[str]) -> Iterator[Slot]:
    def row(item: AgendaItem) -> tuple[datetime, datetime | None, bool]:
        ends = None if item.ends is None else instant(item.ends)
        return instant(item.starts), ends, item.is_break

    for (_, _, is_break), together in groupby(items, key=row):
        shared = tuple(together)
        first = shared[0]
        is_now = any(item.key in running for item in shared)
        yield Slot(first.starts, first.ends, shared, is_break, is_now)


# --- lists -----------------------------------------------------------------------------------


@frozen(kw_only=True)
class Row:
    """One event in a list."""

    event: Event
    days: str
    weekday: str
    line: tuple[Line, ...]
    state: str
    word: str
    more: tuple[str, ...]


@frozen
class Month:
    """The events of one month; `first` is its first day."""

    first: date
    rows: tuple[Row, ...]


def months(events: Iterable[tuple[Event, State, Left]], w: Wording) -> tuple[Month, ...]:
    """The events, in the order given, under the months in which they begin."""
    rows = [_row(event, state, left, w) for event, state, left in events]
    return tuple(
        Month(first, tuple(of_month))
        for first, of_month in groupby(rows, key=lambda row: row.event.starts.date().replace(day=1))
    )


def _row(event: Event, state: State, left: Left, w: Wording) -> Row:
    first, last = event.starts.date(), last_day(event)
    days = str(first.day) if first == last else f"{first.day}–{last.day}"
    weekday = w.weekday(first)
    if first != last:
        weekday = f"{w.weekday(first, short=True)}–{w.weekday(last, short=True)}"
    return Row(
        event=event,
        days=days,
        weekday=weekday,
        line=tuple(_line(event, w)),
        state=state_name(state),
        word=w.state(state),
        more=(
            (w.state_sentence(event, state),)
            if isinstance(state, NotYetOpen)
            else left_words(event, left, w)
        ),
    )


def _line(event: Event, w: Wording) -> Iterator[Line]:
    if not is_whole_days(event):
        if event.ends is None or last_day(event) == event.starts.date():
            hours = w("page.clock", hours=w.hours(event.starts, event.ends))
        else:
            day = w.weekday(event.ends.date())
            first, last = w.clock(event.starts), w.clock(event.ends)
            hours = w("page.days_clock", first=first, day=day, last=last)
        yield Line(upper_first(hours))
    if event.venue is not None:
        yield Line(event.venue.locality or event.venue.name or event.venue.street, is_own=True)
    if event.online is not None:
        yield Line(w("page.online"))
    if sort := kind(event):
        yield Line(sort, is_own=True)


def last_day(event: Event) -> date:
    """The last day of an event; one that ends as a day begins has its last day before that."""
    if event.ends is None or instant(event.ends) <= instant(event.starts):
        return event.starts.date()
    return (event.ends - timedelta(microseconds=1)).date()
