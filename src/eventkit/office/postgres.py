"""PostgreSQL: a database on a server.

Writers wait for the rows they lock, at READ COMMITTED: each statement sees what was committed
before it began. A server that would break a promise is refused, not corrected behind its owner's
back.
"""

from __future__ import annotations

import importlib
import select
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event as events_of
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import QueuePool

from eventkit.model.errors import StoreError
from eventkit.office.database import Database, no_address

DRIVER = "postgresql+psycopg"
EXTRA = "eventkit-core[postgres]"

OLDEST = 14
"""The oldest server that works and is still cared for."""

CONNECT = 10
"""Seconds to wait for a server that does not answer."""

INIT_LOCK = 0x65766B6974  # "evkit"
"""The number under which `create` holds the tables."""

_WANTED: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("server_encoding", lambda value: value == "UTF8", "UTF8"),
    ("default_transaction_isolation", lambda value: value == "read committed", "read committed"),
    ("synchronous_commit", lambda value: value != "off", "on"),
    ("fsync", lambda value: value == "on", "on"),
)
"""The settings that what we promise rests on: which values will do, and which to write."""

_FIRST = f"""
SELECT current_setting('server_version_num')::int,
       {", ".join(f"current_setting('{name}')" for name, _, _ in _WANTED)},
       set_config('TimeZone', 'UTC', false), set_config('lock_timeout', %s, false)
"""
"""What each connection is asked before it is used, and told: the two things that are the client's
own to say. One round trip."""


class PostgreSQL(Database):
    """A database on a server."""

    def __init__(self, url: sa.URL, driver: ModuleType) -> None:
        self.driver_error = driver.Error
        super().__init__(_name(url), self._connect_by(url, driver))
        # Statements one by one commit by themselves: that saves a round trip for BEGIN and COMMIT.
        self._one_by_one = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._snapshot = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @classmethod
    def _at(cls, url: sa.URL, *, make: bool) -> Self:
        if not url.database or "@" in url.database:
            raise no_address("postgresql://...")  # what is there may be a password not quoted
        return cls(url.set(drivername=DRIVER), _driver())

    def _settle(self) -> None:
        """Nothing to do: each connection was looked at when it was made."""

    def _connect_by(self, url: sa.URL, driver: ModuleType) -> Engine:
        _, given = url.get_dialect()().create_connect_args(url)
        usual = {
            "connect_timeout": CONNECT,
            "application_name": "eventkit",
            "tcp_user_timeout": int(self.busy * 1000),  # for a network that swallows everything
        }
        patience = str(int(self.busy * 1000))

        def connect() -> Any:
            connection = driver.connect(**{**usual, **given}, client_encoding="utf8")
            try:
                connection.autocommit = True
                self._check(*connection.execute(_FIRST, [patience]).fetchone())
                connection.autocommit = False
            except BaseException:
                connection.close()
                raise
            return connection

        engine = sa.create_engine(
            f"{DRIVER}://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=5,
            max_overflow=10,
            pool_timeout=self.busy,
            hide_parameters=True,
            use_native_hstore=False,  # which would be one more question
        )
        events_of.listen(engine, "checkout", _refuse_dead)
        return engine

    def _check(self, number: int, *told: str) -> None:
        """Refuse a server whose answer to `_FIRST` breaks what the rest relies on."""
        if number < OLDEST * 10_000:
            raise StoreError(
                f"PostgreSQL {number // 10_000} is too old; {OLDEST} is the oldest that works",
                code="postgres_too_old",
                version=number // 10_000,
                oldest=OLDEST,
            )
        for (setting, fine, wanted), value in zip(_WANTED, told, strict=False):
            if not fine(value):
                raise StoreError(
                    f"{self.name} has {setting} = {value}; eventkit needs {wanted}",
                    code="database_setting",
                    file=self.name,
                    setting=setting,
                    value=value,
                    wanted=wanted,
                )

    # --- connections ---

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for one SELECT, which needs no transaction."""
        return self._connected(self._one_by_one)

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection for SELECTs that must agree with each other; it can write nothing."""
        return self._connected(self._snapshot)

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection that writes; commits at the end, or leaves nothing behind."""
        return self._connected(self._engine)

    def writing_once(self) -> AbstractContextManager[Connection]:
        """A connection for one statement that writes, which is a transaction of its own."""
        return self._connected(self._one_by_one)

    def _hold_tables(self, connection: Connection) -> None:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(INIT_LOCK)))

    def scrub(self) -> None:
        """Nothing to do: the server vacuums by itself."""

    # --- what ails ---

    def _told(self, error: BaseException) -> StoreError:
        # The server's first line only: the next ones may quote a row, and so somebody's name.
        said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
        state = getattr(error, "sqlstate", None) or ""
        match state:
            case "53100":
                return self.failed(said, code="disk_full")
            case "55P03" | "57014" | "40P01":  # lock_timeout, statement_timeout, a deadlock
                return self.failed(said, code="database_busy")
            case "25006" | "42501":  # a standby; somebody else's tables
                return self.failed(said, code="database_not_writable")
            case "XX001" | "XX002":
                return self.failed(said, code="database_damaged")
        lost = state.startswith(("08", "57P")) if state else _no_server_spoke(error)
        if lost:
            return self.failed(said, code="database_unreachable")
        return self.failed(said, code="database_failed")


def _driver() -> ModuleType:
    """The driver, which not everybody has."""
    try:
        return importlib.import_module("psycopg")
    except ImportError:
        raise StoreError(
            f'PostgreSQL needs a driver; run: pip install "{EXTRA}"',
            code="driver_missing",
            extra=EXTRA,
        ) from None


def _no_server_spoke(error: BaseException) -> bool:
    """Whether an error without code is one of the connection, by the driver's classes."""
    return "OperationalError" in (one.__name__ for one in type(error).__mro__)


def _name(url: sa.URL) -> str:
    """The URL as people are shown it: where and which, without password and options."""
    host = url.host or url.query.get("host") or ""
    shown = sa.URL.create("postgresql", url.username, None, str(host), url.port, url.database)
    return shown.render_as_string()


def _refuse_dead(connection: Any, *_: Any) -> None:
    """Do not lend a connection that the server has hung up on: the pool then makes new ones.

    Nothing is due on a connection at rest, so whatever can be read is the end. Looking costs no
    round trip, and no statement has to be sent twice.
    """
    try:
        waiting = select.poll()
        waiting.register(connection.pgconn.socket, select.POLLIN)
        dead = bool(waiting.poll(0))
    except Exception:
        dead = True
    if dead:
        raise InvalidatePoolError("the server hung up")
