"""The tables of the database, and their rows as the values of the model.

An event is a row of the few columns that are searched and ordered by; what it says is a JSON
document in each of its revisions, which are only ever added. So with a registration: its document,
and what is looked up, ordered or unique. Nothing here is one database's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from attrs import evolve
from sqlalchemy.engine import Dialect

from eventkit.formats import codec, ical
from eventkit.formats.wording import LANGUAGES
from eventkit.model.decision import Finding
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import (
    Entry,
    Notice,
    NoticeKind,
    Places,
    Registration,
    Seats,
)
from eventkit.model.values import SYSTEM, Actor, Side, instant
from eventkit.rules.access import for_public
from eventkit.rules.deadlines import over
from eventkit.rules.forms import identity_of

# --- tables ----------------------------------------------------------------------------------


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment, kept as UTC; a time without zone is refused, not taken for one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, as the column keeps it."""
        if value is None:
            return None
        moment = instant(value)
        # SQLite has no type for a zone; there the column is UTC because nothing else gets in.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
"""An event's id, ordered by code points, as SQLite does, whatever a server's language."""

metadata = sa.MetaData()

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("uid", sa.String(1000), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("published", sa.Integer),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("listed", sa.Boolean, nullable=False),
    sa.Column("starts", Instant, nullable=False),
    sa.Column("over", Instant, nullable=False, index=True),
    sa.Column("zone", sa.String(80), nullable=False),
    sa.Column("organiser", sa.String(1000), nullable=False, index=True),
    sa.Column("series", sa.String(1000), nullable=False, index=True),
    sa.Column("kind", sa.String(1000), nullable=False, index=True),
    sa.UniqueConstraint("uid", name="uq_events_uid"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor_side", sa.String(20), nullable=False),
    sa.Column("actor_id", sa.String(1000), nullable=False),
    sa.Column("reason", sa.String(1000), nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

vevents = sa.Table(
    "vevents",
    metadata,
    sa.Column("event_id", KEY, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("language", sa.String(20), primary_key=True),
    sa.Column("base_url", sa.String(1000), nullable=False),
    sa.Column("zones", sa.String(1000), nullable=False),
    # Bytes, because a feed of ten thousand would spend half its time on decoding and encoding.
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["event_id", "number"], ["revisions.event_id", "revisions.number"]),
)

seats = sa.Table(
    "seats",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id"), primary_key=True),
    *(
        column
        for mode in ("room", "online")
        for column in (
            sa.Column(f"{mode}_capacity", sa.Integer),
            sa.Column(f"{mode}_confirmed", sa.Integer, nullable=False),
            sa.Column(f"{mode}_offered", sa.Integer, nullable=False),
            sa.Column(f"{mode}_waiting", sa.Integer, nullable=False),
        )
    ),
    # The number of the event's revision stands here too: whoever waits for this row is told it as
    # it is then, and would read another table's row as it was.
    sa.Column("number", sa.Integer, nullable=False, server_default="1"),
    sa.Column("last", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Instant, index=True),
    sa.Column("remind_at", Instant),
    sa.Column("tell_at", Instant),
    sa.Column("count_at", Instant),
)
"""One narrow row an event, and the one that is locked: counts, and the number given last.

At `remind_at` everybody is reminded, at `tell_at` told what is new, at `count_at` staff are told
how many come; None where nobody is. `due_at` is never later than when something is due: one of
these, the end of an offer, or of offers at all.
"""

registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("mode", sa.String(20), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("group", sa.Integer, nullable=False),
    sa.Column("person", sa.String(64)),
    sa.Column("active_person", sa.String(64)),
    sa.Column("form", sa.String(64)),
    sa.Column("place", sa.Integer),
    sa.Column("offer_ends", Instant),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("address", sa.String(64), index=True),
    sa.UniqueConstraint("event_id", "active_person", name="uq_registrations_active_person"),
    sa.UniqueConstraint("event_id", "form", "place", name="uq_registrations_form"),
    sa.Index("ix_registrations_person", "event_id", "person"),
    sa.Index("ix_registrations_group", "event_id", "group"),
    sa.Index("ix_registrations_queue", "event_id", "status", "mode", "group", "number"),
)
"""`person`, `form` and `address` are digests, so that no index holds a name; None is nobody's, and
not unique.

One person has one active registration, and one place of a form is one registration: whatever a
command believes, the database does not take a second.
"""

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id"), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("registration", sa.Integer),
    sa.Column("recipient", sa.String(1000), nullable=False),
    sa.Column("due", Instant, nullable=False),
    sa.Column("language", sa.String(1000), nullable=False),
    sa.Column("sequence", sa.Integer),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Instant),
    sa.Column("worker", sa.String(40)),
    sa.Column("lease", Instant),
    sa.Column("settled", Instant),
    sa.Column("detail", sa.String(1000), nullable=False, server_default=""),
    sa.Index("ix_notices_next", "state", "next_at"),
    sa.Index("ix_notices_to", "event_id", "registration", "state"),
)
"""Messages owed, and what became of each: `eventkit.office.delivery` says what the states mean.

`next_at` is when it is tried next. A `worker` that claimed it has until its `lease` ends.
"""

journal = sa.Table(
    "journal",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor_side", sa.String(20), nullable=False),
    sa.Column("actor_id", sa.String(1000), nullable=False),
    sa.Column("action", sa.String(1000), nullable=False),
    sa.Column("event_id", sa.ForeignKey("events.id"), index=True),
    sa.Column("registration", sa.Integer),
    sa.Column("reason", sa.String(1000), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)

beats = sa.Table(
    "beats",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("at", Instant, nullable=False),
)
"""When what should happen again and again happened last."""

version = sa.table("alembic_version", sa.column("version_num"))

# --- rows ------------------------------------------------------------------------------------

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What a row raises that is none of what was ever written."""


def event_row(revision: Revision) -> dict[str, Any]:
    """The columns of an event, each derived from its document."""
    event = revision.event
    return {
        "id": event.id,
        "uid": event.uid,
        "number": revision.number,
        "published": None if event.status is Status.DRAFT else revision.number,
        "status": event.status.value,
        "listed": event.listed,
        "starts": instant(event.starts),
        "over": instant(over(event)),
        "zone": event.zone.key,
        "organiser": event.organiser.slug if event.organiser else "",
        "series": event.series,
        "kind": event.kind,
    }


def said_by(actor: Actor) -> dict[str, str]:
    """The columns that say who did something."""
    return {"actor_side": actor.side.value, "actor_id": actor.id}


def revision_row(revision: Revision) -> dict[str, Any]:
    """The row of a revision."""
    return {
        "event_id": revision.event.id,
        "number": revision.number,
        "sequence": revision.sequence,
        "at": revision.at,
        **said_by(revision.actor),
        "reason": revision.reason,
        "findings": json.dumps(
            [codec.to_data(finding) for finding in revision.findings], ensure_ascii=False
        ),
        "document": codec.dumps(revision.event),
    }


def revision_of(row: sa.Row[Any]) -> Revision:
    """The revision of a row."""
    return Revision(
        event=codec.loads(row.document, Event),
        number=row.number,
        sequence=row.sequence,
        at=row.at,
        actor=Actor(Side(row.actor_side), row.actor_id),
        reason=row.reason,
        findings=tuple(codec.from_data(data, Finding) for data in json.loads(row.findings)),
    )


def seats_of(row: sa.Row[Any]) -> Seats:
    """The seats of a row."""
    return Seats(
        room=Places(
            capacity=row.room_capacity,
            confirmed=row.room_confirmed,
            offered=row.room_offered,
            waiting=row.room_waiting,
        ),
        online=Places(
            capacity=row.online_capacity,
            confirmed=row.online_confirmed,
            offered=row.online_offered,
            waiting=row.online_waiting,
        ),
    )


def seats_row(seats: Seats) -> dict[str, Any]:
    """The columns of `seats` that say how many there are, and who has or awaits one."""
    room, online = seats.room, seats.online
    return {
        "room_capacity": room.capacity,
        "room_confirmed": room.confirmed,
        "room_offered": room.offered,
        "room_waiting": room.waiting,
        "online_capacity": online.capacity,
        "online_confirmed": online.confirmed,
        "online_offered": online.offered,
        "online_waiting": online.waiting,
    }


_json = json.JSONEncoder(ensure_ascii=False, default=dict).encode
"""Frozen JSON as text."""


def digest(text: str) -> str | None:
    """A text as the 64 characters by which it is looked up; None for none."""
    return hashlib.sha256(text.encode()).hexdigest() if text else None


def registration_row(one: Registration) -> dict[str, Any]:
    """The row of a registration; every column is derived from its document."""
    person = identity_of(one) or None
    form = digest(one.key)
    return {
        "event_id": one.event,
        "number": one.number,
        "status": one.status.value,
        "mode": one.mode.value,
        "role": one.role.value,
        "group": one.group,
        "person": person,
        "active_person": person if one.status.is_active else None,
        "form": form,
        "place": None if form is None else one.place,
        "offer_ends": one.offer_ends,
        "document": codec.dumps(one),
        "address": digest(one.recipient.casefold()),
    }


def registration_of(row: sa.Row[Any]) -> Registration:
    """The registration of a row."""
    return codec.loads(row.document, Registration)


def notice_row(notice: Notice) -> dict[str, Any]:
    """The row of a notice that is owed."""
    return {
        "key": notice.key,
        "event_id": notice.event,
        "kind": notice.kind.value,
        "revision": notice.revision,
        "registration": notice.registration,
        "recipient": notice.recipient,
        "due": notice.due,
        "language": notice.language,
        "sequence": notice.sequence,
        "data": _json(notice.data),
        "state": OWED,
        "next_at": notice.due,
    }


def notice_of(row: sa.Row[Any]) -> Notice:
    """The notice of a row."""
    return Notice(
        key=row.key,
        kind=NoticeKind(row.kind),
        event=row.event_id,
        revision=row.revision,
        registration=row.registration,
        recipient=row.recipient,
        due=row.due,
        language=row.language,
        sequence=row.sequence,
        data=json.loads(row.data),
    )


OWED, CLAIMED, SENDING = "owed", "claimed", "sending"
"""States of a notice on its way: to be sent; a worker's to send; handed over at this moment."""

SENT, FAILED, UNKNOWN, HELD, WITHDRAWN = "sent", "failed", "unknown", "held", "withdrawn"
"""States in which it stays: it went; it never will; nobody can tell; staff decide; nobody gets it.
"""


def entry_row(entry: Entry) -> dict[str, Any]:
    """The row of a journal entry."""
    return {
        "at": entry.at,
        **said_by(entry.actor),
        "action": entry.action,
        "event_id": entry.event,
        "registration": entry.registration,
        "reason": entry.reason,
        "data": _json(entry.data),
    }


def entry_of(row: sa.Row[Any]) -> Entry:
    """The journal entry of a row."""
    return Entry(
        at=row.at,
        actor=Actor(Side(row.actor_side), row.actor_id),
        action=row.action,
        event=row.event_id,
        registration=row.registration,
        reason=row.reason,
        data=json.loads(row.data),
    )


# --- what the public may see -----------------------------------------------------------------


def public(revision: Revision) -> Revision:
    """`revision` as anybody may see it: also without import findings, who made it, and why."""
    event = for_public(revision.event)
    return evolve(revision, event=event, actor=SYSTEM, reason="", findings=())


def vevent_row(seen: Revision, language: str, base_url: str) -> dict[str, Any]:
    """The row of a calendar entry, of a revision as `public` shows it."""
    text = ical.vevent(seen, language=language, base_url=base_url)
    return {
        "event_id": seen.event.id,
        "number": seen.number,
        "language": language,
        "base_url": base_url,
        "zones": _years_text(ical.years_of(text)),
        "text": text.encode(),
    }


def vevent_rows(revision: Revision, base_url: str) -> list[dict[str, Any]]:
    """The rows of a revision's calendar entries, one a language; a draft has none."""
    if revision.event.status is Status.DRAFT:
        return []
    seen = public(revision)
    return [vevent_row(seen, language, base_url) for language in LANGUAGES]


def _years_text(years: Mapping[str, tuple[int, int]]) -> str:
    """``Europe/Copenhagen 2022 2022``: what a calendar explains, as `zones` keeps it."""
    return ",".join(f"{key} {first} {last}" for key, (first, last) in sorted(years.items()))


def years_of(texts: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The same of many entries together, as `ical.frame` takes it."""
    years: dict[str, tuple[int, int]] = {}
    for text in texts:
        for one in filter(None, text.split(",")):
            key, first, last = one.split(" ")
            known = years.get(key, (int(first), int(last)))
            years[key] = min(known[0], int(first)), max(known[1], int(last))
    return years
