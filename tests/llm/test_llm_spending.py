"""Summaries of the ledger, against sums made by hand."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from core.domain.usage import LedgerRow, LedgerStatus, Price, Usage, UsageSource
from core.llm import export_ledger_csv, summarize_spending

PRICE = Price(input=1.0, output=2.0, source="user")


def row(number: int, day: int, model: str, micros: int | None, **changes: Any) -> LedgerRow:
    facts: dict[str, Any] = {
        "id": number,
        "run_id": "r1",
        "provider": "openai",
        "model": model,
        "started": datetime(2026, 3, day, 23, 30, tzinfo=UTC),
        "ended": datetime(2026, 3, day, 23, 30, 2, tzinfo=UTC),
        "status": LedgerStatus.OK,
        "usage": Usage(prompt_tokens=10, completion_tokens=5, source=UsageSource.PROVIDER),
        "price": PRICE if micros is not None else None,
        "usd_micros": micros,
    }
    return LedgerRow(**facts | changes)


ROWS = (
    row(1, 14, "openai/a", 100),
    row(2, 15, "openai/a", 50, run_id=""),
    row(3, 15, "openai/b", 400),
    row(4, 15, "openai/c", None),
    row(5, 15, "openai/a", 0, status=LedgerStatus.REFUSED),
    row(6, 16, "openai/a", 0, status=LedgerStatus.PENDING, reserved_micros=1_000, ended=None),
)


def test_models_stand_dearest_first_and_an_unknown_price_is_no_sum() -> None:
    lines = summarize_spending(ROWS, "model")
    assert [(line.name, line.usd) for line in lines] == [("openai/a", 0.00115), ("openai/b", 0.0004), ("openai/c", None)]
    assert lines[0].spent.calls == 3


def test_days_stand_newest_first() -> None:
    assert [(line.name, line.usd) for line in summarize_spending(ROWS, "day")] == [
        ("2026-03-16", 0.001),
        ("2026-03-15", None),
        ("2026-03-14", 0.0001),
    ]


def test_calls_outside_a_run_have_a_line_of_their_own() -> None:
    assert {line.name: line.spent.calls for line in summarize_spending(ROWS, "run")} == {"r1": 4, "": 1}


def test_the_table_has_every_row_and_leaves_unknown_costs_empty() -> None:
    table = list(csv.DictReader(io.StringIO(export_ledger_csv(ROWS))))
    assert [line["usd"] for line in table] == ["0.000100", "0.000050", "0.000400", "", "0.000000", ""]
    assert (table[0]["started"], table[0]["seconds"], table[0]["counted_by"]) == ("2026-03-14T23:30:00+00:00", "2.00", "provider")
    assert table[3]["price_source"] == "unpriced"


def test_a_name_like_a_formula_stays_text() -> None:
    table = list(csv.DictReader(io.StringIO(export_ledger_csv([row(1, 14, '=HYPERLINK("x")', 1)]))))
    assert table[0]["model"] == '\'=HYPERLINK("x")'
