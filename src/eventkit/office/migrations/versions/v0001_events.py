"""Events, their revisions and calendar entries, seats, and the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "events",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("uid", sa.String(1000), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("published", sa.Integer),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(80), nullable=False),
        sa.Column("organiser", sa.String(1000), nullable=False),
        sa.Column("series", sa.String(1000), nullable=False),
        sa.Column("kind", sa.String(1000), nullable=False),
        sa.UniqueConstraint("uid", name="uq_events_uid"),
    )
    for name in ("over", "organiser", "series", "kind"):
        op.create_index(f"ix_events_{name}", "events", [name])
    op.create_table(
        "revisions",
        sa.Column("event_id", KEY, sa.ForeignKey("events.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_side", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.String(1000), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "vevents",
        sa.Column("event_id", KEY, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("language", sa.String(20), primary_key=True),
        sa.Column("base_url", sa.String(1000), nullable=False),
        sa.Column("zones", sa.String(1000), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["event_id", "number"], ["revisions.event_id", "revisions.number"]),
    )
    op.create_table(
        "seats",
        sa.Column("event_id", KEY, sa.ForeignKey("events.id"), primary_key=True),
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
    op.create_table(
        "journal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_side", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.String(1000), nullable=False),
        sa.Column("action", sa.String(1000), nullable=False),
        sa.Column("event_id", KEY, sa.ForeignKey("events.id")),
        sa.Column("registration", sa.Integer),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("ix_journal_event_id", "journal", ["event_id"])
