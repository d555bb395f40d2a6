"""Closes that accounts were valued at lie in the history once, so that each account need not repeat them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table; accounts so far stay as they are."""
    op.create_table(
        "closes",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
