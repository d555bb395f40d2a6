"""Golden fills: a few bars by hand, an order, and the fill that must come of it. Each row can be checked with a finger."""

from typing import Any

import pytest
from backtest_cases import FREE, table

from core.backtest.bar_source import day_numbers
from core.backtest.fill_audit import audit
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.replay import ReplayResult, replay
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars

#                      open   high   low  close
BARS = table(
    (100.0, 101.0, 99.0, 100.0),  # bar 0: orders are placed at its close, 100
    (102.0, 106.0, 101.0, 105.0),  # bar 1
    (104.0, 108.0, 98.0, 99.0),  # bar 2: falls
    (97.0, 100.0, 90.0, 92.0),  # bar 3: gaps down
    (95.0, 110.0, 94.0, 109.0),  # bar 4: rises
)
BUY, SELL = Side.BUY, Side.SELL
SLIP = BacktestPlan(cash=10_000.0, commission=0.0, slippage=0.01)


def log(*orders: dict[str, Any]) -> list[OrderRecord]:
    """Order records numbered from 0; placed at the close of bar 0 unless they say otherwise."""
    return [OrderRecord(**({"id": number, "cycle": 1, "size": 10.0} | order)) for number, order in enumerate(orders)]


def fills(records: list[OrderRecord], plan: BacktestPlan = FREE, bars: Bars = BARS) -> list[tuple[int, int, float, float]]:
    """Order, bar, signed size and price of every fill; the fill audit must agree with each."""
    replayed = replay(records, plan, bars)
    assert audit(records, replayed, plan, bars) == ()
    return [(fill.order, fill.bar, fill.size, fill.price) for fill in replayed.fills]


@pytest.mark.parametrize(
    ("order", "plan", "fill"),
    [
        ({}, FREE, (1, 102.0)),  # market: the next open
        ({"side": SELL}, FREE, (1, 102.0)),
        ({}, SLIP, (1, 103.02)),  # 1 % against the order
        ({"side": SELL}, SLIP, (1, 101.0)),  # 100.98 is below the bar's low, which caps the slippage
        ({"kind": OrderKind.CLOSE}, FREE, (1, 105.0)),  # the close of the next session
        ({"kind": OrderKind.LIMIT, "price": 101.5}, FREE, (1, 101.5)),  # low 101 reaches it
        ({"kind": OrderKind.LIMIT, "price": 103.0}, FREE, (1, 102.0)),  # the open is better
        ({"kind": OrderKind.LIMIT, "price": 103.0}, SLIP, (1, 103.0)),  # 103.02 would be worse than the limit
        ({"kind": OrderKind.LIMIT, "price": 99.5}, FREE, (2, 99.5)),
        ({"kind": OrderKind.LIMIT, "price": 50.0}, FREE, None),
        ({"kind": OrderKind.LIMIT, "side": SELL, "price": 107.0}, FREE, (2, 107.0)),
        ({"kind": OrderKind.LIMIT, "side": SELL, "price": 100.0}, FREE, (1, 102.0)),
        ({"kind": OrderKind.LIMIT, "side": SELL, "price": 101.9}, SLIP, (1, 101.9)),
        ({"kind": OrderKind.LIMIT, "side": SELL, "price": 95.0}, SLIP, (1, 101.0)),  # 100.98 is below the bar's low, which caps it too
        ({"kind": OrderKind.LIMIT_ON_OPEN, "price": 103.0}, FREE, (1, 102.0)),  # for the opening alone: 102 is good enough
        ({"kind": OrderKind.LIMIT_ON_OPEN, "price": 103.0}, SLIP, (1, 103.0)),
        ({"kind": OrderKind.LIMIT_ON_OPEN, "price": 101.5}, FREE, None),  # low 101 would reach it
        ({"kind": OrderKind.LIMIT_ON_OPEN, "price": 99.5}, FREE, None),  # nor is it there on bar 2
        ({"kind": OrderKind.LIMIT_ON_OPEN, "side": SELL, "price": 102.0}, FREE, (1, 102.0)),
        ({"kind": OrderKind.LIMIT_ON_OPEN, "side": SELL, "price": 103.0}, FREE, None),  # high 106 would reach it
        ({"kind": OrderKind.LIMIT_ON_OPEN, "side": SELL, "price": 95.0}, SLIP, (1, 101.0)),
        ({"kind": OrderKind.STOP, "price": 105.5}, FREE, (1, 105.5)),
        ({"kind": OrderKind.STOP, "price": 101.0}, FREE, (1, 102.0)),  # the open gaps over it
        ({"kind": OrderKind.STOP, "price": 105.5}, SLIP, (1, 106.0)),  # 106.555 capped at the high
        ({"kind": OrderKind.STOP, "side": SELL, "price": 98.5}, FREE, (2, 98.5)),
        ({"kind": OrderKind.STOP, "side": SELL, "price": 97.5}, FREE, (3, 97.0)),  # gap down: the open
        ({"kind": OrderKind.STOP}, FREE, (1, 102.0)),  # no price given: the close of bar 0, 100, is the trigger
        ({"kind": OrderKind.STOP_LIMIT, "price": 105.0, "limit_price": 105.4}, FREE, (1, 105.0)),
        ({"kind": OrderKind.STOP_LIMIT, "price": 105.0, "limit_price": 104.5}, FREE, (2, 104.0)),  # triggered on 1, met at the open of 2
        ({"kind": OrderKind.STOP_LIMIT, "price": 101.0, "limit_price": 101.5}, FREE, (1, 101.5)),  # the open gaps over, the low comes back
        ({"kind": OrderKind.STOP_LIMIT, "side": SELL, "price": 100.0, "limit_price": 99.0}, FREE, (2, 100.0)),
        ({"kind": OrderKind.STOP_TRAIL, "side": SELL, "trail_amount": 4.0}, FREE, (2, 101.0)),  # 96, then 105 - 4
        ({"kind": OrderKind.STOP_TRAIL, "side": SELL, "trail_percent": 0.1}, FREE, (3, 94.5)),  # 90, then 105 * 0.9
        ({"kind": OrderKind.STOP_TRAIL, "trail_amount": 7.0}, FREE, (2, 107.0)),  # 100 + 7
        ({"kind": OrderKind.STOP_TRAIL, "trail_amount": 10.0}, FREE, (4, 102.0)),  # 110, 109 after bar 2, 102 after bar 3
        ({"kind": OrderKind.STOP_TRAIL_LIMIT, "side": SELL, "price": 100.0, "limit_price": 99.0, "trail_amount": 4.0}, FREE, (2, 101.0)),
        ({"kind": OrderKind.STOP_TRAIL_LIMIT, "side": SELL, "price": 100.0, "limit_price": 102.0, "trail_amount": 4.0}, FREE, (4, 103.0)),
    ],
)  # fmt: skip
def test_an_order_placed_on_bar_0_fills_where_the_rules_say(
    order: dict[str, Any], plan: BacktestPlan, fill: tuple[int, float] | None
) -> None:
    made = fills(log(order), plan)
    assert [(bar, price) for _, bar, _, price in made] == ([] if fill is None else [pytest.approx(fill)])
    assert all((size > 0) is (order.get("side", BUY) is BUY) for _, _, size, _ in made)


def test_a_bracket_fills_entry_then_target_and_cancels_the_stop() -> None:
    records = log(
        {"transmit": False},
        {"side": SELL, "kind": OrderKind.STOP, "price": 95.0, "parent": 0, "transmit": False},
        {"side": SELL, "kind": OrderKind.LIMIT, "price": 107.0, "parent": 0},
    )
    assert fills(records) == [(0, 1, 10.0, 102.0), (2, 2, -10.0, 107.0)]
    assert replay(records, FREE, BARS).states == {0: "completed", 1: "canceled", 2: "completed"}


def test_a_leg_cannot_fill_on_the_bar_of_its_entry() -> None:
    records = log({"transmit": False}, {"side": SELL, "kind": OrderKind.LIMIT, "price": 105.5, "parent": 0})
    assert fills(records) == [(0, 1, 10.0, 102.0), (1, 2, -10.0, 105.5)]


def test_one_cancels_the_other() -> None:
    records = log({"kind": OrderKind.STOP, "price": 107.0}, {"side": SELL, "kind": OrderKind.STOP, "price": 98.5, "oco": 0})
    assert fills(records) == [(0, 2, 10.0, 107.0)]


OPENING = OrderKind.LIMIT_ON_OPEN


def test_an_order_for_the_opening_is_over_with_it_and_counted() -> None:
    records = log({"kind": OPENING, "price": 101.5}, {"kind": OPENING, "price": 90.0, "cycle": 5})
    replayed = replay(records, FREE, BARS)
    assert fills(records) == []
    assert replayed.states == {0: "expired", 1: "submitted"}  # after the last bar there is no opening
    assert (replayed.orders.expired, replayed.orders.missed_open, replayed.orders.open_at_end) == (1, 1, 1)


def test_an_order_for_the_opening_comes_before_a_stop_that_the_same_bar_reaches() -> None:
    # sold at 104, the open of bar 2; its low is 98, below the stop at 98.5 that waits since bar 0 and would go first in the queue
    stop = {"side": SELL, "kind": OrderKind.STOP, "price": 98.5}
    records = log({"size": 10.0}, stop, {"side": SELL, "kind": OPENING, "price": 103.0, "cycle": 2, "oco": 1})
    assert fills(records) == [(0, 1, 10.0, 102.0), (2, 2, -10.0, 104.0)]
    late = log({"size": 10.0}, stop, {"side": SELL, "kind": OPENING, "price": 104.5, "cycle": 2, "oco": 1})
    assert fills(late) == [(0, 1, 10.0, 102.0), (1, 2, -10.0, 98.5)]  # what lapses ends no other of its group


def test_an_entry_that_lapses_takes_the_legs_of_its_bracket_with_it() -> None:
    leg = {"side": SELL, "kind": OrderKind.STOP, "price": 101.0, "parent": 0}
    records = log({"kind": OPENING, "price": 101.5, "transmit": False}, leg)
    assert fills(records) == []
    assert replay(records, FREE, BARS).states == {0: "expired", 1: "canceled"}


def test_an_order_for_the_opening_that_the_cash_cannot_pay_for_is_rejected() -> None:
    assert replay(log({"kind": OPENING, "price": 103.0, "size": 98.0}), FREE, BARS).orders.margin_rejected == 1


def test_a_canceled_order_does_not_fill_later() -> None:
    records = log({"kind": OrderKind.LIMIT, "price": 99.5}, {"cycle": 2, "action": OrderAction.CANCEL, "target": 0, "size": 0.0})
    assert fills(records) == []


def test_a_cancel_at_the_close_of_its_own_order_comes_too_early() -> None:
    records = log({"kind": OrderKind.LIMIT, "price": 99.5}, {"action": OrderAction.CANCEL, "target": 0, "size": 0.0})
    assert fills(records) == [(0, 2, 10.0, 99.5)]


def test_an_order_with_a_date_expires_after_it() -> None:
    last = float(day_numbers(BARS.time)[1])
    records = log({"kind": OrderKind.LIMIT, "price": 99.5, "valid": last})
    assert fills(records) == []
    assert replay(records, FREE, BARS).orders.expired == 1


def test_a_purchase_beyond_the_cash_is_rejected_and_counted() -> None:
    replayed = replay(log({"size": 101.0}), FREE, BARS)
    assert (replayed.orders.placed, replayed.orders.margin_rejected, replayed.fills) == (1, 1, ())


def test_leverage_lets_the_same_cash_buy_more() -> None:
    plan = BacktestPlan(cash=10_000.0, commission=0.0, slippage=0.0, leverage=4.0)
    replayed = replay(log({"size": 300.0}), plan, BARS)
    assert replayed.cash[1] == 10_000.0 - 300 * 102.0 / 4
    assert replayed.equity.tolist() == [10_000.0, 10_900.0, 9_100.0, 7_000.0, 12_100.0]


def test_a_reversal_without_the_cash_closes_and_opens_nothing() -> None:
    records = log({"side": SELL, "size": 50.0}, {"cycle": 4, "size": 164.0})  # affordable at 92, no longer at the open, 95
    replayed = replay(records, FREE, BARS)
    assert [(fill.bar, fill.size) for fill in replayed.fills] == [(1, -50.0), (4, 50.0)]
    assert replayed.states[1] == "margin"
    assert audit(records, replayed, FREE, BARS) == ()


def test_cash_equity_and_trades_add_up_to_the_cent() -> None:
    plan = BacktestPlan(cash=10_000.0, commission=0.001, slippage=0.0)
    replayed: ReplayResult = replay(log({}, {"cycle": 3, "side": SELL}), plan, BARS)
    commission = 10 * 102.0 * 0.001, 10 * 97.0 * 0.001
    assert replayed.cash.tolist() == pytest.approx([10_000.0, 8_978.98, 8_978.98, 9_948.01, 9_948.01])
    assert replayed.equity.tolist() == pytest.approx([10_000.0, 10_028.98, 9_968.98, 9_948.01, 9_948.01])
    (trade,) = replayed.trades
    assert (trade.entry_bar, trade.exit_bar, trade.size, trade.entry_price, trade.exit_price) == (1, 3, 10.0, 102.0, 97.0)
    assert trade.profit == pytest.approx(-50.0 - sum(commission))
    assert trade.commission == pytest.approx(sum(commission))


def test_a_short_sale_earns_when_prices_fall() -> None:
    replayed = replay(log({"side": SELL}, {"cycle": 3, "side": BUY}), FREE, BARS)
    assert replayed.equity.tolist() == [10_000.0, 9_970.0, 10_030.0, 10_050.0, 10_050.0]
    assert [(trade.size, trade.profit) for trade in replayed.trades] == [(-10.0, 50.0)]


def test_a_trade_still_open_is_marked_at_the_last_close() -> None:
    (trade,) = replay(log({}), FREE, BARS).trades
    assert (trade.exit_bar, trade.exit_price, trade.profit) == (None, None, 10 * (109.0 - 102.0))
