"""What is announced: an event, its programme, its revisions, and what an import gives.

An event holds one zone, that of `starts`: every other time in it is the same instant told on those
clocks. What cannot be raises `ImpossibleError`; what is merely unwise is a finding
(`eventkit.rules`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import Attribute, Converter, evolve, field, frozen
from attrs.validators import optional

from eventkit.model.decision import Finding
from eventkit.model.errors import ImpossibleError
from eventkit.model.values import (
    CONSENT,
    Actor,
    Before,
    Choice,
    Contact,
    Deadline,
    Fee,
    Json,
    Mode,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Question,
    Venue,
    all_of,
    check_key,
    instant,
    json_object,
    line,
    of,
    optional_line,
    optional_of,
    prose,
    recorded,
    several,
    told_in,
    yes_no,
    zoned,
    zoned_deadline,
)


class Status(Choice, field="status"):
    """Where an event stands (schema.org/EventStatusType, and a draft before it)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


def _optional_time(when: datetime | None) -> datetime | None:
    return None if when is None else zoned(when)


def _check_own_key(item: AgendaItem, attribute: Attribute[str], value: str) -> None:
    if value != "":
        check_key(item, attribute, value)


@frozen(kw_only=True)
class AgendaItem:
    """One timed line of a programme. `ends` is None where nobody said.

    `key` is unique in its event and survives reordering; an item without one gets the next free
    number when it enters an event. `is_break` sets coffee and lunch apart.
    """

    title: str = line(required=True)
    starts: datetime = field(converter=zoned)
    ends: datetime | None = field(default=None, converter=_optional_time)
    key: str = field(default="", validator=_check_own_key)
    description: str = prose()
    speakers: tuple[Person, ...] = several(Person)
    track: str = line()
    room: str = line()
    online: OnlineAccess | None = optional_of(OnlineAccess)
    is_break: bool = yes_no()


@frozen(kw_only=True)
class Acknowledgement:
    """Staff saw a finding and publish all the same, for `reason`.

    It holds for that `code` with exactly that `data`: a changed fact is a new finding.
    """

    code: str = line(required=True)
    data: Mapping[str, Json] = json_object()
    reason: str = line(required=True)

    def covers(self, finding: Finding) -> bool:
        """Whether `finding` is the one that was seen."""
        return self.code == finding.code and self.data == finding.data


def _tell_in(when: datetime, place: ZoneInfo) -> datetime:
    when = zoned(when)
    return when if when.tzinfo is place else told_in(when, place)


def _seeing_event(default: Any, converter: Callable[[Any, Any], Any]) -> Any:
    """A field whose converter sees the fields before it: the start, and so the zone."""
    return field(default=default, converter=Converter(converter, takes_self=True))


def _ends_in_zone(value: datetime | None, event: Event) -> datetime | None:
    return None if value is None else _tell_in(value, event.zone)


def _deadline_in_zone(value: Deadline | None, event: Event) -> Deadline | None:
    value = zoned_deadline(value)
    return _tell_in(value, event.zone) if isinstance(value, datetime) else value


def _fees_in_zone(fees: Iterable[Fee], event: Event) -> tuple[Fee, ...]:
    fees = all_of(fees, Fee, "fees")
    return tuple(evolve(fee, since=_deadline_in_zone(fee.since, event)) for fee in fees)


def _programme(items: Iterable[AgendaItem], event: Event) -> tuple[AgendaItem, ...]:
    """The items in the event's zone, each with a key: its own, or the next free number."""
    items = all_of(items, AgendaItem, "programme")
    place = event.zone
    taken = Counter(item.key for item in items if item.key)
    if taken and (key := taken.most_common(1)[0])[1] > 1:
        raise ImpossibleError(
            f"two items have the key {key[0]!r}",
            code="key_twice",
            path="programme",
            key=key[0],
        )
    numbers = (str(n) for n in range(1, 2 * len(items) + 1) if str(n) not in taken)

    def settle(item: AgendaItem) -> AgendaItem:
        changes: dict[str, Any] = {}
        if not item.key:
            changes["key"] = next(numbers)
        if item.starts.tzinfo is not place:
            changes["starts"] = _tell_in(item.starts, place)
        if item.ends is not None and item.ends.tzinfo is not place:
            changes["ends"] = _tell_in(item.ends, place)
        return evolve(item, **changes) if changes else item

    return tuple(settle(item) for item in items)


def _capacity() -> Any:
    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
            raise ImpossibleError(
                f"{attribute.name} is a whole number from 0 to 1,000,000, or None for no limit",
                code="not_a_capacity",
                path=attribute.name,
            )

    return field(default=None, validator=check)


def _deadline() -> Any:
    return _seeing_event(None, _deadline_in_zone)


@frozen(kw_only=True)
class Event:
    """An announced meeting, course or conference.

    Required: `id` (None only on its way from an importer to the office), `title`, `starts`.
    `ends` is None where nobody said. Times are aware; capacities are None for no limit. One joins
    in the room where there is a `venue`, or no `online`; online where there is `online`.

    With `approval`, who signs up waits for staff to say yes. One may wait for a seat where there is
    a `waiting_list`; a seat that is freed from `offers_from` on is offered and not given (None:
    always given), until `offers_until`. A `reminder` goes out so long before the start, in the
    morning where that is a number of days (None: nobody is reminded).

    `deadline` governs joining, the waiting list included; editing, substituting, cancelling and
    offers have their own. Each defaults to the start. A published event is the default, because an
    event made in code is meant; the office makes an import a draft.

    `summary` is plain text; `description`, `audience` and an item's `description` are Markdown.
    `uid` and `status` are iCalendar's (RFC 5545 3.8.4.7, 3.8.1.11). `extra` is for plugins, under
    keys ``<plugin>.<key>``.
    """

    id: str | None = field(validator=optional(check_key))
    title: str = line(required=True)
    starts: datetime = field(converter=zoned)
    ends: datetime | None = _seeing_event(None, _ends_in_zone)
    uid: str | None = optional_line()
    status: Status = field(default=Status.PUBLISHED, converter=Status)
    status_reason: str = line()
    kind: str = line()
    language: str = line(required=True, default="da")
    series: str = line()
    listed: bool = yes_no(default=True)
    summary: str = prose()
    description: str = prose()
    audience: str = prose()
    programme: tuple[AgendaItem, ...] = _seeing_event((), _programme)
    venue: Venue | None = optional_of(Venue)
    online: OnlineAccess | None = optional_of(OnlineAccess)
    organiser: Organiser | None = optional_of(Organiser)
    contact: Contact | None = optional_of(Contact)
    price: Money | None = optional_of(Money)
    fees: tuple[Fee, ...] = _seeing_event((), _fees_in_zone)
    no_show_fee: Money | None = optional_of(Money)
    opens: Deadline | None = _deadline()
    deadline: Deadline | None = _deadline()
    edit_deadline: Deadline | None = _deadline()
    substitute_deadline: Deadline | None = _deadline()
    cancel_deadline: Deadline | None = _deadline()
    offers_until: Deadline | None = _deadline()
    offers_from: Before | None = optional_of(Before, Before(days=3))
    reminder: Before | None = optional_of(Before, Before(days=3))
    capacity: int | None = _capacity()
    online_capacity: int | None = _capacity()
    waiting_list: bool = yes_no(default=True)
    approval: bool = yes_no()
    questions: tuple[Question, ...] = several(Question)
    acknowledged: tuple[Acknowledgement, ...] = several(Acknowledgement)
    extra: Mapping[str, Json] = json_object()

    def __attrs_post_init__(self) -> None:
        if self.ends is not None and instant(self.ends) < instant(self.starts):
            raise ImpossibleError(
                "the event ends before it starts", code="ends_before_start", path="ends"
            )
        keys = Counter(one.key for one in self.questions)
        keys.update(one.key + CONSENT for one in self.questions if one.sensitive)
        if keys and (key := keys.most_common(1)[0])[1] > 1:
            raise ImpossibleError(
                f"two questions have the key {key[0]!r}",
                code="key_twice",
                path="questions",
                key=key[0],
            )

    @property
    def zone(self) -> ZoneInfo:
        """The zone of `starts`, in which every time and date of the event is told."""
        place = self.starts.tzinfo
        assert isinstance(place, ZoneInfo)  # `zoned` saw to it
        return place

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The ways to attend, the room first."""
        if self.online is None:
            return (Mode.ROOM,)
        return (Mode.ONLINE,) if self.venue is None else (Mode.ROOM, Mode.ONLINE)


@frozen(kw_only=True)
class Revision:
    """One state of an event, as `actor` left it; revisions are only ever added.

    `number` counts from 1. `sequence` is iCalendar's (RFC 5545 3.8.7.4): it rises when those who
    have the meeting in their calendar must move it. `findings` are what its import saw.
    """

    event: Event = of(Event)
    number: int
    sequence: int
    at: datetime = field(converter=recorded)
    actor: Actor = of(Actor)
    reason: str = line()
    findings: tuple[Finding, ...] = several(Finding)


_OF_EVENT = re.compile(r"events\[(\d+)\]\.?")


@frozen(kw_only=True)
class Imported:
    """What an importer made of a file: events, and findings about the reading (``EK5xx``).

    A finding's path begins with its event's place, ``events[0].deadline``; one without concerns
    the file. `complete` is whether the file says all there is to say about its events, so that
    what it leaves out is meant to be gone; else an update keeps what the event had.
    """

    # Not asked for their types here: the guard round plugins does, and names the one at fault.
    events: tuple[Event, ...] = several(object)
    findings: tuple[Finding, ...] = several(object)
    complete: bool = yes_no()

    def findings_of(self, index: int) -> tuple[Finding, ...]:
        """The findings that concern event number `index`, with paths inside that event."""
        own = []
        for finding in self.findings:
            match = _OF_EVENT.match(finding.path)
            if match is None:
                own.append(finding)
            elif int(match[1]) == index:
                own.append(evolve(finding, path=finding.path[match.end() :]))
        return tuple(own)
