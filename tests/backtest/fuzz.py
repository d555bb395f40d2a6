"""`python -m tests.backtest.fuzz [count] [first]`: random strategies in stock Backtrader, fast and in lock-step: any difference is printed.

Compared to the last bit: all that the strategy saw and was told, its orders, the account at every close, every fill, and the second
opinion on each. The tests run a few of them; this command runs as many as you like.
"""

import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from rich.console import Console

from core.backtest.fill_audit import audit
from core.backtest.one_pass import run_one_pass
from core.backtest.orders import OrderRecord, hash_log
from core.backtest.replay import ReplayResult, replay
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from tests.backtest.backtest_cases import played, walk
from tests.backtest.quiet_strategies import write_quiet_strategy
from tests.backtest.random_strategies import make_strategy
from tests.reference_backtrader import run_reference

PLANS = (
    BacktestPlan(),
    BacktestPlan(commission=0.0, slippage=0.0, cash=3_000.0),
    BacktestPlan(commission=0.002, slippage=0.001, cash=20_000.0),
    BacktestPlan(leverage=3.0, cash=20_000.0),
    BacktestPlan(commission_per_unit=0.01, commission_minimum=1.0, slippage=0.0, slippage_price=0.02),
)


def bars_for(seed: int, count: int = 400) -> Bars:
    """The bars of the random strategy of that number: daily, of five minutes, or hourly."""
    return walk(count, seed=seed, timeframe=(Timeframe.D1, Timeframe.M5, Timeframe.H1)[seed % 3])


def find_difference(seed: int, count: int = 400, *, write: Callable[[int], str] = make_strategy) -> str:
    """Run the strategy of that number in all ways; the first difference in words, empty when there is none."""
    code, bars, plan = write(seed), bars_for(seed, count), PLANS[seed % len(PLANS)]
    stock: Any = None
    failed = ""
    try:
        stock = run_reference(code, plan, bars)
    except Exception as error:  # noqa: BLE001 - whatever plain Backtrader raises, the platform has to raise too
        failed = type(error).__name__
    told = _read_log()
    hashes = set()
    for lock_step in (False, True):
        way = "lock-step" if lock_step else "fast"
        report, records = played(code, bars, plan, lock_step=lock_step)
        if failed or report.fault is not None:
            kind = "" if report.fault is None else report.fault.kind
            if (failed or "IndexError") != (kind or "") and not _is_known(failed, kind):
                return f"{way}: {report.fault}, stock: {failed or 'no error'}"
            continue
        if difference := _compare_logs(told, _read_log()):
            return f"{way}: {difference}"
        replayed = replay(records, plan, bars)
        hashes.add(hash_log(records))
        fills = [(fill.bar, fill.size, fill.price, fill.commission) for fill in replayed.fills]
        if fills != [(fill.bar, fill.size, fill.price, fill.commission) for fill in stock.fills]:
            return f"{way}: other fills"
        if replayed.equity.tobytes() != stock.equity.tobytes():
            return f"{way}: another account from bar {int(np.flatnonzero(replayed.equity != stock.equity)[0])} on"
        if report.claimed_value != stock.final_value or report.claimed_cash != stock.cash:
            return f"{way}: the strategy's own account is another one"
        if remarks := audit(records, replayed, plan, bars):
            return f"{way}: second opinion: {remarks[0]}"
        if not lock_step and (difference := compare_one_pass(code, bars, plan, records, replayed)):
            return f"one pass: {difference}"
    return "other orders in lock-step than fast" if len(hashes) > 1 else ""


def compare_one_pass(code: str, bars: Bars, plan: BacktestPlan, records: list[OrderRecord], replayed: ReplayResult) -> str:
    """Compare the one pass with the replay of the orders; the first thing that differs, empty when nothing does."""
    found = run_one_pass(code, plan, bars, signals=False)
    if found.records != tuple(records):
        return "other orders"
    for field in fields(ReplayResult):
        one, other = getattr(found.result, field.name), getattr(replayed, field.name)
        arrays = field.name in ("equity", "position", "cash", "other_positions")
        if not (np.array_equal(one, other) if arrays else one == other):
            return f"another {field.name}"
    return ""


def _is_known(stock: str, ours: str) -> bool:
    """Check for an error that both have under different names: too short data."""
    return bool(stock) and ours == "StrategyFault"


def _read_log() -> list[Any]:
    return list(getattr(sys.modules["strategy"], "LOG", []))


def _compare_logs(stock: list[Any], ours: list[Any]) -> str:
    for number, (one, other) in enumerate(zip(stock, ours, strict=False)):
        if repr(one) != repr(other):
            return f"entry {number} of {len(stock)}: {other!r} instead of {one!r}"
    return "" if len(stock) == len(ours) else f"{len(ours)} entries instead of {len(stock)}"


def main(count: int, first: int) -> int:
    """Run that many strategies of each kind, busy ones and quiet ones; the number of those that differ."""
    found = entries = 0
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for seed in range(first, first + count):
        for write in (make_strategy, write_quiet_strategy):
            difference = find_difference(seed, write=write)
            entries += len(_read_log())
            if difference:
                found += 1
                console.print(f"{write.__name__} {seed}: {difference}")
    console.print(f"{2 * count} strategies from number {first}, {entries:,} entries each way: {found} differ")
    return found


if __name__ == "__main__":
    sys.exit(1 if main(*(int(said) for said in (sys.argv[1:] + ["200", "0"][len(sys.argv) - 1 :])[:2])) else 0)
