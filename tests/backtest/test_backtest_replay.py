"""The trusted replay against a full stock Cerebro, and against logs that no strategy can have written."""

import random

import numpy as np
import pytest
from backtest_cases import FREE, run, walk
from backtest_logs import random_log, random_plan
from backtest_reference import stock_replay
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.backtest.replay import is_altered, replay
from core.domain.backtest import BacktestPlan, OrderCounts, Side
from core.domain.instrument import Timeframe


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_any_log_gives_what_a_full_cerebro_gives_bit_for_bit(seed: int) -> None:
    rng = random.Random(seed)
    bars = walk(rng.choice((5, 40)), seed=seed, timeframe=rng.choice((Timeframe.D1, Timeframe.M5, Timeframe.H1)))
    log, plan = random_log(rng, bars), random_plan(rng)

    fills, account, states = stock_replay(log, plan, bars)
    replayed = replay(log, plan, bars)

    assert [(fill.order, fill.bar, fill.size, fill.price, fill.commission) for fill in replayed.fills] == fills
    assert np.array_equal(np.column_stack((replayed.equity, replayed.cash, replayed.position)), account)
    assert replayed.states == states


def test_no_orders_leave_the_cash_alone() -> None:
    bars = walk(10)
    replayed = replay([], BacktestPlan(), bars)
    assert (replayed.equity.tolist(), replayed.orders, replayed.fills) == ([100_000.0] * 10, OrderCounts(), ())


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([OrderRecord(id=0, cycle=9, size=1.0)], "only 5 bars"),
        ([OrderRecord(id=1, cycle=1, size=1.0)], "has id 1"),
        ([OrderRecord(id=0, cycle=1, action=OrderAction.CANCEL, target=3)], "not an earlier order"),
        (
            [
                OrderRecord(id=0, cycle=1, size=1.0, transmit=False),
                OrderRecord(id=1, cycle=1, size=1.0, side=Side.SELL, kind=OrderKind.LIMIT, price=1e6, parent=0),
                OrderRecord(id=2, cycle=2, action=OrderAction.CANCEL, target=1),
                OrderRecord(id=3, cycle=3, size=1.0, side=Side.SELL, parent=0),
                OrderRecord(id=4, cycle=3, size=1.0, side=Side.SELL, parent=3),
            ],
            "",
        ),
    ],
)
def test_an_impossible_log_is_refused_in_words_or_replayed_but_never_crashes(records: list[OrderRecord], words: str) -> None:
    if words:
        with pytest.raises(ValueError, match=words):
            replay(records, FREE, walk(5))
    else:
        assert len(replay(records, FREE, walk(5)).equity) == 5


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_parents_attached_at_random_are_replayed_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    bars = walk(30, seed=seed)
    log = [
        record.changed(parent=rng.randrange(record.id))
        if record.id and record.action is OrderAction.PLACE and rng.random() < 0.3
        else record
        for record in random_log(rng, bars)
    ]
    log = [record for record in log if record.parent is None or log[record.parent].action is OrderAction.PLACE]
    log = [
        record.changed(id=number, oco=None, target=None, action=OrderAction.PLACE, size=record.size or 1.0)
        for number, record in enumerate(log)
    ]
    log = [record if record.parent is None or record.parent < record.id else record.changed(parent=None) for record in log]
    outcome = ""
    try:
        replay(log, FREE, bars)
    except ValueError as error:
        outcome = str(error)
    assert outcome == "" or "breaks on bar" in outcome


ALTERS = """
import backtrader as bt

class Alters(bt.Strategy):
    def next(self):
        if len(self) == 5:
            self.buy(size=10)
        {trick}
"""


@pytest.mark.parametrize(
    "trick",
    [
        "self.broker.add_cash(5000)",
        "self.broker.cash += 1000",
        "self.broker.positions[self.data].size += 100",
        "type(self.broker).getvalue = lambda *args, **kwargs: 1e9",
        "self.broker.setcommission(commission=-0.01)",
        "self.broker.set_coc(True)",
        "self.broker.getvalue = lambda: float('nan')",
    ],
)
def test_what_the_code_does_to_the_engine_changes_its_claim_and_not_the_figures(trick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.backtest.recorder import RecordingBroker

    monkeypatch.setattr(RecordingBroker, "getvalue", RecordingBroker.getvalue, raising=False)
    bars = walk(60)
    honest, forged = run(ALTERS.format(trick="pass"), bars), run(ALTERS.format(trick=trick), bars)
    assert np.array_equal(honest.replayed.equity, forged.replayed.equity)
    assert not is_altered(honest.report, honest.replayed)
    assert is_altered(forged.report, forged.replayed)


def test_bars_written_over_by_the_code_are_not_the_platforms_bars() -> None:
    bars = walk(60)
    honest = run(ALTERS.format(trick="pass"), bars)
    forged = run(ALTERS.format(trick="self.data.close[0] = self.data.open[0] = 1.0"), bars)
    assert np.array_equal(honest.replayed.equity, forged.replayed.equity)
