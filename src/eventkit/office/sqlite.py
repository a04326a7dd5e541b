"""SQLite: a database that is a file on this machine.

Writers take its lock at once (``BEGIN IMMEDIATE``), so that none has to give up half-way, and in
turn (`turns`). WAL with ``synchronous=FULL``: what was acknowledged survives a power cut.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from eventkit.model.errors import StoreError
from eventkit.office.database import Database, empty, no_address
from eventkit.office.turns import FairLock, Turnstile

OLDEST = (3, 35, 0)

_NOT_TAKEN = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
"""No room on the disk, or none left of a quota or a limit, which SQLite does not tell apart."""


class SQLite(Database):
    """An open database file."""

    driver_error = sqlite3.Error

    def __init__(self, path: Path, mode: str) -> None:
        super().__init__(str(path), _engine(path, mode, self.busy), path.parent)
        self.path = path
        self._lock = FairLock()
        self._turnstile = Turnstile(path)

    @classmethod
    def _at(cls, url: sa.URL, *, make: bool) -> Self:
        path = _path(url)
        _check_sqlite()
        if make:
            _check_folder(path)
        if not make or os.path.exists(path):  # which asks nothing of a name that is too long
            _check_file(path, empty_too=make)
        else:
            with suppress(OSError):  # which the first connection meets too, and says
                path.touch(0o600)  # it holds people; what lies beside it follows its mode
        return cls(path, "rwc" if make else "rw")

    def _settle(self) -> None:
        """Write-ahead logging, so that readers and a writer do not wait for each other."""
        until = time.monotonic() + self.busy
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

    # --- connections ---

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for one SELECT, which needs no transaction."""
        return self._connected(self._engine)

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection for SELECTs that must agree with each other."""
        return self._connected(self._engine, "BEGIN")

    def writing(self) -> AbstractContextManager[Connection]:
        """The one connection that writes; commits at the end, or leaves nothing behind."""
        return self._in_turn("BEGIN IMMEDIATE")

    def writing_once(self) -> AbstractContextManager[Connection]:
        """The same for one statement, which is a transaction of its own."""
        return self._in_turn()

    @contextmanager
    def _in_turn(self, begin: str = "") -> Iterator[Connection]:
        busy = self.failed(f"other writers held it for {self.busy:g} s", code="database_busy")
        if not self._lock.acquire(self.busy):
            raise busy
        try:
            with self._turnstile.passed(self.busy) as ours:
                if not ours:
                    raise busy
                with self._connected(self._engine, begin) as connection:
                    yield connection
        finally:
            self._lock.release()

    def _hold_tables(self, connection: Connection) -> None:
        """Nothing to do: whoever writes has the whole file."""

    # --- what ails ---

    def _told(self, error: BaseException) -> StoreError:
        said = str(error) or type(error).__name__
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _NOT_TAKEN:
            return self.failed(said, code="disk_full")
        match code & 0xFF:
            case sqlite3.SQLITE_NOTADB:
                return self.failed(said, code="not_a_database")
            case sqlite3.SQLITE_CORRUPT:
                return self.failed(said, code="database_damaged")
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return self.failed(said, code="database_not_writable")
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return self.failed(said, code="database_busy")
        return self.failed(said, code="database_failed")

    def quick_check(self) -> tuple[str, ...]:
        """What SQLite finds wrong with the file itself, in its words; nothing for a sound one."""
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(20)").scalars().all()
        return tuple(str(one) for one in found if one != "ok")

    def scrub(self) -> None:
        """Overwrite what was taken out in the file itself, and empty the log beside it."""
        with self.reading() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def _back_up(self, suffix: str) -> Path:
        """A consistent copy of the database beside it, under a name that is free."""
        path = self.path
        name = f"{path.name}.{suffix}"
        names = (name, *(f"{name}.{n}" for n in range(2, 10_000)))
        copy = next(path.with_name(name) for name in names if not path.with_name(name).exists())
        draft = copy.with_name(f"{copy.name}.part")
        draft.unlink(missing_ok=True)
        source = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=self.busy)
        target = sqlite3.connect(draft)
        try:
            source.backup(target)
            sound = target.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        finally:
            source.close()
            target.close()
        if not sound:
            raise self.failed("the copy made of it is not sound", code="database_damaged")
        draft.replace(copy)
        return copy


def _engine(path: Path, mode: str, busy: float) -> Engine:
    """The engine of one file; `mode` is rw (it must be there) or rwc (it may be made)."""
    address = f"{path.as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # No transaction of the driver's own: it begins late, and then two writers can both have
        # read before either writes.
        connection = sqlite3.connect(
            address, uri=True, timeout=busy, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA secure_delete = ON")  # which not every build does
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return sa.create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=QueuePool, pool_size=5, max_overflow=-1
    )


# --- what cannot be opened -------------------------------------------------------------------


def _path(url: sa.URL) -> Path:
    """The file that `url` names, absolute, so that a later `chdir` changes nothing."""
    name = None if url.query or url.host else url.database
    if not name or name == ":memory:" or "\0" in name:
        raise no_address(url)
    return Path(name).absolute()


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old; {oldest} is the oldest that works",
            code="sqlite_too_old",
            version=sqlite3.sqlite_version,
            oldest=oldest,
        )


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


def _check_file(path: Path, *, empty_too: bool = False) -> None:
    """Refuse a file that is missing, not writable, no database, or (unless `empty_too`) empty."""
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
    if not start and not empty_too:
        raise empty(str(path))
    if start and start != b"SQLite format 3\0":  # another kind of file, or an encrypted database
        raise StoreError(f"{path} is not a database", code="not_a_database", file=str(path))
