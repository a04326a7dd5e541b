"""Recount everything from rows: what must add up whatever happened, in any order, at any speed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import evolve, field, frozen
from sqlalchemy.engine import Connection

from eventkit.model.errors import Fault
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import Registration, Seats, Standing
from eventkit.model.values import Role, instant
from eventkit.office import tables
from eventkit.rules.deadlines import windows
from eventkit.rules.seating import TRANSITIONS, counted, void_from


@frozen(kw_only=True)
class _Rows:
    """Every row of one event."""

    head: Any
    revisions: Sequence[Any]
    vevents: Sequence[Any]
    entries: Sequence[Any]
    registrations: Sequence[Any]
    notices: Sequence[Any]
    seats: Any = field(default=None)


def recount(connection: Connection, base_url: str) -> Iterator[Fault]:
    """Everything that does not add up, by event; nothing for a sound database.

    The path names the event, ``21-374``, its revision, ``21-374[2]``, a registration, ``21-374-7``,
    or a column.
    """
    revisions = _by_event(connection, tables.revisions, tables.revisions.c.number)
    vevents = _by_event(connection, tables.vevents, tables.vevents.c.number)
    entries = _by_event(connection, tables.journal, tables.journal.c.id)
    registrations = _by_event(connection, tables.registrations, tables.registrations.c.number)
    notices = _by_event(connection, tables.notices, tables.notices.c.key)
    seats = _by_event(connection, tables.seats, tables.seats.c.event_id)
    for head in connection.execute(sa.select(tables.events).order_by(tables.events.c.id)):
        rows = _Rows(
            head=head,
            revisions=revisions.pop(head.id, ()),
            vevents=vevents.pop(head.id, ()),
            entries=entries.pop(head.id, ()),
            registrations=registrations.pop(head.id, ()),
            notices=notices.pop(head.id, ()),
            seats=next(iter(seats.pop(head.id, ())), None),
        )
        try:
            yield from _event(rows, base_url)
        except tables.UNREADABLE as error:
            yield _odd(head.id, f"a row cannot be read: {' '.join(str(error).split())[:200]}")
    entries.pop(None, None)  # what was done to no event
    for left in (revisions, vevents, entries, registrations, notices, seats):
        for event_id in left:
            yield _odd(event_id, "rows of no event")


def _by_event(
    connection: Connection, table: sa.Table, order: sa.Column[Any]
) -> dict[str | None, list[Any]]:
    found: defaultdict[str | None, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(table).order_by(order)):
        found[row.event_id].append(row)
    return dict(found)


def _event(rows: _Rows, base_url: str) -> Iterator[Fault]:
    head = rows.head
    if [row.number for row in rows.revisions] != list(range(1, head.number + 1)):
        yield _odd(head.id, "its revisions are not 1 to the current one")
        return
    revisions = [tables.revision_of(row) for row in rows.revisions]
    current = revisions[-1]
    for name, value in tables.event_row(current).items():
        if getattr(head, name) != value:
            yield _odd(f"{head.id}.{name}", "the column is not what the document says")
    if rows.seats is None:
        yield _odd(head.id, "it has no seats")
    else:
        yield from _desk(rows, current)
    vevents = {(row.number, row.language): row for row in rows.vevents}
    entries: defaultdict[int | None, list[Any]] = defaultdict(list)
    for entry in rows.entries:
        entries[json.loads(entry.data).get("revision")].append(entry)
    sequence = 0
    for revision in revisions:
        path = f"{head.id}[{revision.number}]"
        if (revision.event.id, revision.event.uid) != (head.id, head.uid):
            yield _odd(path, "the document is another event's")
        if revision.sequence < sequence:
            yield _odd(path, "its SEQUENCE fell")
        sequence = revision.sequence
        own = entries.pop(revision.number, [])
        if [(row.at, row.actor_side, row.actor_id) for row in own] != [
            (revision.at, revision.actor.side.value, revision.actor.id)
        ]:
            yield _odd(path, "the journal does not have it once")
        for wanted in tables.vevent_rows(revision, base_url):
            found = vevents.pop((revision.number, wanted["language"]), None)
            if found is None:
                yield _odd(path, "it has no calendar entry")
            elif found.base_url == base_url and (found.zones, found.text) != (
                wanted["zones"],
                wanted["text"],
            ):
                yield _odd(path, "its calendar entry is another")
    entries.pop(None, None)
    for number in entries:
        yield _odd(f"{head.id}[{number}]", "the journal has a revision that is not there")
    for number, _ in vevents:
        yield _odd(f"{head.id}[{number}]", "a draft has a calendar entry")


# --- the desk --------------------------------------------------------------------------------


def _desk(rows: _Rows, current: Revision) -> Iterator[Fault]:
    """Whether registrations, counts, journal and notices say the same."""
    head, event = rows.head, current.event
    people = [tables.registration_of(row) for row in rows.registrations]
    if [one.number for one in people] != list(range(1, rows.seats.last + 1)):
        yield _odd(f"{head.id}.seats", "the registrations are not 1 to the last")
    if tables.seats_of(rows.seats) != _counted(event, people):
        yield _odd(f"{head.id}.seats", "the counts are not those of the registrations")
    if rows.seats.number != head.number:
        yield _odd(f"{head.id}.seats", "it is of another revision")
    entries: defaultdict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    owed: list[str] = []
    for entry in rows.entries:
        data = json.loads(entry.data)
        owed += data.get("notices", ())
        if "change" in data:
            entries[entry.registration].append(data)
    for row, one in zip(rows.registrations, people, strict=True):
        for name, value in tables.registration_row(one).items():
            if getattr(row, name) != value:
                yield _odd(f"{one.id}.{name}", "the column is not what the document says")
        if not _leads_to(entries.pop(one.number, []), one):
            yield _odd(one.id, "the journal does not lead to where it stands")
    for number in entries:
        yield _odd(f"{head.id}-{number}", "the journal has a registration that is not there")
    if sorted(owed) != [row.key for row in rows.notices]:
        yield _odd(head.id, "the notices are not those of the journal")
    if (late := _overlooked(rows.seats, current, people)) is not None:
        yield _odd(f"{head.id}.due_at", f"nobody will look before {late}")


def _counted(event: Event, people: Iterable[Registration]) -> Seats:
    seats = Seats.of(event)
    for one in people:
        name = counted(one.status)
        if name is not None and one.role is Role.PARTICIPANT:
            places = seats.in_mode(one.mode)
            seats = seats.with_mode(one.mode, evolve(places, **{name: getattr(places, name) + 1}))
    return seats


def _leads_to(changes: Sequence[Mapping[str, Any]], one: Registration) -> bool:
    """Whether every step of the journal is allowed, and the last one ends where `one` stands."""
    status: Standing | None = None
    for number, data in enumerate(changes, start=1):
        before = None if data["from"] is None else Standing(data["from"])
        after = Standing(data["to"])
        if data["change"] != number or before is not status:
            return False
        if after is not before and after not in TRANSITIONS[before]:
            return False
        status = after
    return bool(changes) and status is one.status and one.change == len(changes)


def _overlooked(row: Any, current: Revision, people: Iterable[Registration]) -> datetime | None:
    """The first thing that is due before anybody would look; None where all is looked after."""
    event = current.event
    looks = [row.tell_at]
    if event.status is Status.PUBLISHED:
        looks += [row.remind_at, row.count_at]
        looks += [one.offer_ends for one in people if one.status is Standing.OFFERED]
        if any(one.status in (Standing.OFFERED, Standing.WAITING) for one in people):
            looks.append(instant(windows(event).offers.closes))
    if event.status is Status.CANCELLED and any(one.status is Standing.OFFERED for one in people):
        looks.append(void_from(current))
    first = min((moment for moment in looks if moment is not None), default=None)
    return first if first is not None and (row.due_at is None or row.due_at > first) else None


def _odd(path: str | None, text: str) -> Fault:
    return Fault(path or "", "does_not_add_up", text)
