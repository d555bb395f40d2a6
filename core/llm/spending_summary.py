"""The ledger's rows summed up for people: by model, run or day, and as a table for a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC

from core.domain.usage import LedgerRow, LedgerStatus, Spent
from core.llm.spending_ledger import sum_rows

COLUMNS = (
    "id",
    "started",
    "seconds",
    "run",
    "loop",
    "attempt",
    "purpose",
    "provider",
    "model",
    "status",
    "error",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "counted_by",
    "usd",
    "price_source",
)


@dataclass(frozen=True, slots=True)
class SpendingLine:
    """One line of a summary."""

    name: str
    """Model id, run id, or day (UTC, ISO); empty for calls outside a run."""
    spent: Spent

    @property
    def usd(self) -> float | None:
        """US dollars, reserves included; None when the price of any call is unknown."""
        return None if self.spent.unpriced else self.spent.usd


_KEYS: dict[str, Callable[[LedgerRow], str]] = {
    "model": lambda row: row.model,
    "run": lambda row: row.run_id,
    "day": lambda row: row.started.astimezone(UTC).date().isoformat(),
}


def summarize_spending(rows: Iterable[LedgerRow], by: str) -> tuple[SpendingLine, ...]:
    """Sums by `model`, `run` or `day`; the dearest first, days from the newest."""
    groups: dict[str, list[LedgerRow]] = {}
    for row in rows:
        if row.status is not LedgerStatus.REFUSED:
            groups.setdefault(_KEYS[by](row), []).append(row)
    lines = [SpendingLine(name=name, spent=sum_rows(tuple(group))) for name, group in groups.items()]
    if by == "day":
        return tuple(sorted(lines, key=lambda line: line.name, reverse=True))
    return tuple(sorted(lines, key=lambda line: (-line.spent.usd_micros, line.name)))


def export_ledger_csv(rows: Iterable[LedgerRow]) -> str:
    """Every row with its facts as CSV. An unknown cost is empty, a reserve of a call under way is not a cost and is empty too."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(value) for value in _facts(row)])
    return text.getvalue()


def _facts(row: LedgerRow) -> tuple[object, ...]:
    done = row.status is not LedgerStatus.PENDING and row.usd_micros is not None
    return (
        row.id,
        row.started.astimezone(UTC).isoformat(timespec="seconds"),
        f"{(row.ended - row.started).total_seconds():.2f}" if row.ended else "",
        row.run_id,
        row.loop,
        row.attempt,
        row.purpose,
        row.provider,
        row.model,
        row.status.value,
        row.error,
        row.usage.prompt_tokens,
        row.usage.cached_tokens,
        row.usage.completion_tokens,
        row.usage.reasoning_tokens,
        row.usage.source.value,
        f"{(row.usd_micros or 0) / 1_000_000:.6f}" if done else "",
        row.price.source if row.price else "unpriced",
    )


def _cell(value: object) -> str:
    """Text that a spreadsheet shows and does not calculate: a model's name may begin like a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
