"""The version of each stored document beside it, and no column for pauses, which are events."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

DOCUMENTS = ("run", "iteration", "curve", "event", "workflow", "draft", "ledger", "setting")


def upgrade() -> None:
    """Call every document so far version 1; both databases do it without touching a row."""
    for table in DOCUMENTS:
        op.add_column(table, sa.Column("document_version", sa.Integer, nullable=False, server_default="1"))
    op.drop_column("run", "pause_requested")
