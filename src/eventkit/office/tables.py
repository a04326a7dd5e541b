"""The tables of the database, and their rows as the values of the model.

An event is a row of the few columns that are searched and ordered by; what it says is a JSON
document in each of its revisions, which are only ever added. Nothing here is one database's own.
"""

from __future__ import annotations

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
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.registration import Entry, Places, Seats
from eventkit.model.values import SYSTEM, Actor, OnlineAccess, Side, instant
from eventkit.rules.deadlines import over

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


metadata = sa.MetaData()

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
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
    sa.Column("event_id", sa.String(80), primary_key=True),
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
)

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

version = sa.table("alembic_version", sa.column("version_num"))

# --- rows ------------------------------------------------------------------------------------


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


def capacities(event: Event) -> dict[str, Any]:
    """The columns of `seats` that an event decides."""
    return {"room_capacity": event.capacity, "online_capacity": event.online_capacity}


NOBODY = {
    f"{mode}_{count}": 0
    for mode in ("room", "online")
    for count in ("confirmed", "offered", "waiting")
}
"""The counts of an event that nobody has joined."""


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


def entry_row(entry: Entry) -> dict[str, Any]:
    """The row of a journal entry."""
    return {
        "at": entry.at,
        **said_by(entry.actor),
        "action": entry.action,
        "event_id": entry.event,
        "registration": entry.registration,
        "reason": entry.reason,
        "data": json.dumps(codec.to_data(entry)["data"], ensure_ascii=False),
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


def _public_access(online: OnlineAccess | None) -> OnlineAccess | None:
    if online is None or online.public:
        return online
    return evolve(online, url=None)


def _public_item(item: AgendaItem) -> AgendaItem:
    return evolve(item, online=_public_access(item.online))


def public(revision: Revision) -> Revision:
    """`revision` without what is for staff and those who attend.

    That is every link that is not public, what plugins keep in `extra`, acknowledgements, import
    findings, and who made the revision and why.
    """
    event = evolve(
        revision.event,
        online=_public_access(revision.event.online),
        programme=tuple(_public_item(item) for item in revision.event.programme),
        acknowledged=(),
        extra={},
    )
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
