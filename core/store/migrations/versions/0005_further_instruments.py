"""Looks and trainings of runs with several instruments count for each of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table; runs so far count for their first instrument alone."""
    op.create_table(
        "further_use",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("iterations", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String, primary_key=True),
    )
    op.create_index("ix_further_use_fingerprint", "further_use", ["fingerprint"])
