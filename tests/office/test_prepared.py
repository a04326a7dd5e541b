"""A prepared statement does what the plain one does, on both databases."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from eventkit.model.errors import ImpossibleError
from eventkit.office.prepared import Prepared
from eventkit.office.store import Store
from eventkit.office.tables import beats, journal

NOON = datetime(2022, 3, 27, 12, 0, 0, 250, tzinfo=ZoneInfo("Europe/Copenhagen"))


def entry(number: int, **other: Any) -> dict[str, Any]:
    row = {
        "at": NOON + timedelta(days=number),
        "actor_side": "staff",
        "actor_id": "søren@example.dk",
        "action": "register",
        "event_id": None,
        "registration": number,
        "reason": "50 % af 'alle' :navn %(navn)s ?",
        "data": '{"å": 1}',
    }
    return {**row, **other}


def written(store: Store) -> list[Any]:
    columns = [column for column in journal.c if column.name != "id"]
    with store._database.reading() as connection:
        return list(connection.execute(sa.select(*columns).order_by(journal.c.id)).all())


def test_rows_are_as_the_plain_statement_writes_them(store: Store) -> None:
    """One row and many, with moments of any zone, text of any kind, and nothing at all."""
    insert = Prepared(sa.insert(journal))
    rows = [entry(1), entry(2, registration=None), entry(3, at=NOON.astimezone(UTC))]
    with store._database.writing() as connection:
        connection.execute(sa.insert(journal), rows)
        insert.run(connection, rows[0])
        insert.run(connection, *rows[1:])
    found = written(store)
    assert len(found) == 6
    assert found[:3] == found[3:]
    with store._database.writing() as connection:
        connection.execute(sa.delete(journal))


def test_what_a_statement_says_itself_is_sent_along(store: Store) -> None:
    """Values that stand in the statement go with those of the run; what it changed comes back."""
    later = (NOON + timedelta(hours=1)).astimezone(UTC)
    move = Prepared(
        sa.update(beats).where(beats.c.name == sa.bindparam("what"), beats.c.at == NOON)
        .values(at=sa.bindparam("when")).returning(beats.c.name, beats.c.at)
    )  # fmt: skip
    with store._database.writing() as connection:
        Prepared(sa.insert(beats)).run(
            connection, {"name": "a", "at": NOON}, {"name": "b", "at": later}
        )
        moved = [move.run(connection, {"what": name, "when": later}) for name in ("a", "b")]
        found = connection.execute(sa.select(beats).order_by(beats.c.name)).all()
    assert [[(row.name, row.at) for row in rows] for rows in moved] == [[("a", later)], []]
    assert [tuple(row) for row in found] == [("a", later), ("b", later)]


def test_columns_come_back(store: Store) -> None:
    """Moments in UTC, text, numbers and nothing at all: by name, as the plain statement's."""
    query = Prepared(
        sa.select(journal.c.registration, journal.c.event_id, journal.c.at, journal.c.data).where(
            journal.c.registration == sa.bindparam("who")
        )
    )
    with store._database.writing() as connection:
        connection.execute(sa.insert(journal), [entry(1), entry(2)])
        found = query.run(connection, {"who": 2})
        plain = connection.execute(query.statement, {"who": 2}).all()
        nobody = query.run(connection, {"who": 3})
        connection.execute(sa.delete(journal))
    [row] = found
    at = (NOON + timedelta(days=2)).astimezone(UTC)
    assert (row.registration, row.event_id, row.at, row.data) == (2, None, at, '{"å": 1}')
    assert row.at.tzinfo is UTC
    assert [tuple(one) for one in plain] == found
    assert nobody == []


def test_errors_are_those_of_the_plain_statement(store: Store) -> None:
    """A row that is there already is told as SQLAlchemy tells it; a bad moment as we do."""
    insert = Prepared(sa.insert(beats))
    row = {"name": "a", "at": NOON}
    with store._database.writing() as connection:
        insert.run(connection, row)
    with pytest.raises(IntegrityError), store._database.writing() as connection:
        insert.run(connection, row)
    with pytest.raises(ImpossibleError) as error, store._database.writing() as connection:
        insert.run(connection, {"name": "b", "at": NOON.replace(tzinfo=None)})
    assert error.value.code == "naive_time"


def test_what_is_prepared_alone_is_committed_or_undone(store: Store) -> None:
    """SQLAlchemy sees none of it, and yet it stands and falls with the transaction."""
    insert = Prepared(sa.insert(beats))
    with store._database.writing() as connection:
        insert.run(connection, {"name": "a", "at": NOON})
    with suppress(KeyError), store._database.writing() as connection:
        insert.run(connection, {"name": "b", "at": NOON})
        raise KeyError
    with store._database.writing_once() as connection:
        insert.run(connection, {"name": "c", "at": NOON})
    with store._database.reading() as connection:
        found = connection.execute(sa.select(beats.c.name).order_by(beats.c.name)).scalars().all()
    assert found == ["a", "c"]
