"""Golden fills under costs that are amounts: each row by hand, stock Backtrader's broker and the audit agreeing."""

from typing import Any

import pytest
from backtest_cases import table

from core.backtest.fill_audit import audit
from core.backtest.orders import OrderKind, OrderRecord
from core.backtest.replay import ReplayResult, replay
from core.domain.backtest import BacktestPlan, Side

#                      open   high   low  close
BARS = table(
    (100.0, 101.0, 99.0, 100.0),  # bar 0: orders are placed at its close
    (102.0, 106.0, 101.0, 105.0),  # bar 1
    (104.0, 108.0, 98.0, 99.0),  # bar 2
    (97.0, 100.0, 90.0, 92.0),  # bar 3
)
PER_SHARE = BacktestPlan(cash=10_000.0, commission=0.0, slippage=0.0, commission_per_unit=0.5, commission_minimum=7.0)
PER_ORDER = BacktestPlan(cash=10_000.0, commission=0.001, slippage=0.0, commission_per_order=3.0)
TICKS = BacktestPlan(cash=10_000.0, commission=0.0, slippage=0.0, slippage_price=0.25)


def run(plan: BacktestPlan, *orders: dict[str, Any]) -> ReplayResult:
    """The replay of orders placed at the close of bar 0, which the audit confirms."""
    records = [OrderRecord(**({"id": number, "cycle": 1, "size": 10.0} | order)) for number, order in enumerate(orders)]
    replayed = replay(records, plan, BARS)
    assert audit(records, replayed, plan, BARS) == ()
    return replayed


@pytest.mark.parametrize(
    ("plan", "order", "price", "commission"),
    [
        (PER_SHARE, {}, 102.0, 7.0),  # 10 x 0.5 = 5, at least 7
        (PER_SHARE, {"size": 20.0}, 102.0, 10.0),  # 20 x 0.5
        (PER_ORDER, {}, 102.0, 4.02),  # 1020 x 0.001 + 3
        (TICKS, {}, 102.25, 0.0),
        (TICKS, {"side": Side.SELL}, 101.75, 0.0),
        (TICKS, {"kind": OrderKind.STOP, "price": 105.9}, 106.0, 0.0),  # 106.15 capped at the high
        (TICKS, {"kind": OrderKind.LIMIT, "price": 101.5}, 101.5, 0.0),  # a limit slips nowhere
        (TICKS, {"kind": OrderKind.LIMIT, "price": 102.1}, 102.1, 0.0),  # 102.25 would be worse than the limit
    ],
)
def test_amounts_are_charged_to_the_cent(plan: BacktestPlan, order: dict[str, Any], price: float, commission: float) -> None:
    (fill,) = run(plan, order).fills

    assert (fill.price, fill.commission) == (pytest.approx(price), pytest.approx(commission))


def test_turning_a_position_over_is_two_executions() -> None:
    replayed = run(PER_ORDER, {}, {"id": 1, "cycle": 2, "side": Side.SELL, "size": 15.0})

    assert [fill.commission for fill in replayed.fills] == [pytest.approx(4.02), pytest.approx(15 * 104.0 * 0.001 + 6.0)]


def test_cash_and_equity_hold_the_amounts() -> None:
    replayed = run(PER_SHARE, {})

    assert replayed.cash[1] == pytest.approx(10_000.0 - 10 * 102.0 - 7.0)
    assert replayed.equity[1] == pytest.approx(replayed.cash[1] + 10 * 105.0)


def test_a_minimum_that_cannot_be_paid_rejects_the_order() -> None:
    plan = BacktestPlan(cash=1_022.0, commission=0.0, slippage=0.0, commission_per_order=5.0)

    assert run(plan, {}).orders.margin_rejected == 1
