"""The database: opened, read, written, brought up to date, and told in one sentence what ails.

`Database` is what every kind of database has in common. What is one kind's own stands in a module
of its own: how a connection is made and begun, what its errors mean, how tables are held while they
change. Tables and queries (`tables`, `store`) know nothing of it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as NoneIsFreeError

from eventkit.model.errors import EventkitError, StoreError
from eventkit.office.tables import version

VERSIONS = ("0001", "0002", "0003", "0004")
"""The versions of the tables, oldest first; each has a script in ``migrations/versions``."""

MIGRATIONS = Path(__file__).parent / "migrations"


class Database(ABC):
    """An open database; make one with `open` or `create`. Safe to share between threads.

    `name` is what people call it: the file, or the URL without a password. `folder` is where it
    lies on this machine, None for a server. `was` is the version of the tables that `create` found
    (None where there were none), `backup` the copy it made before it changed them.
    """

    busy: ClassVar[float] = 30.0
    """Seconds to wait for another writer."""

    driver_error: type[Exception]
    """What the driver raises, on connecting too, where SQLAlchemy is not yet there to wrap it."""

    def __init__(self, name: str, engine: Engine, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder
        self.was: str | None = None
        self.backup: Path | None = None
        self._engine = engine

    @classmethod
    @abstractmethod
    def _at(cls, url: sa.URL, *, make: bool) -> Self:
        """The database at `url`, not yet looked into; with `make` it need not be there."""

    @classmethod
    def open(cls, url: sa.URL) -> Self:
        """The database at `url`, as it stands; raises `StoreError` for one that cannot be used."""
        database = cls._at(url, make=False)
        return database._after(database._check_version)

    @classmethod
    def create(cls, url: sa.URL) -> Self:
        """Make the tables at `url`, or bring them up to date, and open the database.

        It is all done in one transaction that holds the tables: it may be run again, or twice at
        once, and a crash leaves them as they were.
        """
        database = cls._at(url, make=True)
        return database._after(database._bring_up_to_date)

    def _after(self, first: Callable[[], None]) -> Self:
        try:
            first()
            self._settle()
        except BaseException:
            self.close()
            raise
        return self

    @abstractmethod
    def _settle(self) -> None:
        """What is left to do once the tables are known to be ours."""

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    # --- connections ---

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for one SELECT, which needs no transaction."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection for SELECTs that must agree with each other."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """A connection that writes; commits at the end, or leaves nothing behind."""

    @abstractmethod
    def writing_once(self) -> AbstractContextManager[Connection]:
        """A connection for one statement that writes, which is a transaction of its own."""

    @contextmanager
    def _connected(self, engine: Engine, begin: str = "") -> Iterator[Connection]:
        """A connection that commits at the end; `begin` is said first, where a driver says nothing.

        An event of SQLAlchemy's could say it too, but then every statement asks for listeners.
        """
        try:
            with engine.begin() as connection:
                if begin:
                    connection.exec_driver_sql(begin)
                yield connection
        except IntegrityError:
            raise
        except StatementError as error:  # what the driver said, or a type of ours refused
            if isinstance(error.orig, EventkitError):
                raise error.orig from None
            raise self._told(error.orig or error) from error
        except NoneIsFreeError as error:
            raise self.failed("every connection is in use", code="database_busy") from error
        except self.driver_error as error:
            raise self._told(error) from error
        except EventkitError:
            raise
        except (TypeError, ValueError) as error:  # a column that is not of its type
            raise self.damaged(error) from error

    # --- what ails ---

    @abstractmethod
    def _told(self, error: BaseException) -> StoreError:
        """What the driver said, as one error of ours."""

    def failed(self, said: str, *, code: str) -> StoreError:
        """An error of ours, and what was said about it."""
        said = " ".join(said.split())[:300]
        return StoreError(
            f"{self.name}: {said}", code=code, file=self.name, place=self.name, said=said
        )

    def damaged(self, error: BaseException | None, event: str = "") -> StoreError:
        """That what is stored (of `event`, where known) is none of what was ever written."""
        said = " ".join(str(error or "a row is missing").split())[:300]
        place = ", ".join(filter(None, (self.name, event)))
        return StoreError(
            f"{place} is damaged: {said}",
            code="database_damaged",
            file=self.name,
            place=place,
            event=event,
            said=said,
        )

    def quick_check(self) -> tuple[str, ...]:
        """What the database finds wrong with itself, in its words; nothing for a sound one."""
        return ()

    @abstractmethod
    def scrub(self) -> None:
        """Leave nothing in the database's files of what has been taken out, where that is ours.

        It is tried: whoever reads at the moment keeps some of it until the next time.
        """

    # --- versions ---

    def _version(self, connection: Connection) -> str | None:
        """The version of the tables, None where there are none; refuses another program's."""
        names = set(sa.inspect(connection).get_table_names())
        if not names:
            return None
        found = connection.scalar(sa.select(version)) if "alembic_version" in names else None
        if found is None or not names >= {"events", "revisions"}:
            raise StoreError(
                f"{self.name} is a database, but not one of eventkit's",
                code="not_our_database",
                file=self.name,
            )
        if found not in VERSIONS:
            raise StoreError(
                f"{self.name} has tables of version {found}; this eventkit knows up to "
                f"{VERSIONS[-1]}",
                code="schema_newer",
                file=self.name,
                version=found,
                newest=VERSIONS[-1],
            )
        return str(found)

    def _check_version(self) -> None:
        with self.snapshot() as connection:
            found = self._version(connection)
        if found is None:
            raise empty(self.name)
        if found != VERSIONS[-1]:
            raise StoreError(
                f"{self.name} has tables of version {found}; run: eventkit init",
                code="schema_older",
                file=self.name,
                version=found,
            )

    @abstractmethod
    def _hold_tables(self, connection: Connection) -> None:
        """Let nobody else change the tables until this transaction ends."""

    def _back_up(self, suffix: str) -> Path | None:
        """A copy made before the tables change, where a copy is a file that we can make."""
        return None

    @property
    def upgraded(self) -> bool:
        """Whether `create` found tables of an older version."""
        return self.was is not None and self.was != VERSIONS[-1]

    def _bring_up_to_date(self) -> None:
        with self.writing() as connection:
            self._hold_tables(connection)
            self.was = self._version(connection)
            if self.was == VERSIONS[-1]:
                return
            if self.was is not None:
                self.backup = self._back_up(f"before-{VERSIONS[-1]}")
            # Alembic is loaded here because nothing but this needs it, and it would double the
            # time that every other command takes to start.
            from alembic import command
            from alembic.config import Config

            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def empty(name: str) -> StoreError:
    """That there is a database, but nothing in it."""
    return StoreError(f"{name} is empty; run: eventkit init", code="database_empty", file=name)


# --- addresses -------------------------------------------------------------------------------


def address(url: str) -> sa.URL:
    """What `url` names; raises `StoreError` for what is no address of a database."""
    try:
        parsed = sa.make_url(url)
        parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise no_address(url) from None
    return parsed


def no_address(url: str | sa.URL) -> StoreError:
    """That `url` names no database."""
    text = url if isinstance(url, str) else url.render_as_string(hide_password=True)
    text = re.sub(r"//.*@", "//", " ".join(text.split()))  # a password may hold anything
    shown = re.sub(r"(?i)(pass\w*=)[^&\s]*", r"\1...", text)[:200]
    return StoreError(
        f"{shown} names no database; write sqlite:///eventkit.db or "
        "postgresql://user@server/eventkit",
        code="not_a_database_url",
        url=shown,
    )
