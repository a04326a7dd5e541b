"""The database file: opened, begun, locked, brought up to date, and told in one sentence what ails.

SQLite today. What is SQLite's own stands in this module: how a connection is opened and begun, what
its errors mean, how a file is copied. Tables and queries (`tables`, `store`) know nothing of it.

Writers take SQLite's lock at once (``BEGIN IMMEDIATE``), so that none has to give up half-way.
Within a process they queue for it fairly, because SQLite lets whoever asks oftenest win. WAL with
``synchronous=FULL``: what was acknowledged survives a power cut.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event as events_of
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, IntegrityError, StatementError
from sqlalchemy.pool import QueuePool

from eventkit.model.errors import EventkitError, StoreError
from eventkit.office.tables import version

VERSIONS = ("0001",)
"""The versions of the tables, oldest first; each has a script in ``migrations/versions``."""

MIGRATIONS = Path(__file__).parent / "migrations"

OLDEST_SQLITE = (3, 35, 0)
BUSY = 30.0
"""Seconds to wait for another writer."""

# --- one process's writers -------------------------------------------------------------------


class FairLock:
    """A lock that is given in the order it was asked for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._queue: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for the lock, at most `timeout` seconds; whether it was given."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        try:
            if turn.acquire(timeout=timeout):
                return True
        except BaseException:
            if not self._leave(turn):
                self.release()  # it was handed over at that very moment
            raise
        return not self._leave(turn)

    def _leave(self, turn: threading.Lock) -> bool:
        """Step out of the queue; False where the lock was handed over in the meantime."""
        with self._mutex:
            if turn in self._queue:
                self._queue.remove(turn)
                return True
            return False

    def release(self) -> None:
        """Hand the lock to whoever waited longest."""
        with self._mutex:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._taken = False


# --- the file --------------------------------------------------------------------------------


class Database:
    """An open database file; make one with `open` or `create`. Safe to share between threads.

    `was` is the version of the tables that `create` found (None where there were none), `backup`
    the copy it made before it changed them.
    """

    def __init__(self, path: Path, mode: str) -> None:
        self.path = path
        self.was: str | None = None
        self.backup: Path | None = None
        self._engine = _engine(path, mode)
        self._begun = {
            begin: self._engine.execution_options(begin=begin)
            for begin in ("", "BEGIN", "BEGIN IMMEDIATE")
        }
        self._lock = FairLock()

    @classmethod
    def open(cls, url: str) -> Database:
        """The database at `url`, as it stands; raises `StoreError` for one that cannot be used."""
        path = _path(url)
        _check_sqlite()
        _check_file(path)
        database = cls(path, "rw")
        try:
            database._check_version()
            database._use_wal()
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def create(cls, url: str) -> Database:
        """Make the database at `url`, or bring its tables up to date, and open it.

        Tables of an older version are copied beside the file first. It is all done in one
        transaction that holds the write lock: it may be run again, or twice at once, and a crash
        leaves the tables as they were.
        """
        path = _path(url)
        _check_sqlite()
        _check_folder(path)
        if path.exists():
            _check_file(path, empty=True)
        database = cls(path, "rwc")
        try:
            with database.writing() as connection:
                database._bring_up_to_date(connection)
            database._use_wal()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    # --- connections ---

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for one SELECT, which needs no transaction."""
        return self._connected("")

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection for SELECTs that must agree with each other."""
        return self._connected("BEGIN")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one connection that writes; commits at the end, or leaves nothing behind."""
        if not self._lock.acquire(BUSY):
            raise StoreError(
                f"{self.path}: other writers held the database for {BUSY:g} s",
                code="database_busy",
                file=str(self.path),
            )
        try:
            with self._connected("BEGIN IMMEDIATE") as connection:
                yield connection
        finally:
            self._lock.release()

    @contextmanager
    def _connected(self, begin: str) -> Iterator[Connection]:
        try:
            with self._begun[begin].connect() as connection:
                if begin:  # now, not when something is first asked for
                    connection.begin()
                yield connection
                connection.commit()
        except IntegrityError:
            raise
        except StatementError as error:  # what the driver said, or a type of ours refused
            if isinstance(error.orig, EventkitError):
                raise error.orig from None
            raise self._told(error.orig or error) from error
        except sqlite3.Error as error:  # on connecting, before SQLAlchemy is there to wrap it
            raise self._told(error) from error
        except EventkitError:
            raise
        except (TypeError, ValueError) as error:  # a column that is not of its type
            raise self.damaged(error) from error

    def damaged(self, error: BaseException | None, event: str = "") -> StoreError:
        """That what is stored (of `event`, where known) is none of what was ever written."""
        said = " ".join(str(error or "a row is missing").split())[:300]
        place = ", ".join(filter(None, (str(self.path), event)))
        return StoreError(
            f"{place} is damaged: {said}",
            code="database_damaged",
            file=str(self.path),
            place=place,
            event=event,
            said=said,
        )

    def quick_check(self) -> tuple[str, ...]:
        """What SQLite finds wrong with the file itself, in its words; nothing for a sound one."""
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(20)").scalars().all()
        return tuple(str(one) for one in found if one != "ok")

    def _told(self, error: BaseException) -> StoreError:
        """What SQLite said, as one error of ours."""
        said = " ".join(str(error).split()) or type(error).__name__
        text, data = f"{self.path}: {said}", {"file": str(self.path), "said": said}
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_NOTADB:
                return StoreError(text, code="not_a_database", **data)
            case sqlite3.SQLITE_CORRUPT:
                return StoreError(text, code="database_damaged", place=str(self.path), **data)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return StoreError(text, code="database_not_writable", **data)
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return StoreError(text, code="database_busy", **data)
            case sqlite3.SQLITE_FULL:
                return StoreError(text, code="disk_full", **data)
        return StoreError(text, code="database_failed", **data)

    def _use_wal(self) -> None:
        """Write-ahead logging, so that readers and a writer do not wait for each other."""
        until = time.monotonic() + BUSY
        while True:
            try:
                with self.reading() as connection:  # no change where it is so already
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                return
            except StoreError as error:
                # To change it SQLite needs the file for itself, and does not wait its turn.
                if error.code != "database_busy" or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    # --- versions ---

    def _version(self, connection: Connection) -> str | None:
        """The version of the tables, None where there are none; refuses another program's."""
        names = set(sa.inspect(connection).get_table_names())
        if not names:
            return None
        found = connection.scalar(sa.select(version)) if "alembic_version" in names else None
        if found is None or not names >= {"events", "revisions"}:
            raise StoreError(
                f"{self.path} is a database, but not one of eventkit's",
                code="not_our_database",
                file=str(self.path),
            )
        if found not in VERSIONS:
            raise StoreError(
                f"{self.path} has tables of version {found}; this eventkit knows up to "
                f"{VERSIONS[-1]}",
                code="schema_newer",
                file=str(self.path),
                version=found,
                newest=VERSIONS[-1],
            )
        return str(found)

    def _check_version(self) -> None:
        with self.snapshot() as connection:
            found = self._version(connection)
        if found is None:
            raise _empty(self.path)
        if found != VERSIONS[-1]:
            raise StoreError(
                f"{self.path} has tables of version {found}; run: eventkit init",
                code="schema_older",
                file=str(self.path),
                version=found,
            )

    def _bring_up_to_date(self, connection: Connection) -> None:
        self.was = self._version(connection)
        if self.was == VERSIONS[-1]:
            return
        if self.was is not None:
            self.backup = _back_up(self.path)
        # Alembic is loaded here because nothing but this needs it, and it would double the time
        # that every other command takes to start.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _engine(path: Path, mode: str) -> Engine:
    """The engine of one file; `mode` is rw (it must be there) or rwc (it may be made)."""
    address = f"{path.as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # No transaction of the driver's own: it begins late, and then two writers can both have
        # read before either writes.
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    engine = sa.create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=QueuePool, pool_size=5, max_overflow=-1
    )

    @events_of.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options()["begin"]
        if how:
            connection.exec_driver_sql(how)

    return engine


# --- what cannot be opened -------------------------------------------------------------------


def _path(url: str) -> Path:
    """The file that `url` names, absolute, so that a later `chdir` changes nothing."""
    shown = re.sub(r"//[^/@]*@", "//", " ".join(url.split()))[:200]  # without a password
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        parsed, backend = None, "sqlite"
    if backend != "sqlite":
        raise StoreError(
            f"this version keeps events in SQLite, not in {backend}",
            code="unsupported_database",
            name=backend,
        )
    name = "" if parsed is None or parsed.query or parsed.host else parsed.database
    if not name or name == ":memory:" or "\0" in name:
        raise StoreError(
            f"{shown} names no database file; write sqlite:///eventkit.db",
            code="not_a_database_url",
            url=shown,
        )
    return Path(name).absolute()


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old; {oldest} is the oldest that works",
            code="sqlite_too_old",
            version=sqlite3.sqlite_version,
            oldest=oldest,
        )


def _empty(path: Path) -> StoreError:
    return StoreError(f"{path} is empty; run: eventkit init", code="database_empty", file=str(path))


def _not_writable(path: Path) -> StoreError:
    return StoreError(f"{path} cannot be written", code="database_not_writable", file=str(path))


def _check_folder(path: Path) -> None:
    """Refuse a database whose folder is missing or not ours to write: SQLite keeps files there."""
    try:
        there = path.parent.is_dir()
    except OSError:
        raise _not_writable(path) from None
    if not there:
        raise StoreError(
            f"there is no folder {path.parent}", code="no_folder", folder=str(path.parent)
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _not_writable(path)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _check_file(path: Path, *, empty: bool = False) -> None:
    """Refuse a file that is missing, not writable, no database, or (unless `empty`) empty."""
    try:
        if not path.exists():
            raise StoreError(
                f"there is no database {path}; run: eventkit init",
                code="no_database",
                file=str(path),
            )
        _check_folder(path)
        if path.is_file() and not os.access(path, os.R_OK | os.W_OK):
            raise _not_writable(path)
        start = _start(path) if path.is_file() else b"not a file"
    except OSError:
        raise _not_writable(path) from None
    if not start and not empty:
        raise _empty(path)
    if start and start != b"SQLite format 3\0":  # another kind of file, or an encrypted database
        raise StoreError(f"{path} is not a database", code="not_a_database", file=str(path))


def _back_up(path: Path) -> Path:
    """A consistent copy of the database beside it, under a name that is free."""
    name = f"{path.name}.before-{VERSIONS[-1]}"
    names = (name, *(f"{name}.{n}" for n in range(2, 10_000)))
    copy = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    draft = copy.with_name(f"{copy.name}.part")
    draft.unlink(missing_ok=True)
    source = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY)
    target = sqlite3.connect(draft)
    try:
        source.backup(target)
        sound = target.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        source.close()
        target.close()
    if not sound:
        raise StoreError(
            f"{path} is damaged", code="database_damaged", file=str(path), place=str(path)
        )
    draft.replace(copy)
    return copy
