"""Looks at hold-outs in a table of their own, with those that finished runs have recorded."""

import json
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table and fill it from the runs."""
    look = op.create_table(
        "look",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("iterations", sa.Integer, primary_key=True),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("instrument", sa.String, nullable=False, index=True),
        sa.Column("timeframe", sa.String, nullable=False),
        sa.Column("first", sa.Float, nullable=False),
        sa.Column("last", sa.Float, nullable=False),
    )
    run = sa.table("run", sa.column("id"), sa.column("created"), sa.column("finished"), sa.column("document"))
    found = [_row(*row) for row in op.get_bind().execute(sa.select(run.c.id, run.c.created, run.c.finished, run.c.document))]
    if rows := [row for row in found if row is not None]:
        op.bulk_insert(look, rows)


def _row(run_id: str, created: float, finished: float | None, document: str) -> dict[str, Any] | None:
    """A run's look; None when it had none, or when its document says nothing any more."""
    try:
        return _look(run_id, created, finished, json.loads(document))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _look(run_id: str, created: float, finished: float | None, run: dict[str, Any]) -> dict[str, Any] | None:
    held, bars = run.get("hold_out"), run["plan"]["bars"]
    if not held:
        return None
    path, symbol = bars.get("path", ""), bars.get("symbol", "")
    return {
        "run_id": run_id,
        "iterations": run.get("iterations", 0),
        "created": finished or created,
        "instrument": f"file:{PurePath(path).name}" if path else symbol.rpartition(":")[2].strip().upper(),
        "timeframe": bars.get("timeframe", "1d"),
        "first": _seconds(held["first"]),
        "last": _seconds(held["last"]),
    }


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).replace(tzinfo=UTC).timestamp()
