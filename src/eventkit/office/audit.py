"""Recount everything from rows: what must add up whatever happened, in any order, at any speed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.engine import Connection

from eventkit.model.errors import Fault
from eventkit.model.registration import Seats
from eventkit.office import tables


@frozen(kw_only=True)
class _Rows:
    """Every row of one event."""

    head: Any
    revisions: Sequence[Any]
    vevents: Sequence[Any]
    entries: Sequence[Any]
    seats: Any = field(default=None)


def recount(connection: Connection, base_url: str) -> Iterator[Fault]:
    """Everything that does not add up, by event; nothing for a sound database.

    The path names the event, ``21-374``, its revision, ``21-374[2]``, or column.
    """
    revisions = _by_event(connection, tables.revisions, tables.revisions.c.number)
    vevents = _by_event(connection, tables.vevents, tables.vevents.c.number)
    entries = _by_event(connection, tables.journal, tables.journal.c.id)
    seats = _by_event(connection, tables.seats, tables.seats.c.event_id)
    for head in connection.execute(sa.select(tables.events).order_by(tables.events.c.id)):
        rows = _Rows(
            head=head,
            revisions=revisions.pop(head.id, ()),
            vevents=vevents.pop(head.id, ()),
            entries=entries.pop(head.id, ()),
            seats=next(iter(seats.pop(head.id, ())), None),
        )
        try:
            yield from _event(rows, base_url)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            yield _odd(head.id, f"a row cannot be read: {' '.join(str(error).split())[:200]}")
    entries.pop(None, None)  # what was done to no event
    for left in (revisions, vevents, entries, seats):
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
    elif tables.seats_of(rows.seats) != Seats.of(current.event):
        yield _odd(f"{head.id}.seats", "the seats are not those of the document")
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


def _odd(path: str | None, text: str) -> Fault:
    return Fault(path or "", "does_not_add_up", text)
