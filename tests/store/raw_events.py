"""Events as another version, or an accident, may have left them in the table."""

import time

from core.store import Store
from core.store.tables import EventTable


def insert_raw_event(store: Store, run_id: str, kind: str, data: str) -> None:
    """Put a row into the table, past every check."""
    with store._database.write() as session:
        session.add(EventTable(run_id=run_id, kind=kind, created=time.time(), data=data))


def list_raw_events(store: Store, run_id: str) -> list[tuple[str, str]]:
    """Kind and data of a run's events as they lie in the table."""
    with store._database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT run_id, kind, data FROM event ORDER BY seq").all()
    return [(kind, data) for owner, kind, data in rows if owner == run_id]
