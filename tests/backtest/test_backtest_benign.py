"""Honest strategies of every style: both modes give stock Backtrader's account, bar for bar and bit for bit."""

from pathlib import Path

import numpy as np
import pytest
from backtest_cases import BENIGN, run, walk

from core.backtest.fill_audit import audit
from core.backtest.orders import hash_log
from core.backtest.replay import is_altered
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.gate import inspect_code
from tests.reference_backtrader import run_reference

NAMED = {path.stem: path for path in BENIGN}
INTRADAY = {"two_clocks": Timeframe.M5, "session_hours": Timeframe.M15}
OTHER_PLANS = {
    "free": BacktestPlan(commission=0.0, slippage=0.0),
    "leverage": BacktestPlan(leverage=3.0, cash=20_000.0),
    "dear": BacktestPlan(commission=0.004, slippage=0.01),
}
RICH_IN_ORDERS = ("band_limits", "bracket_long", "either_side", "flip", "margin_hungry", "trailing_limit")


def bars_for(path: Path) -> Bars:
    return walk(900 if path.stem == "two_clocks" else 320, timeframe=INTRADAY.get(path.stem, Timeframe.D1))


def test_there_are_at_least_25_of_them() -> None:
    assert len(BENIGN) >= 25


def assert_equal_to_stock(code: str, bars: Bars, plan: BacktestPlan) -> None:
    stock = run_reference(code, plan, bars)
    fast, stepped = run(code, bars, plan), run(code, bars, plan, lock_step=True)
    assert hash_log(fast.records) == hash_log(stepped.records)
    assert np.array_equal(fast.replayed.equity, stock.equity)
    ours = [(fill.bar, fill.size, fill.price, fill.commission) for fill in fast.replayed.fills]
    assert ours == [(fill.bar, fill.size, fill.price, fill.commission) for fill in stock.fills]
    assert len(ours) >= 2
    assert not is_altered(fast.report, fast.replayed)
    assert not is_altered(stepped.report, stepped.replayed)
    assert audit(fast.records, fast.replayed, plan, bars) == ()


@pytest.mark.parametrize("path", BENIGN, ids=lambda path: path.stem)
def test_fast_lock_step_and_stock_agree_to_the_last_bit(path: Path) -> None:
    assert_equal_to_stock(path.read_text(), bars_for(path), BacktestPlan())


@pytest.mark.parametrize("plan", OTHER_PLANS.values(), ids=OTHER_PLANS)
@pytest.mark.parametrize("name", RICH_IN_ORDERS)
def test_they_agree_under_other_costs_and_with_leverage(name: str, plan: BacktestPlan) -> None:
    assert_equal_to_stock(NAMED[name].read_text(), bars_for(NAMED[name]), plan)


@pytest.mark.parametrize("path", BENIGN, ids=lambda path: path.stem)
def test_the_gate_has_nothing_to_say(path: Path) -> None:
    report = inspect_code(path.read_text())
    assert (report.annotations, report.code) == ((), path.read_text())


def test_a_repeat_is_identical_bit_for_bit() -> None:
    code = NAMED["dice"].read_text()
    first, second = run(code, walk(300)), run(code, walk(300))
    assert hash_log(first.records) == hash_log(second.records)
    assert first.replayed.equity.tobytes() == second.replayed.equity.tobytes()
