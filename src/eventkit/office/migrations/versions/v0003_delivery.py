"""Notices can be claimed, tried and settled; seats know when to remind; registrations are found by
address."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns, and the table that says when somebody looked last."""
    op.add_column("seats", sa.Column("remind_at", INSTANT))
    op.add_column("seats", sa.Column("tell_at", INSTANT))
    attempts = sa.Column("attempts", sa.Integer, nullable=False, server_default="0")
    op.add_column("notices", attempts)
    op.add_column("notices", sa.Column("next_at", INSTANT))
    op.add_column("notices", sa.Column("worker", sa.String(40)))
    op.add_column("notices", sa.Column("lease", INSTANT))
    op.add_column("notices", sa.Column("settled", INSTANT))
    detail = sa.Column("detail", sa.String(1000), nullable=False, server_default="")
    op.add_column("notices", detail)
    op.execute("UPDATE notices SET next_at = due")
    op.drop_index("ix_notices_due", "notices")
    op.create_index("ix_notices_next", "notices", ["state", "next_at"])
    op.add_column("registrations", sa.Column("address", sa.String(64)))
    op.create_index("ix_registrations_address", "registrations", ["address"])
    _find_by_address(op.get_bind())
    op.create_table(
        "beats",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
    )


def _find_by_address(connection: sa.Connection) -> None:
    """Write down the digest of every address there is."""
    rows = sa.table("registrations", *map(sa.column, ("event_id", "number", "document", "address")))
    found = connection.execute(sa.select(rows.c.event_id, rows.c.number, rows.c.document)).all()
    for row in found:
        said = json.loads(row.document)
        email = said["person"].get("email") or (said.get("booker") or {}).get("email") or ""
        if email:
            address = hashlib.sha256(email.casefold().encode()).hexdigest()
            connection.execute(
                sa.update(rows)
                .where(rows.c.event_id == row.event_id, rows.c.number == row.number)
                .values(address=address)
            )
