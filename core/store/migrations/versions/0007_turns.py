"""Servers on one history share a queue: a run says since when it waits, and whether it has a place."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what the queue is made of; runs of before wait for nothing."""
    op.add_column("run", sa.Column("waits_since", sa.Float))
    op.add_column("run", sa.Column("has_place", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("run", sa.Column("placed", sa.Float))
    op.add_column("run", sa.Column("portable", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("place_of_owner", "run", ["owner", "placed"])
    op.create_table(
        "upload_room",
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("home", sa.String, primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
