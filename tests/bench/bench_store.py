"""Room that a run takes in the history, and how soon its rows are found and read."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from core.services import Services, Settings
from core.store.compression import unpack_text
from tests.bench.long_history import build_history

RUNS = 300


def run(console: Console) -> None:
    """Print two tables."""
    with tempfile.TemporaryDirectory() as folder:
        made = build_history(Path(folder), RUNS)
        parts = Services(Settings(home=Path(folder)))
        try:
            console.print(_measure_room(parts, made.id))
            console.print(_measure_reading(parts, made.id))
        finally:
            parts.close()


def _measure_room(parts: Services, run_id: str) -> Table:
    table = Table("AAPL daily, bytes an iteration", "stored", "as it is written plainly", "ratio")
    count = len(parts.store.list_iterations(run_id))
    total = 0.0
    with parts.store._database.read() as session:
        for name, columns in {"iteration": ("document",), "event": ("data",), "curve": ("equity", "position", "facts", "preview")}.items():
            query = text(f"SELECT {', '.join(columns)} FROM {name} WHERE run_id = :run_id")
            rows = session.connection().execute(query, {"run_id": run_id}).all()
            stored = sum(len(value) for row in rows for value in row) / count
            plain = sum(len(unpack_text(value)) if isinstance(value, str) else len(value) for row in rows for value in row) / count
            total += stored
            table.add_row(name, f"{stored:,.0f}", f"{plain:,.0f}", f"{stored / plain:.2f}")
        closes = session.connection().execute(text("SELECT sum(length(data)) FROM closes")).scalar_one() or 0
    table.add_row("all", f"{total:,.0f}", "", "aim: 8,000")
    table.add_row("closes, once for all runs on the same bars", f"{closes:,.0f}", "", "")
    return table


def _measure_reading(parts: Services, run_id: str) -> Table:
    table = Table(f"reading, {RUNS} runs of 20 iterations", "first time", "again")
    tasks: dict[str, Callable[[], object]] = {
        "a run by its id": lambda: parts.store.read_run(run_id),
        "the iterations of a run": lambda: parts.store.list_iterations(run_id),
        "one iteration with its curves": lambda: parts.store.read_detail(run_id, 1),
        "the 50 newest runs": lambda: parts.store.list_runs(limit=50),
    }
    for name, task in tasks.items():
        first, *again = [_time(task) for _ in range(8)]
        table.add_row(name, f"{first * 1000:.1f} ms", f"{statistics.median(again) * 1000:.1f} ms")
    return table


def _time(task: Callable[[], object]) -> float:
    before = time.process_time()
    task()
    return time.process_time() - before
