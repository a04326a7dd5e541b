"""Backups: everything in the database as one file, and back from it, whatever kind it is of.

A backup is a SQLite file with the very tables of a database, so one of PostgreSQL can be restored
into SQLite and the other way round. It is filled from one snapshot, looked through when it is
complete, and only then given its name: there is never half of one. Only its owner may read it, as
it holds what people said.

A restore works on a copy of the file: the copy is brought up to date and mended, and its rows fill
an empty database in one transaction.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from eventkit.model.errors import StoreError
from eventkit.model.registration import Entry
from eventkit.model.values import Actor, Side, instant
from eventkit.office import tables
from eventkit.office.erasures import Record, erase_again
from eventkit.office.sqlite import SQLite
from eventkit.office.store import Store

CHUNK = 500
"""Rows that are in memory at a time."""

LEAP = 1_000
"""How far SEQUENCE goes on at a restore: more often nobody changed an event since the backup."""

Progress: TypeAlias = Callable[[int, int], object]
"""Told after each chunk: how many rows are copied, and of how many."""


@frozen(kw_only=True)
class Restored:
    """What a restore did: `rows` by table, how many notices are `held`, people `erased` again."""

    rows: Mapping[str, int]
    held: int
    erased: int


def _silent(done: int, total: int) -> None:
    pass


# --- backing up ------------------------------------------------------------------------------


def back_up(store: Store, path: Path, *, progress: Progress = _silent) -> Mapping[str, int]:
    """Save all of `store`, as it is at one moment, to the new file `path`; the rows by table.

    Others may write meanwhile. Raises `StoreError` where there is something at `path` already,
    `OSError` where nothing can be.
    """
    if os.path.lexists(path):
        raise _exists(path)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        with (
            closing(_named(SQLite.create(_url(draft)), path)) as copy,
            store.snapshot() as source,
            copy.filling() as target,
        ):
            rows = _count(source)
            _fill(source, target, rows, progress)
        with closing(_named(SQLite.open(_url(draft)), path)) as copy:
            _verify(copy, rows)
        _settle(draft)
        _place(draft, path)
    return rows


def _verify(copy: Store, rows: Mapping[str, int]) -> None:
    """Raise `StoreError` unless the file is sound and holds every row."""
    if damages := copy.quick_check():
        raise _damaged(copy.name, damages[0])
    with copy.snapshot() as connection:
        _check_count(copy.name, connection, rows)


def _settle(draft: Path) -> None:
    """Make one file of it, which can be read in a folder where nobody may write."""
    with closing(sqlite3.connect(draft)) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    draft.chmod(0o600)
    with draft.open("rb+") as opened:
        os.fsync(opened.fileno())


def _place(draft: Path, path: Path) -> None:
    """Give a finished file its name, never over another's."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system that knows no second name
        if os.path.lexists(path):
            raise _exists(path) from None
        draft.rename(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # else a power cut could take the name away again
        finally:
            os.close(folder)


# --- restoring -------------------------------------------------------------------------------


def restore(
    path: Path,
    store: Store,
    *,
    now: datetime,
    settle: Callable[[Store], object] = lambda copy: None,
    progress: Progress = _silent,
) -> Restored:
    """Fill the empty database `store` from the backup `path`, all at once or not at all.

    Notices that were owed are held for staff, as they may have been sent since; those too that
    `settle` makes of a copy, where it does what has become due since the backup was made. Whoever
    was erased since, by the record beside `store`, is erased again. SEQUENCE rises above what
    calendars may have been sent since. Raises `StoreError` for a database that holds anything, and
    for a file that is no backup, damaged or from a newer version; an older one is brought up to
    date first. `path` stays as it is.
    """
    with store.snapshot() as connection:
        _check_empty(store, connection)
    with path.open("rb"):  # an `OSError` that names the file, where it cannot be read
        pass
    with (
        tempfile.TemporaryDirectory(prefix=".restore.", dir=store.folder) as folder,
        _copy(path, Path(folder) / "backup.db") as copy,
    ):
        _go_on(copy, now)
        erased = erase_again(copy, Record.of(store), now=now)
        with suppress(StoreError):  # of an event that cannot be read: the next tick tells
            settle(copy)
        held = _hold_owed(copy)
        _enter(copy, {"held": held, "erased": erased}, now)
        with copy.snapshot() as source:
            rows = _count(source)
            try:
                with store.filling() as target:
                    _check_empty(store, target)
                    _fill(source, target, rows, progress)
                    _check_count(store.name, target, rows)
            except IntegrityError:  # somebody was faster
                raise _not_empty(store.name) from None
    return Restored(rows=rows, held=held, erased=erased)


@contextmanager
def _copy(path: Path, draft: Path) -> Iterator[Store]:
    """The backup `path`, copied to `draft`, sound and up to date."""
    try:
        source = f"{path.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(source, uri=True)) as old,
            closing(sqlite3.connect(draft)) as new,
        ):
            old.backup(new)
        with closing(sqlite3.connect(draft)) as new:
            sound = new.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            raise _no_backup(path) from None
        raise _damaged(path, str(error)) from None
    if sound != "ok":
        raise _damaged(path, sound)
    try:
        SQLite.open(_url(draft)).close()
    except StoreError as error:
        if error.code == "schema_newer":
            raise StoreError(
                f"{path} is from a newer eventkit (tables of version {error.data['version']})",
                code="backup_newer",
                file=str(path),
                version=error.data["version"],
            ) from None
        if error.code != "schema_older":
            raise _no_backup(path) from None
    with closing(_named(SQLite.create(_url(draft)), path)) as copy:
        yield copy


def _go_on(copy: Store, now: datetime) -> None:
    """Raise SEQUENCE where a calendar may still change.

    Else one that was sent a higher one since the backup would take nothing in any more, and keep
    what is called off.
    """
    events, revisions, vevents = tables.events, tables.revisions, tables.vevents
    coming = sa.select(revisions).join(
        events, (events.c.id == revisions.c.event_id) & (events.c.number == revisions.c.number)
    )
    coming = coming.where(events.c.published.is_not(None), events.c.over > instant(now))
    with copy.filling() as connection:
        for row in connection.execute(coming).all():
            try:
                revision = tables.revision_of(row)
            except tables.UNREADABLE:
                continue  # as it cannot be read, nothing goes out; `doctor` tells
            raised = evolve(revision, sequence=revision.sequence + LEAP)
            own = revisions.c.event_id == row.event_id, revisions.c.number == row.number
            connection.execute(sa.update(revisions).where(*own).values(sequence=raised.sequence))
            own = vevents.c.event_id == row.event_id, vevents.c.number == row.number
            for entry in connection.execute(sa.select(vevents).where(*own)).all():
                anew = tables.vevent_row(tables.public(raised), entry.language, entry.base_url)
                said = sa.update(vevents).where(*own, vevents.c.language == entry.language)
                connection.execute(said.values(text=anew["text"]))


def _hold_owed(copy: Store) -> int:
    """Keep what was owed from being sent; how many. What was being sent may have gone."""
    state = tables.notices.c.state
    with copy.filling() as connection:
        sending = sa.update(tables.notices).where(state == tables.SENDING)
        connection.execute(sending.values(state=tables.UNKNOWN, worker=None, lease=None))
        owed = sa.update(tables.notices).where(state.in_((tables.OWED, tables.CLAIMED)))
        held = connection.execute(owed.values(state=tables.HELD, worker=None, lease=None))
    return held.rowcount


def _enter(copy: Store, told: Mapping[str, int], now: datetime) -> None:
    """Say in the journal that it was restored."""
    actor = Actor(Side.SYSTEM, "restore")
    entry = Entry(at=now, actor=actor, action="restore", data=told)
    with copy.filling() as connection:
        connection.execute(sa.insert(tables.journal), [tables.entry_row(entry)])


def _check_empty(store: Store, connection: Connection) -> None:
    if any(_count(connection).values()):
        raise _not_empty(store.name)


# --- rows ------------------------------------------------------------------------------------


def _count(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in tables.metadata.sorted_tables
    }


def _check_count(name: str, connection: Connection, rows: Mapping[str, int]) -> None:
    if (found := _count(connection)) != rows:
        raise _damaged(name, f"{sum(found.values())} rows of {sum(rows.values())}")


def _fill(
    source: Connection, target: Connection, rows: Mapping[str, int], progress: Progress
) -> None:
    """Copy every row; those that others refer to come first.

    A journal entry gets a number anew, because the database gives them: only their order counts.
    """
    done, total = 0, sum(rows.values())
    for table in tables.metadata.sorted_tables:
        columns = [column for column in table.c if column is not tables.journal.c.id]
        query = sa.select(*columns).order_by(*table.primary_key)
        found = source.execute(query, execution_options={"yield_per": CHUNK})
        with closing(found):  # a server keeps what nobody reads to the end
            for part in found.partitions():
                target.execute(sa.insert(table), [row._asdict() for row in part])
                done += len(part)
                progress(done, total)


# --- names and errors ------------------------------------------------------------------------


def _url(path: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(path))


def _named(database: SQLite, path: Path) -> Store:
    """What is kept in `database`, which people know as `path`."""
    database.name = str(path)
    return Store(database)


def _exists(path: Path) -> StoreError:
    return StoreError(
        f"{path} is there already; a backup is a new file", code="backup_exists", file=str(path)
    )


def _not_empty(name: str) -> StoreError:
    return StoreError(
        f"{name} holds something already; restore into a new database: eventkit init --db URL",
        code="not_empty",
        file=name,
    )


def _no_backup(path: Path) -> StoreError:
    return StoreError(f"{path} is no backup", code="not_a_backup", file=str(path))


def _damaged(name: object, said: str) -> StoreError:
    said = " ".join(said.split())[:300]
    return StoreError(
        f"the backup {name} is damaged: {said}", code="backup_damaged", file=str(name), said=said
    )
