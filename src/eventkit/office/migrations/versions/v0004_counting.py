"""Seats know when to count; what went before to the same person is found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index in place of one that said less."""
    op.add_column("seats", sa.Column("count_at", sa.DateTime(timezone=True)))
    op.drop_index("ix_notices_event_id", "notices")
    op.create_index("ix_notices_to", "notices", ["event_id", "registration", "state"])
