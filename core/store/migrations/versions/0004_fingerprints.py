"""Bars are known by their fingerprint: those that runs were trained on, and those that were looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; looks so far have no fingerprint and are counted by name and range."""
    op.create_table(
        "fingerprint",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "training",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False, index=True),
    )
    op.add_column("look", sa.Column("fingerprint", sa.String, nullable=True))
    op.create_index("ix_look_fingerprint", "look", ["fingerprint"])
