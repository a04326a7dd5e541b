"""Registrations and notices; the seats row learns what it must tell whoever locks it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables, and the columns of `seats`."""
    number = sa.Column("number", sa.Integer, nullable=False, server_default="1")
    op.add_column("seats", number)
    op.add_column("seats", sa.Column("last", sa.Integer, nullable=False, server_default="0"))
    op.add_column("seats", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE seats SET number = "
        "(SELECT events.number FROM events WHERE events.id = seats.event_id)"
    )
    op.create_index("ix_seats_due_at", "seats", ["due_at"])
    op.create_table(
        "registrations",
        sa.Column("event_id", KEY, sa.ForeignKey("events.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("group", sa.Integer, nullable=False),
        sa.Column("person", sa.String(64)),
        sa.Column("active_person", sa.String(64)),
        sa.Column("form", sa.String(64)),
        sa.Column("place", sa.Integer),
        sa.Column("offer_ends", sa.DateTime(timezone=True)),
        sa.Column("document", sa.Text, nullable=False),
        sa.UniqueConstraint("event_id", "active_person", name="uq_registrations_active_person"),
        sa.UniqueConstraint("event_id", "form", "place", name="uq_registrations_form"),
    )
    op.create_index("ix_registrations_person", "registrations", ["event_id", "person"])
    op.create_index("ix_registrations_group", "registrations", ["event_id", "group"])
    op.create_index(
        "ix_registrations_queue", "registrations", ["event_id", "status", "mode", "group", "number"]
    )
    op.create_table(
        "notices",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("event_id", KEY, sa.ForeignKey("events.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("registration", sa.Integer),
        sa.Column("recipient", sa.String(1000), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(1000), nullable=False),
        sa.Column("sequence", sa.Integer),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
    )
    op.create_index("ix_notices_event_id", "notices", ["event_id"])
    op.create_index("ix_notices_due", "notices", ["state", "due"])
