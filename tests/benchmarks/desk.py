"""How fast the desk is: `Office.register` beside the statements it sends, on both databases.

The same rows go three ways: through the office; through SQLAlchemy Core alone, in the same
transactions, with nothing decided; and through the bare driver, which is the limit. All three
are measured in turns on one database, with the same durability, by wall clock: what a registration
waits for is the disk, and the server.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from figures import Figure

sys.path.insert(0, str(Path(__file__).parents[1]))

import databases
import racer

from eventkit.office import ledger as statements
from eventkit.office import tables
from eventkit.office.store import Store
from eventkit.office.usecases import Office

ROUNDS = 9
EACH = 150
"""Registrations of one measurement, all writers together."""

_NAMES = itertools.count()


class Template:
    """The rows of one registration, as the office writes them, under a new name each time."""

    def __init__(self, office: Office, event_id: str) -> None:
        decision = office.register(event_id, racer.signup(f"t{next(_NAMES)}"), actor=racer.PUBLIC)
        outcome = decision.value
        [one] = outcome.registrations
        self.registration = tables.registration_row(one)
        self.notice = tables.notice_row(outcome.notices[0])
        self.entry = tables.entry_row(outcome.entries[0])

    def rows(self, event_id: str, number: int) -> tuple[dict[str, Any], ...]:
        who = tables.digest(f"n{next(_NAMES)}")
        registration = {
            **self.registration,
            "event_id": event_id,
            "number": number,
            "group": number,
            "person": who,
            "active_person": who,
            "form": who,
        }
        notice = {**self.notice, "event_id": event_id, "key": who, "registration": number}
        entry = {**self.entry, "event_id": event_id, "registration": number}
        return registration, notice, entry


# --- three ways ------------------------------------------------------------------------------

Way = Callable[[str], None]


def by_office(office: Office) -> Way:
    ready = [racer.signup(f"o{next(_NAMES)}") for _ in range(40_000)]  # a form's work, not ours

    def register(event_id: str) -> None:
        office.register(event_id, ready.pop(), actor=racer.PUBLIC)

    return register


def by_core(office: Office, template: Template) -> Way:
    """The statements of the ledger, one after the other, and no thought in between."""
    database = office.store._database

    def register(event_id: str) -> None:
        who = tables.digest(f"c{next(_NAMES)}")
        with database.writing() as connection:
            row = connection.execute(statements.LOCK.statement, {"event": event_id}).one()
            asked = {"event": event_id, "form": who, "person": who}
            connection.execute(statements._BY_FORM.statement, asked).all()
            one, notice, entry = template.rows(event_id, row.last + 1)
            connection.execute(statements._ENTER.statement, [one])
            connection.execute(statements._OWE.statement, [notice])
            connection.execute(statements._WRITE_DOWN.statement, [entry])
            seats = {
                name: value
                for name, value in row._mapping.items()
                if name.startswith(("room_", "online_"))
            }
            seats["room_confirmed"] += 1
            more = {
                "new_number": row.number,
                "new_last": row.last + 1,
                "new_due_at": row.due_at,
                "new_remind_at": row.remind_at,
                "new_tell_at": row.tell_at,
                "new_count_at": row.count_at,
            }
            connection.execute(statements._SEATS.statement, {"e": event_id, **more, **seats})

    return register


def by_driver(url: str, office: Office, template: Template, opened: list[Any]) -> Way:
    """The same SQL, on one connection of the driver for each thread; all of them are `opened`."""
    dialect = office.store._database._engine.dialect
    look, known, *writes = (
        one.compile(dialect=dialect)
        for one in (
            statements.LOCK.statement,
            statements._BY_FORM.statement,
            _insert(tables.registrations, template.registration),
            _insert(tables.notices, template.notice),
            _insert(tables.journal, template.entry),
        )
    )
    last = [column.name for column in tables.seats.c if column.name != "event_id"].index("last")
    mine = threading.local()
    lite = url.startswith("sqlite")
    lock = office.store._database._lock if lite else None

    def connection() -> Any:
        if not hasattr(mine, "connection"):
            if lite:
                path = str(sa.make_url(url).database)
                mine.connection = sqlite3.connect(
                    path, isolation_level=None, timeout=30, check_same_thread=False
                )
                mine.connection.execute("PRAGMA synchronous = FULL")
                mine.connection.execute("PRAGMA foreign_keys = ON")
            else:
                mine.connection = psycopg.connect(url)
            opened.append(mine.connection)
        return mine.connection

    update = (
        "UPDATE seats SET room_confirmed = room_confirmed + 1, last = last + 1 WHERE event_id = {}"
    )

    def said(statement: Any, row: dict[str, Any]) -> tuple[str, Any]:
        values = {name: _plain(value) for name, value in row.items()}
        if lite:
            return str(statement), [values[name] for name in statement.positiontup]
        return str(statement), values

    def register(event_id: str) -> None:
        who = tables.digest(f"d{next(_NAMES)}")
        asked = {"event": event_id, "form": who, "person": who}
        own = connection()
        with lock_of(lock):
            if lite:
                own.execute("BEGIN IMMEDIATE")
            row = own.execute(*said(look, asked)).fetchone()
            own.execute(*said(known, asked)).fetchall()
            for statement, values in zip(
                writes, template.rows(event_id, row[last] + 1), strict=True
            ):
                own.execute(*said(statement, values))
            own.execute(update.format("?" if lite else "%s"), (event_id,))
            own.execute("COMMIT") if lite else own.commit()

    return register


def _insert(table: sa.Table, row: dict[str, Any]) -> sa.Insert:
    return sa.insert(table).values({name: sa.bindparam(name) for name in row})


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=None).isoformat(" ") if hasattr(value, "isoformat") else value


@contextlib.contextmanager
def lock_of(lock: Any) -> Iterator[None]:
    if lock is None:
        yield
        return
    lock.acquire(60)
    try:
        yield
    finally:
        lock.release()


# --- measuring -------------------------------------------------------------------------------


def seconds(way: Way, event_ids: list[str], writers: int) -> float:
    """How long one registration takes on average, with so many threads at it."""
    turn = itertools.cycle(event_ids)
    errors: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(EACH // writers):
                way(next(turn))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return (time.perf_counter() - began) / (EACH // writers * writers)


def registering() -> Iterator[Figure]:
    """On SQLite and PostgreSQL, one writer and eight, one hot event and a hundred."""
    with _urls() as urls:
        for kind, url in urls:
            Store.create(url).close()
            office = racer.office_at(url)
            ids = [f"99-{n}" for n in range(1, 101)]
            for event_id in ids:
                racer.announce(office, event_id, None)
            template = Template(office, ids[0])
            opened: list[Any] = []
            bare = by_driver(url, office, template, opened)
            ways = (by_office(office), by_core(office, template), bare)
            for writers, events in itertools.product((1, 8), (ids[:1], ids)):
                for way in ways:
                    seconds(way, events, writers)
                rounds = []
                for _ in range(ROUNDS):
                    rounds.append([seconds(way, events, writers) for way in ways])
                    while opened:  # a server has only so many
                        opened.pop().close()
                ours, core, limit = (statistics.median(one) for one in zip(*rounds, strict=True))
                what = f"{kind}, {writers} writers, {len(events)} events"
                # 0.7 of Core's rate is 1 / 0.7 of its time.
                yield Figure(f"register: {what} / Core alone", ours, core, 1 / 0.7)
                yield Figure("  the same / the bare driver (no target)", ours, limit, float("inf"))
            yield from _by_size(office, kind)
            office.store.close()


def _by_size(office: Office, kind: str) -> Iterator[Figure]:
    """Number 10,000 of an event against number 1: the median of 500 each."""
    racer.announce(office, "98-1", 1_000)
    took: list[float] = []
    register = by_office(office)
    for number in range(10_000):
        began = time.perf_counter()
        register("98-1")
        if number < 500 or number >= 9_500:
            took.append(time.perf_counter() - began)
    first, last = statistics.median(took[:500]), statistics.median(took[500:])
    yield Figure(f"register: {kind}, 9,501st to 10,000th / first 500", last, first, 1.2)


@contextlib.contextmanager
def _urls() -> Iterator[list[tuple[str, str]]]:
    with tempfile.TemporaryDirectory() as folder:
        urls = [("SQLite", f"sqlite:///{folder}/bench.db")]
        where = databases.new_folder()
        try:
            with contextlib.ExitStack() as stack:
                try:
                    server = databases.server(where)
                except databases.NoServerError as error:
                    if os.environ.get("CI") == "true":
                        raise
                    print(f"PostgreSQL is not measured: {error}", file=sys.stderr)
                else:
                    urls.append(("PostgreSQL", stack.enter_context(databases.fresh(server))))
                yield urls
        finally:
            databases.stop(where)
