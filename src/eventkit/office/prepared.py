"""Statements that are sent again and again, made ready once for each database.

SQLAlchemy keeps what it has compiled, and yet looks each value up anew at each execution: of a
small statement that is half the time. What is `Prepared` goes by its interface for drivers instead,
with the values as their columns' types have them; errors are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.engine import Connection, CursorResult, Dialect

Bind = Callable[[Mapping[str, Any]], Any]
"""How a driver is given the values of a statement: in order, or by name."""


@frozen(eq=False)
class Prepared:
    """A statement whose values are said by name at each run.

    Each run gives the same names. An ``IN`` of any number of values cannot be made ready, and
    columns come back as the driver has them: text and numbers, but no moments.
    """

    statement: sa.Select[Any] | sa.Insert | sa.Update
    _ready: WeakKeyDictionary[Dialect, tuple[str, Bind]] = field(
        factory=WeakKeyDictionary, init=False, repr=False
    )

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> CursorResult[Any]:
        """Send it with each of these `rows`, at least one."""
        ready = self._ready.get(connection.dialect)
        if ready is None:
            ready = self._ready[connection.dialect] = _ready(
                self.statement, connection.dialect, list(rows[0])
            )
        text, bind = ready
        if len(rows) == 1:
            return connection.exec_driver_sql(text, bind(rows[0]))
        return connection.exec_driver_sql(text, [bind(row) for row in rows])


def _ready(statement: Any, dialect: Dialect, names: list[str]) -> tuple[str, Bind]:
    """The text of a statement as a database wants it, and how its values are said."""
    # As for many rows: else an INSERT would ask what number the database has given.
    compiled = statement.compile(dialect=dialect, column_keys=names, for_executemany=True)
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

    return str(compiled), by_name if order is None else in_order
