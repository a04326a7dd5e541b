"""The outbox: notices on their way, from owed to settled.

What goes to one person about one event goes in the order in which it was due: a change is not told
before the seat it changes, whatever has to be tried again.

A worker claims a few with a lease, notes durably that it hands one over before it does, and settles
it after. So of what a dead worker held, the notice it was handing over is unknown, and the others
are owed again once the lease has ended: nothing is lost, and nothing that went goes twice.

::

    owed -> claimed -> sending -> sent | owed (tried again later) | failed | unknown
    owed | claimed -> withdrawn;  held -> owed | withdrawn
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.exc import IntegrityError

from eventkit.model.registration import Entry, Notice
from eventkit.model.values import Actor, instant
from eventkit.office import tables
from eventkit.office.database import Database
from eventkit.office.ledger import Read
from eventkit.office.prepared import Prepared
from eventkit.office.tables import (
    CLAIMED,
    FAILED,
    HELD,
    OWED,
    SENDING,
    SENT,
    UNKNOWN,
    WITHDRAWN,
    Instant,
    beats,
    notices,
)
from eventkit.rules.seating import NO_NEWS

STUCK = (HELD, FAILED, UNKNOWN)
"""States in which a notice stays until staff decide what becomes of it."""

_CHUNK = 400  # values in one IN (…)


@frozen(kw_only=True)
class Parcel:
    """A notice on its way: where it stands, and what is known of it.

    `attempts` counts how often it was handed over, `next_at` is when it is next (UTC), `detail`
    what the other side said last. It is `overtaken` where the same person was sent later news:
    staff can let an old notice go after all, and it is not what holds now.
    """

    notice: Notice
    state: str
    attempts: int
    next_at: datetime | None
    detail: str
    overtaken: bool = False


@frozen(kw_only=True)
class Settled:
    """What became of a notice: its new `state`, and when it is tried again where it is owed."""

    key: str
    state: str
    detail: str = ""
    next_at: datetime | None = None


@frozen
class Outbox:
    """The notices of a database."""

    _database: Database
    _read: Read = field(repr=False)

    # --- sending ---

    def free(self, now: datetime) -> int:
        """Take back what dead workers held, whose lease has ended; how many are unknown now."""
        moment = instant(now)
        with self._database.reading() as connection:
            if connection.scalar(_LAPSED, {"now": moment}) is None:
                return 0
        with self._database.writing() as connection:
            connection.execute(_OWE_AGAIN, {"now": moment})
            return connection.execute(_UNKNOWN, {"now": moment}).rowcount

    def claim(
        self, worker: str, *, now: datetime, lease: datetime, most: int
    ) -> tuple[Parcel, ...]:
        """Take the notices that are due, at most so many, for `worker` until `lease`."""
        moment = instant(now)
        if not self.is_due(now):  # so that an idle look takes no lock
            return ()
        with self._database.writing() as connection:
            rows = connection.execute(_DUE.limit(most), {"now": moment}).all()
            if rows:
                keys = [{"notice": row.key, "who": worker, "until": lease} for row in rows]
                connection.execute(_CLAIM, keys)
        return tuple(self._parcel(row) for row in rows)

    def step(
        self,
        worker: str,
        done: Settled | None,
        begin: str | None,
        *,
        now: datetime,
        lease: datetime,
    ) -> bool:
        """Settle `done` and note that `begin` is handed over next, in one commit.

        False where `begin` is not this worker's any more: then it must not be sent.
        """
        if done is None and begin is None:
            return False
        what = done or Settled(key="", state="")
        said = {
            "done": what.key,
            "begin": begin,
            "who": worker,
            "until": lease,
            "new_state": what.state,
            "new_detail": " ".join(what.detail.split())[:1000],
            "new_next_at": what.next_at,
            "new_settled": None if what.state == OWED else instant(now),
        }
        with self._database.writing_once() as connection:
            return begin in [row.key for row in _STEP.run(connection, said)]

    def put_back(self, worker: str) -> None:
        """Owe again at once what `worker` claimed and did not hand over."""
        with self._database.reading() as connection:
            if connection.scalar(_HELD_BY, {"who": worker}) is None:
                return
        with self._database.writing() as connection:
            connection.execute(_PUT_BACK, {"who": worker})

    # --- staff ---

    def parcels(
        self, event_id: str | None = None, states: Collection[str] = ()
    ) -> tuple[Parcel, ...]:
        """The notices of an event, or all, in these states (default: any), by when they are due."""
        query = sa.select(notices).order_by(notices.c.due, notices.c.key)
        if event_id is not None:
            query = query.where(notices.c.event_id == event_id)
        if states:
            query = query.where(notices.c.state.in_(states))
        with self._database.reading() as connection:
            return tuple(self._parcel(row) for row in connection.execute(query))

    def release(self, keys: Sequence[str], *, send: bool, now: datetime, actor: Actor) -> int:
        """Let held, failed and unknown notices go after all, or drop them; how many.

        The journal has who did.
        """
        anew = {"state": OWED, "next_at": instant(now), "attempts": 0, "settled": None}
        wanted = anew if send else {"state": WITHDRAWN, "settled": instant(now)}
        query = sa.update(notices).values(**wanted).returning(notices)
        action, done = "send_notice" if send else "drop_notice", 0
        with self._database.writing() as connection:
            for start in range(0, len(keys), _CHUNK):
                asked = notices.c.key.in_(keys[start : start + _CHUNK])
                rows = connection.execute(query.where(asked, notices.c.state.in_(STUCK))).all()
                entries = [
                    Entry(
                        at=now,
                        actor=actor,
                        action=action,
                        event=row.event_id,
                        registration=row.registration,
                        data={"notice": row.key},
                    )
                    for row in rows
                ]
                if entries:
                    written = [tables.entry_row(entry) for entry in entries]
                    connection.execute(sa.insert(tables.journal), written)
                done += len(rows)
        return done

    # --- how it goes ---

    def due(self, now: datetime) -> tuple[Parcel, ...]:
        """What would be tried at `now`."""
        query = sa.select(notices).where(notices.c.state == OWED, notices.c.next_at <= instant(now))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(notices.c.next_at, notices.c.key)).all()
        return tuple(self._parcel(row) for row in rows)

    def is_due(self, now: datetime) -> bool:
        """Whether there is anything to try at `now`."""
        with self._database.reading() as connection:
            return connection.scalar(_NEXT, {"now": instant(now)}) is not None

    def oldest(self) -> datetime | None:
        """When the notice was due that has waited longest; None where none waits."""
        query = sa.select(sa.func.min(notices.c.due)).where(
            notices.c.state.in_((OWED, CLAIMED, SENDING))
        )
        with self._database.reading() as connection:
            at: datetime | None = connection.scalar(query)
        return at

    def counts(self) -> Mapping[str, int]:
        """How many notices there are, by state."""
        query = sa.select(notices.c.state, sa.func.count()).group_by(notices.c.state)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def beat(self, name: str, now: datetime) -> None:
        """Note that something that should happen again and again happened now."""
        said = {"what": name, "when": instant(now)}
        # Another worker may be the first ever at the same moment.
        with suppress(IntegrityError), self._database.writing() as connection:
            if connection.execute(_BEAT, said).rowcount == 0:
                connection.execute(sa.insert(beats), {"name": name, "at": instant(now)})

    def last_beat(self, name: str) -> datetime | None:
        """When it happened last; None for never."""
        with self._database.reading() as connection:
            at: datetime | None = connection.scalar(
                sa.select(beats.c.at).where(beats.c.name == name)
            )
        return at

    def _parcel(self, row: sa.Row[Any]) -> Parcel:
        return Parcel(
            notice=self._read(tables.notice_of, row, row.event_id),
            state=row.state,
            attempts=row.attempts,
            next_at=row.next_at,
            detail=row.detail,
            overtaken=row._mapping.get("overtaken", False),
        )


# --- statements ------------------------------------------------------------------------------

_IS_DUE = (notices.c.state == OWED) & (notices.c.next_at <= sa.bindparam("now"))
_NEXT = sa.select(notices.c.key).where(_IS_DUE).limit(1)
_before, _later = notices.alias("before"), notices.alias("later")
_overtaken = sa.exists().where(
    _later.c.event_id == notices.c.event_id,
    _later.c.registration == notices.c.registration,
    _later.c.recipient == notices.c.recipient,
    _later.c.state == SENT,
    _later.c.due > notices.c.due,
    # A clock may be put back: the number of the change, which a key ends with, is not.
    sa.tuple_(sa.func.length(_later.c.key), _later.c.key)
    > sa.tuple_(sa.func.length(notices.c.key), notices.c.key),
    _later.c.kind.not_in([kind.value for kind in NO_NEWS]),
)
_DUE = (
    sa.select(notices, _overtaken.label("overtaken"))
    .where(
        _IS_DUE,
        ~sa.exists().where(
            _before.c.event_id == notices.c.event_id,
            _before.c.registration == notices.c.registration,
            _before.c.recipient == notices.c.recipient,
            _before.c.state.in_((OWED, CLAIMED, SENDING)),
            _before.c.due < notices.c.due,
        ),
    )
    .order_by(notices.c.next_at, notices.c.key)
    .with_for_update(skip_locked=True, of=notices)
)
_HELD_BY = (
    sa.select(notices.c.key)
    .where(notices.c.state == CLAIMED, notices.c.worker == sa.bindparam("who"))
    .limit(1)
)
_PUT_BACK = (
    sa.update(notices)
    .where(notices.c.state == CLAIMED, notices.c.worker == sa.bindparam("who"))
    .values(state=OWED, worker=None, lease=None)
)
_LAPSES = notices.c.state.in_((CLAIMED, SENDING)) & (notices.c.lease <= sa.bindparam("now"))
_LAPSED = sa.select(notices.c.key).where(_LAPSES).limit(1)
_OWE_AGAIN = (
    sa.update(notices)
    .where(notices.c.state == CLAIMED, notices.c.lease <= sa.bindparam("now"))
    .values(state=OWED, worker=None, lease=None)
)
_UNKNOWN = (
    sa.update(notices)
    .where(notices.c.state == SENDING, notices.c.lease <= sa.bindparam("now"))
    .values(state=UNKNOWN, settled=sa.bindparam("now"), detail="the worker ended while it sent")
)
_CLAIM = (
    sa.update(notices)
    .where(notices.c.key == sa.bindparam("notice"))
    .values(state=CLAIMED, worker=sa.bindparam("who"), lease=sa.bindparam("until"))
)
_is_begun = notices.c.key == sa.bindparam("begin")
_is_done = notices.c.key == sa.bindparam("done")


def _where_begun(then: Any, otherwise: Any) -> sa.Case[Any]:
    return sa.case((_is_begun, then), else_=otherwise)


_STEP = Prepared(
    sa.update(notices)
    .where(
        notices.c.worker == sa.bindparam("who"),
        (_is_begun & (notices.c.state == CLAIMED))
        | (_is_done & ((notices.c.state == CLAIMED) | (notices.c.state == SENDING))),
    )
    .values(
        state=_where_begun(SENDING, sa.bindparam("new_state")),
        attempts=_where_begun(notices.c.attempts + 1, notices.c.attempts),
        detail=_where_begun(notices.c.detail, sa.bindparam("new_detail")),
        next_at=_where_begun(notices.c.next_at, sa.bindparam("new_next_at", type_=Instant)),
        settled=_where_begun(None, sa.bindparam("new_settled", type_=Instant)),
        worker=_where_begun(notices.c.worker, None),
        lease=_where_begun(sa.bindparam("until", type_=Instant), None),
    )
    .returning(notices.c.key)
)
"""One notice settled and the next one begun, in one statement: one trip to the server."""
_BEAT = sa.update(beats).where(beats.c.name == sa.bindparam("what")).values(at=sa.bindparam("when"))
