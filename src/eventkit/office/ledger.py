"""The ledger: the registrations of one event, held by its locked `seats` row until the commit.

Whoever holds it reads what a command may touch (`book`), decides, and saves all of it (`save`).
What it reads does not grow with the event: as many of those who wait as there are seats for, and
one more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import NoticeKind, Outcome, Registration, Seats, Standing
from eventkit.model.values import Mode, Role, instant
from eventkit.office import tables
from eventkit.office.prepared import Prepared
from eventkit.office.tables import journal, notices, registrations, seats
from eventkit.rules.deadlines import closing, counting, reminding
from eventkit.rules.seating import Book, counted, void_from

Read = Callable[[Callable[[sa.Row[Any]], Any], sa.Row[Any], str], Any]
"""How a row becomes a value, and what is told where it cannot."""

DaysOff = Callable[[Event], Collection[date]]
"""The days on which nobody works for an event."""

_CHUNK = 400  # values in one IN (…)


def no_days_off(_: Event) -> Collection[date]:
    """Where nobody knows of any, or none matters."""
    return ()


class Ledger:
    """The registrations of one event while a command decides; `Store.holding` gives it.

    `number` is that of the event's revision, `seats` are the counts, `last` the number given last,
    `remind_at` and `tell_at` when everybody is written to, and `count_at` when staff are: all as
    they are now that nobody else can change them.
    """

    def __init__(self, connection: Connection, row: sa.Row[Any], event_id: str, read: Read) -> None:
        self.number: int = row.number
        self.seats: Seats = read(tables.seats_of, row, event_id)
        self.last: int = row.last
        self._due_at: datetime | None = row.due_at
        self.remind_at: datetime | None = row.remind_at
        self.tell_at: datetime | None = row.tell_at
        self.count_at: datetime | None = row.count_at
        self._connection = connection
        self._event_id = event_id
        self._read = read

    # --- reading ---

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to look for what is due."""
        return self._due_at is not None and self._due_at <= instant(now)

    def book(
        self,
        revision: Revision,
        *,
        now: datetime,
        numbers: Collection[int] = (),
        key: str = "",
        people: Collection[str] = (),
        holidays: DaysOff = no_days_off,
        head: bool = False,
        whole_queue: bool = False,
        active: bool = False,
        formless: bool = False,
    ) -> Book:
        """What the desk may look into for a command on these `numbers`, `people` or this form.

        With `head` that holds who is first in line in any case, with `whole_queue` everybody in
        line, with `active` everybody who is on their way in, or in, and with `formless` who came by
        no form, because they stand in for somebody.
        """
        found = self._named(numbers, key, people)
        if formless:
            found |= self._select(_FORMLESS)
        if active:
            found |= self._select(_ACTIVE)
        found |= self._due(revision, now)
        found |= self._next(revision.event, now, found.values(), head=head, whole=whole_queue)
        return Book(
            revision=revision,
            seats=self.seats,
            last=self.last,
            registrations=tuple(found.values()),
            holidays=holidays(revision.event),
        )

    def has_invitations_owed(self, number: int, since: datetime) -> bool:
        """Whether mail due `since` then that changes the calendar of `number` is not sent yet."""
        asked = {"event": self._event_id, "this": number, "since": instant(since)}
        return self._connection.scalar(_INVITATION_OWED, asked) is not None

    def came(self, people: Collection[str], keys: Collection[str]) -> tuple[Registration, ...]:
        """Everybody who is one of these people, or came by one of these forms: any number."""
        forms = [tables.digest(key) for key in keys]
        found: dict[int, Registration] = {}
        for first in range(0, max(len(people), len(forms)), _CHUNK):
            chunk = slice(first, first + _CHUNK)
            found |= self._select(_CAME, people=list(people)[chunk], forms=forms[chunk])
        return tuple(found.values())

    def _named(
        self, numbers: Collection[int], key: str, people: Collection[str]
    ) -> dict[int, Registration]:
        """Those named by number, with whom they came with; by form; and by who they are."""
        who = [person for person in people if person]
        form = tables.digest(key)
        if not numbers and form is not None and len(who) == 1:  # what a form mostly asks
            asked = {"event": self._event_id, "form": form, "person": who[0]}
            return self._those(_BY_FORM.run(self._connection, asked))
        if not (numbers or form or who):
            return {}
        found = self._select(_NAMED, numbers=list(numbers), form=form, people=who)
        groups = {found[number].group for number in numbers if number in found}
        parties = [group for group in groups if any(one.party == group for one in found.values())]
        return found | self._select(_PARTIES, parties=parties) if parties else found

    def _due(self, revision: Revision, now: datetime) -> dict[int, Registration]:
        """Every offer that has ended."""
        event = revision.event
        if event.status is Status.CANCELLED and instant(now) >= void_from(revision):
            return self._select(_OFFERED)
        if event.status is not Status.PUBLISHED:
            return {}
        if instant(now) >= instant(closing(event.offers_until, event)):
            return self._select(_OFFERED) if self.seats.offered else {}
        if not self.is_due(now):
            return {}
        return self._select(_OFFERED.where(registrations.c.offer_ends <= instant(now)))

    def _next(
        self,
        event: Event,
        now: datetime,
        found: Iterable[Registration],
        *,
        head: bool,
        whole: bool,
    ) -> dict[int, Registration]:
        """Who waits, in each mode where somebody could move up: as many as could, and one more.

        Of a party that is cut in two there, enough is seen to know that it does not fit.
        """
        if not self.seats.waiting:
            return {}
        over = instant(now) >= instant(closing(event.offers_until, event))
        moves = event.status is Status.PUBLISHED
        held = list(found)
        waiting: dict[int, Registration] = {}
        for mode in Mode:
            places = self.seats.in_mode(mode)
            if places.waiting == 0:
                continue
            query = _QUEUE.where(registrations.c.mode == mode.value)
            if not (whole or (moves and (over or places.free is None))):
                freed = sum(
                    one.mode is mode and counted(one.status) in ("confirmed", "offered")
                    for one in held
                )
                seats = (places.free or 0) + freed if moves else 0
                if seats == 0 and not head:
                    continue
                # Those of them that the command may take out of the queue do not stand for it.
                own = sum(one.mode is mode and one.status is Standing.WAITING for one in held)
                query = query.limit(seats + own + 1)
            waiting |= self._select(query)
        return waiting

    def _select(self, query: sa.Select[Any], **asked: Any) -> dict[int, Registration]:
        return self._those(self._connection.execute(query, {"event": self._event_id, **asked}))

    def _those(self, rows: Iterable[sa.Row[Any]]) -> dict[int, Registration]:
        return {row.number: self._read(tables.registration_of, row, self._event_id) for row in rows}

    # --- saving ---

    def reseat(self, revision: Revision) -> None:
        """Take up what a new revision says of seats, and when to remind everybody and to count.

        `book` and `save` go by it from now on. An event that is not on is not reminded of, and what
        is owed of that waits until it is on again.
        """
        self.number = revision.number
        if revision.event.status is Status.PUBLISHED:
            self.remind_at = _to_come(reminding(revision.event), self.remind_at, revision)
            self.count_at = _to_come(counting(revision.event), self.count_at, revision)
        if self.seats.offered:
            # Nobody looked while the event was not announced, and now offers may end sooner.
            self._due_at = self._connection.scalar(_FIRST_END, {"event": self._event_id})
        for mode, capacity in (
            (Mode.ROOM, revision.event.capacity),
            (Mode.ONLINE, revision.event.online_capacity),
        ):
            self.seats = self.seats.with_capacity(mode, capacity)

    def forget(
        self, one: Registration, others: Sequence[Registration], mentions: Callable[[str], bool]
    ) -> None:
        """Take whom a registration named out of notices and journal; what is unsent is withdrawn.

        Of the `others`, whom they signed up, what did not go to an address of their own: it went to
        one that they have or had. A reason goes that was given for it, in the same command for
        others, or that `mentions` them.
        """
        event = {"event": self._event_id, "this": one.number}
        theirs = {
            **event,
            "others": [other.number for other in others],
            "own": [other.person.email for other in others if other.person.email],
        }
        self._connection.execute(_WITHDRAW, theirs)
        self._connection.execute(_UNADDRESS, theirs)
        found = self._connection.execute(_REASONS, event).all()
        own = {(row.at, row.reason) for row in found if row.registration == one.number}
        gone = [
            {"entry": row.id}
            for row in found
            if (row.at, row.reason) in own or mentions(row.reason)
        ]
        if gone:
            self._connection.execute(_UNREASON, gone)

    def withdraw_called_off(self) -> dict[int, int | None]:
        """Withdraw what was not sent of that the event is called off: to whom, and what they know.

        That is the revision they were told of before.
        """
        rows = self._connection.execute(_WITHDRAW_CALLED_OFF, {"event": self._event_id}).all()
        told = [self._read(tables.notice_of, row, self._event_id) for row in rows]
        return {one.registration: one.data.get("since") for one in told}

    def save(self, outcome: Outcome, revision: Revision, *, now: datetime) -> None:
        """Write all that a command decided, and when something will be due next."""
        new = [one for one in outcome.registrations if one.number > self.last]
        changed = [one for one in outcome.registrations if one.number <= self.last]
        connection = self._connection
        if changed:  # before what is new: who gives a person's place up comes before who takes it
            rows = [tables.registration_row(one) for one in changed]
            rows.sort(key=lambda row: row["active_person"] is not None)
            renamed = ({f"new_{key}": value for key, value in row.items()} for row in rows)
            _CHANGE.run(connection, *renamed)
        if new:
            _ENTER.run(connection, *map(tables.registration_row, new))
        if outcome.notices:
            _OWE.run(connection, *map(tables.notice_row, outcome.notices))
        if outcome.entries:
            _WRITE_DOWN.run(connection, *map(tables.entry_row, outcome.entries))
        self.seats = outcome.seats or self.seats
        self.last = max([self.last, *(one.number for one in new)])
        self._due_at = self._next_due(outcome.registrations, revision, now)
        _SEATS.run(
            connection,
            {
                "e": self._event_id,
                "new_number": self.number,
                "new_last": self.last,
                "new_due_at": self._due_at,
                "new_remind_at": self.remind_at,
                "new_tell_at": self.tell_at,
                "new_count_at": self.count_at,
                **tables.seats_row(self.seats),
            },
        )

    def _next_due(
        self, changed: Sequence[Registration], revision: Revision, now: datetime
    ) -> datetime | None:
        """When something is due at the latest known: too early costs a look, too late a seat."""
        looks = [*self._offers_due(changed, revision, now), self.tell_at]
        if revision.event.status is Status.PUBLISHED:
            looks += [self.remind_at, self.count_at]
        return min((instant(one) for one in looks if one is not None), default=None)

    def _offers_due(
        self, changed: Sequence[Registration], revision: Revision, now: datetime
    ) -> Iterator[datetime | None]:
        """The ends of offers, and of hope."""
        status = revision.event.status
        if status is Status.CANCELLED and self.seats.offered:
            yield void_from(revision)
        if status is not Status.PUBLISHED or not (self.seats.waiting or self.seats.offered):
            return
        yield closing(revision.event.offers_until, revision.event)
        yield from (one.offer_ends for one in changed if one.status is Standing.OFFERED)
        if self._due_at is not None and self._due_at > instant(now):
            yield self._due_at
        else:
            yield self._connection.scalar(_FIRST_END, {"event": self._event_id})


def _to_come(at: datetime | None, owed: datetime | None, revision: Revision) -> datetime | None:
    """`at`, unless it was past when `revision` was made, and what is `owed` then is not it."""
    if at is None or (instant(at) <= instant(revision.at) and instant(at) != owed):
        return None
    return instant(at)


# --- statements ------------------------------------------------------------------------------

_COUNTS = sa.select(*(column for column in seats.c if column.name != "event_id")).where(
    seats.c.event_id == sa.bindparam("event")
)
LOOK = Prepared(_COUNTS)
LOCK = Prepared(_COUNTS.with_for_update())
"""Takes the row that every command on an event takes first; SQLite has locked the file already."""

_DOCUMENTS = sa.select(registrations.c.number, registrations.c.document)
_OF_EVENT = _DOCUMENTS.where(registrations.c.event_id == sa.bindparam("event"))
_EVENT = registrations.c.event_id == sa.bindparam("event")
# The event stands in each branch of an "or": else SQLite reads all of the event's registrations.
_BY_FORM = Prepared(
    _DOCUMENTS.where(
        (_EVENT & (registrations.c.form == sa.bindparam("form")))
        | (_EVENT & (registrations.c.person == sa.bindparam("person")))
    )
)
_NAMED = _DOCUMENTS.where(
    (_EVENT & registrations.c.number.in_(sa.bindparam("numbers", expanding=True)))
    | (_EVENT & (registrations.c.form == sa.bindparam("form")))
    | (_EVENT & registrations.c.person.in_(sa.bindparam("people", expanding=True)))
)
_CAME = _DOCUMENTS.where(
    (_EVENT & registrations.c.person.in_(sa.bindparam("people", expanding=True)))
    | (_EVENT & registrations.c.form.in_(sa.bindparam("forms", expanding=True)))
)
_PARTIES = _OF_EVENT.where(registrations.c.group.in_(sa.bindparam("parties", expanding=True)))
_ACTIVE = _OF_EVENT.where(
    registrations.c.status.in_([one.value for one in Standing if one.is_active])
)
_FORMLESS = _OF_EVENT.where(registrations.c.form.is_(None))
_OFFERED = _OF_EVENT.where(registrations.c.status == Standing.OFFERED.value)
_QUEUE = _OF_EVENT.where(
    registrations.c.status == Standing.WAITING.value,
    registrations.c.role == Role.PARTICIPANT.value,
).order_by(registrations.c.group, registrations.c.number)
_FIRST_END = sa.select(sa.func.min(registrations.c.offer_ends)).where(
    registrations.c.event_id == sa.bindparam("event"),
    registrations.c.status == Standing.OFFERED.value,
)
_TO_ONE = (notices.c.event_id == sa.bindparam("event")) & (
    (notices.c.registration == sa.bindparam("this"))
    | (
        notices.c.registration.in_(sa.bindparam("others", expanding=True))
        & notices.c.recipient.not_in(sa.bindparam("own", expanding=True))
    )
)
_INVITATION_OWED = (
    sa.select(notices.c.key)
    .where(
        notices.c.event_id == sa.bindparam("event"),
        notices.c.registration == sa.bindparam("this"),
        notices.c.sequence.is_not(None),
        notices.c.due >= sa.bindparam("since"),
        notices.c.state.in_((tables.OWED, tables.CLAIMED, tables.SENDING)),
    )
    .limit(1)
)
_UNADDRESS = sa.update(notices).where(_TO_ONE).values(recipient="-")
_WITHDRAW = (
    sa.update(notices)
    .where(_TO_ONE, notices.c.state.in_((tables.OWED, tables.CLAIMED, tables.HELD)))
    .values(state=tables.WITHDRAWN)
)
_WITHDRAW_CALLED_OFF = (
    sa.update(notices)
    .where(
        notices.c.event_id == sa.bindparam("event"),
        notices.c.kind == NoticeKind.EVENT_CANCELLED.value,
        notices.c.state.in_((tables.OWED, tables.CLAIMED, tables.HELD)),
    )
    .values(state=tables.WITHDRAWN)
    .returning(notices)
)
_REASONS = sa.select(journal.c.id, journal.c.at, journal.c.registration, journal.c.reason).where(
    journal.c.event_id == sa.bindparam("event"),
    journal.c.reason != "",
    journal.c.action != "erase",
)
_UNREASON = sa.update(journal).where(journal.c.id == sa.bindparam("entry")).values(reason="")
_ENTER, _OWE, _WRITE_DOWN = (
    Prepared(sa.insert(table)) for table in (registrations, notices, journal)
)
_CHANGE = Prepared(
    sa.update(registrations)
    .where(
        registrations.c.event_id == sa.bindparam("new_event_id"),
        registrations.c.number == sa.bindparam("new_number"),
    )
    .values(
        {
            column.name: sa.bindparam(f"new_{column.name}")
            for column in registrations.c
            if column.name not in ("event_id", "number")
        }
    )
)
_SEATS = Prepared(
    sa.update(seats)
    .where(seats.c.event_id == sa.bindparam("e"))
    .values(
        {
            column.name: sa.bindparam(
                column.name
                if column.name.startswith(("room_", "online_"))
                else f"new_{column.name}"
            )
            for column in seats.c
            if column.name != "event_id"
        }
    )
)
