"""Money spent on models: against the caps, by model, by run and by day."""

from typing import Any

from core.domain.usage import Spent
from core.services.rooms import Rooms

MOST_ROWS = 100_000
"""Calls that a summary looks at, the newest first."""


class Spending:
    """The answers of the credits screen and of `credits`."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def summarize(self) -> dict[str, Any]:
        """Balances against the caps, and what each model cost, newest call last."""
        balances = [balance.model_dump(mode="json") for balance in self._rooms.ledger.balances()]
        by_model: dict[str, dict[str, float | int | None]] = {}
        for row in self._rooms.ledger.rows(limit=MOST_ROWS):
            entry = by_model.setdefault(row.model, {"calls": 0, "usd": 0.0, "tokens": 0})
            entry["calls"] = int(entry["calls"] or 0) + 1
            entry["tokens"] = int(entry["tokens"] or 0) + row.counted_tokens
            known = row.price is not None and entry["usd"] is not None
            entry["usd"] = float(entry["usd"] or 0.0) + row.counted_micros / 1e6 if known else None
        return {"balances": balances, "models": by_model}

    def sum_by(self, by: str) -> tuple[tuple[str, Spent], ...]:
        """Sums by `model`, `run` or `day` (UTC): the dearest first, days from the newest. A call outside a run has an empty name."""
        from core.llm import summarize_spending

        return tuple((line.name, line.spent) for line in summarize_spending(self._rooms.ledger.rows(limit=MOST_ROWS), by))

    def export_csv(self) -> str:
        """Every call with its facts, as a table for a spreadsheet."""
        from core.llm import export_ledger_csv

        return export_ledger_csv(self._rooms.ledger.rows(limit=MOST_ROWS))
