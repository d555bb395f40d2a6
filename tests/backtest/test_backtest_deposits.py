"""An account that is paid into: golden fills, every way of running alike, and a second check that misses no deposit."""

from typing import Any

import pytest
from backtest_cases import FREE, run, table, walk

from core.backtest.fill_audit import audit
from core.backtest.one_pass import run_one_pass
from core.backtest.replay import OrderReplayer, is_altered, replay
from core.domain.backtest import BacktestPlan
from core.domain.deposits import Deposit, PaidAccount, Rhythm, find_deposits

WEEKLY = (Deposit(amount=100, every=Rhythm.WEEKLY),)
SPEND = """
import backtrader as bt

class Spend(bt.Strategy):
    def next(self):
        size = int(self.broker.getcash() / self.data.close[0])
        if size and len(self) > 1:
            self.buy(size=size)
"""
MIXED = """
import backtrader as bt

class Mixed(bt.Strategy):
    def __init__(self):
        self.mean = bt.ind.SMA(period=5)

    def next(self):
        close = self.data.close[0]
        if close > self.mean[0] and self.broker.getcash() > 2 * close:
            self.buy(size=int(self.broker.getcash() * 0.5 / close), exectype=bt.Order.Limit, price=close * 0.99, valid=3)
        elif close < self.mean[0] and self.position and len(self) % 7 == 0:
            self.sell(size=self.position.size)
"""


def test_ten_bars_and_two_deposits_by_hand() -> None:
    # Tuesday to Tuesday to Thursday: bars 6 and, of the month, 9 are first ones
    bars = table(*[(10, 10, 10, 10)] * 6, *[(10, 12, 10, 12)] * 2, *[(12, 12, 12, 12)] * 2, start="2024-01-23")
    deposits = (Deposit(amount=100, every=Rhythm.WEEKLY), Deposit(amount=60, every=Rhythm.MONTHLY))
    plan = FREE.changed(cash=105.0, deposits=deposits)

    found = run(SPEND, bars, plan).replayed

    assert find_deposits(bars.time, deposits).tolist() == [0, 0, 0, 0, 0, 0, 100, 0, 0, 60]
    # 10 units at 10 leave 5; at the close of bar 6 they are worth 120 and 100 come in; 8 units at 12 would leave 9, but bar 7 opens at 10
    assert [(fill.bar, fill.size, fill.price) for fill in found.fills] == [(2, 10, 10), (7, 8, 10), (8, 2, 12)]
    assert found.cash.tolist() == [105, 105, 5, 5, 5, 5, 105, 25, 1, 61]
    assert found.equity.tolist() == [105, 105, 105, 105, 105, 105, 225, 241, 241, 301]
    # units: 1, from bar 6 on 1 + 100/125 = 1.8; each worth 125, then 125 * 241/225
    account = PaidAccount(found.equity, find_deposits(bars.time, deposits), 105.0)
    assert account.unit_value.tolist() == pytest.approx([105] * 6 + [125] + [125 * 241 / 225] * 3)


@pytest.mark.parametrize("code", [SPEND, MIXED])
@pytest.mark.parametrize("deposits", [WEEKLY, (*WEEKLY, Deposit(amount=33.3, every=Rhythm.MONTHLY))])
def test_every_way_of_running_gives_the_same_account_to_the_bit(code: str, deposits: tuple[Deposit, ...]) -> None:
    bars, plan = walk(300), BacktestPlan(cash=1_000.0, deposits=deposits)
    fast, slow, once = run(code, bars, plan), run(code, bars, plan, lock_step=True), run_one_pass(code, plan, bars, signals=False)

    accounts = [(one.fills, one.equity.tolist(), one.cash.tolist()) for one in (fast.replayed, slow.replayed, once.result)]

    assert accounts[0] == accounts[1] == accounts[2]
    assert once.result.final_value == fast.report.claimed_value == slow.report.claimed_value
    assert not is_altered(slow.report, slow.replayed)
    assert audit(slow.records, slow.replayed, plan, bars) == ()


def test_the_second_check_names_a_deposit_that_was_left_out() -> None:
    bars, plan = walk(60), BacktestPlan(cash=1_000.0, deposits=WEEKLY)
    found = run(MIXED, bars, BacktestPlan(cash=1_000.0))

    said = audit(found.records, replay(found.records, BacktestPlan(cash=1_000.0), bars), plan, bars)

    assert any(remark.startswith("cash at the close of bar") for remark in said)


def test_what_the_code_pays_in_by_itself_does_not_count_beside_it() -> None:
    bars, plan = walk(60), BacktestPlan(cash=1_000.0, deposits=WEEKLY)
    rich = SPEND.replace("        size =", "        if len(self) == 3: self.broker.add_cash(5_000)\n        size =")

    found = run(rich, bars, plan)

    assert is_altered(found.report, found.replayed)
    assert found.replayed.equity[10] < 2_000


@pytest.mark.parametrize("code", [SPEND, MIXED])
def test_the_account_on_the_way_is_worth_per_unit_what_it_will_be_at_the_end(code: str) -> None:
    bars, plan = walk(120), BacktestPlan(cash=1_000.0, deposits=WEEKLY)
    found = run(code, bars, plan)
    replayer, seen = OrderReplayer(plan, bars), list[Any]()
    for record in found.records:
        replayer.take(record)

    for known in range(1, len(bars) + 1):
        replayer.advance(known)
        seen.append(float(replayer.compute_unit_value([known - 1])[0]))

    whole = PaidAccount(found.replayed.equity, find_deposits(bars.time, WEEKLY), plan.cash).unit_value
    assert seen == whole.tolist()


def test_an_account_that_is_not_paid_into_is_worth_per_unit_what_it_is_worth() -> None:
    bars = walk(60)
    found = run(MIXED, bars)
    replayer = OrderReplayer(BacktestPlan(), bars)
    for record in found.records:
        replayer.take(record)
    replayer.advance(len(bars))

    assert replayer.compute_unit_value(range(len(bars))).tolist() == found.replayed.equity.tolist()
