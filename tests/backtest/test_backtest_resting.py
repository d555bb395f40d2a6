"""Accounts with many resting orders: the same to the bit as stock Backtrader, without walking through all of them on every bar."""

import random

import numpy as np
import pytest
from backtest_cases import FREE, run, walk
from backtest_logs import random_log, random_plan
from backtest_reference import stock_replay
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backtest import resting
from core.backtest.bar_source import day_numbers
from core.backtest.faults import Deadline, OverdueCheckError
from core.backtest.fill_audit import audit
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.replay import OrderReplayer, replay
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from tests.reference_backtrader import run_reference

SEEDS = st.integers(0, 2**32 - 1)


KINDS = (OrderKind.LIMIT, OrderKind.LIMIT, OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.STOP_TRAIL, OrderKind.MARKET)
"""Limit orders twice as often as the others."""


def assert_equal_to_stock(log: list[OrderRecord], plan: BacktestPlan, bars: Bars) -> None:
    fills, account, states = stock_replay(log, plan, bars)
    replayed = replay(log, plan, bars)
    assert [(fill.order, fill.bar, fill.size, fill.price, fill.commission) for fill in replayed.fills] == fills
    assert np.array_equal(np.column_stack((replayed.equity, replayed.cash, replayed.position)), account)
    assert replayed.states == states


def crowded_log(rng: random.Random, bars: Bars) -> list[OrderRecord]:
    """Several limit and stop orders on every bar, near and far, some with a date, some in groups, some taken back."""
    log: list[OrderRecord] = []
    clock = day_numbers(bars.time)
    for cycle in range(1, len(bars) + 1):
        for _ in range(rng.randrange(6)):
            if log and rng.random() < 0.1:
                target = rng.choice([record.id for record in log if record.action is OrderAction.PLACE])
                log.append(OrderRecord(id=len(log), cycle=cycle, action=OrderAction.CANCEL, target=target))
                continue
            number = len(log)
            group = rng.choice([record.id for record in log if record.action is OrderAction.PLACE]) if log and rng.random() < 0.05 else None
            log.append(
                OrderRecord(
                    id=number, cycle=cycle, side=rng.choice(tuple(Side)), size=1.0, oco=group,
                    kind=rng.choice(KINDS),
                    price=float(bars.close[cycle - 1]) * rng.choice((0.5, 0.9, 0.98, 1.02, 1.1, 2.0)),
                    valid=float(clock[min(cycle + 9, len(bars) - 1)]) if rng.random() < 0.3 else None, trail_amount=5.0,
                )
            )  # fmt: skip
    return log


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS)
def test_a_crowd_of_orders_gives_what_a_full_cerebro_gives_bit_for_bit(seed: int) -> None:
    rng = random.Random(seed)
    bars = walk(60, seed=seed, timeframe=rng.choice((Timeframe.D1, Timeframe.M5)))
    log, plan = crowded_log(rng, bars), random_plan(rng)
    assert_equal_to_stock(log, plan, bars)
    assert audit(log, replay(log, plan, bars), plan, bars) == ()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, st.sampled_from((0, 8)))
def test_where_the_crowd_begins_changes_no_figure(seed: int, crowd: int) -> None:
    rng = random.Random(seed)
    bars = walk(rng.choice((5, 40)), seed=seed)
    log, plan = random_log(rng, bars), random_plan(rng)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resting, "QUEUE_LIMIT", crowd)
        assert_equal_to_stock(log, plan, bars)


@pytest.mark.parametrize("kind", [OrderKind.LIMIT, OrderKind.STOP_LIMIT])
def test_a_leg_whose_last_moment_passes_takes_the_entry_with_it_that_still_waits(kind: OrderKind) -> None:
    bars = walk(40)
    low, last = float(bars.low[2:30].min()), float(day_numbers(bars.time)[6])
    entry = OrderRecord(id=0, cycle=2, size=1.0, kind=kind, price=low, limit_price=low, transmit=False)
    leg = OrderRecord(id=1, cycle=2, size=1.0, side=Side.SELL, kind=OrderKind.STOP, price=low / 2, parent=0, valid=last)
    assert_equal_to_stock([entry, leg], FREE, bars)
    assert replay([entry, leg], FREE, bars).states == {0: "canceled", 1: "expired"}


def test_orders_that_no_bar_reaches_are_not_walked_through() -> None:
    bars = walk(400)
    replayer = OrderReplayer(FREE, bars)
    for number in range(300):
        replayer.take(OrderRecord(id=number, cycle=number + 1, size=1.0, kind=OrderKind.LIMIT, price=1.0 + number / 1000))
    replayer.advance(350)
    assert replayer.open_orders == 300
    assert len(replayer._account._broker.pending) <= resting.QUEUE_LIMIT


def test_a_replay_that_takes_too_long_is_given_up_and_stays_so() -> None:
    replayer = OrderReplayer(FREE, walk(50), deadline=Deadline(0.0))
    replayer.take(OrderRecord(id=0, cycle=1, size=1.0))
    for _ in range(2):
        with pytest.raises(OverdueCheckError):
            replayer.finish()


def test_an_audit_that_takes_too_long_is_given_up() -> None:
    log, bars = [OrderRecord(id=0, cycle=1, size=1.0)], walk(50)
    with pytest.raises(OverdueCheckError):
        audit(log, replay(log, FREE, bars), FREE, bars, deadline=Deadline(0.0))


GRID = """
import backtrader as bt

class Grid(bt.Strategy):
    def __init__(self):
        self.open = []

    def next(self):
        price, n = self.data.close[0], len(self)
        self.open.append(self.buy(size=1, exectype=bt.Order.Limit, price=price * (0.80 + n % 7 / 50)))
        self.open.append(self.sell(size=1, exectype=bt.Order.Stop, price=price * (0.70 + n % 5 / 20)))
        if n % 11 == 0:
            self.cancel(self.open[n // 2])
        if n % 13 == 0:
            self.buy_bracket(size=2, price=price * 0.99, stopprice=price * 0.95, limitprice=price * 1.05)
        if n % 17 == 0:
            self.buy(size=len(self.broker.get_orders_open()) % 5 + 1)

    def notify_order(self, order):
        if order.status == order.Completed and len(self) % 4 == 0:
            self.sell(size=1, exectype=bt.Order.Limit, price=order.executed.price * 1.1)
"""


@pytest.mark.parametrize("lock_step", [False, True])
def test_a_strategy_with_a_crowd_of_orders_runs_as_in_stock_backtrader(lock_step: bool) -> None:
    bars = walk(300)
    plain = run_reference(GRID, BacktestPlan(), bars)
    ran = run(GRID, bars, lock_step=lock_step)
    assert np.array_equal(ran.replayed.equity, plain.equity)
    assert [(fill.bar, fill.size, fill.price) for fill in ran.replayed.fills] == [(fill.bar, fill.size, fill.price) for fill in plain.fills]
    assert len(plain.fills) > 100
    assert ran.report.claimed_value == plain.final_value
