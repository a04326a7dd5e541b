"""Statements that are sent again and again, made ready once for each database.

SQLAlchemy keeps what it has compiled, and yet looks each value up anew at each execution, and makes
a result of its own: of a small statement that is half the time. What is `Prepared` goes to the
driver by itself, with the values as their columns' types have them, on SQLAlchemy's connection and
in its transaction. Errors are the driver's own, but for `IntegrityError`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError

Bind = Callable[[Mapping[str, Any]], Any]
"""How a driver is given the values of a statement: in order, or by name."""

Make = Callable[[Iterable[Any]], Any]
"""How a row of a driver's becomes one with names, and with the values that Python has for them."""


@frozen
class _Ready:
    """A statement as one kind of database takes it."""

    text: str
    bind: Bind
    make: Make


@frozen(eq=False)
class Prepared:
    """A statement whose values are said by name at each run.

    Each run gives the same names. An ``IN`` of any number of values cannot be made ready.
    """

    statement: sa.Select[Any] | sa.Insert | sa.Update
    _ready: WeakKeyDictionary[Dialect, _Ready] = field(
        factory=WeakKeyDictionary, init=False, repr=False
    )

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> list[Any]:
        """Send it with each of these `rows`, at least one; the rows that come back, as tuples with
        the names of their columns.
        """
        dialect = connection.dialect
        ready = self._ready.get(dialect)
        if ready is None:
            ready = self._ready[dialect] = _ready(self.statement, dialect, list(rows[0]))
        with closing(connection.connection.cursor()) as cursor:
            try:
                if len(rows) == 1:
                    cursor.execute(ready.text, ready.bind(rows[0]))
                else:
                    cursor.executemany(ready.text, [ready.bind(row) for row in rows])
            except dialect.loaded_dbapi.IntegrityError as error:
                raise IntegrityError(ready.text, None, error) from error
            return [] if cursor.description is None else [*map(ready.make, cursor.fetchall())]


def _ready(statement: Any, dialect: Dialect, names: list[str]) -> _Ready:
    # As for many rows: else an INSERT would ask what number the database has given.
    compiled = statement.compile(dialect=dialect, column_keys=names, for_executemany=True)
    return _Ready(str(compiled), _binding(compiled, names), _making(statement, dialect))


def _binding(compiled: Any, names: list[str]) -> Bind:
    """How the values of a statement are said."""
    dialect = compiled.dialect
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    kept = {
        name: keep
        for bind, name in compiled.bind_names.items()
        if (keep := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    order: list[str] | None = compiled.positiontup

    def by_name(row: Mapping[str, Any]) -> dict[str, Any]:
        said = {**fixed, **row}
        for name, keep in kept.items():
            said[name] = keep(said[name])
        return said

    def in_order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        said = by_name(row)
        return tuple([said[name] for name in order or ()])

    return by_name if order is None else in_order


def _making(statement: Any, dialect: Dialect) -> Make:
    """How what comes back is read."""
    columns = statement.exported_columns
    row = namedtuple("row", columns.keys())  # type: ignore[misc]
    reads = [
        (place, read)
        for place, column in enumerate(columns)
        if (read := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]

    def as_python(found: Iterable[Any]) -> Any:
        values = list(found)
        for place, read in reads:
            values[place] = read(values[place])
        return row._make(values)

    return as_python if reads else row._make
