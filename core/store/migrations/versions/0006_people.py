"""Runs, workflows, states of the code and calls of models belong to a person; what was there before belongs to nobody, as it did."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add owners, and the tables of what people share, of their sealed keys and of their processor time."""
    for table in ("run", "ledger", "revision"):
        op.add_column(table, sa.Column("owner", sa.String, nullable=False, server_default=""))
    op.create_index("ix_run_owner", "run", ["owner"])
    op.create_index("ix_ledger_owner", "ledger", ["owner"])
    _give_workflows_owners()
    op.create_table(
        "share",
        *(sa.Column(name, sa.String, primary_key=True) for name in ("kind", "owner", "subject", "person")),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "sealed_key",
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
    )
    op.create_table(
        "processor_time",
        *(sa.Column(name, sa.String, primary_key=True) for name in ("owner", "day", "worker")),
        sa.Column("seconds", sa.Float, nullable=False),
    )


def _give_workflows_owners() -> None:
    """Make the owner a part of the key, which no database changes in place alike: the rows move into a new table."""
    op.create_table(
        "owned_workflow",
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("tags", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("document_version", sa.Integer, nullable=False, server_default="1"),
    )
    columns = "name, version, created, tags, document, document_version"
    op.execute(f"INSERT INTO owned_workflow (owner, {columns}) SELECT '', {columns} FROM workflow")
    op.drop_table("workflow")
    op.rename_table("owned_workflow", "workflow")
