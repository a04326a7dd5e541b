"""One person's place, or wait, at one event, and what changes with it.

These are records without rules: `eventkit.rules.desk` decides, `eventkit.office` saves an
`Outcome` in one commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen
from attrs.validators import optional

from eventkit.model.errors import ImpossibleError
from eventkit.model.event import Event, Revision
from eventkit.model.values import (
    Actor,
    Choice,
    Invoice,
    Json,
    Mode,
    Money,
    Person,
    Role,
    check_key,
    frozen_object,
    json_object,
    line,
    of,
    optional_line,
    optional_of,
    prose,
    recorded,
    several,
)


class Standing(Choice, field="status"):
    """Where a registration stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    REJECTED = "rejected"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUBSTITUTED = "substituted"
    ATTENDED = "attended"
    NO_SHOW = "no_show"

    @property
    def is_active(self) -> bool:
        """Whether the person is still on their way in, or in."""
        return self not in _GONE

    @property
    def is_seated(self) -> bool:
        """Whether the person has a seat, or had one when the event was held."""
        return self in _SEATED


_GONE = frozenset(
    (
        Standing.REJECTED,
        Standing.DECLINED,
        Standing.EXPIRED,
        Standing.CANCELLED,
        Standing.SUBSTITUTED,
    )
)
_SEATED = frozenset((Standing.CONFIRMED, Standing.ATTENDED, Standing.NO_SHOW))


def _instant_or_none(when: datetime | None) -> datetime | None:
    return None if when is None else recorded(when)


@frozen(kw_only=True)
class Registration:
    """One person at one event.

    `number` is the order of arrival in the event; `id` is ``<event>-<number>`` and authorises
    nothing. `party` is the number of the party's first member, where people came together; `booker`
    who signed a colleague up. `key` is that of the form, `place` the person's place in it from 0,
    and `digest` that of all it said. `change` counts the changes from 1; `told` is the event's
    revision the person was last told, `linked` when they were last sent their link. `fee` is owed
    for having cancelled or stayed away. `uid` and `sequence` are those of the person's own calendar
    entry. Links of another `epoch` than this are revoked. Times are UTC.
    """

    event: str = field(validator=check_key)
    number: int
    person: Person = of(Person)
    status: Standing = field(converter=Standing)
    at: datetime = field(converter=recorded)
    mode: Mode = field(default=Mode.ROOM, converter=Mode)
    role: Role = field(default=Role.PARTICIPANT, converter=Role)
    item: str | None = field(default=None, validator=optional(check_key))
    party: int | None = None
    booker: Person | None = optional_of(Person)
    key: str = line()
    place: int = 0
    digest: str = line()
    change: int = 1
    answers: Mapping[str, Json] = json_object()
    invoice: Invoice | None = optional_of(Invoice)
    fee: Money | None = optional_of(Money)
    offer_ends: datetime | None = field(default=None, converter=_instant_or_none)
    language: str = line(required=True, default="da")
    told: int | None = None
    linked: datetime | None = field(default=None, converter=_instant_or_none)
    uid: str | None = optional_line()
    sequence: int = 0
    epoch: int = 0
    extra: Mapping[str, Json] = json_object()

    @property
    def id(self) -> str:
        """``<event>-<number>``."""
        return f"{self.event}-{self.number}"

    @property
    def group(self) -> int:
        """The number that those who sit or wait together have in common."""
        return self.number if self.party is None else self.party

    @property
    def recipient(self) -> str:
        """The address for notices: the person's, else the booker's; "" where there is none."""
        return self.person.email or (self.booker.email if self.booker is not None else "")


def _frozen_answers(answers: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Json], ...]:
    return tuple(frozen_object(answer) for answer in answers)


@frozen(kw_only=True)
class Signup:
    """What a sign-up form says: `people` with one `mode`, the `booker` among them or apart.

    `answers` holds one mapping for each person, in their order. `key` is the form's own, unique in
    its event: the same key with the same content is the same sign-up.
    """

    people: tuple[Person, ...] = several(Person)
    key: str = line(required=True)
    mode: Mode = field(default=Mode.ROOM, converter=Mode)
    answers: tuple[Mapping[str, Json], ...] = field(
        default=(), converter=_frozen_answers, hash=False
    )
    booker: Person | None = optional_of(Person)
    invoice: Invoice | None = optional_of(Invoice)
    language: str = line(required=True, default="da")

    def __attrs_post_init__(self) -> None:
        if not self.people:
            raise ImpossibleError(
                "a sign-up names at least one person", code="empty", path="people"
            )
        if len(self.answers) not in (0, len(self.people)):
            raise ImpossibleError(
                "a sign-up has answers for everybody or for nobody",
                code="answers_do_not_fit",
                path="answers",
            )


@frozen(kw_only=True)
class Places:
    """The seats of one mode: `capacity` (None: no limit), and how many hold or await one."""

    capacity: int | None = None
    confirmed: int = 0
    offered: int = 0
    waiting: int = 0

    @property
    def free(self) -> int | None:
        """Seats nobody holds, never below 0; None where there is no limit."""
        if self.capacity is None:
            return None
        return max(0, self.capacity - self.confirmed - self.offered)


@frozen(kw_only=True)
class Seats:
    """The seats of an event, counted apart in the room and online."""

    room: Places = Places()
    online: Places = Places()

    @classmethod
    def of(cls, event: Event) -> Seats:
        """The seats of an event that nobody has joined yet."""
        return cls(
            room=Places(capacity=event.capacity), online=Places(capacity=event.online_capacity)
        )

    @property
    def offered(self) -> int:
        """How many are offered a seat, in either mode."""
        return self.room.offered + self.online.offered

    @property
    def waiting(self) -> int:
        """How many wait, in either mode."""
        return self.room.waiting + self.online.waiting

    def in_mode(self, mode: Mode) -> Places:
        """The seats of one mode."""
        return self.room if mode is Mode.ROOM else self.online

    def with_mode(self, mode: Mode, places: Places) -> Seats:
        """These seats with `places` in one mode."""
        if mode is Mode.ROOM:
            return Seats(room=places, online=self.online)
        return Seats(room=self.room, online=places)

    def with_capacity(self, mode: Mode, capacity: int | None) -> Seats:
        """These seats with another capacity in one mode; nobody loses one."""
        return self.with_mode(mode, evolve(self.in_mode(mode), capacity=capacity))


class NoticeKind(Choice, field="kind"):
    """What a notice is about. `LINK` sends the personal link again to who asks for it."""

    RECEIVED = "received"
    CONFIRMATION = "confirmation"
    WAITING = "waiting"
    OFFER = "offer"
    REMINDER = "reminder"
    CHANGE = "change"
    SEAT_CANCELLED = "seat_cancelled"
    EVENT_CANCELLED = "event_cancelled"
    SUBSTITUTION = "substitution"
    LINK = "link"
    STAFF = "staff"


@frozen(kw_only=True)
class Notice:
    """One message owed to one recipient: facts only, rendered when it is delivered.

    `key` is unique and becomes the Message-ID; `revision` is the event's it speaks of; `sequence`
    is the calendar number it sends, None where it sends no calendar.
    """

    key: str = line(required=True)
    kind: NoticeKind = field(converter=NoticeKind)
    event: str = field(validator=check_key)
    revision: int
    registration: int | None = None
    recipient: str = line(required=True)
    due: datetime = field(converter=recorded)
    language: str = line(required=True, default="da")
    sequence: int | None = None
    data: Mapping[str, Json] = json_object()


@frozen(kw_only=True)
class Message:
    """A rendered notice, as a notifier gets it. `mime` is the whole message (RFC 5322).

    `sender` and `recipient` are addresses alone, as an envelope has them (RFC 5321).
    """

    key: str = line(required=True)
    sender: str = line()
    recipient: str = line(required=True)
    subject: str = line()
    text: str = prose()
    html: str = prose()
    calendar: bytes | None = None
    mime: bytes = b""


@frozen(kw_only=True)
class Entry:
    """One line of the journal: who did what to which event or registration, when (UTC) and why."""

    at: datetime = field(converter=recorded)
    actor: Actor = of(Actor)
    action: str = line(required=True)
    event: str | None = field(default=None, validator=optional(check_key))
    registration: int | None = None
    reason: str = line()
    data: Mapping[str, Json] = json_object()


@frozen(kw_only=True)
class Outcome:
    """All that one command saves, in one commit."""

    revision: Revision | None = optional_of(Revision)
    registrations: tuple[Registration, ...] = several(Registration)
    seats: Seats | None = optional_of(Seats)
    notices: tuple[Notice, ...] = several(Notice)
    entries: tuple[Entry, ...] = several(Entry)
