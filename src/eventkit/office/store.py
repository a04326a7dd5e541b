"""What is kept and asked for: revisions, seats, calendar entries and the journal.

Decoded revisions are kept in memory, because they never change: a page costs one small SELECT.

**Writing** is `Store.save` for events: everything of one command in one commit, on condition that
no event has moved since it was read. At the desk it is `Store.holding`: the event's `seats` row is
locked, and what is read is what is decided on. Both take that row first.

**Calendars.** Each revision the public may see keeps its VEVENT in each language, so that a feed is
one SELECT and a join. They hold the site's address: entries written for another one are worded
anew when read, and by the next `Store.create`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from eventkit.model.errors import Fault, StoreError
from eventkit.model.event import Revision
from eventkit.model.registration import (
    Entry,
    Notice,
    Outcome,
    Registration,
    Seats,
    Standing,
)
from eventkit.model.values import instant
from eventkit.office import tables
from eventkit.office.audit import recount
from eventkit.office.database import Database, address
from eventkit.office.ledger import LOCK, LOOK, DaysOff, Ledger, no_days_off
from eventkit.office.outbox import Outbox
from eventkit.office.postgres import PostgreSQL
from eventkit.office.prepared import Prepared
from eventkit.office.sqlite import SQLite
from eventkit.office.tables import (
    events,
    journal,
    notices,
    registrations,
    revisions,
    seats,
    vevents,
)
from eventkit.rules.desk import settle
from eventkit.rules.forms import identity_of

KEPT = 512
"""Decoded revisions kept in memory, and as many as the public sees them."""

_CHUNK = 400  # values in one IN (…)

_Key: TypeAlias = "tuple[str, int]"  # an event's id and the number of a revision

# --- what one process keeps to itself ---

K = TypeVar("K")
V = TypeVar("V")


class _Kept(Generic[K, V]):
    """The values used last, by key; safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._most:
                self._values.popitem(last=False)


class _MovedError(Exception):
    """An event is no longer as it was when the command was decided."""


class OvertakenError(Exception):
    """Somebody else took a number, a person's place or a form's key first: decide again."""


Then = Callable[[Ledger, Revision], Outcome]
"""What a new revision leads to at the desk of its event, while nobody else changes it."""


def due(ledger: Ledger, revision: Revision, *, holidays: DaysOff = no_days_off) -> Outcome:
    """What a new revision makes due, such as a seat for the next in line."""
    book = ledger.book(revision, now=revision.at, holidays=holidays)
    return settle(book, now=revision.at, actor=revision.actor)


class Store:
    """The events of one database; make one with `open` or `create`. Safe to share between threads.

    `base_url` is the site's address, as calendar entries give it.
    """

    def __init__(self, database: Database, base_url: str = "") -> None:
        self.base_url = base_url
        self._database = database
        self._kept: _Kept[_Key, Revision] = _Kept(KEPT)
        self._public: _Kept[_Key, Revision] = _Kept(KEPT)
        self._latest: _Kept[str, int] = _Kept(KEPT)

    @classmethod
    def open(cls, url: str, *, base_url: str = "") -> Store:
        """The events at `url`; raises `StoreError` for a database that cannot be used."""
        where = address(url)
        return cls(_kind(where).open(where), base_url)

    @classmethod
    def create(cls, url: str, *, base_url: str = "") -> Store:
        """The same, of a database that is made or brought up to date (`Database.create`)."""
        where = address(url)
        store = cls(_kind(where).create(where), base_url)
        try:
            store.refresh()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def outbox(self) -> Outbox:
        """The notices on their way."""
        return Outbox(self._database, self._read)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @property
    def name(self) -> str:
        """What people call the database: its file, or its URL without a password."""
        return self._database.name

    @property
    def folder(self) -> Path | None:
        """Where the database lies on this machine; None for one on a server."""
        return self._database.folder

    @property
    def was(self) -> str | None:
        """The version of the tables that `create` found; None where there were none."""
        return self._database.was

    @property
    def upgraded(self) -> bool:
        """Whether `create` found tables of an older version."""
        return self._database.upgraded

    @property
    def backup(self) -> Path | None:
        """The copy that `create` made before it changed the tables."""
        return self._database.backup

    # --- revisions ---

    def revision(self, event_id: str, number: int | None = None) -> Revision | None:
        """A revision of an event, the current one by default; None where there is none."""
        if number is not None:
            return self._load([(event_id, number)]).get((event_id, number))
        with self._database.reading() as connection:
            number = connection.scalar(_CURRENT, {"id": event_id})
        if number is None:
            return None
        self._latest.put(event_id, number)
        return self._load_all([(event_id, number)])[event_id, number]

    def remembered(self, event_id: str) -> Revision | None:
        """The revision of an event that this process saw last, without a look: it may be old.

        For a command at the desk, which is told under the lock whether it still stands.
        """
        number = self._latest.get(event_id)
        return None if number is None else self._kept.get((event_id, number))

    def posted(self, event_id: str) -> tuple[Revision, Seats] | None:
        """What the public sees of an event, and its seats; None for a draft or none at all."""
        with self._database.reading() as connection:
            row = connection.execute(_POSTED, {"id": event_id}).one_or_none()
        if row is None:
            return None
        key = (event_id, row.published)
        return self._seen([key])[key], self._read(tables.seats_of, row, event_id)

    def seats(self, event_id: str) -> Seats | None:
        """The seats of an event, or None where there is no such event."""
        with self._database.reading() as connection:
            row = connection.execute(_SEATS, {"id": event_id}).one_or_none()
        return None if row is None else self._read(tables.seats_of, row, event_id)

    def listed(
        self,
        *,
        after: datetime | None = None,
        before: datetime | None = None,
        organiser: str | None = None,
        series: str | None = None,
        kind: str | None = None,
    ) -> tuple[tuple[Revision, Seats], ...]:
        """What the public list shows and the seats, by start: what is over `after` or `before`."""
        query = _shown_to_all(
            sa.select(events.c.id, events.c.published, *_SEAT_COLUMNS).join(seats),
            organiser=organiser,
            series=series,
            kind=kind,
        )
        if after is not None:
            query = query.where(events.c.over > after)
        if before is not None:
            query = query.where(events.c.over <= before)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.starts, events.c.id)).all()
        found = self._seen([(row.id, row.published) for row in rows])
        return tuple(
            (found[row.id, row.published], self._read(tables.seats_of, row, row.id)) for row in rows
        )

    def all_revisions(self) -> tuple[tuple[Revision, Seats], ...]:
        """The current revision and the seats of every event, drafts included, by start."""
        query = sa.select(events.c.id, events.c.number, *_SEAT_COLUMNS).join(seats)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.starts, events.c.id)).all()
        found = self._load_all([(row.id, row.number) for row in rows])
        return tuple(
            (found[row.id, row.number], self._read(tables.seats_of, row, row.id)) for row in rows
        )

    def history(self, event_id: str) -> tuple[Revision, ...]:
        """Every revision of an event, the first first."""
        query = sa.select(revisions.c.number).where(revisions.c.event_id == event_id)
        with self._database.reading() as connection:
            numbers = connection.scalars(query.order_by(revisions.c.number)).all()
        found = self._load_all([(event_id, number) for number in numbers])
        return tuple(found[event_id, number] for number in numbers)

    def journal(self, event_id: str | None = None, number: int | None = None) -> tuple[Entry, ...]:
        """What was done to one registration, to one event or to all, in order."""
        query = sa.select(journal).order_by(journal.c.id)
        if event_id is not None:
            query = query.where(journal.c.event_id == event_id)
        if number is not None:
            query = query.where(journal.c.registration == number)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(self._read(tables.entry_of, row, row.event_id or "") for row in rows)

    def known(self, ids: Iterable[str]) -> dict[str, Revision]:
        """Those of `ids` that are events, each with its current revision."""
        found: list[_Key] = []
        query = sa.select(events.c.id, events.c.number)
        for chunk in _chunks(sorted(set(ids))):
            with self._database.reading() as connection:
                rows = connection.execute(query.where(events.c.id.in_(chunk)))
                found += ((row.id, row.number) for row in rows)
        return {key[0]: revision for key, revision in self._load_all(found).items()}

    def of_uids(self, uids: Iterable[str]) -> dict[str, str]:
        """The ids of the events that have these UIDs, by UID."""
        found: dict[str, str] = {}
        query = sa.select(events.c.uid, events.c.id)
        for chunk in _chunks(sorted(set(uids))):
            with self._database.reading() as connection:
                rows = connection.execute(query.where(events.c.uid.in_(chunk)))
                found |= {row.uid: row.id for row in rows}
        return found

    def ids_beginning(self, start: str) -> tuple[str, ...]:
        """Every event id that begins with `start`."""
        query = sa.select(events.c.id).where(events.c.id.startswith(start, autoescape=True))
        with self._database.reading() as connection:
            return tuple(connection.scalars(query))

    def count(self) -> int:
        """How many events there are."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(events)) or 0

    # --- registrations ---

    def registration(self, event_id: str, number: int) -> Registration | None:
        """One registration; None where there is none."""
        query = sa.select(registrations.c.document).where(
            registrations.c.event_id == event_id, registrations.c.number == number
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else self._read(tables.registration_of, row, event_id)

    def registrations(self, event_id: str) -> tuple[Registration, ...]:
        """Every registration of an event, in order of arrival."""
        query = sa.select(registrations.c.document).where(registrations.c.event_id == event_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(registrations.c.number)).all()
        return tuple(self._read(tables.registration_of, row, event_id) for row in rows)

    def those(self, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Registration]:
        """Those of these registrations, by event and number, that are there."""
        found: dict[tuple[str, int], Registration] = {}
        columns = registrations.c.event_id, registrations.c.number
        for chunk in _chunks(sorted(set(keys))):
            query = sa.select(*columns, registrations.c.document)
            with self._database.reading() as connection:
                rows: Any = connection.execute(query.where(sa.tuple_(*columns).in_(chunk))).all()
            for row in rows:
                found[row.event_id, row.number] = self._read(
                    tables.registration_of, row, row.event_id
                )
        return found

    def first_announced(self, event_id: str) -> int | None:
        """The number of the first revision of an event that anybody saw; None for a draft."""
        query = sa.select(sa.func.min(vevents.c.number)).where(vevents.c.event_id == event_id)
        with self._database.reading() as connection:
            first: int | None = connection.scalar(query)
        return first

    def is_back(self, one: Registration) -> bool:
        """Whether who left as `one` has a seat at the event again, and so the calendar entry."""
        if one.uid is None:  # somebody else has it by now
            return True
        who = identity_of(one)
        query = sa.select(registrations.c.document).where(
            registrations.c.event_id == one.event,
            registrations.c.active_person == who,
            registrations.c.status.in_([status.value for status in Standing if status.is_seated]),
        )
        with self._database.reading() as connection:
            rows: Any = connection.execute(query).all() if who else ()
        found = (self._read(tables.registration_of, row, one.event) for row in rows)
        return any(other.uid == one.uid for other in found)

    def ahead_of(self, one: Registration) -> int:
        """How many wait before `one` in its queue."""
        query = (
            sa.select(sa.func.count())
            .select_from(registrations)
            .where(
                registrations.c.event_id == one.event,
                registrations.c.status == Standing.WAITING.value,
                registrations.c.mode == one.mode.value,
                sa.tuple_(registrations.c.group, registrations.c.number)
                < sa.tuple_(sa.literal(one.group), sa.literal(one.number)),
            )
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def notices(self, event_id: str) -> tuple[Notice, ...]:
        """Every notice about an event, by when it is due."""
        query = sa.select(notices).where(notices.c.event_id == event_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(notices.c.due, notices.c.key)).all()
        return tuple(self._read(tables.notice_of, row, event_id) for row in rows)

    def of_address(self, digest: str) -> tuple[Registration, ...]:
        """Every registration whose notices go to the address with this `tables.digest`."""
        query = sa.select(registrations.c.event_id, registrations.c.document).where(
            registrations.c.address == digest
        )
        order = registrations.c.event_id, registrations.c.number
        with self._database.reading() as connection:
            rows: Any = connection.execute(query.order_by(*order)).all()
        return tuple(self._read(tables.registration_of, row, row.event_id) for row in rows)

    def due(self, now: datetime) -> tuple[str, ...]:
        """The ids of the events at whose desk something may be due at `now`."""
        query = sa.select(seats.c.event_id).where(seats.c.due_at <= instant(now))
        with self._database.reading() as connection:
            return tuple(connection.scalars(query.order_by(seats.c.due_at, seats.c.event_id)))

    # --- what is kept in memory ---

    def _load(self, keys: Sequence[_Key]) -> dict[_Key, Revision]:
        """Revisions by event and number; those not kept in memory in as few SELECTs as it takes."""
        found = {key: kept for key in keys if (kept := self._kept.get(key)) is not None}
        wanted = [key for key in dict.fromkeys(keys) if key not in found]
        for chunk in _chunks(wanted):
            with self._database.reading() as connection:
                rows = connection.execute(
                    sa.select(revisions).where(_one_of(revisions, chunk))
                ).all()
            found |= {
                (row.event_id, row.number): self._read(tables.revision_of, row, row.event_id)
                for row in rows
            }
        for key in wanted[:KEPT]:
            if key in found:
                self._kept.put(key, found[key])
        return found

    def _load_all(self, keys: Sequence[_Key]) -> dict[_Key, Revision]:
        """The same of revisions that must be there."""
        found = self._load(keys)
        for key in keys:
            if key not in found:
                raise self._database.damaged(None, key[0])
        return found

    def _read(self, value: Callable[[sa.Row[Any]], V], row: sa.Row[Any], event_id: str) -> V:
        """The value of a row; raises `StoreError` for a row that holds none."""
        try:
            return value(row)
        except tables.UNREADABLE as error:
            raise self._database.damaged(error, event_id) from error

    def _seen(self, keys: Sequence[_Key]) -> dict[_Key, Revision]:
        """Revisions as the public sees them."""
        found = {key: kept for key in keys if (kept := self._public.get(key)) is not None}
        for key, revision in self._load_all([key for key in keys if key not in found]).items():
            found[key] = tables.public(revision)
            self._public.put(key, found[key])
        return found

    # --- calendars ---

    def feed(
        self,
        language: str,
        *,
        organiser: str | None = None,
        series: str | None = None,
        kind: str | None = None,
    ) -> tuple[Sequence[bytes], dict[str, tuple[int, int]]]:
        """The VEVENTs of the public list, by id, and the zones they need with first and last year.

        One SELECT, unless some were written for another address.
        """
        query = _shown_to_all(
            sa.select(vevents.c.text, vevents.c.zones, vevents.c.base_url)
            .select_from(_CALENDAR)
            .order_by(vevents.c.event_id),
            organiser=organiser,
            series=series,
            kind=kind,
        ).where(vevents.c.language == language)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return (), {}
        texts, zones, addresses = zip(*rows, strict=True)
        if set(addresses) != {self.base_url}:
            anew = self._worded_anew(query, language)
            texts, zones = zip(*((row["text"], row["zones"]) for row in anew), strict=True)
        return texts, tables.years_of(set(zones))

    def _worded_anew(self, query: sa.Select[Any], language: str) -> list[dict[str, Any]]:
        query = query.with_only_columns(vevents.c.event_id, vevents.c.number)
        with self._database.reading() as connection:
            keys: list[_Key] = [(row.event_id, row.number) for row in connection.execute(query)]
        found = self._seen(keys)
        return [tables.vevent_row(found[key], language, self.base_url) for key in keys]

    def stale(self) -> int:
        """How many calendar entries were written for another address than `base_url`."""
        query = sa.select(sa.func.count()).select_from(_CALENDAR)
        with self._database.reading() as connection:
            return connection.scalar(query.where(vevents.c.base_url != self.base_url)) or 0

    def refresh(self) -> int:
        """Write the public calendar entries anew where they would read otherwise; how many."""
        query = sa.select(vevents).select_from(_CALENDAR).order_by(vevents.c.event_id)
        with self._database.reading() as connection:
            keys = connection.execute(
                query.with_only_columns(vevents.c.event_id, vevents.c.number).distinct()
            ).all()
        changed = 0
        for chunk in _chunks([(row.event_id, row.number) for row in keys]):
            found = self._seen(chunk)
            with self._database.reading() as connection:
                rows = connection.execute(query.where(_one_of(vevents, chunk))).all()
            updates = []
            for row in rows:
                wanted = tables.vevent_row(
                    found[row.event_id, row.number], row.language, self.base_url
                )
                if wanted != row._asdict():
                    updates.append({f"new_{name}": value for name, value in wanted.items()})
            if updates:
                with self._database.writing() as connection:
                    connection.execute(_REWORD, updates)
                changed += len(updates)
        return changed

    # --- saving ---

    @contextmanager
    def holding(self, event_id: str) -> Iterator[Ledger]:
        """The ledger of an event, which nobody else changes until it is committed at the end.

        Raises `OvertakenError` where a number, person or form was taken all the same.
        """
        try:
            with self._database.writing() as connection:
                if (ledger := self._ledger(connection, LOCK, event_id)) is None:
                    raise self._database.damaged(None, event_id)
                yield ledger
        except IntegrityError as error:
            raise OvertakenError from error

    @contextmanager
    def looking(self, event_id: str) -> Iterator[Ledger]:
        """The ledger of an event as it is now, to decide what will not be saved."""
        with self._database.snapshot() as connection:
            if (ledger := self._ledger(connection, LOOK, event_id)) is None:
                raise self._database.damaged(None, event_id)
            yield ledger

    def _ledger(self, connection: Connection, query: Prepared, event_id: str) -> Ledger | None:
        rows = query.run(connection, {"event": event_id})
        return Ledger(connection, rows[0], event_id, self._read) if rows else None

    def save(self, outcomes: Iterable[Outcome], then: Then | None = None) -> bool:
        """Save all that one command decided, in one commit; False where it must decide again.

        Each revision is the next one of its event: where that event has moved meanwhile, or the id
        or UID of a new one was taken, nothing at all is saved. What `then` makes of its ledger
        (default: what is `due`) is saved in the same commit.
        """
        then = then or due
        outcomes = tuple(outcomes)
        made = [outcome.revision for outcome in outcomes if outcome.revision is not None]
        new = [revision for revision in made if revision.number == 1]
        # In one order everywhere, so that no two commands wait for each other.
        old = sorted((one for one in made if one.number > 1), key=lambda one: str(one.event.id))
        # Everything is worded before the lock is taken.
        rows = [tables.revision_row(revision) for revision in made]
        calendar = [row for revision in made for row in tables.vevent_rows(revision, self.base_url)]
        entries = [tables.entry_row(entry) for outcome in outcomes for entry in outcome.entries]
        try:
            with self._database.writing() as connection:
                ledgers = [self._move(connection, revision) for revision in old]
                if new:
                    connection.execute(sa.insert(events), [tables.event_row(one) for one in new])
                if rows:
                    connection.execute(sa.insert(revisions), rows)
                if calendar:
                    connection.execute(sa.insert(vevents), calendar)
                if new:
                    nobody = [
                        {"event_id": one.event.id, **tables.seats_row(Seats.of(one.event))}
                        for one in new
                    ]
                    connection.execute(sa.insert(seats), nobody)
                if entries:
                    connection.execute(sa.insert(journal), entries)
                for revision, ledger in zip(old, ledgers, strict=True):
                    ledger.reseat(revision)
                    ledger.save(then(ledger, revision), revision, now=revision.at)
        except (_MovedError, IntegrityError):
            return False
        for revision in made:
            self._latest.put(str(revision.event.id), revision.number)
        return True

    def _move(self, connection: Connection, revision: Revision) -> Ledger:
        """Make `revision` the current one; its event's ledger, for what that makes due."""
        ledger = self._ledger(connection, LOCK, str(revision.event.id))
        if ledger is None:
            raise _MovedError
        row = {f"new_{key}": value for key, value in tables.event_row(revision).items()}
        moved = connection.execute(_MOVE, {**row, "base": revision.number - 1})
        if moved.rowcount != 1:
            raise _MovedError
        return ledger

    # --- the whole ---

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection that reads everything as it is at one moment, while others write."""
        return self._database.snapshot()

    @contextmanager
    def filling(self) -> Iterator[Connection]:
        """A connection that writes whole tables, one process at a time; commits at the end."""
        with self._database.writing() as connection:
            self._database._hold_tables(connection)
            yield connection

    def scrub(self) -> None:
        """Leave nothing in the database's files of what has been taken out."""
        self._database.scrub()

    def quick_check(self) -> tuple[str, ...]:
        """What is wrong with the file itself; quick also where there are many events."""
        return self._database.quick_check()

    def audit(self) -> tuple[Fault, ...]:
        """Everything that does not add up, recounted from rows; empty for a sound database."""
        with self._database.snapshot() as connection:
            return tuple(recount(connection, self.base_url))


# --- kinds of database -----------------------------------------------------------------------

_KINDS: dict[str, type[Database]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "postgres": PostgreSQL,  # as many providers write it
}


def _kind(where: sa.URL) -> type[Database]:
    """Which kind of database is at an address."""
    backend = where.get_backend_name()
    driver = where.drivername.partition("+")[2]
    if backend not in _KINDS or driver not in ("", "pysqlite", "psycopg"):
        raise StoreError(
            f"this version keeps events in SQLite or PostgreSQL, not in {where.drivername}",
            code="unsupported_database",
            name=where.drivername,
        )
    return _KINDS[backend]


# --- statements ------------------------------------------------------------------------------

_CURRENT = sa.select(events.c.number).where(events.c.id == sa.bindparam("id"))
_SEAT_COLUMNS = [column for column in seats.c if column.name.startswith(("room_", "online_"))]
_SEATS = sa.select(*_SEAT_COLUMNS).where(seats.c.event_id == sa.bindparam("id"))
_POSTED = (
    sa.select(events.c.published, *_SEAT_COLUMNS)
    .join(seats)
    .where(events.c.id == sa.bindparam("id"), events.c.published.is_not(None))
)
_COLUMNS = [column.name for column in events.c]
_MOVE = (
    sa.update(events)
    .where(events.c.id == sa.bindparam("new_id"), events.c.number == sa.bindparam("base"))
    .values({name: sa.bindparam(f"new_{name}") for name in _COLUMNS if name != "id"})
)
_REWORD = (
    sa.update(vevents)
    .where(
        vevents.c.event_id == sa.bindparam("new_event_id"),
        vevents.c.number == sa.bindparam("new_number"),
        vevents.c.language == sa.bindparam("new_language"),
    )
    .values({name: sa.bindparam(f"new_{name}") for name in ("base_url", "zones", "text")})
)
_CALENDAR = vevents.join(
    events, (vevents.c.event_id == events.c.id) & (vevents.c.number == events.c.published)
)
"""What calendars show now: the entries of the revisions that the public sees."""


def _shown_to_all(query: sa.Select[Any], **columns: str | None) -> sa.Select[Any]:
    """`query` on what the public list shows, narrowed by the `columns` that are given."""
    query = query.where(events.c.published.is_not(None), events.c.listed)
    for name, value in columns.items():
        if value is not None:
            query = query.where(events.c[name] == value)
    return query


def _one_of(table: sa.Table, keys: Sequence[_Key]) -> sa.ColumnElement[bool]:
    """Whether a row of `table` belongs to one of these revisions."""
    if len(keys) == 1:
        return (table.c.event_id == keys[0][0]) & (table.c.number == keys[0][1])
    return sa.tuple_(table.c.event_id, table.c.number).in_(keys)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
