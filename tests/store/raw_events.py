"""Events as they lie in the table: those that version 0.1.0 wrote, and those that another version or an accident may leave there."""

import time

from core.store import Store
from core.store.compression import unpack_text
from core.store.tables import EventTable

WRITTEN_BEFORE = (
    ("status", '{"status": "queued"}'),
    ("status", '{"status": "running", "reason": null, "message": ""}'),
    ("status", '{"status": "complete", "reason": "loops", "message": "All loops are done."}'),
    ("stage", '{"number": 0, "loop": 0, "stage": "gate"}'),
    ("stage", '{"number": 1, "loop": 1, "stage": "generate", "mode": "improve", "model": "built-in", "prompt_tokens": 5196}'),
    ("stage", '{"number": 4, "stage": "hold_out"}'),
    ("text", '{"number": 1, "text": "Change: sma_fast 20 to 13, sma_slow 50 to 52, position_size_perc"}'),
    ("text", '{"number": 2, "text": "Change: \\ud83d"}'),
    ("text", '{"number": 1, "text": "", "afresh": true}'),
    ("reasoning", '{"number": 2, "text": "Fewer trades \\u2013 wider stop"}'),
    ("progress", '{"number": 3, "done": 4, "total": 704, "bars": [0, 3], "equity": [100000.0, 99192.627]}'),
    ("iteration", '{"number": 1, "status": "gate"}'),
    ("log", '{"text": "Attempt 1 failed, waiting 0.5 s: The provider cannot be reached. Is the server running?"}'),
    ("error", '{"class": "APIConnectionError", "message": "Unreachable.", "hint": "Is the server running?", "action": "retry"}'),
    ("error", '{"class": "MarketDataError", "message": "No bars.", "hint": "", "action": "stop"}'),
    ("steer", '{"wish": "pause", "text": ""}'),
    ("steer", '{"wish": "budget", "text": "7.5"}'),
    (
        "answer",
        '{"number": 2, "model": "ollama/llama3", "seed": 7, "prompt_hash": "c0ffee", "finished": {"text": "Change: wider stop", '
        '"finish_reason": "stop", "usage": {"prompt_tokens": 120, "completion_tokens": 30, "cached_tokens": 0, "reasoning_tokens": 0, '
        '"source": "provider"}, "cost": {"usd": 0.0012, "price_source": "user"}, "seconds": 1.5}}',
    ),
    ("rejected", '{"number": 1, "reason": "Run again bar by bar, it places other orders."}'),
)
"""Kind and data of rows of every kind, copied out of a database that version 0.1.0 wrote."""

UNREADABLE = (
    ("mystery", '{"number": 1}'),
    ("status", '{"status": "asleep"}'),
    ("stage", '{"number": 1, "stage": "dream"}'),
    ("stage", "{}"),
    ("text", '{"number": 1}'),
    ("reasoning", '{"text": "hm"}'),
    ("progress", '{"number": 1, "done": 1, "total": 0, "bars": [0], "equity": [1.0]}'),
    ("progress", '{"number": 1, "done": 1, "total": 2, "bars": [0], "equity": [NaN]}'),
    ("iteration", '{"number": "one", "status": "ok"}'),
    ("log", '{"text": "shown", "color": "red"}'),
    ("log", '{"text": "cut o'),
    ("error", "null"),
    ("steer", '{"wish": "dance", "text": ""}'),
    ("steer", '{"wish": "loops", "text": "many"}'),
    ("answer", '{"number": 1, "model": "m", "seed": 0, "prompt_hash": "", "finished": {}}'),
    ("rejected", "[1]"),
)
"""Kind and data of rows that this version cannot read."""


def insert_raw_event(store: Store, run_id: str, kind: str, data: str) -> None:
    """Put a row into the table, past every check."""
    with store._database.write() as session:
        session.add(EventTable(run_id=run_id, kind=kind, created=time.time(), data=data))


def list_raw_events(store: Store, run_id: str) -> list[tuple[str, str]]:
    """Kind and data of a run's events as they lie in the table, unpacked."""
    with store._database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT run_id, kind, data FROM event ORDER BY seq").all()
    return [(kind, unpack_text(data)) for owner, kind, data in rows if owner == run_id]
